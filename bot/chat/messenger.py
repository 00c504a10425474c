"""Turns queued notices into one message and sends it: the adapter behind ports.Messenger."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import errors, ports
from bot.chat import notice_facts, notice_screens
from bot.chat.delivery import Sender
from bot.chat.limiter import Pace
from bot.chat.order_screens import View, When
from bot.domain import quiet
from bot.services import people, telling

_LOG = logging.getLogger(__name__)

Batch = Sequence[ports.OutboxMessage]


@dataclass(frozen=True, slots=True)
class _Facts:
    """Whom a batch is for, and the orders that it is about."""

    person: ports.Person
    views: Mapping[str, View]


class ChatMessenger:
    def __init__(
        self,
        sender: Sender,
        people: people.People,
        telling: telling.Telling,
        *,
        clock: ports.Clock,
        order_clock: ports.Clock,
    ) -> None:
        self._sender = sender
        self._people = people
        self._telling = telling
        self._clock = clock
        self._order_clock = order_clock
        self._prepared: dict[int, _Facts] = {}
        """By person, until their batch is delivered."""

    async def prepare(self, batches: Sequence[Batch]) -> None:
        """Three statements for all of them. Asks nobody, so that nobody holds up the others."""
        wanted = {batch[0].user_id: _keys(batch) for batch in batches}
        try:
            found = await self._people.find_many(wanted)
            views = await self._telling.find(wanted, ask=False)
        except errors.StorageError as exc:
            _LOG.debug("what notices need could not be looked up together: %s", exc)
            return
        self._prepared = {user_id: _Facts(person, views[user_id]) for user_id, person in found.items()}

    async def deliver(self, batch: Batch) -> int:
        """One message for one person's batch; returns its Telegram id. Raises the DeliveryError family.

        Who blocked the bot is not written to until they are back, which Telegram says, and so do they.
        """
        facts = self._prepared.pop(batch[0].user_id, None)
        if facts is None or _keys(batch) - facts.views.keys():
            facts = await self._look_up(batch)
        if facts.person.blocked:
            raise errors.ChatGone
        told = [
            notice_facts.Told(message.notice, facts.views.get(notice_facts.concerns(message) or ""))
            for message in batch
        ]
        now, person = self._clock.now(), facts.person
        when = When(now, self._order_clock.now(), person.timezone)
        repeat = any(message.possible_repeat for message in batch)
        screen = notice_screens.build(told, when, possible_repeat=repeat)
        rings = quiet.rings(self._people.wishes_of(person), (message.notice for message in batch), now)
        return await self._sender.send(person.chat_id, screen, pace=Pace.NOTICE, silent=not rings)

    async def _look_up(self, batch: Batch) -> _Facts:
        user_id = batch[0].user_id
        person = await self._people.find(user_id)
        if person is None:
            raise errors.ChatGone
        try:
            views = await self._telling.find({user_id: _keys(batch)}, ask=True)
        except errors.GatewayError as exc:
            raise errors.DeliveryDelayed("what this notice is about cannot be read now") from exc
        return _Facts(person, views[user_id])


def _keys(batch: Batch) -> set[str]:
    """Of the orders that it is about."""
    return {key for message in batch if (key := notice_facts.concerns(message)) is not None}
