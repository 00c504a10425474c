"""A chain in memory: blockhashes that die, transactions that land late, never or with an error.

A transaction is the JSON of its intent with a blockhash and a number of its own, so that a second one for
the same intent is another transaction, as on the real chain.
"""

import base64
import hashlib
import json
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from bot import errors, ports
from bot.domain import addresses, amounts, intents, orders
from tests.fakes.faults import Faults

BLOCKS_PER_SECOND = 2.5
BLOCKHASH_LIFE = 150
FINALIZED_AFTER = 32
RECENT = 300
"""Blocks after which a status is found by a search of the history only."""


def make_address(seed: str) -> str:
    """A valid address, always the same for the same seed."""
    return addresses.encode_base58(hashlib.sha256(seed.encode()).digest())


@dataclass
class _Flying:
    raw: bytes
    lands_at: int


@dataclass(frozen=True)
class _Landed:
    height: int
    error: str | None
    intent: intents.Intent


class Ledger:
    """What the network knows. `tick` makes blocks."""

    def __init__(self) -> None:
        self.height = 1_000.0
        self.delays: deque[int | None] = deque()
        """Blocks until the next transactions land; None = lost on the way. Empty = 1."""
        self.failures: deque[str | None] = deque()
        """How the next transactions to land fail."""
        self.landed: dict[str, _Landed] = {}
        self.received: list[str] = []
        """Signature of every transaction that was handed in, in sequence, repetitions included."""
        self._flying: dict[str, _Flying] = {}
        self._number = 0
        self._last_valid: dict[str, int] = {}

    def tick(self, seconds: float) -> None:
        self.height += seconds * BLOCKS_PER_SECOND
        for signature, flying in list(self._flying.items()):
            content = json.loads(flying.raw)
            if flying.lands_at > self.height:
                continue
            del self._flying[signature]
            if flying.lands_at <= self._last_valid[content["blockhash"]] and signature not in self.landed:
                error = self.failures.popleft() if self.failures else None
                intent = intents.from_json(content["intent"])
                self.landed[signature] = _Landed(flying.lands_at, error, intent)

    def make_transaction(self, intent: intents.Intent) -> str:
        self._number += 1
        blockhash = make_address(f"blockhash {int(self.height)}")
        self._last_valid[blockhash] = int(self.height) + BLOCKHASH_LIFE
        content = {"intent": intents.to_json(intent), "blockhash": blockhash, "number": self._number}
        return base64.b64encode(json.dumps(content).encode()).decode()

    def last_valid_height(self, blockhash: str) -> int:
        return self._last_valid[blockhash]

    def receive(self, raw: bytes) -> None:
        """A node takes the bytes; the same bytes again change nothing."""
        signature = sign(raw)
        self.received.append(signature)
        if signature in self.landed or signature in self._flying:
            return
        delay = self.delays.popleft() if self.delays else 1
        if delay is not None:
            self._flying[signature] = _Flying(raw, int(self.height) + delay)

    def executed(self, intent: intents.Intent) -> int:
        """How many times it happened, without error."""
        return sum(item.intent == intent and item.error is None for item in self.landed.values())


def sign(raw: bytes) -> str:
    """The signature, which depends on nothing but the bytes."""
    return addresses.encode_base58(hashlib.sha512(raw).digest())


def decode(transaction: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.b64decode(transaction))
    return content


class FakeSubmitter:
    """Implements ports.Submitter on a Ledger."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self.ledger = ledger
        self._faults = faults
        self.says: deque[ports.SignatureStatus] = deque()
        """What the next looks see of forks that will not last, before anything of the ledger."""
        self.min_slots: list[int] = []
        """Of the searches in the history."""

    async def build(self, intent: intents.Intent, limits: intents.Limits | None = None) -> str:
        return self._faults.call("build", lambda: self.ledger.make_transaction(intent))

    async def check(self, intent: intents.Intent, transaction: str, limits: intents.Limits) -> None:
        def check() -> None:
            if self.ledger.last_valid_height(decode(transaction)["blockhash"]) < self.ledger.height:
                raise errors.OrderRejected("The transaction was too old to be signed.")

        self._faults.call("check", check)

    def describe(self, transaction: str) -> str:
        return f"decoded {transaction}"

    async def fetch_last_valid_height(self, blockhash: str) -> int:
        return self._faults.call("last_valid", lambda: self.ledger.last_valid_height(blockhash) + 5)

    async def send(self, signed: bytes) -> None:
        self._faults.call("send", lambda: self.ledger.receive(signed))

    async def fetch_status(
        self, signature: str, *, history: bool = False, min_slot: int = 0
    ) -> ports.SignatureStatus | None:
        if history:
            self.min_slots.append(min_slot)

        def look() -> ports.SignatureStatus | None:
            if self.says:
                return self.says.popleft()
            found = self.ledger.landed.get(signature)
            if found is None:
                return None
            age = self.ledger.height - found.height
            if age > RECENT and not history:
                return None
            return ports.SignatureStatus(found.height, age >= 1, age >= FINALIZED_AFTER, found.error)

        return self._faults.call("history" if history else "status", look)

    async def fetch_finalized(self) -> ports.Finalized:
        def look() -> ports.Finalized:
            height = int(self.ledger.height) - FINALIZED_AFTER
            return ports.Finalized(height=height, slot=height)

        return self._faults.call("height", look)


@dataclass
class FakeChain:
    """Implements ports.Chain."""

    faults: Faults
    lamports: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, dict[str, int]] = field(default_factory=dict)
    mints: dict[str, ports.Mint] = field(default_factory=dict)
    missing: set[tuple[str, str]] = field(default_factory=set)
    """(owner, mint) without a token account."""
    programs: set[str] = field(default_factory=set)
    """Addresses that belong to programs."""

    def fund(self, owner: str, *, lamports: int = 0, **tokens: int) -> None:
        """`usdc=…` by name for the common ones."""
        names = {"usdc": amounts.USDC_MINT, "usdt": amounts.USDT_MINT, "wsol": amounts.WSOL_MINT}
        self.lamports[owner] = lamports
        self.tokens[owner] = {names[name]: raw for name, raw in tokens.items()}

    async def fetch_holdings(self, owner: str) -> ports.Holdings:
        return self.faults.call(
            "holdings", lambda: ports.Holdings(self.lamports.get(owner, 0), dict(self.tokens.get(owner, {})))
        )

    async def fetch_mints(self, mints: Collection[str]) -> dict[str, ports.Mint]:
        return self.faults.call(
            "mints", lambda: {mint: self.mints[mint] for mint in mints if mint in self.mints}
        )

    async def is_wallet(self, address: str) -> bool:
        return self.faults.call("is_wallet", lambda: address not in self.programs)

    async def fetch_missing_accounts(self, owner: str, mints: Collection[str]) -> frozenset[str]:
        return self.faults.call(
            "missing", lambda: frozenset(mint for mint in mints if (owner, mint) in self.missing)
        )


class FakeProver:
    """Implements ports.OrderProver: every order has index 7, but for those of strangers."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.strangers: set[str] = set()

    async def prove(self, order: orders.Order) -> int:
        def prove() -> int:
            if order.key in self.strangers:
                raise errors.OrderNotProven
            return 7

        return self._faults.call("prove", prove)
