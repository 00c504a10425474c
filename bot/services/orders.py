"""A person's orders across wallets and families: list, detail, find."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot import errors, ports, texts
from bot.domain import amounts, intents, orders, search, wallets
from bot.domain import fills as fills_domain
from bot.ports import Priority
from bot.services import finding, patience, pricing
from bot.services.finding import Wanted
from bot.services.sync import Sync
from bot.services.tokens import Tokens
from bot.services.wallets import Wallets

FRESH_FOR: Final = timedelta(seconds=3)
"""A look that ended this recently is the truth: several screens in a row share one."""
HISTORY_FRESH_FOR: Final = timedelta(seconds=30)
_AT_ONCE: Final = 4

Sums = Mapping[tuple[str, str], fills_domain.Summary]
"""By owner and key of the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """One order among others: everything that is told without naming its fills."""

    known: ports.KnownOrder
    wallet: wallets.Wallet
    input: amounts.Token
    output: amounts.Token
    totals: fills_domain.Totals
    last_fill: fills_domain.Fill | None
    average: Decimal | None
    """Input per one output, net of fees; None before the first fill."""
    market: Decimal | None
    """Input per one output now, from USD prices; None = unknown. An estimate."""
    input_usd: Decimal | None = None
    """USD per whole input token now; `output_usd` likewise. None = unknown."""
    output_usd: Decimal | None = None
    next_fill_at: datetime | None
    """On the order clock."""

    @property
    def number(self) -> int:
        return self.known.number

    @property
    def order(self) -> orders.Order:
        return self.known.order

    def with_fills(self, found: Sequence[ports.KnownFill]) -> "OrderView":
        return OrderView(**{field.name: getattr(self, field.name) for field in fields(self)}, fills=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView(OrderSummary):
    """One order by itself, with its fills."""

    fills: Sequence[ports.KnownFill]
    """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    items: Sequence[OrderSummary]
    """All of them, or those of one page."""
    total: int
    """On all pages."""
    page: int = 0
    """The one that is shown: the last where there are not as many as were asked for."""
    stale_since: datetime | None
    """Set when Jupiter did not answer: the items are as last seen, the oldest at this (real) time."""
    error: str = ""
    """Sentence for the person that says why, when stale."""


class Orders:
    def __init__(
        self,
        *,
        wallets: Wallets,
        sync: Sync,
        store: ports.OrderStore,
        fills: ports.FillStore,
        actions: ports.ActionStore,
        tokens: Tokens,
        prices: pricing.Prices,
        clock: ports.Clock,
    ) -> None:
        self._wallets = wallets
        self._sync = sync
        self._store = store
        self._fills = fills
        self._actions = actions
        self._tokens = tokens
        self._prices = prices
        self._clock = clock
        self._finder = finding.Finder(wallets=wallets, store=store, tokens=tokens)

    async def list_of(
        self, user_id: int, status: orders.Status | None = None, *, fresh: bool = True
    ) -> OrderList:
        """All orders of all wallets, newest number first; `fresh` asks Jupiter first, and ingests its answer.

        What Jupiter does not answer for is listed as last seen. An order of a token that was never seen on
        chain is left out, and `error` says so.
        """
        return await self._list(user_id, status, fresh=fresh)

    async def page_of(
        self,
        user_id: int,
        status: orders.Status,
        page: int,
        *,
        size: int,
        fresh: bool,
        wallet_id: int | None = None,
    ) -> OrderList:
        """As list_of, but only what one page of this size shows is looked up; of one wallet, if said.

        Raises WalletNotFound.
        """
        return await self._list(user_id, status, page, size, fresh=fresh, wallet_id=wallet_id)

    async def page_around(
        self, user_id: int, number: int, *, size: int, wallet_id: int | None = None
    ) -> tuple[orders.Status, OrderList]:
        """The page on which this order is, in the list of all wallets or of one, from what is known.

        Raises OrderNotFound, WalletNotFound.
        """
        here = await self._store.find_known(user_id, number=number)
        if here is None:
            raise errors.OrderNotFound(texts.ORDER_UNKNOWN.format(number=number))
        status = here.order.status
        mine = await self._wallets.list_of(user_id)
        owners = [wallet.pubkey for wallet in mine if wallet_id in (None, wallet.id)]
        listed = await self._store.list_known(user_id, owners, status)
        page = sum(item.number > number for item in listed) // size
        return status, await self._list(user_id, status, page, size, fresh=False, wallet_id=wallet_id)

    async def was_opened_here(self, user_id: int, order: orders.Order) -> bool:
        """Whether this person opened it by this bot."""
        own = await self._actions.list_of_order(user_id, order.key)
        return any(isinstance(action.intent, intents.CreateOrder) for action in own)

    async def _list(
        self,
        user_id: int,
        status: orders.Status | None,
        page: int = 0,
        size: int | None = None,
        *,
        fresh: bool,
        wallet_id: int | None = None,
    ) -> OrderList:
        mine = await self._wallets.list_of(user_id)
        if wallet_id is not None:
            mine = [wallet for wallet in mine if wallet.id == wallet_id]
            if not mine:
                raise errors.WalletNotFound
        failed: dict[str, errors.GatewayError] = {}
        if fresh:
            failed = await self._refresh(user_id, mine, status)
        known = await self._store.list_known(user_id, [wallet.pubkey for wallet in mine], status)
        shown: Sequence[ports.KnownOrder] = known
        if size is not None:
            page = min(page, max(0, len(known) - 1) // size)
            shown = known[page * size : (page + 1) * size]
        items, left_out = await self._view(shown, mine, ask=fresh and not failed)
        stale = [order.seen_at for order in known if order.order.owner in failed]
        error = next(iter(failed.values())).message if failed else ""
        if left_out and not error:
            error = texts.ORDERS_LEFT_OUT.format(count=left_out)
        stale_since = min(stale, default=self._clock.now()) if failed else None
        return OrderList(items=items, total=len(known), page=page, stale_since=stale_since, error=error)

    async def get(self, user_id: int, number: int, *, fresh: bool = False) -> OrderView:
        """Raises OrderNotFound. `fresh` asks Jupiter first; its silence is no error here."""
        known = await self._store.find_known(user_id, number=number)
        if known is None:
            raise errors.OrderNotFound(texts.ORDER_UNKNOWN.format(number=number))
        wallet = await self._wallet_of(user_id, known)
        if fresh:
            await self._refresh(user_id, [wallet])
            known = await self._store.find_known(user_id, number=number) or known
        return await self._show(known, wallet)

    async def refresh(self, user_id: int, number: int) -> OrderView:
        """As get, but insists on Jupiter's present word. Raises GatewayError when there is none."""
        known = await self._store.find_known(user_id, number=number)
        if known is None:
            raise errors.OrderNotFound(texts.ORDER_UNKNOWN.format(number=number))
        look = self._sync.refresh(known.order.owner, priority=Priority.PERSON, max_age=FRESH_FOR)
        await patience.within(patience.LOOK_S, "Jupiter", look)
        return await self.get(user_id, number)

    async def find(self, user_id: int, text: str, wanted: Wanted = Wanted.ANY) -> OrderView:
        """By number, token, pair, wallet or the beginning of the key, see domain.search.

        From what is known, else fresh. Raises OrderNotFound, AmbiguousOrder (with candidates), InvalidInput.
        """
        query = search.parse(text)
        found = await self._finder.match(user_id, query, wanted)
        if not found.numbers:
            # An order gets its number from a look, and may have been opened since the last one.
            await self._refresh(user_id, await self._wallets.list_of(user_id))
            found = await self._finder.match(user_id, query, wanted)
        if not found.certain:
            raise finding.explain(text, query, found)
        return await self.get(user_id, found.numbers[0])

    async def list_some(self, user_id: int, numbers: Sequence[int]) -> list[OrderSummary]:
        """Those of these orders that are known, in this sequence. Asks for names and prices only."""
        mine = await self._wallets.list_of(user_id)
        known = [item for number in numbers if (item := await self._store.find_known(user_id, number=number))]
        views, _ = await self._view(known, mine, ask=True)
        return views

    async def list_for_deposit(self, user_id: int) -> list[OrderSummary]:
        """Active price orders of owned wallets. Raises GatewayUnavailable when none is known, nor can be."""
        listed = await self.list_of(user_id, orders.Status.ACTIVE)
        if listed.stale_since is not None and not listed.items:
            raise errors.GatewayUnavailable(listed.error, service="Jupiter")
        return [
            view for view in listed.items if view.order.family is orders.Family.PRICE and view.wallet.owned
        ]

    async def list_for_withdraw(self, user_id: int) -> list[OrderSummary]:
        """Active price orders of owned wallets with something in them."""
        return [
            view
            for view in await self.list_for_deposit(user_id)
            if view.order.in_left_raw or view.order.out_waiting_raw
        ]

    async def refresh_all(self, user_id: int) -> dict[str, errors.GatewayError]:
        """Ask Jupiter about all wallets of this person; what failed, by address."""
        return await self._refresh(user_id, await self._wallets.list_of(user_id))

    async def list_muted(self, user_id: int) -> list[int]:
        """Numbers of the active orders whose fills this person is not told, newest first."""
        owners = [wallet.pubkey for wallet in await self._wallets.list_of(user_id)]
        known = await self._store.list_known(user_id, owners, orders.Status.ACTIVE)
        return [item.number for item in known if item.muted]

    async def record_muted(self, user_id: int, number: int, muted: bool) -> OrderView:
        view = await self.get(user_id, number)
        await self._store.record_muted(user_id, view.order.owner, view.order.key, muted)
        return await self.get(user_id, number)

    async def _refresh(
        self, user_id: int, mine: Sequence[wallets.Wallet], status: orders.Status | None = None
    ) -> dict[str, errors.GatewayError]:
        """Ask Jupiter about several wallets at once; what failed, by address.

        Somebody else's look at a wallet serves only who has its orders already: a look gives them numbers.
        """
        history = status is orders.Status.HISTORY
        max_age = HISTORY_FRESH_FOR if history else FRESH_FOR
        listed = await self._store.list_known(user_id, [wallet.pubkey for wallet in mine], status)
        known = {item.order.owner for item in listed}
        failed: dict[str, errors.GatewayError] = {}
        slots = asyncio.Semaphore(_AT_ONCE)

        async def look(owner: str) -> None:
            async with slots:
                looking = self._sync.refresh(
                    owner,
                    priority=Priority.PERSON,
                    history=history,
                    max_age=max_age if owner in known else timedelta(0),
                )
                try:
                    await patience.within(patience.LOOK_S, "Jupiter", looking)
                except errors.GatewayError as exc:
                    failed[owner] = exc

        async with asyncio.TaskGroup() as tasks:
            for wallet in mine:
                tasks.create_task(look(wallet.pubkey))
        return failed

    async def _show(self, known: ports.KnownOrder, wallet: wallets.Wallet) -> OrderView:
        owner, key = known.order.owner, known.order.key
        found = await self._fills.list_of_order(owner, key)
        # Summed up here: what is read twice may have grown in between.
        sums = {(owner, key): fills_domain.summary([item.fill for item in found])}
        items, _ = await self._view([known], [wallet], sums, ask=True)
        if not items:
            raise errors.GatewayUnavailable(texts.ORDER_TOKENS_UNKNOWN, service="Solana")
        return items[0].with_fills(found)

    async def _view(
        self,
        known: Sequence[ports.KnownOrder],
        mine: Sequence[wallets.Wallet],
        sums: Sums | None = None,
        *,
        ask: bool,
    ) -> tuple[list[OrderSummary], int]:
        """Summaries of orders, and how many had to be left out because a token of theirs is unknown."""
        by_owner = {wallet.pubkey: wallet for wallet in mine}
        mints = {mint for item in known for mint in (item.order.input_mint, item.order.output_mint)}
        tokens = await (self._tokens.find_many(mints) if ask else self._tokens.list_known(mints))
        usd = await self._prices.fetch_usd(mints) if ask else {}
        if sums is None:
            sums = await self._fills.summaries([(item.order.owner, item.order.key) for item in known])
        views = [
            summarise(
                item,
                by_owner[item.order.owner],
                tokens,
                usd,
                sums.get((item.order.owner, item.order.key), fills_domain.Summary()),
            )
            for item in known
            if item.order.owner in by_owner
            and item.order.input_mint in tokens
            and item.order.output_mint in tokens
        ]
        return views, len(known) - len(views)

    async def _wallet_of(self, user_id: int, known: ports.KnownOrder) -> wallets.Wallet:
        for wallet in await self._wallets.list_of(user_id):
            if wallet.pubkey == known.order.owner:
                return wallet
        raise errors.VaultError(texts.ORDER_WALLET_BROKEN)


def summarise(
    known: ports.KnownOrder,
    wallet: wallets.Wallet,
    tokens: Mapping[str, amounts.Token],
    usd: Mapping[str, Decimal],
    filled: fills_domain.Summary,
) -> OrderSummary:
    """From both tokens, and whatever prices are known."""
    order = known.order
    source, target = tokens[order.input_mint], tokens[order.output_mint]
    totals, last = filled.totals, filled.last
    in_usd, out_usd = usd.get(source.mint), usd.get(target.mint)
    return OrderSummary(
        known=known,
        wallet=wallet,
        input=source,
        output=target,
        totals=totals,
        last_fill=last,
        average=fills_domain.price(totals.in_raw, totals.out_raw, source.decimals, target.decimals),
        market=out_usd / in_usd if in_usd and out_usd else None,
        input_usd=in_usd,
        output_usd=out_usd,
        next_fill_at=orders.next_fill_at(order, last.confirmed_at if last else None),
    )
