"""Everything that Jupiter has on a person's fills, to the last closed order, and what of it is missing.

Looks read the newest closed orders only; a statement needs them all.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from bot import errors, ports
from bot.domain import fills, orders, wallets
from bot.ports import Priority
from bot.services import patience
from bot.services.fills import Ingest
from bot.services.orders import FRESH_FOR
from bot.services.subjects import Subject, Subjects
from bot.services.sync import Sync

WHOLE_FOR: Final = timedelta(days=1)
"""Looks notice what closes from then on; something that they could have missed is found after this long."""
READ_S: Final = 20.0
"""For one wallet, while a person waits."""
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Jupiter did not tell everything about a wallet."""

    wallet: wallets.Wallet
    error: str
    """Sentence for the person."""
    looked_at: datetime | None
    """Up to when everything active is known (real time); None = it was never looked at."""
    whole: bool
    """Whether all closed orders had been read before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    gaps: Sequence[Gap] = ()
    short: Sequence[int] = ()
    """Numbers of orders that used more than their fills add up to: a fill is not listed (yet)."""


class Archive:
    def __init__(
        self,
        *,
        gateway: ports.OrderGateway,
        ingest: Ingest,
        sync: Sync,
        subjects: Subjects,
        orders: ports.OrderStore,
        fills: ports.FillStore,
        polls: ports.PollStore,
        clock: ports.Clock,
    ) -> None:
        self._gateway = gateway
        self._ingest = ingest
        self._sync = sync
        self._subjects = subjects
        self._orders = orders
        self._fills = fills
        self._polls = polls
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._pages: dict[str, int] = {}
        """The next page of a wallet whose reading was broken off."""

    async def complete(self, user_id: int, subject: Subject) -> Completeness:
        """Read what Jupiter has beyond what is known, for READ_S at most; what is missing then.

        Raises OrderNotFound, WalletNotFound, VaultError.
        """
        mine = await self._subjects.wallets_of(user_id, subject)
        failed: dict[str, errors.GatewayError] = {}
        slots = asyncio.Semaphore(_AT_ONCE)

        async def look(owner: str) -> None:
            async with slots:
                try:
                    await patience.within(READ_S, "Jupiter", self._look(owner))
                except errors.GatewayError as exc:
                    failed[owner] = exc

        async with asyncio.TaskGroup() as tasks:
            for wallet in mine:
                tasks.create_task(look(wallet.pubkey))
        for wallet in mine:
            # Whoever came to a wallet when others had read it has no numbers for what they read.
            unnumbered = await self._orders.list_unnumbered(user_id, wallet.pubkey)
            await self._orders.assign_numbers(user_id, wallet.pubkey, unnumbered)
        gaps = [await self._gap(wallet, failed[wallet.pubkey]) for wallet in mine if wallet.pubkey in failed]
        return Completeness(gaps=gaps, short=await self._short(user_id, subject, mine))

    async def read(self, owner: str) -> None:
        """Read every page of closed orders, unless that was done within WHOLE_FOR; durable page by page.

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

    async def _look(self, owner: str) -> None:
        await self._sync.refresh(owner, priority=Priority.PERSON, max_age=FRESH_FOR)
        await self.read(owner)

    async def _gap(self, wallet: wallets.Wallet, error: errors.GatewayError) -> Gap:
        target = await self._polls.find(wallet.pubkey)
        return Gap(
            wallet=wallet,
            error=error.message,
            looked_at=target.last_ok_at if target else None,
            whole=target is not None and target.whole_at is not None,
        )

    async def _short(self, user_id: int, subject: Subject, mine: Sequence[wallets.Wallet]) -> list[int]:
        known = await self._orders.list_known(user_id, [wallet.pubkey for wallet in mine])
        wanted = [item for item in known if subject.number in (None, item.number)]
        sums = await self._fills.summaries([(item.order.owner, item.order.key) for item in wanted])

        def is_short(item: ports.KnownOrder) -> bool:
            known = sums.get((item.order.owner, item.order.key), fills.Summary())
            return fills.unseen_input_raw(item.order.in_used_raw, known.totals) != 0

        return sorted(item.number for item in wanted if is_short(item))
