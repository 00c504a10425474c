"""Solana: what is read from it, and the way of a signed transaction to its settlement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain import intents, orders


@dataclass(frozen=True, slots=True)
class Mint:
    decimals: int
    classic: bool
    """Owned by the classic SPL Token program."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a wallet holds at one commitment."""

    lamports: int
    tokens: Mapping[str, int]
    """Base units in the wallet's associated token accounts by mint (wrapped SOL under its own mint)."""


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    slot: int
    confirmed: bool
    """At least `confirmed` commitment."""
    finalized: bool
    error: str | None
    """None = it succeeded."""


class Chain(Protocol):
    """Reads from a Solana RPC. All raise GatewayUnavailable, UnexpectedResponse; all are safe to repeat."""

    async def fetch_holdings(self, owner: str) -> Holdings: ...

    async def fetch_mints(self, mints: Collection[str]) -> dict[str, Mint]:
        """Decimals and program from the mint accounts themselves; absent when there is no such mint."""
        ...

    async def is_wallet(self, address: str) -> bool:
        """Whether a private key can spend from there: on the curve, and nobody's but the System program's.

        False for orders, token accounts, mints and programs: what is sent to them is lost.
        """
        ...

    async def fetch_missing_accounts(self, owner: str, mints: Collection[str]) -> frozenset[str]:
        """Those of the mints for which the owner has no associated token account yet."""
        ...


@dataclass(frozen=True, slots=True)
class Finalized:
    """The newest block that no fork can undo, as one node sees it."""

    height: int
    slot: int


class OrderProver(Protocol):
    """Proof that an order account belongs to a wallet, without trust in the API."""

    async def prove(self, order: orders.Order) -> int:
        """The order's index, so that its address derives from (owner, mints, index).

        Searched near `created_at`, else read from the account on chain (owner program and user field).
        Raises OrderNotProven; GatewayUnavailable when the chain had to be asked and did not answer.
        """
        ...


class Submitter(Protocol):
    """Everything between a signed transaction and its settlement, from the chain's point of view."""

    async def build(self, intent: intents.Intent, limits: intents.Limits | None = None) -> str:
        """Our own unsigned transaction (base64) for what needs no Jupiter: Send and Unwrap.

        Its priority fee is within the limits. Raises OrderRejected for a receiver that would lose it.
        """
        ...

    async def check(self, intent: intents.Intent, transaction: str, limits: intents.Limits) -> None:
        """Blockhash alive, and the simulation within what was confirmed, as the settings require.

        Raises TransactionMismatch, OrderRejected (the simulation fails: with its reason in plain words),
        GatewayUnavailable.
        """
        ...

    def describe(self, transaction: str) -> str:
        """A transaction in named instructions, for the operator; whatever it is, this raises nothing."""
        ...

    async def fetch_last_valid_height(self, blockhash: str) -> int:
        """Above this block height a transaction with this blockhash can never land: a safe upper bound."""
        ...

    async def send(self, signed: bytes) -> None:
        """Hand the bytes to the RPC. Sending the same bytes again is harmless.

        Raises GatewayUnavailable when surely nothing was sent, OutcomeUnknown for everything else.
        """
        ...

    async def fetch_status(
        self, signature: str, *, history: bool = False, min_slot: int = 0
    ) -> SignatureStatus | None:
        """None = not seen. `history` searches beyond the recent statuses.

        A None from a node that has not seen `min_slot` yet raises GatewayUnavailable: it proves nothing.
        """
        ...

    async def fetch_finalized(self) -> Finalized: ...
