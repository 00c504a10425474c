"""Tokens that dress up as others. What looks like one is never called verified, whoever says so."""

import functools
import unicodedata

from bot.domain import amounts

_FAMOUS: dict[str, str] = {
    "SOL": amounts.WSOL_MINT,
    "WSOL": amounts.WSOL_MINT,
    "USDC": amounts.USDC_MINT,
    "USDT": amounts.USDT_MINT,
    "JUP": "JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN",
    "JLP": "27G8MtK7VtTcCHkpASjSDdkWWYfoqT6ggEuKidVJidD4",
    "JUPSOL": "jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v",
    "JITOSOL": "J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn",
    "MSOL": "mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So",
    "BONK": "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263",
    "WIF": "EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm",
    "PYTH": "HZ1JovNiVvGrGNiiYvEozEVgZ58xaU3RKwX8eACQBCt3",
    "RAY": "4k3Dyjzvzp8eMZWUXbBCjEvwSkkk59S5iCNLY3QrkX6R",
    "ORCA": "orcaEKTdK7LKz57vaAYr9QeNsVEPfiu6QeMU1kektZE",
}
"""Symbols worth stealing and the one mint each belongs to."""

_NAMES: dict[str, str] = {
    "USDC": amounts.USDC_MINT,
    "USD Coin": amounts.USDC_MINT,
    "USDT": amounts.USDT_MINT,
    "Tether": amounts.USDT_MINT,
    "Tether USD": amounts.USDT_MINT,
    "SOL": amounts.WSOL_MINT,
    "Solana": amounts.WSOL_MINT,
    "Wrapped SOL": amounts.WSOL_MINT,
    "Wrapped Solana": amounts.WSOL_MINT,
}
"""Whole names worth stealing under another symbol."""

_LOOKS_LIKE = str.maketrans("01|!$58", "OIIISSB")
"""ASCII characters that pass for letters on a phone."""
_PAIRS = (("VV", "W"), ("RN", "M"))
"""Two that pass for one, in small letters at least."""
_FOREIGN = str.maketrans("АВЕЅІЈКМНОРСТХҮԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXYGQWABEZHIKMNOPTYX")
"""Cyrillic and Greek capitals that look exactly like Latin ones."""


@functools.lru_cache(maxsize=4096)
def is_lookalike(token: amounts.Token) -> bool:
    """Whether the symbol or name pretends: characters beyond ASCII, or a famous one on another mint.

    A name beyond ASCII alone is normal in the world, but so is a forged one: it costs the check mark only.
    """
    if not (token.symbol.isascii() and token.name.isascii()):
        return True
    meant = {_FOLDED.get(reading) for reading in readings(token.symbol)} | {
        _FOLDED_NAMES.get(fold(token.name))
    }
    return not meant <= {None, token.mint}


def readings(symbol: str) -> frozenset[str]:
    """What a symbol may be taken for, folded: a dollar sign is either an S or mere decoration."""
    return frozenset({fold(symbol), fold(symbol.replace("$", ""))}) - {""}


def fold(symbol: str) -> str:
    """Equal for all symbols that look alike on a phone; empty for what has no letters and digits."""
    plain = unicodedata.normalize("NFKC", symbol).upper().translate(_LOOKS_LIKE).translate(_FOREIGN)
    text = "".join(char for char in plain if char.isalnum()).replace("L", "I")
    for pair, one in _PAIRS:
        text = text.replace(pair, one)
    return text


_FOLDED = {fold(symbol): mint for symbol, mint in _FAMOUS.items()}
_FOLDED_NAMES = {fold(name): mint for name, mint in _NAMES.items()}
