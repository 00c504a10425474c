"""Price bounds of a new order: from what a person types to what the program enforces.

Jupiter takes prices as input per one output; the program keeps a least and a most output of one cycle
(`min_out = floor(per_cycle / max_price)`, `max_out = floor(per_cycle / min_price)`, as its front-end does).
"""

import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal

from bot import errors, texts
from bot.domain import amounts

STABLE = frozenset({amounts.USDC_MINT, amounts.USDT_MINT})

_EXACT = Context(prec=80)
_SENT = Context(prec=15)
"""Digits of a price that a double carries unharmed through JSON."""
_PLAIN = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)\Z", re.ASCII)
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Bounds:
    """Both views of one price range; None = no bound."""

    min_price: str | None
    """Input per one output, as it is sent."""
    max_price: str | None
    min_out_raw: int | None
    max_out_raw: int | None


def inverted(input_mint: str, output_mint: str) -> bool:
    """Whether people quote the pair as output per input: they sell something for a stable coin."""
    return output_mint in STABLE and input_mint not in STABLE


def build_bounds(
    source: amounts.Token, target: amounts.Token, per_cycle_raw: int, low: str | None, high: str | None
) -> Bounds:
    """Read a range typed in the pair's usual direction. Raises InvalidAmount with a sentence."""
    lowest, highest = _price(low), _price(high)
    if lowest is not None and highest is not None and lowest > highest:
        raise errors.InvalidAmount(texts.PRICE_ORDER.format(low=low, high=high))
    if inverted(source.mint, target.mint):
        lowest, highest = _inverse(highest), _inverse(lowest)
    return Bounds(
        min_price=_text(lowest),
        max_price=_text(highest),
        min_out_raw=_out(per_cycle_raw, highest, source, target),
        max_out_raw=_out(per_cycle_raw, lowest, source, target),
    )


def _price(text: str | None) -> Decimal | None:
    if text is None:
        return None
    text = text.strip()
    if len(text) > _LONGEST or not _PLAIN.match(text):
        raise errors.InvalidAmount(texts.PRICE_INVALID)
    price = _SENT.create_decimal(text)
    if price <= 0:
        raise errors.InvalidAmount(texts.PRICE_ZERO)
    return price


def _inverse(price: Decimal | None) -> Decimal | None:
    return None if price is None else _SENT.divide(Decimal(1), price)


def _text(price: Decimal | None) -> str | None:
    return None if price is None else f"{price:f}"


def _out(
    per_cycle_raw: int, price: Decimal | None, source: amounts.Token, target: amounts.Token
) -> int | None:
    """Output of one cycle at a price, in base units, rounded down."""
    if price is None:
        return None
    whole = _EXACT.divide(amounts.to_decimal(per_cycle_raw, source.decimals), price)
    raw = int(whole.scaleb(target.decimals, _EXACT).to_integral_value(ROUND_FLOOR, _EXACT))
    if raw == 0:
        raise errors.InvalidAmount(texts.PRICE_TOO_HIGH)
    if raw > amounts.U64_MAX:
        raise errors.InvalidAmount(texts.PRICE_TOO_LOW)
    return raw
