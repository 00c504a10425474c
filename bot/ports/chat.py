"""The chat, as the services see it."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain import actions, charts
from bot.ports.actions import Confirmation
from bot.ports.outbox import OutboxMessage


class Messenger(Protocol):
    """Sends one batch of notices of one person as one message."""

    async def prepare(self, batches: Sequence[Sequence[OutboxMessage]]) -> None:
        """These come next: what can be looked up for several people together is. Raises nothing."""
        ...

    async def deliver(self, batch: Sequence[OutboxMessage]) -> int:
        """Returns the Telegram message id. Raises the DeliveryError family."""
        ...


class Painter(Protocol):
    async def prepare(self) -> None:
        """Somebody looks at what has a chart: make ready what takes long. Safe to repeat; raises nothing."""
        ...

    async def paint(self, chart: charts.Chart) -> bytes:
        """A PNG, drawn elsewhere: the event loop does not wait. Raises DrawingFailed."""
        ...


class Cards(Protocol):
    """Keeps the card of an action true. Raises the DeliveryError family."""

    async def show_action(self, action: actions.Action) -> None: ...

    async def show_expired(self, confirmation: Confirmation) -> None: ...
