"""Polling: look at every wallet when it is due, the longest overdue first, and never all at once.

When the next look is worth it is decided where the answer is read (sync, cadence); the queue is in SQL, so
that it survives a restart.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports
from bot.ports import Priority
from bot.services.health import Health
from bot.services.operators import Operators
from bot.services.sync import Sync

_LOG = logging.getLogger(__name__)

STALE_AFTER: Final = timedelta(minutes=10)
"""A wallet that nobody could look at for this long is told to the operator."""
_BATCH: Final = 20
_AT_ONCE: Final = 4
_IDLE_S: Final = 1.0
_LONGEST_OUTAGE_PAUSE_S: Final = 30.0
_LONGEST_PAUSE: Final = timedelta(minutes=15)


class Polling:
    def __init__(
        self,
        *,
        polls: ports.PollStore,
        sync: Sync,
        operators: Operators,
        health: Health,
        clock: ports.Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._polls = polls
        self._sync = sync
        self._operators = operators
        self._health = health
        self._clock = clock
        self._sleep = sleep
        self._outage_s = 0.0
        """Pause of the whole queue while Jupiter does not answer; 0 = it answers."""
        self._down = False
        self._stale_since: datetime | None = None

    async def poll_once(self) -> int:
        """Look at what is due now, at most a batch of it. Returns how many wallets were looked at."""
        targets = await self._polls.take_due(self._clock.now(), _BATCH)
        slots = asyncio.Semaphore(_AT_ONCE)
        self._down = False
        looked = 0

        async def look(target: ports.PollTarget) -> None:
            nonlocal looked
            async with slots:
                # While the service is down one refused wallet says it for all.
                if not self._down:
                    looked += await self._look(target)

        async with asyncio.TaskGroup() as tasks:
            for target in targets:
                tasks.create_task(look(target))
        if self._down:
            self._outage_s = min(_LONGEST_OUTAGE_PAUSE_S, max(2.0, self._outage_s * 2))
        elif looked:
            self._outage_s = 0.0
        await self._watch_staleness()
        return looked

    async def run(self) -> None:
        """Forever."""
        while True:
            looked = 0
            try:
                looked = await self.poll_once()
            except Exception:  # noqa: BLE001 - top of a supervised loop
                _LOG.exception("a turn of polling failed")
            if self._outage_s or not looked:
                await self._sleep(self._outage_s or _IDLE_S)

    async def _look(self, target: ports.PollTarget) -> bool:
        priority = Priority.DUE if target.last_ok_at else Priority.PERSON
        try:
            await self._sync.refresh(target.owner, priority=priority)
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

    async def _watch_staleness(self) -> None:
        """Tell the operator once when some wallet was not looked at for too long, and when that is over."""
        now, oldest = self._clock.now(), await self._polls.oldest_ok()
        stale = oldest is not None and now - oldest > STALE_AFTER
        if stale and self._stale_since is None:
            self._stale_since = now
            minutes = int(STALE_AFTER.total_seconds() // 60)
            text = f"Some wallet was not looked at for more than {minutes} minutes: fills may be told late."
            await self._operators.tell("polling", text, f"stale:{now:%Y-%m-%dT%H:%M}")
        elif not stale and self._stale_since is not None:
            began, self._stale_since = self._stale_since, None
            text = "Polling is back to normal: every wallet is looked at in time."
            await self._operators.tell("polling", text, f"stale-over:{began:%Y-%m-%dT%H:%M}")
