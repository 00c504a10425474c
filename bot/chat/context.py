"""One turn of the conversation: who did what, and the ways to answer. What handlers are given."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot import errors, ports
from bot.chat import callbacks, markup
from bot.chat.delivery import Sender
from bot.chat.order_screens import When
from bot.services import registry

RETRY_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""An answer that Telegram does not take is tried again: a person waits for it. At worst they see it twice."""
DIALOG_LASTS = timedelta(minutes=15)

Cards = ports.Cards
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Turn:
    services: registry.Services
    sender: Sender
    cards: Cards
    person: ports.Person
    message_id: int
    """The message whose button was tapped; otherwise the person's own."""
    query_id: str | None = None
    """Set for a tap."""
    text: str = ""
    """What was written, the command itself removed."""
    screen_html: str = ""
    """Of the tapped message, as the person saw it."""
    callback: callbacks.Callback = field(default_factory=lambda: callbacks.Callback(""))

    @property
    def user_id(self) -> int:
        return self.person.user_id

    @property
    def chat_id(self) -> int:
        return self.person.chat_id

    @property
    def tapped(self) -> bool:
        return self.query_id is not None

    @property
    def when(self) -> When:
        return When(self.services.clock.now(), self.services.order_clock.now(), self.person.timezone)

    # --- answers ---

    async def show(self, screen: markup.Screen) -> int:
        """In place of the tapped screen; a fresh message after a command, or when a record was tapped.

        Returns the message's id. Raises the DeliveryError family.
        """
        if self.tapped and not self.callback.apart:
            try:
                await persistently(lambda: self.sender.edit(self.chat_id, self.message_id, screen))
            except errors.DeliveryRejected:
                pass
            else:
                return self.message_id
        return await self.send(screen)

    async def send(self, screen: markup.Screen) -> int:
        """A fresh message, even after a tap."""
        return await persistently(lambda: self.sender.send(self.chat_id, screen))

    async def send_file(self, attachment: markup.Attachment, caption: markup.Screen) -> int:
        """A picture or a file with its caption and buttons (`opener`s: a picture stays what it is)."""
        return await persistently(lambda: self.sender.send_file(self.chat_id, attachment, caption))

    async def edit(self, message_id: int, screen: markup.Screen) -> None:
        await persistently(lambda: self.sender.edit(self.chat_id, message_id, screen))

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        """Stop the spinner of the tapped button; only the first answer of a tap is shown."""
        if self.query_id is not None:
            await self.sender.answer(self.query_id, text, alert=alert)

    # --- dialogs ---

    async def ask(self, kind: str, screen: markup.Screen, **facts: Any) -> None:
        """Ask something; the next text of this person is the answer. Survives a restart."""
        await self.record_dialog(kind, **facts)
        await self.send(screen)

    async def record_dialog(self, kind: str, **facts: Any) -> None:
        until = self.services.clock.now() + DIALOG_LASTS
        await self.services.dialogs.record(self.user_id, {"kind": kind, "until": until.isoformat(), **facts})

    async def end_dialog(self) -> None:
        await self.services.dialogs.clear(self.user_id)


async def find_dialog(services: registry.Services, user_id: int) -> Mapping[str, Any] | None:
    """What a person is in the middle of, unless that was too long ago to be meant."""
    dialog = await services.dialogs.find(user_id)
    if dialog is None:
        return None
    try:
        until = datetime.fromisoformat(dialog["until"])
    except (KeyError, TypeError, ValueError):
        return None
    return dialog if until > services.clock.now() else None


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat what Telegram did not take, or perhaps did not. Raises what the last attempt raised."""
    for pause in RETRY_PAUSES_S:
        try:
            return await call()
        except (errors.DeliveryDelayed, errors.DeliveryUnknown):
            await asyncio.sleep(pause)
    return await call()
