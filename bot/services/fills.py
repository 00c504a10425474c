"""Ingest: what Jupiter reports becomes stored orders, stored fills and news for everybody concerned.

One transaction per order holds all of it, so that no crash can separate a fill from its message. Taking the
same answer again, an older one, or several in any sequence changes nothing and tells nothing twice. Most
answers say nothing new: that is seen at once, for all orders of a wallet together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot import errors, ports
from bot.domain import actions, amounts, fills, funding, intents, notices, orders, quiet, wallets
from bot.ports import Priority
from bot.services import pricing
from bot.services.tokens import Tokens

WORTH_FOR: Final = timedelta(hours=1)
"""A fill that is found later than this, in order time, is not valued: its price is not known any more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one order."""

    order: orders.Order
    """As it is stored now."""
    last_fill: fills.Fill | None
    """Of all that are known."""
    new: tuple[fills.Fill, ...]
    unseen_raw: int
    """Input that the order used beyond its known fills. Not 0 = some fill was not seen."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was stored of a wallet's orders before an answer was taken, each by key."""

    states: Mapping[str, orders.Order]
    signatures: Mapping[str, Collection[str]]
    summaries: Mapping[str, fills.Summary]

    def new_fills(self, item: orders.SeenOrder) -> list[fills.Fill]:
        """Oldest first."""
        known = self.signatures.get(item.order.key, ())
        new = [fill for fill in item.fills if fill.signature not in known]
        return sorted(new, key=lambda fill: (fill.confirmed_at, fill.signature))

    def find_unchanged(self, item: orders.SeenOrder) -> Taken | None:
        """What comes of an order that nothing new is said of. Whatever is stored meanwhile is newer still."""
        order = item.order
        if self.states.get(order.key) != order or self.new_fills(item):
            return None
        return _taken(order, self.summaries.get(order.key, fills.Summary()))


@dataclass(frozen=True, slots=True)
class _News:
    """What happened to one order, before it is decided whom it concerns."""

    before: orders.Order | None
    order: orders.Order
    new: tuple[fills.Fill, ...]
    last_fill_at: datetime | None
    is_low: bool
    tell_opened: bool


class Ingest:
    def __init__(
        self,
        *,
        transaction: ports.Transactions,
        orders: ports.OrderStore,
        fills: ports.FillStore,
        wallets: ports.WalletStore,
        actions: ports.ActionStore,
        people: ports.PeopleStore,
        outbox: ports.Outbox,
        tokens: Tokens,
        prices: pricing.Prices,
        clock: ports.Clock,
        order_clock: ports.Clock,
    ) -> None:
        self._transaction = transaction
        self._orders = orders
        self._fills = fills
        self._wallets = wallets
        self._actions = actions
        self._people = people
        self._outbox = outbox
        self._tokens = tokens
        self._prices = prices
        self._clock = clock
        self._order_clock = order_clock

    async def take(
        self,
        owner: str,
        seen: Collection[orders.SeenOrder],
        *,
        first: bool = False,
        priority: Priority = Priority.DUE,
    ) -> list[Taken]:
        """Store what was seen of a wallet's orders; durable order by order. Safe to repeat.

        People get their numbers oldest order first. `first` = this wallet was never looked at before: its
        orders are not news, however young they are.
        """
        ours = [item for item in seen if item.order.owner == owner]
        if not ours:
            return []
        ours.sort(key=lambda item: (item.order.created_at, item.order.key))
        keys = [item.order.key for item in ours]
        watchers = await self._wallets.watchers(owner)
        if await self._orders.lacks_number(owner, keys):
            for watcher in watchers:
                await self._orders.assign_numbers(watcher.user_id, owner, keys)
        known = await self._find_known(owner, keys)
        tokens, usd = await self._worth(ours, known, watchers, priority)
        taken = {item.order.key: known.find_unchanged(item) for item in ours}
        if unchanged := [key for key, same in taken.items() if same]:
            await self._orders.record_seen(owner, unchanged, self._clock.now())
        return [
            taken[item.order.key]
            or await self._take_one(
                item.order, known.new_fills(item), tokens.get(item.order.input_mint), usd, first=first
            )
            for item in ours
        ]

    async def list_incomplete(self, owner: str, since: datetime) -> set[str]:
        """Orders that ended since then and used more input than their known fills add up to."""
        ended = await self._orders.list_ended(owner, since)
        known = await self._fills.summaries([(owner, order.key) for order in ended])
        taken = [_taken(order, known.get((owner, order.key), fills.Summary())) for order in ended]
        return {each.order.key for each in taken if each.unseen_raw}

    async def _find_known(self, owner: str, keys: Sequence[str]) -> _Known:
        signatures = await self._fills.list_signatures(owner, keys)
        summaries = await self._fills.summaries([(owner, key) for key in keys])
        return _Known(
            states=await self._orders.find_many(owner, keys),
            signatures=signatures,
            summaries={key: summary for (_, key), summary in summaries.items()},
        )

    async def _worth(
        self,
        seen: Sequence[orders.SeenOrder],
        known: _Known,
        watchers: Sequence[wallets.Wallet],
        priority: Priority,
    ) -> tuple[Mapping[str, amounts.Token], Mapping[str, Decimal]]:
        """Tokens, and prices where somebody watched a fill that is not stored yet."""
        mints = {mint for item in seen for mint in (item.order.input_mint, item.order.output_mint)}
        try:
            tokens = await self._tokens.get_many(mints, priority=priority)
        except errors.GatewayError:
            tokens = await self._tokens.list_known(mints)
        since = min((watcher.added_at for watcher in watchers), default=None)
        watched = {
            item.order.input_mint
            for item in seen
            if any(self._is_watched(fill, since) for fill in known.new_fills(item))
        }
        return tokens, await self._prices.fetch_usd(watched, priority=priority)

    async def _take_one(
        self,
        seen: orders.Order,
        found: Sequence[fills.Fill],
        token: amounts.Token | None,
        usd: Mapping[str, Decimal],
        *,
        first: bool,
    ) -> Taken:
        owner, key, now = seen.owner, seen.key, self._clock.now()
        async with self._transaction():
            watchers = await self._wallets.watchers(owner)
            before = await self._orders.record(seen, now)
            order = await self._orders.find(owner, key) or seen
            for watcher in watchers:
                await self._orders.assign_numbers(watcher.user_id, owner, [key])
            since = min((watcher.added_at for watcher in watchers), default=None)
            new = []
            for fill in found:
                price = usd.get(fill.input_mint) if self._is_watched(fill, since) else None
                worth = None if token is None else pricing.value(fill.in_raw, token, price)
                if await self._fills.record(owner, fill, now, worth):
                    new.append(fill)
            summaries = await self._fills.summaries([(owner, key)])
            taken = _taken(order, summaries.get((owner, key), fills.Summary()), new)
            last = taken.last_fill
            needed = funding.next_cycle_raw(
                order, token, usd.get(order.input_mint), last.in_raw if last else None
            )
            news = _News(
                before=before,
                order=order,
                new=taken.new,
                last_fill_at=last.confirmed_at if last else None,
                is_low=funding.is_low(order, needed),
                tell_opened=not first,
            )
            for watcher in watchers:
                await self._tell(watcher, news, now)
        return taken

    def _is_watched(self, fill: fills.Fill, since: datetime | None) -> bool:
        """Whether the price of now is that of the fill: somebody watched, and it is found soon."""
        found_after = self._order_clock.now() - fill.confirmed_at
        return since is not None and fill.confirmed_at >= since and found_after <= WORTH_FOR

    async def _tell(self, watcher: wallets.Wallet, news: _News, now: datetime) -> None:
        order, user_id = news.order, watcher.user_id
        about = f"{order.owner}:{order.key}"
        if news.tell_opened and _is_opened(news, watcher) and not await self._opened_here(user_id, order.key):
            opened = notices.OrderOpened(owner=order.owner, order_key=order.key)
            await self._outbox.add(user_id, opened, f"opened:{about}", now)
        announced = [fill for fill in news.new if fill.confirmed_at >= watcher.added_at]
        if announced and not await self._is_muted(user_id, order.key):
            later = await self._hold_until(user_id, now)
            for fill in announced:
                seen = notices.FillSeen(owner=order.owner, order_key=order.key, signature=fill.signature)
                name = f"fill:{about}:{fill.signature}"
                await self._outbox.add(user_id, seen, name, now, hold_until=later)
            if news.is_low:
                low = notices.FundsLow(owner=order.owner, order_key=order.key)
                # Once for each level of funding: a deposit makes it news again.
                await self._outbox.add(user_id, low, f"low:{about}:{order.in_deposited_raw}", now)
        if not _is_closed(news, watcher):
            return
        if not order.user_closed:
            finished = notices.OrderFinished(owner=order.owner, order_key=order.key)
            await self._outbox.add(user_id, finished, f"closed:{about}", now)
        elif not await self._cancelled_here(user_id, order.key):
            cancelled = notices.OrderCancelled(owner=order.owner, order_key=order.key)
            await self._outbox.add(user_id, cancelled, f"closed:{about}", now)

    async def _hold_until(self, user_id: int, now: datetime) -> datetime | None:
        """Until when this person's fills are held back; who changes that meanwhile changes these, too."""
        person = await self._people.find_settled(user_id)
        return quiet.hold_until(quiet.read(person.settings, person.timezone), now) if person else None

    async def _is_muted(self, user_id: int, key: str) -> bool:
        known = await self._orders.find_known(user_id, key=key)
        return known is not None and known.muted

    async def _opened_here(self, user_id: int, key: str) -> bool:
        own = await self._actions.list_of_order(user_id, key)
        return any(isinstance(action.intent, intents.CreateOrder) for action in own)

    async def _cancelled_here(self, user_id: int, key: str) -> bool:
        """The card of that cancel says it already."""
        return any(
            isinstance(action.intent, intents.CancelOrder) and action.state is actions.State.LANDED
            for action in await self._actions.list_of_order(user_id, key)
        )


def _taken(order: orders.Order, known: fills.Summary, new: Sequence[fills.Fill] = ()) -> Taken:
    unseen_raw = fills.unseen_input_raw(order.in_used_raw, known.totals)
    return Taken(order, known.last, tuple(new), unseen_raw)


def _is_opened(news: _News, watcher: wallets.Wallet) -> bool:
    order = news.order
    return news.before is None and order.active and order.created_at >= watcher.added_at


def _is_closed(news: _News, watcher: wallets.Wallet) -> bool:
    """Whether it ended, as far as we know, after this person began to watch."""
    order, before = news.order, news.before
    if order.active or (before is not None and not before.active):
        return False
    # An old order that is first seen closed has an `updated_at` of nobody knows what; one that was seen
    # active ended by then.
    moment = order.created_at if before is None else order.updated_at
    return max(moment, news.last_fill_at or moment) >= watcher.added_at
