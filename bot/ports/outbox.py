"""What people are to be told, until they were."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from bot.domain import notices


class Outgoing(IntEnum):
    PENDING = 0
    SENDING = 1
    SENT = 2
    HELD = 3
    """The chat is blocked: kept, to be summed up on return."""
    DEAD = 4
    PLANNED = 5
    """Kept for later as the person wishes it: for a digest, or for the end of quiet hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    id: int
    user_id: int
    notice: notices.Notice
    attempts: int
    possible_repeat: bool
    """An earlier attempt ended with an unknown outcome."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """What is kept for later for one person."""

    count: int
    first_at: datetime | None
    """When the first of it is to be told; None = there is nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that arrived, and the notices that it told."""

    ids: Sequence[int]
    message_id: int
    at: datetime


class Outbox(Protocol):
    async def add(
        self,
        user_id: int,
        notice: notices.Notice,
        dedupe: str,
        now: datetime,
        *,
        hold_until: datetime | None = None,
    ) -> bool:
        """Queue once per (user, dedupe), PLANNED if it is held; False = it was queued before."""
        ...

    async def claim(
        self, now: datetime, limit: int, busy: Collection[int], people: int | None = None
    ) -> list[list[OutboxMessage]]:
        """Take due messages as SENDING, committed: one batch per person, in order, skipping `busy` people.

        Of at most so many `people`, those who wait longest, at most `limit` messages each.
        """
        ...

    async def release_planned(self, now: datetime) -> int:
        """What was held until now becomes PENDING, all of it at once. Returns how many."""
        ...

    async def replan(self, user_id: int, now: datetime, until: datetime) -> int:
        """Hold what is held for later than now until then instead. Returns how many.

        What is held until now or earlier is about to be told, and stays so.
        """
        ...

    async def find_planned(self, user_id: int) -> Planned: ...

    async def recover(self) -> int:
        """At start: whatever was SENDING becomes PENDING again, marked as a possible repeat."""
        ...

    async def record_sent(self, sent: Collection[Sent]) -> None:
        """All of it together."""
        ...

    async def record_retry(
        self, ids: Collection[int], not_before: datetime, *, possible_repeat: bool
    ) -> None: ...

    async def record_dead(self, ids: Collection[int], reason: str) -> None: ...

    async def hold(self, user_id: int) -> None:
        """The chat is gone: everything unsent of this person is HELD."""
        ...

    async def release(self, user_id: int) -> int:
        """The person is back: HELD becomes PENDING. Returns how many."""
        ...

    async def counts(self) -> dict[Outgoing, int]: ...

    async def count_unsent(self, user_id: int) -> int:
        """Of one person: what waits, and what is being sent."""
        ...
