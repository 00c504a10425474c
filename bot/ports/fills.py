"""Fills, each once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.domain import fills, orders


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFill:
    fill: fills.Fill
    seen_at: datetime
    usd: Decimal | None = None
    """USD value of the input when it was found; None = unknown then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillScope:
    """Some of a person's fills: of orders with a number of theirs, of wallets that they have now."""

    user_id: int
    owner: str | None = None
    """Of this wallet only."""
    number: int | None = None
    """Of this order only."""
    since: datetime | None = None
    until: datetime | None = None
    """Confirmed before this."""


@dataclass(frozen=True, slots=True)
class FillExtent:
    count: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    """None where there is no fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedFill:
    """A fill as a person knows it: with the number of its order."""

    id: int
    """Tells fills of one instant apart."""
    owner: str
    number: int
    family: orders.Family
    known: KnownFill


class FillStore(Protocol):
    async def record(self, owner: str, fill: fills.Fill, seen_at: datetime, usd: Decimal | None) -> bool:
        """Insert if new; True = it was new. Unique on owner, order key and signature."""
        ...

    async def list_of_order(self, owner: str, order_key: str) -> list[KnownFill]:
        """Oldest first."""
        ...

    async def find(self, owner: str, order_key: str, signature: str) -> KnownFill | None: ...

    async def list_of_orders(self, of: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[KnownFill]]:
        """By owner and order, oldest first; an order without fills is absent."""
        ...

    async def list_signatures(self, owner: str, order_keys: Collection[str]) -> dict[str, set[str]]:
        """Of the known fills, by order; an order without any is absent."""
        ...

    async def summaries(self, of: Collection[tuple[str, str]]) -> dict[tuple[str, str], fills.Summary]:
        """Of these orders, named by owner and key; one without a known fill is absent."""
        ...

    async def extent(self, scope: FillScope) -> FillExtent: ...

    async def newest(self, scope: FillScope, limit: int, offset: int = 0) -> list[NumberedFill]:
        """Newest first."""
        ...

    async def page_after(
        self, scope: FillScope, after: NumberedFill | None, limit: int
    ) -> list[NumberedFill]:
        """Oldest first, those that follow this one; however many there are, a page costs the same."""
        ...
