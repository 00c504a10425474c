"""Drives the real chat, from getUpdates to sendMessage, against the recording Bot API."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.chat.action_cards import ActionCards
from bot.chat.app import ChatApp
from bot.chat.connection import BotConnection
from bot.chat.delivery import Sender
from tests.fakes import telegram
from tests.fakes.chat_services import FakeServices

PATIENCE_S = 300
"""Virtual seconds after which a test that waits for an answer fails."""


class ChatDriver:
    def __init__(
        self,
        api: telegram.FakeTelegram,
        fakes: FakeServices,
        app: ChatApp,
        cards: ActionCards,
        sender: Sender,
    ) -> None:
        self.api = api
        self.fakes = fakes
        self.app = app
        self.cards = cards
        self.sender = sender
        self._ids = itertools.count(500)

    async def send(
        self, text: str, *, user: int = 7, chat: str = "private", **more: Any
    ) -> telegram.Sent | None:
        """Write as a person; returns the newest message of the bot once the update was handled."""
        return await self._newest(user, await self.push(self.message(text, user=user, chat=chat, **more)))

    async def tap(
        self, data: str, message: telegram.Sent | int, *, user: int = 7, chat: str = "private"
    ) -> None:
        await self.push(self.tapped(data, message, user=user, chat=chat))

    async def press(self, message: telegram.Sent, label: str, *, user: int = 7) -> telegram.Sent:
        """Tap a button by part of its label; returns the newest message."""
        await self.tap(message.data(label), message, user=user)
        return self.newest(user)

    def newest(self, user: int = 7) -> telegram.Sent:
        return self.api.in_chat(user)[-1]

    async def push(self, *updates: dict[str, Any]) -> list[int]:
        """Hand updates to getUpdates and wait until they are handled."""
        ids = [update["update_id"] for update in updates]
        self.api.batches.put_nowait(list(updates))
        async with asyncio.timeout(PATIENCE_S):
            for update_id in ids:
                await self.fakes.inbox.wait_handled(update_id)
        return ids

    async def _newest(self, user: int, _: list[int]) -> telegram.Sent | None:
        shown = self.api.in_chat(user)
        return shown[-1] if shown else None

    def message(
        self, text: str, *, user: int = 7, chat: str = "private", kind: str = "message", **more: Any
    ) -> dict[str, Any]:
        number = next(self._ids)
        place = {"id": user if chat == "private" else -100, "type": chat}
        body = {"message_id": number, "date": 1_790_000_000, "chat": place, "from": _person(user)}
        return {"update_id": number, kind: body | ({"text": text} if text else {}) | more}

    def tapped(
        self, data: str, message: telegram.Sent | int, *, user: int = 7, chat: str = "private"
    ) -> dict[str, Any]:
        number = next(self._ids)
        message_id = message if isinstance(message, int) else message.id
        text = "screen" if isinstance(message, int) else message.text
        place = {"id": user if chat == "private" else -100, "type": chat}
        body = {"message_id": message_id, "date": 1_790_000_000, "chat": place, "text": text}
        query = {
            "id": str(number),
            "from": _person(user),
            "chat_instance": "1",
            "data": data,
            "message": body,
        }
        return {"update_id": number, "callback_query": query}


def _person(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "Someone"}


@asynccontextmanager
async def running(fakes: FakeServices | None = None) -> AsyncIterator[ChatDriver]:
    """A chat that runs until the block ends, then stops in order."""
    fakes = fakes or FakeServices()
    api = telegram.FakeTelegram()
    async with BotConnection(
        telegram.TOKEN, telegram.API_URL, request=api, updates_request=api
    ) as connection:
        cards = ActionCards(connection.sender, fakes.tokens, fakes.wallets, fakes.orders)
        app = ChatApp(connection, fakes.services, cards)
        async with asyncio.TaskGroup() as group:
            group.create_task(app.run())
            yield ChatDriver(api, fakes, app, cards, connection.sender)
            app.stop()
