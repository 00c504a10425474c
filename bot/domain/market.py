"""Market prices as sampled while somebody watched: gaps stay gaps, and averages say what they cover.

Between two samples of one stretch the price is taken to move in a straight line, as a chart draws it.
Estimates, all of it: nothing here is sent to anybody's wallet.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter

_MICROSECOND = timedelta(microseconds=1)
_at = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Sample:
    """A price at a moment. In a sequence, oldest first, `since` is the moment before or its own."""

    at: datetime
    price: Decimal
    """USD per whole token, or input per one output of a pair."""
    since: datetime
    """From here to `at` somebody watched: the moment of the sample before; `at` itself after a gap."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a period."""

    average: Decimal | None
    """By time, over the part that was watched; None = no part of it was."""
    span: timedelta
    """How long that part is."""
    share: float
    """The same as a part of the period, 0 to 1."""


def price_at(samples: Sequence[Sample], moment: datetime) -> Decimal | None:
    """None = nobody watched then."""
    place = bisect_left(samples, moment, key=_at)
    if place == len(samples):
        return None
    after = samples[place]
    if after.at == moment:
        return after.price
    if place == 0 or after.since >= moment:
        return None
    return _between(samples[place - 1], after, moment)


def pair(paid: Sequence[Sample], bought: Sequence[Sample]) -> list[Sample]:
    """What one of `bought` cost in `paid`, both sampled in one currency, while both were watched."""
    quotes: list[Sample] = []
    before: datetime | None = None
    for moment in sorted({sample.at for samples in (paid, bought) for sample in samples}):
        cost, price = price_at(paid, moment), price_at(bought, moment)
        if cost and price is not None:
            joined = before is not None and all(_joined(each, before, moment) for each in (paid, bought))
            quotes.append(Sample(moment, price / cost, before if joined and before else moment))
            before = moment
        else:
            before = None
    return quotes


def stretches(samples: Sequence[Sample]) -> list[list[Sample]]:
    """The samples between gaps; a stretch may be a single sample."""
    found: list[list[Sample]] = []
    for sample in samples:
        if not found or sample.since == sample.at:
            found.append([])
        found[-1].append(sample)
    return found


def watch(samples: Sequence[Sample], start: datetime, end: datetime) -> Watched:
    """The average price from `start` to `end` by time, and how much of that time was watched."""
    area, watched = Decimal(0), timedelta(0)
    for stretch in stretches(samples):
        for before, after in pairwise(stretch):
            low, high = max(start, before.at), min(end, after.at)
            if low >= high:
                continue
            ends = _between(before, after, low) + _between(before, after, high)
            area += ends * ((high - low) // _MICROSECOND) / 2
            watched += high - low
    if not watched:
        return Watched(None, watched, 0.0)
    return Watched(area / (watched // _MICROSECOND), watched, watched / (end - start))


def thin(samples: Sequence[Sample], spacing: timedelta) -> list[Sample]:
    """Fewer samples, about one in each `spacing`, that cover exactly the same time. Twice changes nothing.

    The ends of every stretch stay, so that no gap grows or closes.
    """
    kept: list[Sample] = []
    for stretch in stretches(samples):
        kept.append(stretch[0])
        for sample in stretch[1:]:
            if sample is stretch[-1] or _bucket(sample, spacing) != _bucket(kept[-1], spacing):
                kept.append(replace(sample, since=kept[-1].at))
    return kept


def _between(before: Sample, after: Sample, moment: datetime) -> Decimal:
    part = Decimal((moment - before.at) // _MICROSECOND) / ((after.at - before.at) // _MICROSECOND)
    return before.price + (after.price - before.price) * part


def _joined(samples: Sequence[Sample], start: datetime, end: datetime) -> bool:
    """Whether somebody watched from one moment to the next, with no sample in between."""
    place = bisect_left(samples, end, key=_at)
    return place < len(samples) and samples[place].since <= start


def _bucket(sample: Sample, spacing: timedelta) -> int:
    return int(sample.at.timestamp() // spacing.total_seconds())
