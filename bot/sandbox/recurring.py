"""Recurring v1: the six calls, their older names, and what the service refuses, in its words."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from solders.pubkey import Pubkey
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from bot.domain import addresses
from bot.sandbox import crafting, listing, orderstate, tokens
from bot.sandbox.book import Book, Entry
from bot.sandbox.chain import Chain
from bot.sandbox.crafts import Crafts
from bot.sandbox.faults import Faults
from bot.sandbox.prices import Prices
from bot.sandbox.service import Json, Refusal, Service, body_of, field, whole
from bot.solana.programs import accounts

PREFIX = "/recurring/v1"
PAGE = 10
LEAST_USD = Decimal(100)
LEAST_USD_EACH = Decimal(50)
LEAST_ORDERS = 2
SHORTEST_INTERVAL_S = 30
LONGEST_INTERVAL_S = 365 * 86_400
NO_ACCOUNT = "Failed to deserialize account data: failed to fill whole buffer"
LARGEST_I64 = 2**63 - 1


class Recurring:
    def __init__(
        self,
        chain: Chain,
        book: Book,
        prices: Prices,
        crafts: Crafts,
        faults: Faults,
        *,
        on_owner: Callable[[str], None],
        foreign: Callable[[], Entry],
    ) -> None:
        """`on_owner` is told whose orders are asked for; `foreign` is an order of a stranger, for a lie."""
        self._chain = chain
        self._book = book
        self._prices = prices
        self._crafts = crafts
        self._faults = faults
        self._on_owner = on_owner
        self._foreign = foreign

    def routes(self, service: Service) -> list[BaseRoute]:
        posts = (
            ("createOrder", self._create),
            ("cancelOrder", self._cancel),
            ("priceDeposit", self._deposit),
            ("priceWithdraw", self._withdraw),
        )
        older = ("depositOrder", "smartDeposit")
        return [
            Route(f"{PREFIX}/getRecurringOrders", service.endpoint(self._list), methods=["GET"]),
            *(Route(f"{PREFIX}/{name}", service.endpoint(call), methods=["POST"]) for name, call in posts),
            *(
                Route(
                    f"{PREFIX}/{name}", service.endpoint(self._old_deposit, word="message"), methods=["POST"]
                )
                for name in older
            ),
            Route(f"{PREFIX}/execute", service.endpoint(self._execute, free=True), methods=["POST"]),
        ]

    # --- reading -----------------------------------------------------------------------------------------

    async def _list(self, request: Request) -> Json:
        query = request.query_params
        kind = _one_of(query.get("recurringType"), "recurringType", ("time", "price", "all"))
        status = _one_of(query.get("orderStatus"), "orderStatus", ("active", "history"))
        user = str(_pubkey(query.get("user"), "user"))
        page = _page(query.get("page"))
        _one_of(query.get("includeFailedTx") or "false", "includeFailedTx", ("true", "false"))
        mint = query.get("mint") or None
        self._on_owner(user)
        found = self._book.of_user(user, active=status == "active")
        if self._faults.take_lies(frozenset({"foreign_order"}), request.url.path) and status == "active":
            found.insert(0, self._foreign())
        wanted = [
            entry
            for entry in found
            if kind in {"all", entry.family}
            and (mint is None or mint in {str(entry.state.input_mint), str(entry.state.output_mint)})
        ]
        shown = [
            listing.show_order(entry, self._book.trades[entry.key], with_type=kind == "all")
            | {"userPubkey": user}
            for entry in wanted[(page - 1) * PAGE : page * PAGE]
        ]
        lists: Json = {"time": [], "price": [], "all": []}
        lists[kind] = shown
        pages = max(1, -(-len(wanted) // PAGE))
        return {"user": user, "orderStatus": status, **lists, "totalPages": pages, "page": page}

    # --- crafting ----------------------------------------------------------------------------------------

    async def _create(self, request: Request) -> Json:
        body = await body_of(request)
        user = _pubkey(field(body, "user", str), "user")
        input_mint = _pubkey(field(body, "inputMint", str), "inputMint")
        output_mint = _pubkey(field(body, "outputMint", str), "outputMint")
        params = field(body, "params", dict)
        if "price" in params:
            raise Refusal("Price-based recurring orders are deprecated")
        order = self._new_order(user, input_mint, output_mint, field(params, "time", dict))
        address, instructions = crafting.create(order)
        while self._chain.account(address) is not None:  # a second order of the same pair in one second
            order = replace(order, index=order.index + 1)
            address, instructions = crafting.create(order)
        return self._answer(request, instructions, user, input_mint, address)

    async def _cancel(self, request: Request) -> Json:
        body = await body_of(request)
        kind = field(body, "recurringType", str)
        user, address, state = self._order(body)
        if kind not in {"time", "price"} or (kind == "time") != isinstance(state, accounts.Dca):
            raise Refusal(NO_ACCOUNT)
        return self._answer(request, crafting.cancel(address, state), user, state.input_mint, address)

    async def _deposit(self, request: Request) -> Json:
        user, address, state, amount = await self._deposit_of(request)
        instructions = crafting.deposit(address, state, amount)
        return self._answer(request, instructions, user, state.input_mint, address)

    async def _old_deposit(self, request: Request) -> Json:
        user, address, state, amount = await self._deposit_of(request)
        instructions = crafting.old_deposit(address, state, amount)
        answer = self._answer(request, instructions, user, state.input_mint, address)
        return {"id": answer["requestId"], "tx": answer["transaction"]}

    async def _withdraw(self, request: Request) -> Json:
        body = await body_of(request)
        user, address, state = self._price_order(body)
        side = field(body, "inputOrOutput", str)
        if side not in {"In", "Out"}:
            raise Refusal(f"unknown variant `{side}`, expected `In` or `Out`", 422)
        text = body.get("amount")
        if isinstance(text, str) and text.isascii() and text.isdigit():
            # The specification says text, the documentation's example sends a number.
            body["amount"] = int(text)
        amount = whole(body, "amount", required=False)
        instructions = crafting.withdraw(address, state, amount, side)
        return self._answer(request, instructions, user, state.input_mint, address)

    async def _execute(self, request: Request) -> Json:
        body = await body_of(request)
        return await self._crafts.execute(
            field(body, "requestId", str), field(body, "signedTransaction", str)
        )

    # --- what is refused ---------------------------------------------------------------------------------

    def _new_order(
        self, user: Pubkey, input_mint: Pubkey, output_mint: Pubkey, time: Json
    ) -> crafting.NewOrder:
        for mint in (input_mint, output_mint):
            token = tokens.BY_MINT.get(str(mint))
            if token is None:
                raise Refusal(f"Mint {mint} not found")
            if not token.classic:
                raise Refusal(f"Token2022 is not supported: {mint}")
        if input_mint == output_mint:
            raise Refusal("Input and output mint must be different")
        amount, number = whole(time, "inAmount") or 0, whole(time, "numberOfOrders") or 0
        interval = whole(time, "interval") or 0
        if number < LEAST_ORDERS:
            raise Refusal(f"Number of orders must be at least {LEAST_ORDERS}")
        if not SHORTEST_INTERVAL_S <= interval <= LONGEST_INTERVAL_S:
            raise Refusal(f"Interval must be {SHORTEST_INTERVAL_S} to {LONGEST_INTERVAL_S} seconds")
        now = self._chain.time.now()
        # In USDC, as its words say: 500 USDC in ten parts are exactly enough, whatever USDC is worth.
        raw = self._prices.quote(input_mint, tokens.USDC.mint, amount, now)
        value = Decimal(raw).scaleb(-tokens.USDC.decimals)
        if value < LEAST_USD:
            raise Refusal(f"Order is valued at {value:.2f} USDC, minimum is {LEAST_USD:.2f} USDC")
        if value / number < LEAST_USD_EACH:
            each = value / number
            raise Refusal(f"Each order is valued at {each:.2f} USDC, minimum is {LEAST_USD_EACH:.2f} USDC")
        return crafting.NewOrder(
            user=user,
            input_mint=input_mint,
            output_mint=output_mint,
            amount=amount,
            number_of_orders=number,
            interval_s=interval,
            min_price=_price(time, "minPrice"),
            max_price=_price(time, "maxPrice"),
            start_at=whole(time, "startAt", required=False),
            index=int(now),
        )

    def _order(self, body: Json) -> tuple[Pubkey, Pubkey, orderstate.State]:
        user = _pubkey(field(body, "user", str), "user")
        address = _pubkey(field(body, "order", str), "order")
        state = self._chain.order(address)
        if state is None:
            raise Refusal(NO_ACCOUNT)
        if state.user != user:
            raise Refusal("Order does not belong to the user")
        return user, address, state

    def _price_order(self, body: Json) -> tuple[Pubkey, Pubkey, accounts.ValueAverage]:
        user, address, state = self._order(body)
        if not isinstance(state, accounts.ValueAverage):
            raise Refusal(NO_ACCOUNT)
        return user, address, state

    async def _deposit_of(self, request: Request) -> tuple[Pubkey, Pubkey, accounts.ValueAverage, int]:
        body = await body_of(request)
        user, address, state = self._price_order(body)
        amount = whole(body, "amount") or 0
        if not 0 < amount <= LARGEST_I64:
            raise Refusal("Deposit amount must be greater than 0")
        return user, address, state, amount

    def _answer(
        self, request: Request, instructions: list[Any], user: Pubkey, mint: Pubkey, order: Pubkey
    ) -> Json:
        request_id, transaction = self._crafts.craft(instructions, user, mint, str(order), request.url.path)
        return {"requestId": request_id, "transaction": transaction}


def _pubkey(text: str | None, name: str) -> Pubkey:
    if text is None:
        raise Refusal(f"Failed to deserialize query string: missing field `{name}`")
    if not addresses.is_address(text):
        raise Refusal(f"Invalid {name}: not a valid public key")
    return Pubkey.from_string(text)


def _one_of(value: str | None, name: str, among: tuple[str, ...]) -> str:
    if value is None:
        raise Refusal(f"Failed to deserialize query string: missing field `{name}`")
    if value not in among:
        raise Refusal(f"Failed to deserialize query string: {name}: unknown variant `{value[:40]}`")
    return value


def _page(text: str | None) -> int:
    """Pages count from 1; without one the first is meant."""
    if not text:
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:18]) < 10**9:
        raise Refusal("Failed to deserialize query string: page: invalid value")
    return int(text)


def _price(time: Json, name: str) -> Decimal | None:
    value = time.get(name)
    if value is None:
        return None
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value <= 0:
        raise Refusal(f"{name} must be greater than 0")
    return Decimal(value)
