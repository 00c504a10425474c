"""One request budget for everything that goes to Jupiter: who may call when.

The rules of counting are in `window`; here is the waiting: first come, first served within a priority,
the more urgent priority first. Time is the event loop's clock, so that a test can run it in virtual time.
"""

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Final

from bot import errors, texts
from bot.jupiter import window
from bot.ports import Priority

PATIENCE_S: Final = {Priority.ACTION: 30.0, Priority.PERSON: 10.0}
"""How long somebody waits before being told to come back. Background work waits as long as it takes."""


class RateBudget:
    """Admits calls at `rps` × 60 a minute, in bursts if need be. Belongs to one event loop.

    `wall` is unix time, against which the service's `x-ratelimit-reset` is read.
    """

    def __init__(
        self,
        rps: float,
        *,
        wall: Callable[[], float] = time.time,
        patience_s: Mapping[Priority, float] = PATIENCE_S,
    ) -> None:
        # The millionth: a rate such as 0.55 times 60 must not lose a slot to binary rounding.
        self._window = window.Window(max(1, math.floor(rps * window.LENGTH_S + 1e-6)))
        self._queues: dict[Priority, deque[asyncio.Future[None]]] = {of: deque() for of in Priority}
        self._timer: asyncio.TimerHandle | None = None
        self._wall = wall
        self._patience_s = patience_s

    @contextlib.asynccontextmanager
    async def call(self, priority: Priority) -> AsyncIterator["Turn"]:
        """Wait for a slot and hold it around one call.

        Raises RateLimited with `retry_after` when PERSON or ACTION would have to wait too long; then nothing
        was counted. May be cancelled at any time.
        """
        await self._wait(priority)
        turn = Turn(self._window, priority, self._wall)
        try:
            yield turn
        finally:
            turn.end()
            self._admit()

    def pause(self) -> timedelta:
        """How long the service asked us not to call."""
        return timedelta(seconds=self._window.pause_s(_now()))

    async def _wait(self, priority: Priority) -> None:
        now = _now()
        ahead = sum(len(queue) for of, queue in self._queues.items() if of <= priority)
        if not ahead and self._window.may_start(priority, now):
            self._window.start(priority)
            return
        patience_s = self._patience_s.get(priority)
        wait_s = self._window.free_at(priority, ahead, now) - now
        if patience_s is not None and wait_s > patience_s:
            raise self._refusal(wait_s)
        turn = asyncio.get_running_loop().create_future()
        queue = self._queues[priority]
        queue.append(turn)
        self._admit()
        admitted = False
        try:
            async with asyncio.timeout(patience_s):
                await turn
            admitted = True
        except TimeoutError:
            raise self._refusal(self._window.free_at(priority, ahead, _now()) - _now()) from None
        finally:
            if not admitted:
                if turn in queue:
                    queue.remove(turn)
                elif not turn.cancelled():
                    # Admitted and given up in the same turn of the loop.
                    self._window.undo(priority)
                self._admit()

    def _admit(self) -> None:
        """Start whoever may start now, and come back when that may change."""
        now = _now()
        while self._admit_one(now):
            pass
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if any(self._queues.values()):
            change_at = self._window.next_change_at(now)
            if change_at is not None:
                self._timer = asyncio.get_running_loop().call_at(change_at, self._admit)

    def _admit_one(self, now: float) -> bool:
        for priority, queue in self._queues.items():
            while queue and queue[0].done():
                queue.popleft()
            if queue and self._window.may_start(priority, now):
                self._window.start(priority)
                queue.popleft().set_result(None)
                return True
        return False

    def _refusal(self, wait_s: float) -> errors.RateLimited:
        return errors.RateLimited(
            texts.JUPITER_BUSY,
            service="Jupiter",
            retry_after=timedelta(seconds=max(1.0, wait_s)),
        )


class Turn:
    """One admitted call."""

    def __init__(self, counted_in: window.Window, priority: Priority, wall: Callable[[], float]) -> None:
        self._window = counted_in
        self._priority = priority
        self._wall = wall
        self._began = _now()
        self._counted = True

    def observe(self, status: int, headers: Mapping[str, str]) -> None:
        """Obey what the answer says of the limit. Header names in lower case."""
        now = _now()
        remaining = _number(headers.get("x-ratelimit-remaining"))
        reset = _number(headers.get("x-ratelimit-reset"))
        # Bounded by the window, because either clock may be wrong.
        reset_in_s = None if reset is None else min(max(reset - self._wall(), 0.0), window.LENGTH_S)
        if status == 429 and remaining is not None and self._counted:
            # A refused call costs nothing: whatever fills the bucket, it is not this one.
            self._counted = False
            self._window.undo(self._priority)
        if remaining is not None:
            self._window.observe(math.floor(remaining), reset_in_s, self._began, now)
        if status == 429:
            self._window.refuse(reset_in_s, now)
        else:
            self._window.accept()

    def end(self) -> None:
        if self._counted:
            self._window.end(self._priority, _now())


def _now() -> float:
    return asyncio.get_running_loop().time()


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
