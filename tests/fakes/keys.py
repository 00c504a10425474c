"""Wallet rows in memory, for what the vault and the rotation do with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain import wallets
from bot.keys import keyring, vault

ADDED_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def make_ring(*keys: keyring.MasterKey) -> keyring.Keyring:
    """A ring of these keys, or of a fresh one; the last is current."""
    chosen = keys or (keyring.MasterKey.generate(),)
    return keyring.Keyring(chosen[-1].id, {key.id: key for key in chosen})


def make_wallet(
    wallet_id: int, user_id: int, pubkey: str, sealed: wallets.SealedSeed | None
) -> wallets.Wallet:
    return wallets.Wallet(
        id=wallet_id,
        user_id=user_id,
        pubkey=pubkey,
        name=f"Wallet {wallet_id}",
        default=False,
        added_at=ADDED_AT,
        sealed=sealed,
    )


def create_wallet(keys: vault.Vault, wallet_id: int = 1, user_id: int = 7) -> wallets.Wallet:
    return make_wallet(wallet_id, user_id, *keys.create(user_id))


class Killed(BaseException):
    """Stands for a kill: nobody may catch it."""


class FakeSealedRows:
    """Implements rotation.SealedRows and ports.Transactions.

    After `kill_after` writes it stops as a killed process does.
    """

    def __init__(self, *rows: wallets.Wallet) -> None:
        self.rows = {row.id: row for row in rows}
        self.kill_after: int | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Whole or not at all."""
        before = dict(self.rows)
        try:
            yield
        except BaseException:
            self.rows = before
            raise

    async def count_by_key_id(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in self.rows.values():
            if row.sealed is not None:
                counts[row.sealed.key_id] = counts.get(row.sealed.key_id, 0) + 1
        return counts

    async def page_owned(self, after_id: int, limit: int) -> list[wallets.Wallet]:
        ids = sorted(row.id for row in self.rows.values() if row.owned and row.id > after_id)
        return [self.rows[row_id] for row_id in ids[:limit]]

    async def replace_sealed(self, wallet_id: int, old: wallets.SealedSeed, new: wallets.SealedSeed) -> bool:
        if self.kill_after == 0:
            raise Killed
        if self.kill_after is not None:
            self.kill_after -= 1
        row = self.rows.get(wallet_id)
        if row is None or row.sealed != old:
            return False
        self.rows[wallet_id] = replace(row, sealed=new)
        return True
