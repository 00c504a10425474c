"""The closed orders of a wallet, to the very last: looks read the newest of them, a statement needs all."""

import asyncio
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from bot import ports
from bot.domain import orders
from bot.ports import Priority
from bot.services.fills import Ingest

WHOLE_FOR: Final = timedelta(days=1)
"""Looks notice what closes from then on; something that they could have missed is found after this long."""


class Archive:
    def __init__(
        self, *, gateway: ports.OrderGateway, ingest: Ingest, polls: ports.PollStore, clock: ports.Clock
    ) -> None:
        self._gateway = gateway
        self._ingest = ingest
        self._polls = polls
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._pages: dict[str, int] = {}
        """The next page of a wallet whose reading was broken off."""

    async def read(self, owner: str) -> None:
        """Read every page, unless that was done within WHOLE_FOR; durable page by page.

        Raises GatewayError, and may be cancelled at any time: the next call goes on with the page that was
        not read. What closes meanwhile moves the others to later pages, so that none is passed over.
        """
        lock = self._locks.setdefault(owner, asyncio.Lock())
        async with lock:
            target = await self._polls.find(owner)
            whole_at = target.whole_at if target else None
            if whole_at is not None and self._clock.now() - whole_at < WHOLE_FOR:
                return
            page = pages = self._pages.get(owner, 1)
            while page <= pages:
                self._pages[owner] = page
                answer = await self._gateway.fetch_orders(
                    owner, orders.Status.HISTORY, page=page, priority=Priority.PERSON
                )
                await self._ingest.take(owner, answer.orders, priority=Priority.PERSON)
                page, pages = page + 1, answer.total_pages
            await self._polls.record_whole(owner, self._clock.now())
            self._pages.pop(owner, None)
