"""Wallets with their sealed keys. Nothing here can open one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import errors, texts
from bot.domain.wallets import SealedSeed, Wallet
from bot.storage import database
from bot.storage.schema import wallets

_LIST = sa.select(wallets).where(wallets.c.user_id == sa.bindparam("user_id")).order_by(wallets.c.id)
_WATCHERS = sa.select(wallets).where(wallets.c.pubkey == sa.bindparam("pubkey")).order_by(wallets.c.id)
_BY_PUBKEY = _LIST.where(wallets.c.pubkey == sa.bindparam("pubkey"))


class SqlWalletStore:
    """ports.WalletStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def add(
        self,
        user_id: int,
        pubkey: str,
        name: str,
        sealed: SealedSeed | None,
        added_at: datetime,
        limit: int,
    ) -> Wallet:
        """An address that becomes owned keeps its id, name and `added_at`; a sealed key is never replaced."""
        async with self._db.writing() as tx:
            await tx.serialise("wallets", user_id)
            mine = await tx.fetch(_of(user_id), build_wallet)
            known = next((wallet for wallet in mine if wallet.pubkey == pubkey), None)
            if known is not None and (known.owned or sealed is None):
                return known
            if known is not None:
                change = sa.update(wallets).where(wallets.c.id == known.id).values(_sealed(sealed))
                return (await tx.fetch(change.returning(wallets), build_wallet))[0]
            if len(mine) >= limit:
                raise errors.TooManyWallets(texts.WALLETS_FULL.format(limit=limit))
            fresh = sa.insert(wallets).values(
                user_id=user_id,
                pubkey=pubkey,
                name=name,
                is_default=not mine,
                added_at=added_at,
                **_sealed(sealed),
            )
            return (await tx.fetch(fresh.returning(wallets), build_wallet))[0]

    async def find(self, user_id: int, wallet_id: int) -> Wallet | None:
        async with self._db.reading() as tx:
            return await tx.find(_of(user_id).where(wallets.c.id == wallet_id), build_wallet)

    async def find_by_pubkey(self, user_id: int, pubkey: str) -> Wallet | None:
        async with self._db.reading() as tx:
            return await tx.find(_BY_PUBKEY, build_wallet, user_id=user_id, pubkey=pubkey)

    async def list_of(self, user_id: int) -> list[Wallet]:
        async with self._db.reading() as tx:
            return await tx.fetch(_LIST, build_wallet, user_id=user_id)

    async def watchers(self, pubkey: str) -> list[Wallet]:
        async with self._db.reading() as tx:
            return await tx.fetch(_WATCHERS, build_wallet, pubkey=pubkey)

    async def rename(self, user_id: int, wallet_id: int, name: str) -> None:
        async with self._db.writing() as tx:
            await tx.run(sa.update(wallets).where(_is(user_id, wallet_id)).values(name=name))

    async def make_default(self, user_id: int, wallet_id: int) -> None:
        """Somebody else's wallet, or one that is gone, changes nothing."""
        async with self._db.writing() as tx:
            await tx.serialise("wallets", user_id)
            if await tx.find(sa.select(wallets.c.id).where(_is(user_id, wallet_id)), bool):
                await _clear_default(tx, user_id)
                await tx.run(sa.update(wallets).where(_is(user_id, wallet_id)).values(is_default=True))

    async def remove(self, user_id: int, wallet_id: int) -> None:
        async with self._db.writing() as tx:
            await tx.serialise("wallets", user_id)
            await tx.run(sa.delete(wallets).where(_is(user_id, wallet_id)))
            left = await tx.fetch(_of(user_id), build_wallet)
            if left and not any(wallet.default for wallet in left):
                await tx.run(sa.update(wallets).where(wallets.c.id == left[0].id).values(is_default=True))

    async def count_by_key_id(self) -> dict[str, int]:
        async with self._db.reading() as tx:
            rows = sa.select(wallets.c.key_id, sa.func.count()).where(wallets.c.key_id.is_not(None))
            return dict(await tx.fetch(rows.group_by(wallets.c.key_id), tuple))

    async def page_owned(self, after_id: int, limit: int) -> list[Wallet]:
        async with self._db.reading() as tx:
            rows = sa.select(wallets).where(wallets.c.id > after_id, wallets.c.box.is_not(None))
            return await tx.fetch(rows.order_by(wallets.c.id).limit(limit), build_wallet)

    async def replace_sealed(self, wallet_id: int, old: SealedSeed, new: SealedSeed) -> bool:
        async with self._db.writing() as tx:
            unchanged = [wallets.c[name] == value for name, value in _sealed(old).items()]
            change = sa.update(wallets).where(wallets.c.id == wallet_id, *unchanged).values(_sealed(new))
            return await tx.run(change) == 1


def _of(user_id: int) -> sa.Select[Any]:
    return sa.select(wallets).where(wallets.c.user_id == user_id).order_by(wallets.c.id)


def _is(user_id: int, wallet_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(wallets.c.user_id == user_id, wallets.c.id == wallet_id)


async def _clear_default(tx: database.Transaction, user_id: int) -> None:
    # Apart from setting the new one: the unique index is checked row by row.
    change = sa.update(wallets).where(wallets.c.user_id == user_id, wallets.c.is_default)
    await tx.run(change.values(is_default=False))


def _sealed(sealed: SealedSeed | None) -> dict[str, Any]:
    if sealed is None:
        return {"seed_version": None, "key_id": None, "box": None}
    return {"seed_version": sealed.version, "key_id": sealed.key_id, "box": sealed.box}


def build_wallet(row: sa.Row[Any]) -> Wallet:
    return Wallet(
        id=row.id,
        user_id=row.user_id,
        pubkey=row.pubkey,
        name=row.name,
        default=row.is_default,
        added_at=row.added_at,
        sealed=None if row.box is None else SealedSeed(row.seed_version, row.key_id, bytes(row.box)),
    )
