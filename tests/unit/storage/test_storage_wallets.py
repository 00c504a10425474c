"""Wallets: one default, ids for good, sealed keys that only change on purpose."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot import errors, storage
from bot.domain.wallets import SealedSeed, Wallet
from bot.storage import schema
from tests.fakes.storage import NOW

SEALED = SealedSeed(1, "k1", b"\x00sealed\xff")


async def add(
    stores: storage.Storage, pubkey: str, *, user: int = 1, sealed: SealedSeed | None = None, limit: int = 20
) -> Wallet:
    return await stores.wallets.add(user, pubkey, f"name of {pubkey}", sealed, NOW, limit)


async def defaults(stores: storage.Storage, user: int = 1) -> list[str]:
    return [wallet.pubkey for wallet in await stores.wallets.list_of(user) if wallet.default]


async def test_the_first_wallet_is_the_default(stores: storage.Storage) -> None:
    """Per person; later ones are not."""
    first, second, other = await add(stores, "a"), await add(stores, "b"), await add(stores, "a", user=2)
    assert (first.default, second.default, other.default) == (True, False, True)
    assert first == Wallet(
        id=first.id, user_id=1, pubkey="a", name="name of a", default=True, added_at=NOW, sealed=None
    )
    assert await stores.wallets.list_of(1) == [first, second]
    assert await stores.wallets.watchers("a") == [first, other]


async def test_a_wallet_is_its_persons_only(stores: storage.Storage) -> None:
    """Another person finds, renames, prefers and removes nothing, by id or address."""
    mine = await add(stores, "a", sealed=SEALED)
    assert await stores.wallets.find(2, mine.id) is None
    assert await stores.wallets.find_by_pubkey(2, "a") is None
    await stores.wallets.rename(2, mine.id, "stolen")
    await stores.wallets.make_default(2, mine.id)
    await stores.wallets.remove(2, mine.id)
    assert await stores.wallets.find(1, mine.id) == mine
    assert await stores.wallets.find_by_pubkey(1, "a") == mine


async def test_adding_again_changes_nothing(stores: storage.Storage) -> None:
    """Neither the name, nor the time from which fills are news, nor a sealed key that is there."""
    owned = await add(stores, "a", sealed=SEALED)
    again = await stores.wallets.add(1, "a", "other", SealedSeed(1, "k2", b"x"), NOW + timedelta(1), 1)
    assert again == owned
    assert await stores.wallets.add(1, "a", "other", None, NOW + timedelta(1), 1) == owned
    assert await stores.wallets.list_of(1) == [owned]


async def test_a_watched_wallet_becomes_owned(stores: storage.Storage) -> None:
    """Same id and name; the limit does not stand in the way, because nothing is added."""
    watched = await add(stores, "a")
    owned = await add(stores, "a", sealed=SEALED, limit=1)
    assert owned == replace(watched, sealed=SEALED)
    assert owned.owned
    assert await stores.wallets.find(1, watched.id) == owned


async def test_no_more_wallets_than_the_limit(stores: storage.Storage) -> None:
    """The one too many is refused with a sentence, and only for the person who has that many."""
    await add(stores, "a", limit=1)
    with pytest.raises(errors.TooManyWallets, match="allowed here: 1"):
        await add(stores, "b", limit=1)
    await add(stores, "b", user=2, limit=1)
    assert len(await stores.wallets.list_of(1)) == 1


async def test_a_refused_wallet_leaves_the_transaction_usable(stores: storage.Storage) -> None:
    """A service may catch the limit and go on in the same transaction."""
    async with stores.transaction():
        await add(stores, "a", limit=1)
        with pytest.raises(errors.TooManyWallets):
            await add(stores, "b", limit=1)
    assert await defaults(stores) == ["a"]


async def test_making_another_the_default(stores: storage.Storage) -> None:
    """There is one at any time; a wallet that is not there takes it from nobody."""
    await add(stores, "a")
    second = await add(stores, "b")
    await stores.wallets.make_default(1, second.id)
    assert await defaults(stores) == ["b"]
    await stores.wallets.make_default(1, second.id + 100)
    assert await defaults(stores) == ["b"]


async def test_two_defaults_are_impossible(stores: storage.Storage) -> None:
    """Whatever the code does, the database refuses."""
    await add(stores, "a")
    await add(stores, "b")
    with pytest.raises(errors.StorageError):
        async with stores.database.writing() as tx:
            await tx.run(sa.update(schema.wallets).values(is_default=True))
    assert await defaults(stores) == ["a"]


async def test_removing_the_default_promotes_the_oldest(stores: storage.Storage) -> None:
    """And a removed wallet's id is never given to another."""
    first, second, third = await add(stores, "a"), await add(stores, "b"), await add(stores, "c")
    await stores.wallets.remove(1, third.id)
    assert await defaults(stores) == ["a"]
    await stores.wallets.remove(1, first.id)
    assert await defaults(stores) == ["b"]
    await stores.wallets.remove(1, second.id)
    again = await add(stores, "c")
    assert again.default
    assert again.id > third.id


async def test_renaming(stores: storage.Storage) -> None:
    """Any text at all: what a database cannot hold is replaced, not refused."""
    wallet = await add(stores, "a")
    await stores.wallets.rename(1, wallet.id, "Zoë 🟢 \0\ud800")
    renamed = await stores.wallets.find(1, wallet.id)
    assert renamed is not None
    assert renamed.name == "Zoë 🟢 \ufffd\ufffd"


async def test_owned_wallets_are_paged_by_id(stores: storage.Storage) -> None:
    """Everybody's, without the watched ones; counted by master key."""
    one = await add(stores, "a", sealed=SEALED)
    await add(stores, "b")
    two = await add(stores, "a", user=2, sealed=SealedSeed(1, "k2", b"x"))
    three = await add(stores, "c", sealed=SEALED)
    assert await stores.wallets.page_owned(0, 2) == [one, two]
    assert await stores.wallets.page_owned(two.id, 2) == [three]
    assert await stores.wallets.count_by_key_id() == {"k1": 2, "k2": 1}


@pytest.mark.parametrize(
    "stale", [SealedSeed(2, "k1", SEALED.box), SealedSeed(1, "k0", SEALED.box), SealedSeed(1, "k1", b"x")]
)
async def test_a_changed_seal_is_not_replaced(stores: storage.Storage, stale: SealedSeed) -> None:
    """Compare-and-set over version, key id and box."""
    wallet = await add(stores, "a", sealed=SEALED)
    new = SealedSeed(2, "k9", b"new")
    assert not await stores.wallets.replace_sealed(wallet.id, stale, new)
    assert await stores.wallets.find(1, wallet.id) == wallet
    assert await stores.wallets.replace_sealed(wallet.id, SEALED, new)
    assert await stores.wallets.find(1, wallet.id) == replace(wallet, sealed=new)


async def test_half_a_seal_is_impossible(stores: storage.Storage) -> None:
    """The database refuses a sealed key without the id of its master key."""
    await add(stores, "a", sealed=SEALED)
    with pytest.raises(errors.StorageError):
        async with stores.database.writing() as tx:
            await tx.run(sa.update(schema.wallets).values(key_id=None))
