"""Sampling: asks for the prices of tokens that orders trade, often enough for a chart, for next to nothing.

Samples are spaced in order time, calls in real time: they have a small share of the request budget, behind
everybody else, and what others asked for meanwhile is not asked for again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot import errors, ports
from bot.domain import market
from bot.ports import Priority
from bot.services import patience, tape

_LOG = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=5)
SHORTEST: Final = timedelta(seconds=15)
PER_CYCLE: Final = 4
"""Samples between two fills of a quick order; a slow one has one EVERY."""
SHARE: Final = 0.05
"""Of the request budget, at most."""
MOST: Final = 50
"""Tokens in one call, as the price service documents it."""
PATIENCE_S: Final = 60.0
"""For one call, its wait for the budget included."""
ENDED_FOR: Final = timedelta(days=30)
"""What orders bought that ended lately is still worth knowing."""

TIERS: Final = ((timedelta(days=2), timedelta(hours=1)), (timedelta(days=60), timedelta(hours=6)))
"""Samples older than this are thinned to one in so long: about 2,700 a year for each token."""
KEPT_FOR: Final = timedelta(days=730)
TIDY_EVERY: Final = timedelta(days=1)

_TURN_S: Final = 1.0
_PLAN_EVERY: Final = timedelta(seconds=10)
_PACE_OVER: Final = timedelta(seconds=2)
_LONGEST_PAUSE: Final = timedelta(minutes=5)
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Sampling:
    def __init__(
        self,
        *,
        source: ports.PriceSource,
        tape: tape.Tape,
        history: ports.PriceHistory,
        orders: ports.OrderStore,
        clock: ports.Clock,
        order_clock: ports.Clock,
        rps: float = 1.0,
        patience_s: float = PATIENCE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Whatever `source` is told has to reach `tape`, too."""
        self._source = source
        self._tape = tape
        self._history = history
        self._orders = orders
        self._clock = clock
        self._order_clock = order_clock
        self._between_calls = timedelta(seconds=1 / (rps * SHARE))
        self._patience_s = patience_s
        self._sleep = sleep
        self._spacing: dict[str, timedelta] = {}
        self._asked: dict[str, datetime] = {}
        """In order time, also of tokens without a price."""
        self._planned_at: datetime | None = None
        self._not_before = clock.now()
        self._failures = 0
        self._paces: deque[float] = deque(maxlen=3)
        self._measured = (clock.now(), order_clock.now())
        self._tidied_at = order_clock.now()
        self._to_tidy: list[str] = []

    async def sample_once(self) -> int:
        """One turn: at most one call, for what is due; what was heard is durable. Returns how many it asked.

        Raises GatewayError, StorageError: the next turn goes on from there.
        """
        try:
            await self._plan()
            asked = await self._ask()
        finally:
            await self._tape.write()
        await self._tidy_one()
        return asked

    async def run(self) -> None:
        """Forever."""
        while True:
            try:
                await self.sample_once()
            except errors.GatewayError as exc:
                _LOG.debug("no prices to sample: %s", exc)
            except Exception:  # noqa: BLE001 - top of a supervised loop
                _LOG.exception("a turn of sampling failed")
            await self._sleep(_TURN_S)

    async def _plan(self) -> None:
        """Which tokens are wanted, and how often each."""
        now, order_now = self._clock.now(), self._order_clock.now()
        if self._planned_at is not None and now - self._planned_at < _PLAN_EVERY:
            return
        traded = await self._orders.list_traded(order_now - ENDED_FOR)
        self._planned_at = now
        self._spacing = {
            mint: EVERY if cycle is None else min(EVERY, max(SHORTEST, cycle / PER_CYCLE))
            for mint, cycle in traded.items()
        }
        self._asked = {mint: at for mint, at in self._asked.items() if mint in self._spacing}
        # Where one call after the other cannot keep up, the turns of each token are further apart.
        turn = self._between_calls * -(-len(traded) // MOST) * self._pace(now, order_now)
        self._tape.want(self._spacing, max(tape.LONGEST_GAP, 3 * turn))

    async def _ask(self) -> int:
        now = self._clock.now()
        due = self._list_due() if now >= self._not_before else []
        if not due:
            return 0
        self._not_before = now + self._between_calls
        try:
            # In a rush of others it would wait for long, and what they hear meanwhile would not be written.
            asking = self._source.fetch_usd(due, priority=Priority.SWEEP, fresh=True)
            await patience.within(self._patience_s, "Jupiter", asking)
        except errors.GatewayError:
            self._failures += 1
            pause = min(_LONGEST_PAUSE, self._between_calls * 2 ** min(self._failures, 10))
            self._not_before = self._clock.now() + pause
            raise
        self._failures = 0
        asked_at = self._order_clock.now()
        self._asked.update(dict.fromkeys(due, asked_at))
        return len(due)

    def _list_due(self) -> list[str]:
        """The longest overdue; where something is due, what will be soon comes along in the same call."""
        order_now = self._order_clock.now()
        waited = {mint: self._waited(mint, order_now) for mint in self._spacing}
        ripe = sorted((mint for mint in waited if waited[mint] >= 0.5), key=lambda mint: -waited[mint])
        return ripe[:MOST] if ripe and waited[ripe[0]] >= 1 else []

    def _waited(self, mint: str, order_now: datetime) -> float:
        """Since the last sample, in spacings."""
        moments = [at for at in (self._tape.heard_at(mint), self._asked.get(mint)) if at is not None]
        return (order_now - max(moments, default=_EVER)) / self._spacing[mint]

    def _pace(self, now: datetime, order_now: datetime) -> float:
        """Order seconds per real second: the slowest of the last few, because a jump is not a pace."""
        real, order = now - self._measured[0], order_now - self._measured[1]
        if real >= _PACE_OVER:
            self._paces.append(max(1.0, order / real))
            self._measured = (now, order_now)
        return min(self._paces, default=1.0)

    async def _tidy_one(self) -> None:
        """Thin the old samples of one token, every token once a day."""
        order_now = self._order_clock.now()
        if not self._to_tidy and order_now - self._tidied_at >= TIDY_EVERY:
            self._tidied_at = order_now
            self._to_tidy = await self._history.list_mints()
        if not self._to_tidy:
            return
        mint = self._to_tidy.pop()
        forgotten, *borders = [order_now - age for age in (KEPT_FOR, *(age for age, _ in reversed(TIERS)))]
        samples = await self._history.list_between(mint, forgotten, borders[-1])
        for start, end, (_, spacing) in zip([forgotten, *borders], borders, reversed(TIERS), strict=False):
            old = [sample for sample in samples if start < sample.at <= end]
            kept = market.thin(old, spacing)
            # What was thinned on earlier days is as it was.
            same = next((place for place, each in enumerate(old) if kept[place] != each), len(old))
            if same < len(old):
                await self._history.replace(mint, old[same].at, end, kept[same:])
        await self._history.replace(mint, _EVER, forgotten, [])
