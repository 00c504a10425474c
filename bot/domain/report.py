"""How an order did: its price against the market's while somebody watched, fees, skipped cycles. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain import fills, market, orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All prices are input per one output, after decimals; averages are net of fees taken from the output."""

    start: datetime
    end: datetime
    """Now for an order that goes on, else the last fill; all in order time."""
    totals: fills.Totals
    average: Decimal | None
    fees: Mapping[str, int]
    """Base units by the mint they were taken in."""
    best: fills.Fill | None
    worst: fills.Fill | None
    """None before the first fill; both the same where there is only one."""
    skipped: int
    """Cycles that passed without a fill."""
    market: market.Watched
    """Of the time from start to end."""
    compared: fills.Totals
    """Of the fills that happened while somebody watched: the market's average is held against these."""
    compared_average: Decimal | None


def build(
    order: orders.Order,
    found: Sequence[fills.Fill],
    quotes: Sequence[market.Sample],
    now: datetime,
    *,
    in_decimals: int,
    out_decimals: int,
) -> Report:
    """`found` is every fill and `quotes` the market's price of the pair, both oldest first."""

    def price(of: fills.Fill | fills.Totals) -> Decimal | None:
        out_raw = of.out_raw if isinstance(of, fills.Totals) else of.net_out_raw
        return fills.price(of.in_raw, out_raw, in_decimals, out_decimals)

    start, end = period(order, found, now)
    totals = fills.totals(found)
    fees: dict[str, int] = {}
    for fill in found:
        fees[fill.fee_mint] = fees.get(fill.fee_mint, 0) + fill.fee_raw
    priced = [(cost, fill) for fill in found if (cost := price(fill)) is not None]
    watched = fills.totals(fill for fill in found if market.price_at(quotes, fill.confirmed_at) is not None)
    return Report(
        start=start,
        end=end,
        totals=totals,
        average=price(totals),
        fees={mint: raw for mint, raw in fees.items() if raw},
        best=min(priced, key=_cost)[1] if priced else None,
        worst=max(priced, key=_cost)[1] if priced else None,
        skipped=count_skipped(order, found, now),
        market=market.watch(quotes, start, end),
        compared=watched,
        compared_average=price(watched),
    )


def period(order: orders.Order, found: Sequence[fills.Fill], now: datetime) -> tuple[datetime, datetime]:
    """From the start of an order to now, or to its last fill when it is over."""
    opened = order.start_at or order.created_at
    start = min([opened if opened <= now else order.created_at, *(fill.confirmed_at for fill in found[:1])])
    closed = found[-1].confirmed_at if found else order.updated_at
    end = now if order.active else closed
    return start, max(start, end)


def count_skipped(order: orders.Order, found: Sequence[fills.Fill], now: datetime) -> int:
    """Cycles that passed without a fill, up to the last fill; up to now for an order that goes on.

    The first fill comes in the first cycle or in the second (nobody says which), a late one in the next.
    """
    if order.cycle <= timedelta(0):
        return 0
    start = order.start_at or order.created_at
    cycles = [(fill.confirmed_at - start) // order.cycle for fill in found]
    skipped = 0
    if cycles:
        skipped = max(0, cycles[0] - 1) + max(0, cycles[-1] - cycles[0] + 1 - len(cycles))
    if order.active and order.in_left_raw > 0:
        passed = (now - start) // order.cycle
        skipped += max(0, passed - 1 - (cycles[-1] if cycles else 0))
    return skipped


def _cost(priced: tuple[Decimal, fills.Fill]) -> Decimal:
    return priced[0]
