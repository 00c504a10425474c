"""Fills: what a keeper exchanged for an order, the averages over them, and the conservation check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain import amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One trade of an order, as Jupiter's history reports it. Unique by order key and signature."""

    order_key: str
    signature: str
    input_mint: str
    output_mint: str
    in_raw: int
    out_raw: int
    """Output before Jupiter's fee; what arrives is `net_out_raw`."""
    fee_mint: str
    fee_raw: int
    confirmed_at: datetime

    @property
    def net_out_raw(self) -> int:
        """What the person received, in base units of the output: output less the fee taken from it."""
        return self.out_raw - self.fee_raw if self.fee_mint == self.output_mint else self.out_raw


@dataclass(frozen=True, slots=True)
class Totals:
    count: int
    in_raw: int
    out_raw: int
    """Net of fees taken in the output token."""
    fee_raw: int


def totals(fills: Iterable[Fill]) -> Totals:
    """Raw sums over fills of one order."""
    count = in_raw = out_raw = fee_raw = 0
    for fill in fills:
        count += 1
        in_raw += fill.in_raw
        out_raw += fill.net_out_raw
        fee_raw += fill.fee_raw
    return Totals(count, in_raw, out_raw, fee_raw)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told of an order's fills without naming them."""

    totals: Totals = Totals(0, 0, 0, 0)
    last: Fill | None = None


def summary(fills: Sequence[Fill]) -> Summary:
    """Of fills of one order, oldest first."""
    return Summary(totals(fills), fills[-1] if fills else None)


def price(in_raw: int, out_raw: int, in_decimals: int, out_decimals: int) -> Decimal | None:
    """Input per one output after decimals; None when nothing was received."""
    if out_raw <= 0:
        return None
    return amounts.to_decimal(in_raw, in_decimals) / amounts.to_decimal(out_raw, out_decimals)


def unseen_input_raw(in_used_raw: int, known: Totals) -> int:
    """Conservation: the input an order used, less that of the fills known. Not 0 = something was unseen."""
    return in_used_raw - known.in_raw
