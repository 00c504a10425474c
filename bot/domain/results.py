"""What an order would come to if all that it bought were sold now: an estimate from today's prices. Pure."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Final

from bot.domain import amounts, fills

_EXACT: Final = Context(prec=600)
"""A mint may claim 255 decimals: nothing is rounded but the end."""


@dataclass(frozen=True, slots=True)
class Result:
    """All in the token that was paid with."""

    worth_raw: int
    """What the bought tokens would bring, rounded down."""
    gain_raw: int
    """That, less what was paid for them; negative is a loss."""
    percent: Decimal
    """The gain as a part of what was paid."""


def if_sold_now(
    totals: fills.Totals, market: Decimal | None, in_decimals: int, out_decimals: int
) -> Result | None:
    """`market` is input per one output. None where there is nothing to sell, or no price."""
    if market is None or market <= 0 or totals.in_raw <= 0 or totals.out_raw <= 0:
        return None
    bought = amounts.to_decimal(totals.out_raw, out_decimals)
    worth = _EXACT.multiply(bought, market).scaleb(in_decimals, _EXACT)
    worth_raw = int(worth.to_integral_value(ROUND_FLOOR, _EXACT))
    gain_raw = worth_raw - totals.in_raw
    percent = _EXACT.divide(Decimal(gain_raw * 100), Decimal(totals.in_raw))
    return Result(worth_raw, gain_raw, percent)
