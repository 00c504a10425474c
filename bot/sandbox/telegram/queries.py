"""Taps on buttons: each may be answered once, and not for long."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.chats import Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person sees: nothing (empty text), a toast, or an alert to close."""

    text: str = ""
    alert: bool = False


@dataclass(slots=True)
class Query:
    id: str
    user_id: int
    message: Message
    data: str
    opened_at: float
    answer: Answer | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Queries:
    def __init__(self, monotonic: Callable[[], float], lifetime_s: float) -> None:
        self._monotonic = monotonic
        self._lifetime_s = lifetime_s
        self._queries: dict[str, Query] = {}
        self._last = int.from_bytes(b"tap", "big") * 10**9

    def open(self, user_id: int, message: Message, data: str) -> Query:
        self._last += 1
        query = Query(str(self._last), user_id, message, data, self._monotonic())
        self._queries[query.id] = query
        return query

    def find(self, query_id: str) -> Query | None:
        return self._queries.get(query_id)

    def answer(self, query_id: str, answer: Answer) -> None:
        """Raises Refusal 400 for unknown, answered and old ones: Telegram does not say which."""
        query = self._queries.get(query_id)
        if query is None or query.answer or self._monotonic() - query.opened_at > self._lifetime_s:
            raise refusals.query_too_old()
        query.answer = answer
        query.answered.set()

    def unanswered(self, user_id: int) -> list[Query]:
        return [query for query in self._queries.values() if query.user_id == user_id and not query.answer]

    def withdraw(self, query: Query) -> None:
        """The app gave this one up and sends it anew."""
        self._queries.pop(query.id, None)
