"""Proposals: check everything that can be checked before a confirm card is shown, then make the card's facts.

A proposal is also a pending confirmation in SQL: one-shot, bound to person, chat and message, 2 minutes.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bot import errors, ports, texts
from bot.domain import amounts, costs, intents, orders, wallets
from bot.services import checks, creating, funds, pricing, sending
from bot.services.confirmations import Confirmations
from bot.services.offers import CreateRequest, Proposal
from bot.services.orders import Orders, OrderView
from bot.services.people import People
from bot.services.tokens import PINNED, WRAPPED, Tokens
from bot.services.wallets import Wallets

__all__ = ["CreateRequest", "Proposal", "Proposals"]


class Proposals:
    """Every method checks, then records a pending confirmation; money moves only by Confirmations.confirm.

    All raise UserError subclasses with a sentence for the person (InvalidAmount, InsufficientFunds,
    WatchOnly, OrderNotProven, OrderNotSupported …), GatewayUnavailable when something cannot be checked now.
    """

    def __init__(
        self,
        *,
        wallets: Wallets,
        orders: Orders,
        tokens: Tokens,
        prices: pricing.Prices,
        chain: ports.Chain,
        prover: ports.OrderProver,
        store: ports.OrderStore,
        actions: ports.ActionStore,
        confirmations: Confirmations,
        order_clock: ports.Clock,
        people: People,
    ) -> None:
        self._wallets = wallets
        self._orders = orders
        self._tokens = tokens
        self._prices = prices
        self._chain = chain
        self._prover = prover
        self._store = store
        self._actions = actions
        self._confirmations = confirmations
        self._order_clock = order_clock
        self._people = people

    async def deposit(self, user_id: int, chat_id: int, number: int, amount: str) -> Proposal:
        """`amount` as typed: `12.5`, `50%`, `max` (of the wallet's balance; SOL keeps a reserve for fees)."""
        view, index = await self._prove(user_id, number, checks.refuse_deposit)
        token = view.input
        draft, limits, holdings = await self._draft_deposit(user_id, view.order, index)
        available = funds.available_raw(checks.native(token.mint), limits, holdings)
        raw = checks.resolve(amount, token, available, checks.in_wallet(token, holdings, limits))
        intent = replace(draft, amount_raw=raw)
        funds.check(intent, limits, holdings, token)
        return await self._propose(
            user_id, chat_id, intent, limits, view.wallet, token, raw, available, order=view
        )

    async def withdraw(
        self, user_id: int, chat_id: int, number: int, amount: str, side: orders.Side = orders.Side.IN
    ) -> Proposal:
        """`amount` as typed: `12.5`, `50%`, or `all` = whatever is left then."""
        view, index = await self._prove(user_id, number, checks.refuse_withdraw)
        order = view.order
        out = side is orders.Side.OUT
        token = view.output if out else view.input
        available = order.out_waiting_raw if out else order.in_left_raw
        where = (texts.IN_OUTPUT if out else texts.IN_ORDER).format(number=number)
        raw: int | None = checks.resolve(amount, token, available, checks.Place(where))
        everything = isinstance(amounts.parse_quantity(amount, token.decimals), amounts.Everything)
        back = raw or 0
        intent = intents.Withdraw(
            user=order.owner,
            order=order.key,
            input_mint=order.input_mint,
            output_mint=order.output_mint,
            amount_raw=None if everything else raw,
            side=side,
            order_index=index,
        )
        limits = await self._limit(user_id, intent, order.owner, {order.input_mint, order.output_mint})
        funds.check(intent, limits, await self._chain.fetch_holdings(order.owner), None)
        return await self._propose(
            user_id,
            chat_id,
            intent,
            limits,
            view.wallet,
            token,
            intent.amount_raw,
            available,
            order=view,
            returns=[(token, back)],
            notes=checks.wrapped_note([token]),
        )

    async def cancel(self, user_id: int, chat_id: int, number: int) -> Proposal:
        view, index = await self._prove(user_id, number, checks.refuse_nothing)
        order = view.order
        intent = intents.CancelOrder(
            family=order.family,
            user=order.owner,
            order=order.key,
            input_mint=order.input_mint,
            output_mint=order.output_mint,
            order_index=index,
        )
        limits = await self._limit(user_id, intent, order.owner, {order.input_mint, order.output_mint})
        funds.check(intent, limits, await self._chain.fetch_holdings(order.owner), None)
        sides = [(view.input, order.in_left_raw), (view.output, order.out_waiting_raw)]
        returns = [(token, raw) for token, raw in sides if raw]
        return await self._propose(
            user_id,
            chat_id,
            intent,
            limits,
            view.wallet,
            view.input,
            None,
            order.in_left_raw,
            order=view,
            returns=returns,
            notes=checks.cancel_notes(order) + checks.wrapped_note([token for token, _ in returns]),
        )

    async def create(self, user_id: int, chat_id: int, request: CreateRequest) -> Proposal:
        wallet = await self._own_wallet(user_id, request.wallet_id)
        creating.check_shape(
            request.input_mint, request.output_mint, request.number_of_orders, request.interval_s
        )
        start_at = creating.start_second(request.start_at, self._order_clock.now())
        source = checks.classic(await self._tokens.get(request.input_mint))
        target = checks.classic(await self._tokens.get(request.output_mint))
        draft = intents.CreateOrder(
            user=wallet.pubkey,
            input_mint=source.mint,
            output_mint=target.mint,
            amount_raw=request.number_of_orders,
            number_of_orders=request.number_of_orders,
            interval_s=request.interval_s,
            start_at=start_at,
        )
        limits = await self._limit(user_id, draft, wallet.pubkey, set())
        holdings = await self._chain.fetch_holdings(wallet.pubkey)
        available = funds.available_raw(checks.native(source.mint), limits, holdings)
        place = checks.in_wallet(source, holdings, limits)
        usd = await self._prices.fetch_usd({source.mint, amounts.USDC_MINT})
        total, notes = creating.size(request.amount, request.number_of_orders, source, available, place, usd)
        intent = creating.bounded(
            replace(draft, amount_raw=total), source, target, request.min_price, request.max_price
        )
        funds.check(intent, limits, holdings, source)
        return await self._propose(
            user_id,
            chat_id,
            intent,
            limits,
            wallet,
            source,
            total,
            available,
            output=target,
            warnings=checks.unverified_warnings([source, target]),
            notes=notes,
        )

    async def check_size(
        self, user_id: int, wallet_id: int, input_mint: str, amount: str, number_of_orders: int
    ) -> None:
        """Refuse early what `create` would refuse about the amount and its parts; nothing is recorded."""
        wallet = await self._own_wallet(user_id, wallet_id)
        source = checks.classic(await self._tokens.get(input_mint))
        holdings = await self._chain.fetch_holdings(wallet.pubkey)
        limits = intents.Limits(priority_fee_lamports=await self._fee_cap(user_id), rent_lamports=0)
        available = funds.available_raw(checks.native(source.mint), limits, holdings)
        usd = await self._prices.fetch_usd({source.mint, amounts.USDC_MINT})
        place = checks.in_wallet(source, holdings, limits)
        creating.size(amount, number_of_orders, source, available, place, usd)

    async def send(
        self, user_id: int, chat_id: int, wallet_id: int, amount: str, mint: str | None, to: str
    ) -> Proposal:
        """`mint` None = SOL."""
        wallet = await self._own_wallet(user_id, wallet_id)
        receiver = sending.check_receiver(to, wallet, mint)
        await self._require_wallet(user_id, receiver)
        token = await self._sent_token(mint)
        draft = intents.Send(
            user=wallet.pubkey, to=receiver, amount_raw=1, mint=mint, decimals=token.decimals
        )
        limits = await self._limit(user_id, draft, receiver, {mint} if mint else set())
        holdings = await self._chain.fetch_holdings(wallet.pubkey)
        available = funds.available_raw(mint, limits, holdings)
        place = checks.in_wallet(token, holdings, limits, native=mint is None)
        raw = checks.resolve(amount, token, available, place)
        if mint is None and raw < costs.SIMPLE_SEND_RESERVE:
            sending.check_dust(raw, await self._chain.fetch_holdings(receiver))
        intent = replace(draft, amount_raw=raw)
        funds.check(intent, limits, holdings, token)
        used = await self._actions.sent_to(user_id, receiver)
        return await self._propose(
            user_id,
            chat_id,
            intent,
            limits,
            wallet,
            token,
            raw,
            available,
            warnings=checks.unverified_warnings([token]) + sending.first_use_warnings(used=used),
            notes=sending.own_notes(receiver, await self._wallets.list_of(user_id)),
        )

    async def _sent_token(self, mint: str | None) -> amounts.Token:
        if mint == amounts.WSOL_MINT:
            return WRAPPED
        return PINNED[amounts.WSOL_MINT] if mint is None else checks.classic(await self._tokens.get(mint))

    async def unwrap(self, user_id: int, chat_id: int, wallet_id: int) -> Proposal:
        wallet = await self._own_wallet(user_id, wallet_id)
        intent = intents.Unwrap(user=wallet.pubkey)
        limits = await self._limit(user_id, intent, wallet.pubkey, set())
        holdings = await self._chain.fetch_holdings(wallet.pubkey)
        wrapped = holdings.tokens.get(amounts.WSOL_MINT, 0)
        if not wrapped:
            raise errors.InsufficientFunds(texts.NOTHING_WRAPPED)
        funds.check(intent, limits, holdings, None)
        token = PINNED[amounts.WSOL_MINT]
        return await self._propose(
            user_id, chat_id, intent, limits, wallet, token, wrapped, wrapped, returns=[(token, wrapped)]
        )

    async def fetch_available(self, user_id: int, number: int) -> tuple[amounts.Token, int]:
        """The input token of an order and how much of it the wallet could deposit now."""
        view = await self._orders.get(user_id, number)
        checks.refuse_deposit(view)
        _, limits, holdings = await self._draft_deposit(user_id, view.order, None)
        return view.input, funds.available_raw(checks.native(view.input.mint), limits, holdings)

    async def _draft_deposit(
        self, user_id: int, order: orders.Order, index: int | None
    ) -> tuple[intents.Deposit, intents.Limits, ports.Holdings]:
        """A deposit of one unit, its bounds, and what the wallet holds."""
        draft = intents.Deposit(
            user=order.owner,
            order=order.key,
            input_mint=order.input_mint,
            output_mint=order.output_mint,
            amount_raw=1,
            order_index=index,
        )
        limits = await self._limit(user_id, draft, order.owner, {order.input_mint})
        return draft, limits, await self._chain.fetch_holdings(order.owner)

    async def _require_wallet(self, user_id: int, receiver: str) -> None:
        """Raises InvalidAddress for orders, token accounts and programs: what is sent there is lost."""
        if await self._chain.is_wallet(receiver):
            return
        known = await self._store.find_known(user_id, key=receiver)
        if known is not None:
            raise errors.InvalidAddress(texts.SEND_TO_ORDER.format(number=known.number))
        raise errors.InvalidAddress(texts.SEND_TO_PROGRAM)

    async def _own_wallet(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        wallet = await self._wallets.get(user_id, wallet_id)
        checks.require_key(wallet)
        return wallet

    async def _prove(
        self, user_id: int, number: int, refuse: Callable[[OrderView], None]
    ) -> tuple[OrderView, int]:
        """The order as Jupiter lists it now, and the index that proves it to be the wallet's own."""
        known = await self._orders.get(user_id, number)
        checks.require_key(known.wallet)
        refuse(known)
        view = await self._orders.refresh(user_id, number)
        refuse(view)
        checks.require_active(view)
        index = await self._prover.prove(view.order)
        await self._store.record_index(view.order.owner, view.order.key, index)
        return view, index

    async def _limit(
        self, user_id: int, intent: intents.Intent, receiver: str, mints: Collection[str]
    ) -> intents.Limits:
        """The bounds for the card: rent for every account that the receiver of these mints lacks."""
        missing = await self._chain.fetch_missing_accounts(receiver, mints) if mints else frozenset()
        if isinstance(intent, intents.Deposit) and intent.input_mint == amounts.WSOL_MINT:
            # Wrapped on the way in an account that exists for one transaction only.
            missing |= {amounts.WSOL_MINT}
        return intents.Limits(
            priority_fee_lamports=await self._fee_cap(user_id),
            rent_lamports=costs.rent(intent, frozenset(missing)),
        )

    async def _fee_cap(self, user_id: int) -> int:
        return (await self._people.find_preferences(user_id)).priority_fee_cap

    async def _propose(
        self,
        user_id: int,
        chat_id: int,
        intent: intents.Intent,
        limits: intents.Limits,
        wallet: wallets.Wallet,
        token: amounts.Token,
        amount_raw: int | None,
        available_raw: int,
        *,
        order: OrderView | None = None,
        output: amounts.Token | None = None,
        returns: Sequence[tuple[amounts.Token, int]] = (),
        warnings: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> Proposal:
        usd = await self._prices.fetch_usd({token.mint})
        moved = available_raw if amount_raw is None else amount_raw
        chosen = await self._people.find_preferences(user_id)
        return Proposal(
            confirmation=await self._confirmations.issue(
                user_id, chat_id, intent, limits, submit_via=chosen.submit_via
            ),
            intent=intent,
            wallet=wallet,
            order=order,
            token=token,
            output=output,
            amount_raw=amount_raw,
            available_raw=available_raw,
            usd=pricing.value(moved, token, usd.get(token.mint)),
            fee_lamports=costs.BASE_FEE + limits.priority_fee_lamports,
            rent_lamports=limits.rent_lamports or 0,
            returns=returns,
            warnings=warnings,
            notes=notes,
        )
