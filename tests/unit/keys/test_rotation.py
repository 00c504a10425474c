"""Rotation of master keys: killed anywhere, repeated any number of times, it never loses a wallet."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import errors
from bot.domain import wallets
from bot.keys import keyring, rotation, vault
from tests.fakes import keys as fakes

OLD, NEW = keyring.MasterKey.generate(), keyring.MasterKey.generate()
BEFORE = vault.Vault(fakes.make_ring(OLD))
BOTH = vault.Vault(fakes.make_ring(OLD, NEW))
AFTER = vault.Vault(fakes.make_ring(NEW))
IDS = (1, 2, 3, 9, 10, 20, 21)
WALLETS = [fakes.create_wallet(BEFORE, wallet_id=number, user_id=number % 2) for number in IDS]
WATCHED = fakes.make_wallet(100, 1, WALLETS[0].pubkey, None)


def _rows() -> fakes.FakeSealedRows:
    return fakes.FakeSealedRows(*WALLETS, WATCHED)


def _broken(wallet: wallets.Wallet) -> wallets.Wallet:
    return replace(wallet, user_id=wallet.user_id + 1)


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
async def test_reseal_moves_every_wallet(batch: int) -> None:
    """Whatever the batch size: afterwards the old key is not needed any more."""
    rows = _rows()
    done = await rotation.reseal(rows, rows.transaction, BOTH, batch=batch)
    assert done == rotation.Resealed(moved=7, current=0, changed=0, failed=())
    assert await rows.count_by_key_id() == {NEW.id: 7}
    assert (await rotation.verify(rows, AFTER, batch=batch)) == rotation.Verified(opened=7, failed=())


async def test_reseal_again_does_nothing() -> None:
    """A repeat leaves every box as it is."""
    rows = _rows()
    await rotation.reseal(rows, rows.transaction, BOTH)
    before = dict(rows.rows)
    assert (await rotation.reseal(rows, rows.transaction, BOTH)).current == 7
    assert rows.rows == before


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), max_size=6), st.integers(1, 4))
async def test_a_killed_reseal_can_go_on(kills: list[int], batch: int) -> None:
    """After every kill all wallets open, and running it until it ends moves each exactly once."""
    rows = _rows()
    for kill in kills:
        rows.kill_after = kill
        with contextlib.suppress(fakes.Killed):
            await rotation.reseal(rows, rows.transaction, BOTH, batch=batch)
        assert (await rotation.verify(rows, BOTH)).opened == 7
    rows.kill_after = None
    await rotation.reseal(rows, rows.transaction, BOTH, batch=batch)
    assert (await rotation.verify(rows, AFTER)).opened == 7


async def test_a_row_that_changes_meanwhile_is_left_alone() -> None:
    """Compare-and-set: what somebody else wrote in between is not overwritten."""
    rows = _rows()
    fresh = fakes.create_wallet(BOTH, wallet_id=WALLETS[0].id, user_id=WALLETS[0].user_id)
    listed = await rows.page_owned(0, 100)
    rows.rows[fresh.id] = fresh
    del rows.rows[WALLETS[1].id]

    async def stale(after_id: int, limit: int) -> list[wallets.Wallet]:
        return listed if after_id == 0 else []

    rows.page_owned = stale  # type: ignore[method-assign]  # the listing is older than the rows
    done = await rotation.reseal(rows, rows.transaction, BOTH)
    assert (done.moved, done.changed) == (5, 2)
    assert rows.rows[fresh.id] == fresh
    assert WALLETS[1].id not in rows.rows


async def test_a_broken_row_does_not_hold_up_the_others() -> None:
    """It is named and left as it is; everything else is moved."""
    rows = _rows()
    rows.rows[9] = _broken(rows.rows[9])
    before = rows.rows[9]
    done = await rotation.reseal(rows, rows.transaction, BOTH, batch=2)
    assert (done.moved, done.failed) == (6, (9,))
    assert rows.rows[9] == before


async def test_verify_opens_every_wallet() -> None:
    """Each one that does not open is named, the last one too; watched ones do not count."""
    rows = _rows()
    for wallet_id in (3, 21):
        rows.rows[wallet_id] = _broken(rows.rows[wallet_id])
    assert await rotation.verify(rows, BOTH, batch=3) == rotation.Verified(opened=5, failed=(3, 21))


async def test_a_foreign_keyring_is_refused_at_start() -> None:
    """One line that says how many wallets it cannot open, before anything else happens."""
    rows = _rows()
    await rotation.require_known_keys(rows, fakes.make_ring(OLD, NEW))
    with pytest.raises(errors.ConfigurationError, match=rf"^KEYRING_FILE: 7 wallets .*\({OLD.id}\)"):
        await rotation.require_known_keys(rows, fakes.make_ring(NEW))
    await rotation.require_known_keys(fakes.FakeSealedRows(WATCHED), fakes.make_ring(NEW))


async def test_a_key_in_use_is_not_retired(tmp_path: Path) -> None:
    """One row is enough to keep it; when the last has moved, it goes."""
    path = tmp_path / "keyring.json"
    first = keyring.init(path, database_folder=None)
    wallet = fakes.create_wallet(vault.Vault(first))
    rows = fakes.FakeSealedRows(wallet)
    second = keyring.add(path, database_folder=None)
    with pytest.raises(errors.NotAllowed, match=r"1 wallets .* keys reseal"):
        await rotation.retire(rows, path, first.current, database_folder=None)
    assert keyring.load(path, database_folder=None) == second
    await rotation.reseal(rows, rows.transaction, vault.Vault(second))
    left = await rotation.retire(rows, path, first.current, database_folder=None)
    assert list(left.keys) == [second.current]
    assert (await rotation.verify(rows, vault.Vault(left))).opened == 1


async def test_the_current_key_is_not_retired(tmp_path: Path) -> None:
    """Also when no wallet uses it yet."""
    path = tmp_path / "keyring.json"
    ring = keyring.init(path, database_folder=None)
    with pytest.raises(errors.NotAllowed, match="current"):
        await rotation.retire(fakes.FakeSealedRows(), path, ring.current, database_folder=None)
