"""Telegram as the services see it: cards and messages that are remembered."""

import asyncio
from collections.abc import Sequence

from bot import ports
from bot.domain import actions
from tests.fakes.faults import Faults


class FakeCards:
    """Implements ports.Cards."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.shown: list[tuple[int, actions.State]] = []
        self.expired: list[str] = []
        self.ended = asyncio.Event()
        """Some card shows the end of its action."""

    async def show_action(self, action: actions.Action) -> None:
        self._faults.call("card", lambda: self.shown.append((action.id, action.state)))
        if action.final:
            self.ended.set()

    async def show_expired(self, confirmation: ports.Confirmation) -> None:
        self._faults.call("expired", lambda: self.expired.append(confirmation.token))

    def last(self, action_id: int) -> actions.State | None:
        return next((state for shown, state in reversed(self.shown) if shown == action_id), None)


class FakeMessenger:
    """Implements ports.Messenger. `arrived` is what the person has on the phone."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.arrived: list[tuple[int, tuple[ports.OutboxMessage, ...]]] = []
        self.something = asyncio.Event()
        """Some message arrived."""

    async def prepare(self, batches: Sequence[Sequence[ports.OutboxMessage]]) -> None:
        pass

    async def deliver(self, batch: Sequence[ports.OutboxMessage]) -> int:
        user_id = batch[0].user_id

        def arrive() -> int:
            self.arrived.append((user_id, tuple(batch)))
            self.something.set()
            return len(self.arrived)

        for message in batch:
            self._faults.call(f"notice {message.id}", lambda: None)
        return self._faults.call(f"deliver {user_id}", arrive)

    def ids(self, user_id: int) -> list[int]:
        return [message.id for person, batch in self.arrived if person == user_id for message in batch]
