"""Fills that do not come: whom it concerns is told once, calmly where the order lets cycles pass.

A matter of order time, judged by what a look has just shown; until the next fill nothing more is told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from bot import ports
from bot.domain import notices, orders, quiet, wallets
from bot.services.fills import Taken

REAL_SLACK: Final = timedelta(seconds=20)
"""Where order time is fast, being late is not told of what is only our own delay."""


class Lateness:
    def __init__(
        self,
        *,
        transaction: ports.Transactions,
        wallets: ports.WalletStore,
        orders: ports.OrderStore,
        people: ports.PeopleStore,
        outbox: ports.Outbox,
        clock: ports.Clock,
        order_clock: ports.Clock,
    ) -> None:
        self._transaction = transaction
        self._wallets = wallets
        self._orders = orders
        self._people = people
        self._outbox = outbox
        self._clock = clock
        self._order_clock = order_clock
        self._told: dict[tuple[str, str], datetime] = {}
        """(owner, key) -> since when it is late, as far as it was told in this run."""

    async def look(self, owner: str, listed: Iterable[Taken], pace: float | None) -> None:
        """At every active order of a wallet as it was listed just now. Safe to repeat.

        `pace`: order seconds per real second; None = not known, then nothing can be said.
        """
        if pace is None:
            return
        until = self._order_clock.now() - REAL_SLACK * pace if pace > 1 else self._order_clock.now()
        for taken in listed:
            order = taken.order
            last_fill_at = taken.last_fill.confirmed_at if taken.last_fill else None
            # Of an order that used more than is listed, the fill is there and only its listing is late.
            since = None if taken.unseen_raw else orders.overdue_since(order, last_fill_at, until)
            if since is None:
                self._told.pop((owner, order.key), None)
            elif self._told.get((owner, order.key)) != since:
                await self._tell(order, since)
                self._told[owner, order.key] = since

    async def _tell(self, order: orders.Order, since: datetime) -> None:
        async with self._transaction():
            for watcher in await self._wallets.watchers(order.owner):
                known = await self._orders.find_known(watcher.user_id, key=order.key)
                if since >= watcher.added_at and known is not None and not known.muted:
                    await self._queue(watcher, order, since)

    async def _queue(self, watcher: wallets.Wallet, order: orders.Order, since: datetime) -> None:
        user_id, now = watcher.user_id, self._clock.now()
        name = f"late:{order.owner}:{order.key}:{since.isoformat()}"
        facts = {"owner": order.owner, "order_key": order.key, "due_at": since.isoformat()}
        if not order.may_skip:
            await self._outbox.add(user_id, notices.CycleOverdue(**facts), name, now)
            return
        person = await self._people.find_settled(user_id)
        later = quiet.hold_until(quiet.read(person.settings, person.timezone), now) if person else None
        await self._outbox.add(user_id, notices.CycleSkipped(**facts), name, now, hold_until=later)
