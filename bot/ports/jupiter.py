"""The vendor: orders, tokens and prices."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from bot.domain import amounts, intents, orders


class Priority(IntEnum):
    """Who goes first at the shared request budget; lower goes first."""

    ACTION = 0
    """Steps of a confirmed action."""
    PERSON = 1
    """Somebody waits for the answer in the chat."""
    DUE = 2
    """A fill is expected."""
    SWEEP = 3
    """Nobody would notice a delay."""


@dataclass(frozen=True, slots=True)
class Crafted:
    """An unsigned transaction from Jupiter. Nothing in it is trusted before the policy has seen it."""

    request_id: str
    transaction: str
    """Base64."""


@dataclass(frozen=True, slots=True)
class ExecuteAnswer:
    """What `/execute` says. Only the chain decides what became of the transaction."""

    success: bool
    signature: str | None
    error: str | None


class OrderGateway(Protocol):
    """Recurring orders at the vendor.

    Every method raises GatewayUnavailable (RateLimited) when nothing was sent, OrderRejected with the
    vendor's words for a 4xx, UnexpectedResponse for an unknown shape. Reads retry by themselves, within
    bounds; crafts and execute never do.
    """

    async def fetch_orders(
        self, owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
    ) -> orders.OrderPage:
        """One page (10 orders) of all families, newest first; items for another owner are quarantined."""
        ...

    async def craft(self, intent: intents.Intent) -> Crafted:
        """Ask for the unsigned transaction of a create, cancel, deposit or withdraw. Safe to repeat."""
        ...

    async def execute(self, request_id: str, signed: bytes) -> ExecuteAnswer:
        """Hand the signed transaction in. Additionally raises OutcomeUnknown: it may have left."""
        ...


class TokenDirectory(Protocol):
    """What tokens call themselves: untrusted text. Raises GatewayUnavailable, UnexpectedResponse."""

    async def fetch_tokens(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, amounts.Token]: ...

    async def search(self, query: str) -> list[amounts.Token]: ...


class PriceSource(Protocol):
    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON, fresh: bool = False
    ) -> dict[str, Decimal]:
        """USD per whole token; mints without a reliable price are absent. Raises as TokenDirectory.

        `fresh` = asked for now, whatever is remembered from a moment ago.
        """
        ...
