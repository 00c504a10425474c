"""How fast a bot may write: token buckets that refuse as Telegram does.

Telegram documents about one message per second in a chat, 30 per second overall and 20 per minute in a group,
and lets short bursts pass; what it allows exactly is not published, `retry_after` rules.
"""

import math
from collections.abc import Callable

from bot.sandbox.telegram import refusals

Monotonic = Callable[[], float]


class Bucket:
    """Fills at `rate` per second up to `capacity`."""

    def __init__(self, rate: float, capacity: float, now: float) -> None:
        self._rate = rate
        self._capacity = capacity
        self._tokens = capacity
        self._at = now

    def wait_s(self, now: float) -> float:
        """Seconds until one more is allowed; 0 = now."""
        self._tokens = min(self._capacity, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, (1 - self._tokens) / self._rate)

    def take(self) -> None:
        self._tokens -= 1


class Limits:
    def __init__(
        self,
        monotonic: Monotonic,
        *,
        chat_per_s: float = 1.0,
        chat_burst: int = 10,
        group_per_minute: float = 20.0,
        overall_per_s: float = 30.0,
    ) -> None:
        self._monotonic = monotonic
        self._chat = (chat_per_s, float(chat_burst))
        self._group = (group_per_minute / 60, group_per_minute)
        self._overall = Bucket(overall_per_s, max(1.0, overall_per_s), monotonic())
        self._chats: dict[int, Bucket] = {}

    def take(self, chat_id: int) -> None:
        """Count one message or edit. Raises Refusal 429; then nothing was counted."""
        now = self._monotonic()
        chat = self._chats.get(chat_id)
        if chat is None:
            rate, burst = self._chat if chat_id > 0 else self._group
            chat = self._chats[chat_id] = Bucket(rate, burst, now)
        wait_s = max(chat.wait_s(now), self._overall.wait_s(now))
        if wait_s > 0:
            raise refusals.too_many_requests(max(1, math.ceil(wait_s)))
        chat.take()
        self._overall.take()
