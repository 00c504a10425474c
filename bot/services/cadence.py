"""When a wallet is next worth a look: when a fill is expected, soon while it is late, else at an interval.

Cycles run in order time, looks in real time; in the sandbox the one is faster than the other, so the pace
between them is measured. The seam for a scheduler that learns (keeper lag, budget) is `next_look`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from bot import ports
from bot.domain import orders

INTERVAL: Final = timedelta(seconds=60)
FLOOR: Final = timedelta(seconds=2)
_LAG_S: Final = 1.0
"""Keepers never come before the due time; this much later a look is worth it."""
_SAMPLE_S: Final = 0.5
_UNKNOWN_PACE_S: Final = 5.0


class Cadence:
    def __init__(
        self,
        clock: ports.Clock,
        order_clock: ports.Clock,
        *,
        interval: timedelta = INTERVAL,
        floor: timedelta = FLOOR,
    ) -> None:
        """`floor` keeps one busy wallet from taking the whole request budget."""
        self._clock = clock
        self._order_clock = order_clock
        self.interval = interval
        self._floor = floor
        self._sample = (clock.now(), order_clock.now())
        self._pace: float | None = None

    def next_look(self, seen: Iterable[orders.SeenOrder], *, soon: bool = False) -> datetime:
        """Real time of the next look at a wallet with these active orders; `soon` = something was missing."""
        now, order_now = self._clock.now(), self._order_clock.now()
        pace = self._measure(now, order_now)
        most = self.interval.total_seconds()
        if soon or pace is None:
            most = min(most, _UNKNOWN_PACE_S)
        waits = [_wait_s(item, order_now, pace or 1.0) for item in seen]
        wait = min((wait for wait in waits if wait is not None), default=most)
        return now + timedelta(seconds=max(self._floor.total_seconds(), min(most, wait)))

    def _measure(self, now: datetime, order_now: datetime) -> float | None:
        """Order seconds per real second, from the last sample to now; None = not known yet."""
        real = (now - self._sample[0]).total_seconds()
        if real >= _SAMPLE_S:
            # Order time is never slower than real time, but a clock that was just set may seem so.
            self._pace = max(1.0, (order_now - self._sample[1]).total_seconds() / real)
            self._sample = (now, order_now)
        return self._pace


def _wait_s(item: orders.SeenOrder, order_now: datetime, pace: float) -> float | None:
    """Real seconds until this order is worth a look; None = nothing is expected of it."""
    order = item.order
    last = max((fill.confirmed_at for fill in item.fills), default=None)
    due = orders.next_fill_at(order, last)
    if due is None:
        return None
    ahead = (due - order_now).total_seconds() / pace
    if ahead > 0:
        return ahead + _LAG_S
    # Late: wait half as long again as it is late already, but not past the next regular time.
    start = order.start_at or order.created_at
    cycle = order.cycle.total_seconds()
    passed = (order_now - start).total_seconds() % cycle
    return min(-ahead / 2, (cycle - passed) / pace + _LAG_S)
