"""What the chat hands in for a card, and what a card states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot import ports
from bot.domain import amounts, intents, wallets
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
    warnings: Sequence[str] = ()
    """Sentences about what could cost money: an unverified token, the first use of an address …"""
    notes: Sequence[str] = ()
    """Sentences about what happens otherwise than the person may think: a rounded total …"""


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
