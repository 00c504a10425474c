"""Bring one wallet's orders up to date: read what Jupiter lists, ingest it, notice what is missing.

Used by polling, by screens and after an action alike, so every look counts as a poll.
"""

import asyncio
import itertools
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from bot import errors, ports, texts
from bot.domain import addresses, orders, schedule
from bot.ports import Priority
from bot.services.cadence import Cadence
from bot.services.fills import Ingest, Taken
from bot.services.gaps import Gaps
from bot.services.health import JUPITER, Health
from bot.services.lateness import Lateness
from bot.services.operators import Operators, Topic

_LOG = logging.getLogger(__name__)

UNSEEN_FOR: Final = timedelta(minutes=10)
"""An order may use input before its fill is listed; after this long the operator is told."""
RECALLED_FOR: Final = timedelta(days=1)
"""What ended no longer ago is gone through once after a start: a kill forgets that a fill was missing."""
_COUNT_FOR: Final = timedelta(minutes=1)
_DEPTHS: Final = (1, 3, 10, 10, 10, 10)
"""Pages of history that the first searches for a vanished order read; later ones read all."""
_MOST_PAGES: Final = 100
_MOST_HISTORY: Final = 10


@dataclass(slots=True)
class _Looked:
    """What this run remembers of a wallet."""

    at: datetime
    """When its active orders were read."""
    history_at: datetime | None = None
    due_at: datetime | None = None
    """When the next look is due."""


class Sync:
    def __init__(
        self,
        *,
        gateway: ports.OrderGateway,
        ingest: Ingest,
        orders: ports.OrderStore,
        polls: ports.PollStore,
        cadence: Cadence,
        lateness: Lateness,
        operators: Operators,
        health: Health,
        clock: ports.Clock,
    ) -> None:
        self._gateway = gateway
        self._ingest = ingest
        self._orders = orders
        self._polls = polls
        self._cadence = cadence
        self._lateness = lateness
        self._operators = operators
        self._health = health
        self._clock = clock
        self._locks: WeakValueDictionary[tuple[str, bool], asyncio.Lock] = WeakValueDictionary()
        self._wallets = 1
        self._counted_at: datetime | None = None
        self._looked: dict[str, _Looked] = {}
        self._places = itertools.count()
        self._latest: dict[str, int] = {}
        """Of the looks whose list of active orders was taken, the place of the one that began last."""
        self._vanished = Gaps()
        """Orders that left the active list and are not in the history yet."""
        self._incomplete = Gaps()
        """Orders that used more than their fills show."""

    async def refresh(
        self,
        owner: str,
        *,
        priority: Priority,
        history: bool = False,
        max_age: timedelta = timedelta(0),
    ) -> None:
        """Read every active order, and the history where there is a reason to; durable when this returns.

        One look at a wallet at a time, and one more for people; whoever waits for one is served by it if its
        answer is no older than `max_age`.
        Raises GatewayError; what was read until then is stored.
        """
        # A look that nobody waits for may wait for its own turn at Jupiter, in a rush for minutes.
        lock = self._locks.setdefault((owner, priority <= Priority.PERSON), asyncio.Lock())
        async with lock:
            if self._is_fresh(owner, max_age, history=history):
                return
            try:
                await self._look(owner, priority, history=history)
            except errors.GatewayUnavailable as exc:
                if not isinstance(exc, errors.RateLimited):
                    self._health.record(JUPITER, ok=False, detail=exc.message)
                raise
            self._health.record(JUPITER, ok=True)

    async def _look(self, owner: str, priority: Priority, *, history: bool) -> None:
        now, place = self._clock.now(), next(self._places)
        target = await self._polls.find(owner)
        last_ok_at = target.last_ok_at if target is not None else None
        if owner not in self._looked:
            recalled = await self._ingest.list_incomplete(owner, now - RECALLED_FOR)
            self._incomplete.recall(owner, recalled, now)
        active = await self._read_active(owner, priority, first=last_ok_at is None)
        read_at = self._clock.now()
        self._latest[owner] = max(place, self._latest.get(owner, place))
        checked = {taken.order.key for taken in active}
        vanished = {order.key for order in await self._orders.active_of(owner)} - checked
        incomplete = {taken.order.key for taken in active if taken.unseen_raw}
        complete = checked - incomplete
        sought = self._incomplete.keys(owner)
        wanted = self._vanished.due(owner, vanished, now) | self._incomplete.due(owner, sought - checked, now)
        history_at = target.history_at if target is not None else None
        wallets = await self._count_wallets(now)
        if last_ok_at is not None and self._cadence.is_gap(last_ok_at, wallets):
            # What came and went since then is in no list of active orders. Who is due or waited for does not
            # wait for that: a sweep reads it.
            history_at = None
        if priority is Priority.SWEEP and target and target.sweep_at and target.sweep_at <= now:
            history |= self._cadence.is_history_due(owner, history_at, wallets)
        searched: set[str] = set()
        if history or wanted or incomplete - sought or last_ok_at is None:
            closed = await self._read_history(owner, priority, wanted, first=last_ok_at is None)
            found = {taken.order.key for taken in closed}
            # Of orders that ended long ago the list may well know less: only what ended lately counts.
            lately = {taken.order.key for taken in closed if taken.order.updated_at >= now - RECALLED_FOR}
            lacking = {taken.order.key for taken in closed if taken.unseen_raw}
            incomplete |= lacking & (vanished | sought | lately)
            complete |= {taken.order.key for taken in closed if not taken.unseen_raw}
            vanished -= found
            checked |= found
            searched = vanished | (wanted - checked)
            history_at = self._clock.now()
        self._vanished.note(owner, vanished & searched, self._vanished.keys(owner) - vanished, now)
        self._incomplete.note(owner, incomplete | (sought & searched), checked - incomplete, now)
        await self._report(owner, incomplete, complete, now)
        if self._latest[owner] == place:
            # Another look's younger list may show the fills that this one lacks.
            await self._lateness.look(owner, active, self._cadence.pace)
        following = []
        for taken in active:
            last_fill_at = taken.last_fill.confirmed_at if taken.last_fill else None
            following.append(schedule.Watched(taken.order, last_fill_at))
            self._cadence.learn(taken.order, [fill.confirmed_at for fill in taken.new], last_ok_at)
        again = [at for gaps in (self._vanished, self._incomplete) if (at := gaps.again_at(owner))]
        look = self._cadence.next_look(
            owner, following, wallets=wallets, history_at=history_at, again_at=min(again, default=None)
        )
        due_at, other = look.due_at, self._looked.get(owner)
        if self._latest[owner] != place and other is not None and other.due_at is not None:
            # It may have planned the next look for an order that is on its list only.
            planned = max(self._clock.now(), other.due_at)
            due_at = min(due_at or planned, planned)
        sweep_at = look.sweep_at
        if history_at is None and target is not None and target.history_at is None:
            # It waits for a sweep already: with a later place each time it would wait behind all others.
            sweep_at = target.sweep_at or sweep_at
        self._looked[owner] = _Looked(read_at, history_at, due_at)
        await self._polls.record_ok(
            owner, self._clock.now(), due_at, sweep_at=sweep_at, history_at=history_at
        )

    async def _count_wallets(self, now: datetime) -> int:
        """About how many wallets share the request budget."""
        if self._counted_at is None or now - self._counted_at > _COUNT_FOR:
            self._wallets, self._counted_at = max(1, await self._polls.count()), now
        return self._wallets

    async def _read_active(self, owner: str, priority: Priority, *, first: bool) -> list[Taken]:
        """Every page, then all of it at once, so that people's numbers follow the age of the orders."""
        seen: dict[str, orders.SeenOrder] = {}
        page, pages = 1, 1
        try:
            while page <= min(pages, _MOST_PAGES):
                answer = await self._gateway.fetch_orders(
                    owner, orders.Status.ACTIVE, page=page, priority=priority
                )
                seen |= {item.order.key: item for item in answer.orders}
                page, pages = page + 1, answer.total_pages
        except errors.GatewayError:
            await self._ingest.take(owner, seen.values(), first=first, priority=priority)
            raise
        return await self._ingest.take(owner, seen.values(), first=first, priority=priority)

    async def _read_history(
        self, owner: str, priority: Priority, wanted: set[str], *, first: bool
    ) -> list[Taken]:
        """The newest page; more while something is looked for, or came and went without our knowledge.

        Then all of it at once, oldest first. Broken off in between, it leaves the newest unknown, so that the
        next reading goes as far again.
        """
        depth = max((self._depth(owner, key) for key in wanted), default=1)
        seen: dict[str, orders.SeenOrder] = {}
        known: set[str] = set()
        page, pages = 1, 1
        try:
            while page <= min(pages, _MOST_PAGES):
                answer = await self._gateway.fetch_orders(
                    owner, orders.Status.HISTORY, page=page, priority=priority
                )
                listed = {item.order.key: item for item in answer.orders}
                seen |= listed
                known |= (await self._orders.find_many(owner, list(listed))).keys()
                page, pages = page + 1, answer.total_pages
                searching = page <= depth and not wanted <= seen.keys()
                strange = page <= _MOST_HISTORY and not first and not listed.keys() <= known
                if not searching and not strange:
                    break
        except errors.GatewayError as exc:
            # Should the page never be readable, what is new to us need not lead there again.
            over = not isinstance(exc, errors.GatewayUnavailable)
            ours = [item for key, item in seen.items() if over or key in known]
            await self._ingest.take(owner, ours, first=first, priority=priority)
            raise
        return await self._ingest.take(owner, seen.values(), first=first, priority=priority)

    def _depth(self, owner: str, key: str) -> int:
        """Pages of the next search for an order."""
        searches = max(gaps.searches(owner, key) for gaps in (self._vanished, self._incomplete))
        return _DEPTHS[searches] if searches < len(_DEPTHS) else _MOST_PAGES

    async def _report(self, owner: str, incomplete: set[str], complete: set[str], now: datetime) -> None:
        """Tell the operator what stays incomplete, and what is whole again."""
        for key in incomplete:
            if self._incomplete.age(owner, key, now) >= UNSEEN_FOR:
                minutes = UNSEEN_FOR.seconds // 60
                text = texts.FILLS_MISSING.format(key=key, owner=addresses.shorten(owner), minutes=minutes)
                await self._operators.report(Topic.CONSERVATION, text, subject=key)
        for key in complete:
            text = texts.FILLS_COMPLETE.format(key=key, owner=addresses.shorten(owner))
            await self._operators.report_over(Topic.CONSERVATION, text, subject=key)

    def _is_fresh(self, owner: str, max_age: timedelta, *, history: bool) -> bool:
        looked = self._looked.get(owner)
        if looked is None:
            return False
        at = looked.history_at if history else looked.at
        # A clock may be set back.
        return at is not None and timedelta(0) <= self._clock.now() - at < max_age
