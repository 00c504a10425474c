"""Orders as people know them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain import orders, wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOrder:
    """An order as a person knows it: with the number that is theirs for good."""

    number: int
    order: orders.Order
    index: int | None
    """Proven index; None = not proven (yet)."""
    seen_at: datetime
    """Real time at which Jupiter last reported it."""
    muted: bool = False


class OrderStore(Protocol):
    async def record(self, order: orders.Order, seen_at: datetime) -> orders.Order | None:
        """Insert or update by (owner, key); returns what was known before. A closed order never reopens."""
        ...

    async def record_seen(self, owner: str, keys: Collection[str], seen_at: datetime) -> None:
        """Jupiter reported these orders as they are known."""
        ...

    async def find(self, owner: str, key: str) -> orders.Order | None: ...

    async def find_many(self, owner: str, keys: Collection[str]) -> dict[str, orders.Order]:
        """By key; what is not known is absent."""
        ...

    async def lacks_number(self, owner: str, keys: Collection[str]) -> bool:
        """Whether somebody has this wallet, and one of these orders has no number of theirs."""
        ...

    async def list_unnumbered(self, user_id: int, owner: str) -> list[str]:
        """Keys of known orders that have no number of this person's, oldest first."""
        ...

    async def assign_numbers(self, user_id: int, owner: str, keys: Sequence[str]) -> None:
        """Give each of these orders the person's next number, in this sequence; kept if it has one."""
        ...

    async def list_known(
        self, user_id: int, owners: Collection[str], status: orders.Status | None = None
    ) -> list[KnownOrder]:
        """By number, newest number first."""
        ...

    async def find_known(
        self, user_id: int, *, number: int | None = None, key: str | None = None
    ) -> KnownOrder | None:
        """By the person's own number, or by whole key; only orders of wallets the person has now."""
        ...

    async def list_told(
        self, users: Collection[int], keys: Collection[str]
    ) -> list[tuple[KnownOrder, wallets.Wallet]]:
        """By whole keys, each with the person's wallet as it is stored: for what is told all the time."""
        ...

    async def active_of(self, owner: str) -> list[orders.Order]: ...

    async def list_ended(self, owner: str, since: datetime) -> list[orders.Order]:
        """Closed, and changed last at that time or later."""
        ...

    async def record_index(self, owner: str, key: str, index: int) -> None: ...

    async def record_muted(self, user_id: int, owner: str, key: str, muted: bool) -> None: ...

    async def list_traded(self, since: datetime) -> dict[str, timedelta | None]:
        """Mints of active orders of wallets that somebody has, with the shortest cycle that trades each.

        None for a mint that only orders traded that ended later than `since`.
        """
        ...
