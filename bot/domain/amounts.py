"""Amounts of tokens: integer base units inside, exact decimal text outside, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal

from bot import errors, texts

U64_MAX = 2**64 - 1
LAMPORTS_PER_SOL = 1_000_000_000
SOL_DECIMALS = 9

WSOL_MINT = "So11111111111111111111111111111111111111112"
"""Wrapped SOL; Jupiter's APIs name native SOL by this mint, too."""
WRAPPED_SYMBOL = "wSOL"
"""Where the token is meant and not SOL itself."""
USDC_MINT = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
USDT_MINT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
_STABLE = frozenset({USDC_MINT, USDT_MINT})

_PLAIN = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)\Z", re.ASCII)
_GROUPED = re.compile(r"[\d.,' ]+\Z", re.ASCII)
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Token:
    """A mint and what is shown for it. `symbol` and `name` are attacker-controlled text: escape them."""

    mint: str
    symbol: str
    name: str
    decimals: int
    verified: bool = False
    classic: bool = True
    """Whether the mint belongs to the classic SPL Token program (recurring orders take no other)."""


@dataclass(frozen=True, slots=True)
class Exactly:
    raw: int


@dataclass(frozen=True, slots=True)
class Share:
    percent: int
    """1 to 100 of what there is when the card is made."""


@dataclass(frozen=True, slots=True)
class Everything:
    """Whatever is there at the time of the action."""


Quantity = Exactly | Share | Everything


def parse_amount(text: str, decimals: int) -> int:
    """Read a positive amount typed by a person as base units, exactly.

    Raises InvalidAmount with a sentence for the person: what is wrong, and for grouped numbers both readings.
    """
    text = text.strip()
    if not text:
        raise errors.InvalidAmount(texts.AMOUNT_EMPTY)
    if len(text) > _LONGEST:
        raise errors.InvalidAmount(texts.AMOUNT_TOO_LONG)
    if text.startswith("-"):
        raise errors.InvalidAmount(texts.AMOUNT_NEGATIVE)
    if not _PLAIN.match(text):
        raise errors.InvalidAmount(_explain(text))
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        finer = {0: texts.AMOUNT_WHOLE, 1: texts.AMOUNT_TENTHS}.get(decimals, texts.AMOUNT_TOO_FINE)
        raise errors.InvalidAmount(finer.format(decimals=decimals))
    scale = int(10**decimals)
    raw = int(whole or "0") * scale + int((fraction[:decimals] or "0").ljust(decimals, "0"))
    if raw == 0:
        raise errors.InvalidAmount(texts.AMOUNT_ZERO)
    if raw > U64_MAX:
        raise errors.InvalidAmount(texts.AMOUNT_TOO_LARGE)
    return raw


def parse_quantity(text: str, decimals: int) -> Quantity:
    """Read `12.5`, `50%`, `max` or `all`. Raises InvalidAmount as parse_amount does."""
    word = text.strip().casefold()
    if word in {"max", "all", "everything"}:
        return Everything()
    if word.endswith("%"):
        number = word[:-1].strip()
        if number.isascii() and number.isdigit() and len(number) <= 3 and 1 <= int(number) <= 100:
            return Share(int(number))
        raise errors.InvalidAmount(texts.AMOUNT_SHARE)
    return Exactly(parse_amount(text, decimals))


def is_dollar(mint: str) -> bool:
    """Whether an amount of it says its value in USD by itself."""
    return mint in _STABLE


def sells_for_dollars(source_mint: str, target_mint: str) -> bool:
    """Whether a stablecoin is bought: people call that selling, and quote the price the other way round."""
    return target_mint in _STABLE and source_mint not in _STABLE


def share_of(total_raw: int, percent: int) -> int:
    """The given percentage of a total, rounded down to a base unit."""
    return total_raw * percent // 100


def format_amount(raw: int, decimals: int) -> str:
    """Exact decimal text of base units: no rounding, no exponent, no trailing zeros."""
    sign = "-" if raw < 0 else ""
    digits = str(abs(raw)).rjust(decimals + 1, "0")
    if not decimals:
        return sign + digits
    whole, fraction = digits[:-decimals], digits[-decimals:].rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def to_decimal(raw: int, decimals: int) -> Decimal:
    """Base units as an exact Decimal, for prices and USD estimates only."""
    return Decimal(raw).scaleb(-decimals)


def _explain(text: str) -> str:
    if _GROUPED.match(text) and any(char.isdigit() for char in text) and any(mark in text for mark in ",.' "):
        grouped = re.sub(r"[.,' ]", "", text)
        last = max(text.rfind(","), text.rfind("."))
        pointed = (re.sub(r"[.,' ]", "", text[:last]) or "0") + "." + text[last + 1 :] if last >= 0 else ""
        readings = " or ".join(reading for reading in (grouped, pointed) if _PLAIN.match(reading))
        if readings:
            return texts.AMOUNT_GROUPED.format(readings=readings)
    if re.match(r"[\d.]+[eE][+-]?\d+\Z", text, re.ASCII):
        return texts.AMOUNT_EXPONENT
    return texts.AMOUNT_INVALID
