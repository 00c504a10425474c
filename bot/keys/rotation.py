"""Rotation of master keys over all stored wallets: reseal, verify, retire.

Every step may be killed at any moment and run again: a row is under its old key or under the new one, whole.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot import errors, ports
from bot.domain import wallets
from bot.keys import keyring, vault

BATCH = 100


class SealedRows(Protocol):
    """The part of ports.WalletStore that rotation needs; each method is described there."""

    async def count_by_key_id(self) -> dict[str, int]: ...

    async def page_owned(self, after_id: int, limit: int) -> list[wallets.Wallet]: ...

    async def replace_sealed(
        self, wallet_id: int, old: wallets.SealedSeed, new: wallets.SealedSeed
    ) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    moved: int
    """Rows that this run put under the current key."""
    current: int
    """Rows that were under it already."""
    changed: int
    """Rows that somebody else changed or removed meanwhile; run again to be sure."""
    failed: tuple[int, ...]
    """Ids of wallets whose key could not be opened; left as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    opened: int
    failed: tuple[int, ...]
    """Ids of wallets whose key could not be opened."""


async def require_known_keys(store: SealedRows, ring: keyring.Keyring) -> None:
    """Refuse a keyring that lacks a key which some wallet is sealed under. Raises ConfigurationError."""
    counts = await store.count_by_key_id()
    missing = {key_id: count for key_id, count in sorted(counts.items()) if key_id not in ring.keys}
    if missing:
        raise errors.ConfigurationError(
            f"{keyring.SETTING}: {sum(missing.values())} wallets are sealed under keys that it does not have "
            f"({', '.join(missing)}); restore the keyring that belongs to this database"
        )


async def reseal(
    store: SealedRows, transaction: ports.Transactions, keys: vault.Vault, *, batch: int = BATCH
) -> Resealed:
    """Put every owned wallet's seed under the current key; durable batch by batch.

    A wallet that cannot be opened is skipped, so that it does not hold up the others.
    """
    moved = current = changed = 0
    failed: list[int] = []
    after_id = 0
    while page := await store.page_owned(after_id, batch):
        after_id = page[-1].id
        changes: list[tuple[int, wallets.SealedSeed, wallets.SealedSeed]] = []
        for wallet in page:
            old = _sealed(wallet)
            if old.key_id == keys.current_key_id:
                current += 1
                continue
            try:
                changes.append((wallet.id, old, keys.reseal(wallet)))
            except errors.VaultError:
                failed.append(wallet.id)
        # One wait for the disk per batch, and none of the cryptography while the database is locked.
        async with transaction():
            done = [await store.replace_sealed(*change) for change in changes]
        moved += sum(done)
        changed += len(done) - sum(done)
    return Resealed(moved=moved, current=current, changed=changed, failed=tuple(failed))


async def verify(store: SealedRows, keys: vault.Vault, *, batch: int = BATCH) -> Verified:
    """Open every owned wallet and hold its address against its key. Changes nothing."""
    opened = 0
    failed: list[int] = []
    after_id = 0
    while page := await store.page_owned(after_id, batch):
        after_id = page[-1].id
        for wallet in page:
            try:
                keys.authenticate(wallet)
            except errors.VaultError:
                failed.append(wallet.id)
            else:
                opened += 1
    return Verified(opened=opened, failed=tuple(failed))


async def retire(
    store: SealedRows, path: Path, key_id: str, *, database_folder: Path | None
) -> keyring.Keyring:
    """Forget a key that no wallet needs any more. Raises NotAllowed, NotFound, ConfigurationError.

    The caller keeps the bot from running meanwhile: one that was started before `add` still seals new
    wallets under the key that was current then.
    """
    used = (await store.count_by_key_id()).get(key_id, 0)
    if used:
        raise errors.NotAllowed(f"{used} wallets are sealed under {key_id}; run keys reseal first.")
    return keyring.retire(path, key_id, database_folder=database_folder)


def _sealed(wallet: wallets.Wallet) -> wallets.SealedSeed:
    if wallet.sealed is None:
        raise errors.StorageError(f"Wallet {wallet.id} was listed as owned but has no key.")
    return wallet.sealed
