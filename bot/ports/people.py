"""Who talks to the bot, what they are in the middle of, and what is to be done for them later."""

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class Transactions(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[None]:
        """One database transaction around all store calls in the block; nested blocks join the outer one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    user_id: int
    chat_id: int
    timezone: str = "UTC"
    blocked: bool = False
    """The chat is gone (blocked); fills are kept and summed up on return."""
    settings: Mapping[str, Any] = field(default_factory=dict)


class PeopleStore(Protocol):
    async def record_seen(self, user_id: int, chat_id: int) -> Person:
        """Insert or update the person; clears `blocked`."""
        ...

    async def find(self, user_id: int) -> Person | None: ...

    async def find_many(self, users: Collection[int]) -> dict[int, Person]: ...

    async def find_settled(self, user_id: int) -> Person | None:
        """As find; nobody changes this person until the transaction around it ends."""
        ...

    async def record_blocked(self, user_id: int) -> None: ...

    async def record_settings(self, user_id: int, settings: Mapping[str, Any]) -> None: ...


class DialogStore(Protocol):
    """What a person is in the middle of; survives a restart. Never holds a secret."""

    async def find(self, user_id: int) -> dict[str, Any] | None: ...

    async def record(self, user_id: int, dialog: Mapping[str, Any]) -> None: ...

    async def clear(self, user_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: int
    kind: str
    """`reveal` (show an export) or `delete` (delete a message)."""
    user_id: int
    chat_id: int
    payload: Mapping[str, Any]
    due_at: datetime


class JobStore(Protocol):
    """Durable timers for the chat: exports to reveal, messages to delete."""

    async def add(
        self, kind: str, user_id: int, chat_id: int, payload: Mapping[str, Any], due_at: datetime
    ) -> int: ...

    async def list_due(self, now: datetime, limit: int = 20) -> list[Job]: ...

    async def list_of(self, user_id: int, kind: str) -> list[Job]:
        """Unfinished ones of this person, earliest first."""
        ...

    async def finish(self, job_id: int) -> bool:
        """Exactly one caller gets True."""
        ...

    async def postpone(self, job_id: int, due_at: datetime) -> None: ...


class Inbox(Protocol):
    """Updates from Telegram, committed before they are confirmed to it."""

    async def record(self, update_id: int, user_id: int | None, payload: str | None) -> bool:
        """False = known already. payload None = seen but not stored (it carries a secret)."""
        ...

    async def list_unhandled(self) -> list[tuple[int, str]]:
        """(update id, payload), oldest first: what a crash left."""
        ...

    async def record_handled(self, update_id: int) -> None:
        """Drops the payload; keeps the id."""
        ...

    async def last_update_id(self) -> int | None: ...
