"""Parameters of a JSON-RPC call, read as a node reads them."""

from base64 import b64decode
from binascii import Error as BadBase64
from typing import Any

from solders.pubkey import Pubkey

from bot.domain import addresses

INVALID_PARAMS = -32602
PREFLIGHT_FAILED = -32002
BAD_SIGNATURE = -32003
CONTEXT_NOT_REACHED = -32016
METHOD_NOT_FOUND = -32601
INVALID_REQUEST = -32600
PARSE_ERROR = -32700

COMMITMENTS = ("processed", "confirmed", "finalized")


class RpcError(Exception):
    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": str(self)}
        return error if self.data is None else error | {"data": self.data}


class Params:
    """Positional parameters; the last one that is an object holds the options."""

    def __init__(self, given: Any) -> None:
        if given is None:
            given = []
        if not isinstance(given, list):
            raise RpcError(INVALID_PARAMS, "`params` should be an array")
        self._given = given

    def options(self, position: int) -> dict[str, Any]:
        """The object at a position; absent or null = no options."""
        given = self._given[position] if len(self._given) > position else None
        if given is None:
            return {}
        if not isinstance(given, dict):
            raise RpcError(INVALID_PARAMS, f"Invalid params: invalid type at position {position}")
        return given

    def text(self, position: int) -> str:
        return str(self._typed(position, str, "a string"))

    def integer(self, position: int) -> int:
        value = self._typed(position, int, "an integer")
        if isinstance(value, bool) or value < 0:
            raise RpcError(INVALID_PARAMS, "Invalid params: invalid value, expected u64")
        return int(value)

    def texts(self, position: int, most: int) -> list[str]:
        values = self._typed(position, list, "a sequence")
        if not all(isinstance(value, str) for value in values):
            raise RpcError(INVALID_PARAMS, "Invalid params: invalid type, expected a string")
        if len(values) > most:
            raise RpcError(INVALID_PARAMS, f"Too many inputs provided; max {most}")
        return list(values)

    def pubkey(self, position: int) -> Pubkey:
        return pubkey(self.text(position))

    def _typed(self, position: int, kind: type[Any], name: str) -> Any:
        if len(self._given) <= position:
            raise RpcError(INVALID_PARAMS, f"Invalid params: invalid length {len(self._given)}")
        value = self._given[position]
        if not isinstance(value, kind):
            raise RpcError(INVALID_PARAMS, f"Invalid params: invalid type, expected {name}")
        return value


def pubkey(text: str) -> Pubkey:
    if not addresses.is_address(text):
        raise RpcError(INVALID_PARAMS, "Invalid param: Invalid")
    return Pubkey.from_string(text)


def commitment(options: dict[str, Any], name: str = "commitment") -> str:
    """What a node takes when nothing is said is finalized."""
    value = options.get(name) or "finalized"
    if value not in COMMITMENTS:
        raise RpcError(INVALID_PARAMS, f"Invalid params: unknown variant `{value}`")
    return str(value)


def wire(text: str, options: dict[str, Any], largest: int) -> bytes:
    """Bytes of a transaction or message; base58 unless the options say otherwise."""
    encoding = options.get("encoding") or "base58"
    try:
        match encoding:
            case "base64":
                data = b64decode(text, validate=True)
            case "base58":
                data = _decode_base58(text, largest)
            case _:
                raise RpcError(INVALID_PARAMS, f"unsupported encoding: {encoding}")
    except (BadBase64, ValueError) as exc:
        raise RpcError(INVALID_PARAMS, f"invalid {encoding} encoding: {exc}") from exc
    if len(data) > largest:
        raise RpcError(
            INVALID_PARAMS,
            f"decoded solana_transaction::versioned::VersionedTransaction too large: {len(data)} bytes"
            f" (max: {largest} bytes)",
        )
    return data


def _decode_base58(text: str, largest: int) -> bytes:
    """The domain's decoder is for keys and signatures; this one takes a whole transaction."""
    if len(text) > 2 * largest:
        raise ValueError("too long")
    number = 0
    for char in text:
        number = number * 58 + addresses.ALPHABET.index(char)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
