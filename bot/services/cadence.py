"""When a wallet is next worth a look, in real time: what the schedule says of its orders, and sweeps.

Cycles run in order time, looks in real time; in the sandbox the one is faster than the other, so the pace
between them is measured. What is learned of the keepers' lag lives here; a restart learns it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot import ports
from bot.domain import orders, schedule

FLOOR: Final = timedelta(seconds=2)
_SAMPLE_S: Final = 0.5
_UNKNOWN_PACE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Look:
    due_at: datetime | None
    """When a fill should be listed; None = none is expected."""
    sweep_at: datetime
    """When it is worth a look that may wait."""


class Cadence:
    def __init__(
        self, clock: ports.Clock, order_clock: ports.Clock, *, rps: float = 1.0, floor: timedelta = FLOOR
    ) -> None:
        """`rps` is the request budget; `floor` keeps one busy wallet from taking all of it."""
        self._clock = clock
        self._order_clock = order_clock
        self._rps = rps
        self._floor = floor
        self._sample = (clock.now(), order_clock.now())
        # Where both are one clock, measuring would only add noise, which grows over the days of a cycle.
        self._pace = 1.0 if clock is order_clock else None
        self.lag = schedule.Lag()

    @property
    def pace(self) -> float | None:
        """Order seconds per real second, as last measured; None = not known yet."""
        return self._pace

    def learn(
        self, order: orders.Order, confirmed_at: Iterable[datetime], missed_at: datetime | None
    ) -> None:
        """New fills of a wallet that was looked at before, at `missed_at` in real time."""
        if missed_at is None:
            return
        now, order_now = self._clock.now(), self._order_clock.now()
        missed = order_now - (now - missed_at) * (self._measure(now, order_now) or 1.0)
        for at in confirmed_at:
            self.lag = self.lag.learn(schedule.due_of(order, at), at, missed)

    def next_look(
        self,
        owner: str,
        watched: Iterable[schedule.Watched],
        *,
        wallets: int = 1,
        history_at: datetime | None = None,
        again_at: datetime | None = None,
    ) -> Look:
        """For a wallet with these active orders, among so many `wallets`.

        `history_at`: when its closed orders were last read; None = they are to be read soon.
        `again_at`: when something that is missing is worth another search.
        """
        now, order_now = self._clock.now(), self._order_clock.now()
        pace = self._measure(now, order_now)
        every = schedule.sweep_every(wallets, self._rps)
        waits = [_UNKNOWN_PACE] if pace is None else []
        if again_at is not None:
            waits.append(max(self._floor, again_at - now))
        looks = schedule.next_looks(watched, order_now, self.lag)
        if looks.due_at is not None:
            waits.append(max(self._floor, (looks.due_at - order_now) / (pace or 1.0)))
        sweep_at = schedule.sweep_at(owner, now, history_at, every)
        if looks.spare_at is not None:
            spare = max(self._floor, (looks.spare_at - order_now) / (pace or 1.0))
            sweep_at = min(sweep_at, now + spare)
            waits.append(spare + schedule.SPARE_PATIENCE)
        return Look(now + min(waits) if waits else None, sweep_at)

    def is_history_due(self, owner: str, history_at: datetime | None, wallets: int) -> bool:
        """Whether a sweep should read the closed orders as well."""
        every = schedule.sweep_every(wallets, self._rps)
        return history_at is None or self._clock.now() >= schedule.read_history_at(owner, history_at, every)

    def is_gap(self, last_ok_at: datetime, wallets: int) -> bool:
        """Whether orders may have come and gone since the last look at a wallet: it was long ago."""
        return schedule.is_gap(self._clock.now() - last_ok_at, schedule.sweep_every(wallets, self._rps))

    def _measure(self, now: datetime, order_now: datetime) -> float | None:
        """Order seconds per real second, from the last sample to now; None = not known yet."""
        real = (now - self._sample[0]).total_seconds()
        if real >= _SAMPLE_S and self._clock is not self._order_clock:
            # Order time is never slower than real time, but a clock that was just set may seem so.
            self._pace = max(1.0, (order_now - self._sample[1]).total_seconds() / real)
            self._sample = (now, order_now)
        return self._pace
