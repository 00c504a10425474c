"""A person's orders across wallets and families: list, detail, find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot import ports
from bot.domain import amounts, orders, wallets
from bot.domain import fills as fills_domain


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order with everything a screen shows."""

    known: ports.KnownOrder
    wallet: wallets.Wallet
    input: amounts.Token
    output: amounts.Token
    fills: Sequence[ports.KnownFill]
    """Oldest first."""
    totals: fills_domain.Totals
    average: Decimal | None
    """Input per one output, net of fees; None before the first fill."""
    market: Decimal | None
    """Input per one output now, from USD prices; None = unknown. An estimate."""
    next_fill_at: datetime | None
    """On the order clock."""

    @property
    def number(self) -> int:
        return self.known.number

    @property
    def order(self) -> orders.Order:
        return self.known.order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    items: Sequence[OrderView]
    stale_since: datetime | None
    """Set when Jupiter did not answer: the items are as last seen, the oldest at this (real) time."""
    error: str = ""
    """Sentence for the person that says why, when stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    wallets: Sequence[wallets.Wallet]
    active: int
    next_fill: OrderView | None
    attention: Sequence[str]
    """Sentences: unsettled actions, orders low on funds, wallets without SOL for fees."""


class Orders:
    async def list_of(
        self, user_id: int, status: orders.Status | None = None, *, fresh: bool = True
    ) -> OrderList:
        """All orders of all wallets, newest number first; `fresh` asks Jupiter first and ingests what it says."""
        raise NotImplementedError

    async def get(self, user_id: int, number: int, *, fresh: bool = False) -> OrderView:
        """Raises OrderNotFound. `fresh` asks Jupiter first; its silence is no error here."""
        raise NotImplementedError

    async def find(self, user_id: int, text: str) -> OrderView:
        """By number (`7`, `#7`), or the first 4 or more characters of the key. From what is known, else fresh.

        Raises OrderNotFound, AmbiguousOrder (with candidates), InvalidInput.
        """
        raise NotImplementedError

    async def list_for_deposit(self, user_id: int) -> list[OrderView]:
        """Active price orders of owned wallets."""
        raise NotImplementedError

    async def list_for_withdraw(self, user_id: int) -> list[OrderView]:
        """Active price orders of owned wallets with something in them."""
        raise NotImplementedError

    async def home(self, user_id: int) -> Home:
        """From what is known; asks nobody."""
        raise NotImplementedError

    async def record_muted(self, user_id: int, number: int, muted: bool) -> OrderView:
        raise NotImplementedError
