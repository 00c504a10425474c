"""Block heights, slots and blockhashes. They go by real time, whatever the speed of order time.

A blockhash is derived from its height and a secret drawn once per sandbox, so that none has to be stored and
a transaction signed before a restart can still land, or lapse, after it. LiteSVM knows one blockhash only:
this window of 150 takes the place of its check.
"""

import secrets
import time
from collections.abc import Callable
from hashlib import sha256

from solders.hash import Hash

from bot.sandbox.store import Store

SECONDS_PER_SLOT = 0.4
LIFETIME = 150
"""Blocks after its own for which a blockhash is accepted."""
_REMEMBERED = 2 * LIFETIME
_FIRST_HEIGHT = 310_000_000
_SKIPPED = 22_000_000
"""Slots run ahead of heights on the real chain as well: a program that mixes them up shall fail here."""


class Slots:
    def __init__(
        self,
        store: Store,
        *,
        real: Callable[[], float] = time.time,
        finality: int = 4,
        slot_s: float = SECONDS_PER_SLOT,
    ) -> None:
        self._real = real
        self.seconds = slot_s
        """Of a slot."""
        self._depth = {"processed": 0, "confirmed": 1, "finalized": finality}
        kept = store.load("slots")
        self._started = float(kept.get("started", 0.0)) or real()
        self._secret = bytes.fromhex(kept["secret"]) if "secret" in kept else secrets.token_bytes(32)
        self._top = 0
        self._heights: dict[Hash, int] = {}
        with store.unit():
            store.put("slots", "started", self._started)
            store.put("slots", "secret", self._secret.hex())

    def height(self, commitment: str = "processed") -> int:
        """Block height at a commitment; never goes back. Raises KeyError for an unknown commitment."""
        passed = int((self._real() - self._started) / self.seconds)
        self._top = max(self._top, _FIRST_HEIGHT + max(0, passed))
        return self._top - self._depth[commitment]

    def slot(self, commitment: str = "processed") -> int:
        return self.slot_of(self.height(commitment))

    def slot_of(self, height: int) -> int:
        return height + _SKIPPED

    def commitment_of(self, height: int) -> str:
        """How settled a block of this height is by now."""
        age = self.height() - height
        if age >= self._depth["finalized"]:
            return "finalized"
        return "confirmed" if age >= self._depth["confirmed"] else "processed"

    def blockhash(self, height: int) -> Hash:
        return Hash(sha256(self._secret + height.to_bytes(8, "little")).digest())

    def latest(self, commitment: str = "processed") -> tuple[Hash, int]:
        """A fresh blockhash and the last block height at which it is accepted."""
        height = self.height(commitment)
        return self.blockhash(height), height + LIFETIME

    def valid(self, blockhash: Hash, commitment: str = "processed") -> bool:
        """Whether a transaction with this blockhash would be accepted in the next block."""
        top = self.height()
        if len(self._heights) > 4 * _REMEMBERED:
            self._heights.clear()
        newest = max(self._heights.values(), default=0)
        for height in range(max(newest + 1, top - _REMEMBERED), top + 1):
            self._heights[self.blockhash(height)] = height
        found = self._heights.get(blockhash)
        now = self.height(commitment)
        return found is not None and found <= now <= found + LIFETIME
