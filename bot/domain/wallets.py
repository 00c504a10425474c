"""A person's wallets: owned (a sealed key lies here) or watched (an address only)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealedSeed:
    """A wallet's 32-byte seed under a master key; worthless without the keyring."""

    version: int
    key_id: str
    box: bytes = field(repr=False)
    """Nonce, ciphertext and tag; what is bound as associated data is the vault's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    id: int
    user_id: int
    pubkey: str
    name: str
    default: bool
    added_at: datetime
    """On the order clock: fills confirmed before it are history, not news."""
    sealed: SealedSeed | None = None

    @property
    def owned(self) -> bool:
        return self.sealed is not None
