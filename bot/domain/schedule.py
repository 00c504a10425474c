"""When a wallet is next worth a look: when a fill should be listed, less and less often while it is not.

Pure. Fills are timed in order time (the clock that cycles run on), sweeps in real time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zlib import crc32

from bot.domain import orders

HITS: Final = 0.88
"""Share of the fills that the first look after their due time should find. More would make every fill wait
longer for its look, fewer would cost more looks."""

SWEEP_SHARE: Final = 0.09
"""Of the request budget, for sweeps: it pays for looks without a reason, whatever the number of wallets."""
SHORTEST_SWEEP: Final = timedelta(minutes=1)
SHORTEST_HISTORY: Final = timedelta(minutes=15)
SWEEP_PATIENCE: Final = timedelta(hours=1)
"""For so long sweeps leave their share of the budget to a rush of fills."""
SPARE_PATIENCE: Final = timedelta(minutes=12)
"""For so long so does a look for a fill that may well have been skipped; then it is as due as any other."""
RUSH_WITHIN: Final = timedelta(minutes=1)
_SWEEPS_A_HISTORY: Final = 3
_SWEEPS_A_GAP: Final = 2
"""With less, sweeps that fills have delayed would read the history each time, and so delay each other."""

_HASTE: Final = 0.1
"""Several fills for one call are looked for earlier by this part of the wait: in a herd, before all others,
which tells most people first. More of it would find one of them and miss the other."""
_ABOUT: Final = 0.65
"""A look this close to the planned one was it: what is learned moves the plan between the two."""
_GROWTH: Final = 2
"""A late fill is looked for again when it is this many times as late."""
_QUIET_GROWTH: Final = 4
_HOPELESS: Final = 5
_SILENT_GROWTH: Final = 16
"""The same, from the third look on, where a cycle may well pass without a fill."""
_LONGEST_PAUSE: Final = timedelta(minutes=10)
_SILENCE_SHARE: Final = 16
"""An order that is silent for longer than its cycle is looked at again after this part of its silence."""
_SHORTEST_WAIT: Final = timedelta(seconds=0.5)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_FIRST_STEP: Final = 0.25
_LAST_STEP: Final = 0.004


@dataclass(frozen=True, slots=True)
class Lag:
    """How long after the due time the first look comes: learned, so that HITS of them find their fill.

    A quantile of keeper lag and index lag together, followed up and down fill by fill (Robbins and Monro):
    a look can only tell that a fill is listed or not yet, never since when.
    """

    wait: timedelta = timedelta(seconds=15)
    fills: int = 0

    def learn(self, due_at: datetime, confirmed_at: datetime, missed_at: datetime | None) -> "Lag":
        """What a fill teaches that was due at `due_at`; `missed_at` = the last look that did not list it."""
        late = confirmed_at - due_at > self.wait
        # A look that came much earlier, for another order, says nothing about one at the right time.
        missed = missed_at is not None and missed_at - due_at > _ABOUT * self.wait
        step = max(_LAST_STEP, _FIRST_STEP / (1 + self.fills / 10))
        factor = 1 + step * (HITS if late or missed else HITS - 1)
        return Lag(min(_LONGEST_WAIT, max(_SHORTEST_WAIT, self.wait * factor)), self.fills + 1)


@dataclass(frozen=True, slots=True)
class Watched:
    """An active order and its last known fill."""

    order: orders.Order
    last_fill_at: datetime | None


@dataclass(frozen=True, slots=True)
class Looks:
    """When a wallet is next worth a look, which is for all of its orders."""

    due_at: datetime | None
    """When a fill should be listed; None = none is expected."""
    spare_at: datetime | None
    """When one may be, of orders that may well have skipped it: worth a look, but nobody else's wait."""


def next_looks(watched: Iterable[Watched], now: datetime, lag: Lag) -> Looks:
    """For a wallet that was looked at just now."""
    due: list[datetime] = []
    spare: list[datetime] = []
    for item in watched:
        look = _look_at(item, now, lag)
        if look is not None:
            (due if look.is_due else spare).append(look.at)
    first = min(due, default=None)
    if first is not None and sum(at - first < lag.wait / 2 for at in due) > 1:
        first = max(now, first - lag.wait * _HASTE)
    return Looks(first, min(spare, default=None))


def due_of(order: orders.Order, confirmed_at: datetime) -> datetime:
    """The due time that a fill answered."""
    start = order.start_at or order.created_at
    if confirmed_at < start or order.cycle <= timedelta(0):
        return start
    return start + (confirmed_at - start) // order.cycle * order.cycle


def sweep_every(wallets: int, rps: float) -> timedelta:
    """How often each of so many wallets is looked at without a reason, on a budget of `rps` a second."""
    return max(SHORTEST_SWEEP, timedelta(seconds=wallets / (rps * SWEEP_SHARE)))


def rush(rps: float) -> int:
    """So many looks for fills within RUSH_WITHIN are a rush: about what their share of the budget serves."""
    return max(20, int(0.6 * rps * RUSH_WITHIN.total_seconds()))


def sweep_at(owner: str, looked_at: datetime, history_at: datetime | None, every: timedelta) -> datetime:
    """The next look without a reason: for orders opened or closed elsewhere.

    A while after the last look at the wallet, or for its history: then it may be long overdue.
    """
    if history_at is None:
        return looked_at
    return min(looked_at + every * _share(owner), read_history_at(owner, history_at, every))


def is_gap(since: timedelta, every: timedelta) -> bool:
    """Whether so much time between two looks may have hidden orders that sweeps in time would have shown.

    `every` is that of the sweeps.
    """
    return since > every * _SWEEPS_A_GAP


def read_history_at(owner: str, history_at: datetime, every: timedelta) -> datetime:
    """When a sweep should read the closed orders too: some came and went in between.

    `every` is that of the sweeps.
    """
    return history_at + max(SHORTEST_HISTORY, every * _SWEEPS_A_HISTORY) * _share(owner)


def _share(owner: str) -> float:
    """Each wallet is earlier by a part of its own, so that they never herd."""
    return 1 - 0.1 * (crc32(owner.encode()) % 1000) / 1000


class _Look(NamedTuple):
    at: datetime
    is_due: bool
    """A fill is to be expected then; else it may as well have been skipped."""


def _look_at(item: Watched, now: datetime, lag: Lag) -> _Look | None:
    order, cycle = item.order, item.order.cycle
    due_at = orders.next_fill_at(order, item.last_fill_at)
    if due_at is None:
        return None
    silence = max(timedelta(0), now - due_at)
    passed = silence // cycle
    due_at += passed * cycle
    skips = order.min_out_raw > 0 or order.max_out_raw > 0
    # Where a look may well be in vain, a little more patience makes it worth two.
    first = lag.wait * 2 if skips else lag.wait
    late = now - due_at
    if late < _ABOUT * first:
        return _Look(due_at + first, is_due=not skips)
    quiet = passed or skips or order.family is orders.Family.PRICE or item.last_fill_at is None
    if not quiet:
        pause = min(late * (_GROWTH - 1), _LONGEST_PAUSE)
    elif late < _HOPELESS * lag.wait:
        pause = late * (_QUIET_GROWTH - 1)
    else:
        pause = late * (_SILENT_GROWTH - 1)
    patience = orders.late_after(cycle)
    if quiet and not passed and late <= patience < late + 2 * pause:
        # Then people are told that there was none, which takes a look; one look, not one more.
        pause = patience - late + _SHORTEST_WAIT
    pause = min(pause, cycle - late + first)
    if passed and cycle <= _LONGEST_PAUSE:
        # Many cycles without a fill must not cost a look each.
        pause = max(pause, min(silence / _SILENCE_SHARE, _LONGEST_PAUSE))
    return _Look(now + pause, is_due=not quiet)
