"""Polling: look at every wallet when it is due, the longest overdue first, and never all at once.

When the next look is worth it is decided where the answer is read (sync, cadence); the queue is in SQL, so
that it survives a restart. Looks for fills have a lane of the request budget, sweeps another, so that
neither starves; for a rush of fills the sweeps make way, and with them the looks for fills that may well
have been skipped, until they have waited too long.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports
from bot.domain import schedule
from bot.ports import Priority
from bot.services.health import Health
from bot.services.sync import Sync

_LOG = logging.getLogger(__name__)

_BATCH: Final = 20
_AT_ONCE: Final = 4
_SWEEPS_AT_ONCE: Final = 4
_IDLE_S: Final = 1.0
_SHORTEST_IDLE_S: Final = 0.1
_LONGEST_OUTAGE_PAUSE_S: Final = 30.0
_LONGEST_PAUSE: Final = timedelta(minutes=15)


class Polling:
    def __init__(
        self,
        *,
        polls: ports.PollStore,
        sync: Sync,
        health: Health,
        clock: ports.Clock,
        rps: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._polls = polls
        self._sync = sync
        self._health = health
        self._clock = clock
        self._rush = schedule.rush(rps)
        self._sleep = sleep
        self._outage_s = 0.0
        """Pause of the whole queue while Jupiter does not answer; 0 = it answers."""
        self._down = False
        self._busy: set[str] = set()
        """In work: the other lane leaves them alone."""

    async def poll_once(self) -> int:
        """One turn of both lanes: what is due now, at most a batch of it. Returns how many were looked at."""
        return await self.look_once() + await self.sweep_once()

    async def look_once(self) -> int:
        """One turn of the looks for fills, and of first looks at new wallets."""
        waiting = await self._waiting(self._clock.now())
        return await self._look_at(waiting, Priority.DUE)

    async def sweep_once(self) -> int:
        """One turn of the sweeps; in a rush of fills a look for one instead."""
        now = self._clock.now()
        sweeps = await self._polls.take_due(now, _SWEEPS_AT_ONCE + len(self._busy), sweeps=True)
        sweeps = [target for target in sweeps if target.owner not in self._busy]
        longest = min((target.sweep_at for target in sweeps if target.sweep_at), default=now)
        if now - longest < schedule.SWEEP_PATIENCE:
            ahead = await self._polls.take_due(now + schedule.RUSH_WITHIN, self._rush + len(self._busy))
            ahead = [target for target in ahead if target.owner not in self._busy]
            if len(ahead) >= self._rush:
                waiting = [target for target in ahead if target.due_at and target.due_at <= now]
                return await self._look_at(waiting[:1], Priority.SWEEP)
        return await self._look_at(sweeps, Priority.SWEEP)

    async def run(self) -> None:
        """Forever."""
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(self._run_lane(self.look_once), name="looks for fills")
            lanes.create_task(self._run_lane(self.sweep_once), name="sweeps")

    async def _run_lane(self, turn: Callable[[], Awaitable[int]]) -> None:
        while True:
            looked, idle_s = 0, _IDLE_S
            try:
                looked = await turn()
                if not looked:
                    idle_s = await self._idle_s()
            except Exception:  # noqa: BLE001 - top of a supervised loop
                _LOG.exception("a turn of polling failed")
            if self._outage_s or not looked:
                await self._sleep(self._outage_s or idle_s)

    async def _idle_s(self) -> float:
        """Until the next look, if that is soon."""
        due_at = await self._polls.next_due_at()
        ahead_s = _IDLE_S if due_at is None else (due_at - self._clock.now()).total_seconds()
        # What is overdue is being looked at by the other lane.
        return _IDLE_S if ahead_s <= 0 else min(_IDLE_S, max(_SHORTEST_IDLE_S, ahead_s))

    async def _waiting(self, now: datetime) -> list[ports.PollTarget]:
        """A batch of what waits for its fills and is not in work."""
        due = await self._polls.take_due(now, _BATCH + len(self._busy))
        return [target for target in due if target.owner not in self._busy][:_BATCH]

    async def _look_at(self, targets: list[ports.PollTarget], priority: Priority) -> int:
        if self._outage_s:
            # One wallet asks for all whether the service is back.
            targets = targets[:1]
        slots = asyncio.Semaphore(_AT_ONCE)
        self._down = False
        looked = 0

        async def look(target: ports.PollTarget) -> None:
            nonlocal looked
            async with slots:
                # While the service is down one refused wallet says it for all.
                if not self._down:
                    looked += await self._look(target, priority)

        claimed = {target.owner for target in targets}
        self._busy |= claimed
        try:
            async with asyncio.TaskGroup() as tasks:
                for target in targets:
                    tasks.create_task(look(target))
        finally:
            self._busy -= claimed
        if self._down:
            self._outage_s = min(_LONGEST_OUTAGE_PAUSE_S, max(2.0, self._outage_s * 2))
        elif looked:
            self._outage_s = 0.0
        return looked

    async def _look(self, target: ports.PollTarget, priority: Priority) -> bool:
        first = target.last_ok_at is None
        try:
            await self._sync.refresh(target.owner, priority=Priority.PERSON if first else priority)
        except errors.GatewayUnavailable as exc:
            self._down = True
            pause = timedelta(seconds=max(2.0, self._outage_s))
            if isinstance(exc, errors.RateLimited) and exc.retry_after is not None:
                pause = max(pause, min(exc.retry_after, _LONGEST_PAUSE))
            await self._polls.record_failure(target.owner, self._clock.now() + pause)
            return False
        except (errors.GatewayError, errors.StorageError) as exc:
            await self._put_off(target, exc)
        except Exception as exc:  # noqa: BLE001 - one wallet's trouble must not stop the others
            _LOG.exception("looking at %s failed", target.owner)
            await self._put_off(target, exc)
        return True

    async def _put_off(self, target: ports.PollTarget, exc: Exception) -> None:
        _LOG.warning("looking at %s failed: %s", target.owner, exc)
        pause = min(_LONGEST_PAUSE, timedelta(seconds=15) * 2 ** min(target.failures, 10))
        await self._polls.record_failure(target.owner, self._clock.now() + pause)
