"""The log of the Bot API calls that arrived here, and of how they were answered."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it arrived, and how it was answered."""

    method: str
    """As the Bot API spells it."""
    chat_id: int | None
    """Where it happened; for an answered tap the chat of its message. None for calls about no chat."""
    message_id: int | None
    """The message that was sent, changed or deleted, or whose button was tapped."""
    params: dict[str, Any] = field(repr=False)
    """Not in reprs: texts may carry keys."""
    ok: bool
    description: str
    """The refusal; empty when ok."""
    at: datetime


class CallLog:
    """The latest `length` calls, except those with a bad token or an unknown method.

    What a fault kept from arriving is not among them; what was done while only its answer got lost is.
    """

    def __init__(self, length: int = 10_000) -> None:
        self._calls: deque[Call] = deque(maxlen=length)
        self._count = 0

    @property
    def forgotten(self) -> int:
        """How many older ones are not known any more."""
        return self._count - len(self._calls)

    def list_of(self, chat_id: int | None = None) -> Sequence[Call]:
        """Oldest first; those of one chat, or all."""
        return [call for call in self._calls if chat_id is None or call.chat_id == chat_id]

    def record(self, world: World, method: str, params: Params, result: object, description: str) -> None:
        chat_id, message_id = _place(world, params, result)
        values = dict(params.values)
        self._calls.append(
            Call(method, chat_id, message_id, values, not description, description, world.now())
        )
        self._count += 1


def _place(world: World, params: Params, result: object) -> tuple[int | None, int | None]:
    """Chat and message that a call was about."""
    query = world.queries.find(params.text("callback_query_id"))
    if query is not None:
        return query.message.chat_id, query.message.id
    sent = result.get("message_id") if isinstance(result, dict) else None
    return params.integer("chat_id"), sent if isinstance(sent, int) else params.integer("message_id")
