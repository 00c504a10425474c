"""What a wallet's orders paid and what that is worth over time: estimates from sampled prices. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from operator import attrgetter

from bot.domain import market
from bot.domain.charts import Point, Stretch

_at = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Purchase:
    at: datetime
    paid_usd: Decimal
    mint: str
    amount: Decimal
    """Whole tokens that were bought, net of fees."""


@dataclass(frozen=True, slots=True)
class Course:
    """Both curves."""

    paid: Stretch
    """All that was paid up to each purchase."""
    worth: tuple[Stretch, ...]
    """What all that was bought up to then was worth; a gap while the price of any of it was not watched."""
    share: float = 0.0
    """Part of the time for which that is known, 0 to 1."""


def follow(
    purchases: Sequence[Purchase],
    prices: Mapping[str, Sequence[market.Sample]],
    end: datetime,
    *,
    moments: int = 400,
) -> Course:
    """From the first purchase to `end`, looked at in so many moments; `prices` are USD by mint."""
    ordered = sorted(purchases, key=_at)
    if not ordered:
        return Course((), ())
    paid = tuple(zip(map(_at, ordered), accumulate(each.paid_usd for each in ordered), strict=True))
    holdings = _Holdings(ordered)
    start = ordered[0].at
    step = max((end - start) / moments, timedelta(microseconds=1))
    stretches: list[list[Point]] = [[]]
    for place in range(moments + 1):
        moment = start + step * place if place < moments else max(start, end)
        value = holdings.worth(prices, moment)
        if value is not None:
            stretches[-1].append((moment, value))
        elif stretches[-1]:
            stretches.append([])
    known = sum((stretch[-1][0] - stretch[0][0] for stretch in stretches if stretch), timedelta(0))
    worth = tuple(tuple(stretch) for stretch in stretches if stretch)
    return Course(paid, worth, known / (end - start) if end > start else float(bool(worth)))


def held(purchases: Sequence[Purchase]) -> dict[str, Decimal]:
    """Everything that was bought, by mint."""
    amounts: dict[str, Decimal] = {}
    for purchase in purchases:
        amounts[purchase.mint] = amounts.get(purchase.mint, Decimal(0)) + purchase.amount
    return amounts


class _Holdings:
    """How much of each mint there was at any moment."""

    def __init__(self, ordered: Sequence[Purchase]) -> None:
        self._of: dict[str, tuple[list[datetime], list[Decimal]]] = {}
        for mint in {purchase.mint for purchase in ordered}:
            mine = [purchase for purchase in ordered if purchase.mint == mint]
            self._of[mint] = [each.at for each in mine], list(accumulate(each.amount for each in mine))

    def worth(self, prices: Mapping[str, Sequence[market.Sample]], moment: datetime) -> Decimal | None:
        total = Decimal(0)
        for mint, (times, amounts) in self._of.items():
            count = bisect_right(times, moment)
            if not count:
                continue
            price = market.price_at(prices.get(mint, ()), moment)
            if price is None:
                return None
            total += amounts[count - 1] * price
        return total
