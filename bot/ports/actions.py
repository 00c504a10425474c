"""What was confirmed, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain import actions, intents


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    token: str
    user_id: int
    chat_id: int
    message_id: int | None
    intent: intents.Intent
    limits: intents.Limits
    submit_via: str
    expires_at: datetime


class ConfirmationStore(Protocol):
    async def add(self, confirmation: Confirmation) -> None: ...

    async def attach_message(self, token: str, message_id: int) -> None: ...

    async def consume(
        self, token: str, user_id: int, chat_id: int, message_id: int, now: datetime
    ) -> Confirmation | None:
        """Claim it: exactly one caller ever gets it. None = used, expired, cancelled or somebody else's.

        One `UPDATE … WHERE state = 'pending' … RETURNING`.
        """
        ...

    async def cancel(self, token: str, user_id: int) -> bool: ...

    async def list_expired(self, now: datetime) -> list[Confirmation]:
        """Pending ones past their time, oldest first, some at a time: nobody can consume them any more."""
        ...

    async def record_expired(self, token: str) -> None:
        """Its card says so, or never will: it is not listed again."""
        ...


class ActionStore(Protocol):
    async def add(self, confirmation: Confirmation, now: datetime) -> actions.Action:
        """In state CONFIRMED. Unique per confirmation token."""
        ...

    async def find(self, action_id: int) -> actions.Action | None: ...

    async def list_unsettled(self) -> list[actions.Action]:
        """Every action that is not final, oldest first."""
        ...

    async def list_unshown(self) -> list[actions.Action]:
        """Every final action whose card is not known to show its end, oldest first."""
        ...

    async def advance(
        self,
        action: actions.Action,
        to: actions.State,
        now: datetime,
        *,
        request_id: str | None = None,
        signed: actions.Signed | None = None,
        last_valid_height: int | None = None,
        detail: str | None = None,
    ) -> actions.Action:
        """Compare-and-set from the action's state. Raises StorageError if it is not in that state any more,
        or the step is none of actions.NEXT. `signed` bytes are erased once the action is final."""
        ...

    async def record_shown(self, action_id: int, state: actions.State) -> None: ...

    async def list_of_order(self, user_id: int, order_key: str) -> list[actions.Action]: ...

    async def sent_to(self, user_id: int, address: str) -> bool:
        """Whether this person ever landed a Send to this address."""
        ...
