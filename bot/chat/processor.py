"""Who is served when: one person's updates in order, many people at once, nobody too much.

Order is a courtesy, not a safety: what may happen once is guarded by one-shot confirmations in SQL.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

log = logging.getLogger(__name__)

AT_ONCE = 256
BACKLOG = 30
"""Updates of one person that may wait, the one in work included."""
BURST = 40
PER_SECOND = 2.0
FORGET_AFTER_S = 600.0

Refuse = Callable[[Update], Awaitable[None]]


@dataclass(slots=True)
class _Person:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    tokens: float = BURST
    refilled_at: float = 0.0
    told: bool = False
    """Whether this person knows that they are too fast; told again after they were not."""


class FairProcessor(BaseUpdateProcessor):
    """`refuse` tells a person, once per flood, that updates of theirs are dropped."""

    def __init__(self, refuse: Refuse) -> None:
        super().__init__(AT_ONCE)
        self._refuse = refuse
        self._people: dict[int, _Person] = {}

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        self._people.clear()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        user = update.effective_user if isinstance(update, Update) else None
        if user is None or not isinstance(update, Update):
            await coroutine
            return
        person = self._person(user.id)
        if not self._admit(person):
            _close(coroutine)
            if not person.told:
                person.told = True
                log.info("user %s is too fast: dropping updates", user.id)
                await self._refuse(update)
            return
        person.told = False
        await self._in_turn(person, coroutine)

    async def process_first(self, user_id: int, coroutine: Awaitable[Any]) -> None:
        """In turn, but never refused: for what must not be left lying in the chat."""
        await self._in_turn(self._person(user_id), coroutine)

    async def _in_turn(self, person: _Person, coroutine: Awaitable[Any]) -> None:
        person.waiting += 1
        try:
            try:
                await person.lock.acquire()
            except asyncio.CancelledError:
                _close(coroutine)
                raise
            try:
                await coroutine
            finally:
                person.lock.release()
        finally:
            person.waiting -= 1

    def _person(self, user_id: int) -> _Person:
        now = asyncio.get_running_loop().time()
        if len(self._people) > 4096:
            self._people = {
                known: person
                for known, person in self._people.items()
                if person.waiting or now - person.refilled_at < FORGET_AFTER_S
            }
        person = self._people.setdefault(user_id, _Person(refilled_at=now))
        person.tokens = min(BURST, person.tokens + (now - person.refilled_at) * PER_SECOND)
        person.refilled_at = now
        return person

    @staticmethod
    def _admit(person: _Person) -> bool:
        if person.waiting >= BACKLOG or person.tokens < 1:
            return False
        person.tokens -= 1
        return True


def _close(coroutine: Awaitable[Any]) -> None:
    if isinstance(coroutine, Coroutine):
        coroutine.close()
