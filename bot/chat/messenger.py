"""Turns queued notices into one message and sends it: the adapter behind ports.Messenger."""

from collections.abc import Collection, Sequence

from bot import errors, ports
from bot.chat import notice_facts, notice_screens
from bot.chat.delivery import Sender
from bot.chat.limiter import Pace
from bot.chat.order_screens import View, When
from bot.domain import quiet
from bot.services import orders, people


class ChatMessenger:
    def __init__(
        self,
        sender: Sender,
        people: people.People,
        orders: orders.Orders,
        *,
        clock: ports.Clock,
        order_clock: ports.Clock,
    ) -> None:
        self._sender = sender
        self._people = people
        self._orders = orders
        self._clock = clock
        self._order_clock = order_clock

    async def deliver(self, batch: Sequence[ports.OutboxMessage]) -> int:
        """One message for one person's batch; returns its Telegram id. Raises the DeliveryError family.

        Who blocked the bot is not written to until they are back, which Telegram says, and so do they.
        """
        user_id = batch[0].user_id
        person = await self._people.find(user_id)
        if person is None or person.blocked:
            raise errors.ChatGone
        about = [notice_facts.concerns(message) for message in batch]
        views = await self._views(user_id, {key for key in about if key is not None})
        told = [
            notice_facts.Told(message.notice, views.get(key or ""))
            for message, key in zip(batch, about, strict=True)
        ]
        now = self._clock.now()
        when = When(now, self._order_clock.now(), person.timezone)
        repeat = any(message.possible_repeat for message in batch)
        screen = notice_screens.build(told, when, possible_repeat=repeat)
        rings = quiet.rings(self._people.wishes_of(person), (message.notice for message in batch), now)
        return await self._sender.send(person.chat_id, screen, pace=Pace.NOTICE, silent=not rings)

    async def _views(self, user_id: int, keys: Collection[str]) -> dict[str, View]:
        try:
            return await self._orders.find_by_keys(user_id, keys)
        except errors.GatewayError as exc:
            raise errors.DeliveryDelayed("what this notice is about cannot be read now") from exc
