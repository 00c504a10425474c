"""Says no to those who may not come in, at a cost that nobody else feels.

Anybody can write to a bot, and add it to groups: what they get for it must not use up the pace that the bot's
own people are answered at. Telegram answers too many messages in one group by silencing the bot everywhere.
"""

import asyncio

from bot.chat import markup
from bot.chat.delivery import Sender
from bot.chat.limiter import Pace

GROUP_PAUSE_S = 60.0
"""A group is told once, and then left alone for so long."""
AT_ONCE = 20
"""Refusals on their way; who comes while there are so many hears nothing."""
REMEMBERED = 1024


class Doorway:
    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._on_their_way = 0
        self._quiet_until: dict[int, float] = {}

    async def refuse_stranger(self, chat_id: int, screen: markup.Screen) -> None:
        """After whatever the bot's own people wait for. Raises the DeliveryError family."""
        if self._on_their_way >= AT_ONCE:
            return
        self._on_their_way += 1
        try:
            await self._sender.send(chat_id, screen, pace=Pace.NOTICE)
        finally:
            self._on_their_way -= 1

    async def refuse_group(self, chat_id: int, screen: markup.Screen) -> None:
        """Once a minute at most. Raises the DeliveryError family."""
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until.get(chat_id, now):
            return
        if len(self._quiet_until) >= REMEMBERED:
            self._quiet_until = {chat: until for chat, until in self._quiet_until.items() if until > now}
        self._quiet_until[chat_id] = now + GROUP_PAUSE_S
        await self.refuse_stranger(chat_id, screen)
