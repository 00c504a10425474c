"""Proposals: check everything that can be checked before a confirm card is shown, then make the card's facts.

A proposal is also a pending confirmation in SQL: one-shot, bound to person, chat and message, 2 minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot import ports
from bot.domain import amounts, intents, orders, wallets
from bot.services.orders import OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a confirm card states. Rendering adds nothing to it."""

    confirmation: ports.Confirmation
    intent: intents.Intent
    wallet: wallets.Wallet
    order: OrderView | None
    token: amounts.Token
    """Of the amount that moves."""
    output: amounts.Token | None
    """What a create buys."""
    amount_raw: int | None
    """None = everything there is at that time."""
    available_raw: int
    """Base units of `token` in the place the money leaves."""
    usd: Decimal | None
    fee_lamports: int
    """Most that fees may take."""
    rent_lamports: int
    """Most that rents may lock."""
    returns: Sequence[tuple[amounts.Token, int]] = ()
    """What a cancel or withdraw brings back, as known now."""
    notes: Sequence[str] = ()
    """Sentences the person should read before confirming (rounded total, first use of an address …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """What a person asks of /new, in their own units."""

    wallet_id: int
    input_mint: str
    output_mint: str
    amount: str
    number_of_orders: int
    interval_s: int
    min_price: str | None = None
    """In the pair's usual direction: USD-like per the other token. None = no bound."""
    max_price: str | None = None
    start_at: datetime | None = None


class Proposals:
    """Every method checks, then records a pending confirmation; money moves only by Confirmations.confirm.

    All raise UserError subclasses with a sentence for the person (InvalidAmount, InsufficientFunds, WatchOnly,
    OrderNotProven, OrderNotSupported …) and GatewayUnavailable when something cannot be checked now.
    """

    async def deposit(self, user_id: int, chat_id: int, number: int, amount: str) -> Proposal:
        """`amount` as typed: `12.5`, `50%`, `max` (of the wallet's balance; SOL keeps a reserve for fees)."""
        raise NotImplementedError

    async def withdraw(
        self, user_id: int, chat_id: int, number: int, amount: str, side: orders.Side = orders.Side.IN
    ) -> Proposal:
        """`amount` as typed: `12.5`, `50%`, or `all` = whatever is left then."""
        raise NotImplementedError

    async def cancel(self, user_id: int, chat_id: int, number: int) -> Proposal:
        raise NotImplementedError

    async def create(self, user_id: int, chat_id: int, request: CreateRequest) -> Proposal:
        raise NotImplementedError

    async def send(
        self, user_id: int, chat_id: int, wallet_id: int, amount: str, mint: str | None, to: str
    ) -> Proposal:
        """`mint` None = SOL."""
        raise NotImplementedError

    async def unwrap(self, user_id: int, chat_id: int, wallet_id: int) -> Proposal:
        raise NotImplementedError

    async def fetch_available(self, user_id: int, number: int) -> tuple[amounts.Token, int]:
        """The input token of an order and how much of it the wallet could deposit now."""
        raise NotImplementedError
