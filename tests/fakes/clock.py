"""Time that passes only when somebody says so."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class FakeClock:
    """Implements ports.Clock. `pace` is how fast it runs when time passes."""

    def __init__(self, start: datetime = START, pace: float = 1.0) -> None:
        self._now = start
        self.pace = pace

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds * self.pace)


class FakeTime:
    """Both clocks, and a sleep that lets them run: whoever waits makes time pass."""

    def __init__(self, *, pace: float = 1.0) -> None:
        self.clock = FakeClock()
        self.order_clock = FakeClock(pace=pace)
        self.slept: list[float] = []
        self._followers: list[Callable[[float], None]] = []

    def follow(self, follower: Callable[[float], None]) -> None:
        """Call this with the seconds whenever time passes."""
        self._followers.append(follower)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.order_clock.advance(seconds)
        for follower in self._followers:
            follower(seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)
