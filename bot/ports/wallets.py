"""Everybody's wallets."""

from datetime import datetime
from typing import Protocol

from bot.domain import wallets


class WalletStore(Protocol):
    async def add(
        self,
        user_id: int,
        pubkey: str,
        name: str,
        sealed: wallets.SealedSeed | None,
        added_at: datetime,
        limit: int,
    ) -> wallets.Wallet:
        """Insert, or turn a watched one into an owned one. The person's first wallet becomes the default.

        Adding what is there already returns it unchanged. Raises TooManyWallets beyond `limit`.
        """
        ...

    async def find(self, user_id: int, wallet_id: int) -> wallets.Wallet | None: ...

    async def find_by_pubkey(self, user_id: int, pubkey: str) -> wallets.Wallet | None: ...

    async def list_of(self, user_id: int) -> list[wallets.Wallet]:
        """Oldest first."""
        ...

    async def watchers(self, pubkey: str) -> list[wallets.Wallet]:
        """Everybody's rows for an address: whom its fills concern."""
        ...

    async def rename(self, user_id: int, wallet_id: int, name: str) -> None: ...

    async def make_default(self, user_id: int, wallet_id: int) -> None: ...

    async def remove(self, user_id: int, wallet_id: int) -> None:
        """Remove for good, sealed key included; the oldest remaining wallet becomes the default if needed."""
        ...

    async def count_by_key_id(self) -> dict[str, int]: ...

    async def page_owned(self, after_id: int, limit: int) -> list[wallets.Wallet]:
        """Owned wallets of everybody by id, for verify and reseal."""
        ...

    async def replace_sealed(self, wallet_id: int, old: wallets.SealedSeed, new: wallets.SealedSeed) -> bool:
        """Compare-and-set; False when the row changed meanwhile."""
        ...
