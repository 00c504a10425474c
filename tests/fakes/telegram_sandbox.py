"""What tests of the Telegram stand-in share: where it is, how it is called, and a clock that stands still."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

TOKEN = "123456:sandbox-token-for-tests"
BASE = "http://127.0.0.1"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
"""The smallest picture there is."""

Answer = dict[str, Any]
Call = Callable[..., Awaitable[Answer]]
"""A Bot API method with its parameters -> the whole answer."""


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something holds that nothing announces; 10 s at most."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 -- the server that is waited for sets no event
            await asyncio.sleep(0.002)


class StandingClock:
    def __init__(self) -> None:
        self.elapsed = 0.0
        self._start = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds
