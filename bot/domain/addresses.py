"""Solana addresses and signatures as text: base58, checked before they are used."""

from bot import errors, texts

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {char: value for value, char in enumerate(ALPHABET)}


def decode_base58(text: str) -> bytes:
    """The bytes of a base58 text. Raises ValueError for anything else."""
    if len(text) > 128:
        raise ValueError("too long")
    number = 0
    for char in text:
        if char not in _VALUE:
            raise ValueError("not base58")
        number = number * 58 + _VALUE[char]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base58(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


def is_address(text: str) -> bool:
    """Whether the text is the one canonical base58 form of 32 bytes."""
    try:
        data = decode_base58(text)
    except ValueError:
        return False
    return len(data) == 32 and encode_base58(data) == text


def parse_address(text: str) -> str:
    """Check an address that a person typed. Raises InvalidAddress with a sentence for the person."""
    text = text.strip()
    if is_address(text):
        return text
    if text.startswith("0x"):
        raise errors.InvalidAddress(texts.ADDRESS_ETHEREUM)
    raise errors.InvalidAddress(texts.ADDRESS_INVALID)


def shorten(address: str) -> str:
    """First and last four characters, as people compare them."""
    return f"{address[:4]}…{address[-4:]}" if len(address) > 9 else address
