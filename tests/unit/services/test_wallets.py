"""Wallets: durable when they are announced, authenticated when they are shown, gone when they are removed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot import errors, ports
from bot.domain import amounts, wallets
from bot.services.people import Access
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World, deposit

OTHER = 8
BONK, DUST = make_address("bonk mint"), make_address("dust mint")


async def test_the_first_wallet_is_the_default_and_names_count_on() -> None:
    async with worlds.open_world() as world:
        first = await world.wallets.create(USER)
        second = await world.wallets.create(USER, "Savings")
        third = await world.wallets.create(USER)
        assert [wallet.name for wallet in (first, second, third)] == ["Wallet 1", "Savings", "Wallet 3"]
        assert await world.wallets.default(USER) == first
        assert (await world.wallets.make_default(USER, second.id)).default
        assert await world.wallets.default(USER) == await world.wallets.get(USER, second.id)


async def test_a_new_wallet_is_due_for_a_look() -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        due = await world.stores.polls.take_due(world.time.clock.now(), 10)
        assert [target.owner for target in due] == [wallet.pubkey]


async def test_added_at_is_order_time() -> None:
    async with worlds.open_world(pace=60) as world:
        world.time.advance(10)
        wallet = await world.wallets.create(USER)
        assert wallet.added_at == world.time.order_clock.now()
        assert wallet.added_at != world.time.clock.now()


async def test_there_is_a_limit_and_it_counts_watched_ones() -> None:
    async with worlds.open_world() as world:
        for number in range(5):
            await world.wallets.watch(USER, make_address(f"w{number}"))
        with pytest.raises(errors.TooManyWallets):
            await world.wallets.create(USER)
        await world.wallets.watch(USER, make_address("w0"))


async def test_a_watched_wallet_becomes_owned_by_its_key() -> None:
    async with worlds.open_world() as world:
        watched = await world.wallets.watch(USER, make_address("key:mine"), "Mine")
        assert not watched.owned
        owned = await world.wallets.import_key(USER, "key:mine")
        assert owned.owned
        assert (owned.id, owned.name, owned.added_at) == (watched.id, "Mine", watched.added_at)


@pytest.mark.parametrize("text", ["nonsense", ""])
async def test_a_bad_key_is_refused_without_being_repeated(text: str) -> None:
    async with worlds.open_world() as world:
        with pytest.raises(errors.InvalidKey) as caught:
            await world.wallets.import_key(USER, text)
        assert not text or text not in str(caught.value)
        assert await world.wallets.list_of(USER) == []


async def test_another_person_s_wallet_does_not_exist() -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        for refused in (
            world.wallets.get(OTHER, wallet.id),
            world.wallets.rename(OTHER, wallet.id, "x"),
            world.wallets.remove(OTHER, wallet.id),
            world.wallets.make_default(OTHER, wallet.id),
            world.wallets.fetch_balances(OTHER, wallet.id),
            world.wallets.request_export(OTHER, wallet.id, OTHER),
        ):
            with pytest.raises(errors.WalletNotFound):
                await refused


async def _tamper(world: World, wallet: wallets.Wallet) -> None:
    """Somebody who can write to the database puts another person's box into this row."""
    foreign = (await world.wallets.create(OTHER)).sealed
    assert foreign is not None
    assert wallet.sealed is not None
    assert await world.stores.wallets.replace_sealed(wallet.id, wallet.sealed, foreign)


async def test_the_address_of_a_tampered_row_is_never_shown() -> None:
    """The other wallets stay usable; home says that something is wrong; removal still works."""
    async with worlds.open_world() as world:
        good = await world.wallets.create(USER)
        bad = await world.wallets.create(USER)
        await _tamper(world, bad)
        assert await world.wallets.list_of(USER) == [good]
        with pytest.raises(errors.VaultError):
            await world.wallets.get(USER, bad.id)
        assert (await world.home.look(USER)).attention.broken == 1
        (broken,) = await world.wallets.list_broken(USER)
        assert broken.id == (await world.wallets.find_any(USER, bad.id)).id == bad.id
        assert await world.wallets.is_broken(broken)
        await world.wallets.remove(USER, bad.id)
        assert await world.wallets.list_broken(USER) == []


async def test_balances_keep_native_and_wrapped_sol_apart() -> None:
    """Tokens by value, then by name; dust without a price last; zero balances left out."""
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        world.chain.fund(wallet.pubkey, lamports=2 * 10**9, wsol=10**9, usdc=5_000_000, usdt=0)
        world.chain.tokens[wallet.pubkey] |= {BONK: 7, DUST: 9}
        world.chain.mints = {BONK: ports.Mint(0, classic=True), DUST: ports.Mint(0, classic=True)}
        world.directory.tokens = {BONK: amounts.Token(BONK, "BONK", "Bonk", 0)}
        world.usd.usd[BONK] = Decimal(100)
        balances = await world.wallets.fetch_balances(USER, wallet.id)
        assert (balances.lamports, balances.sol_usd) == (2 * 10**9, Decimal(300))
        assert (balances.wrapped_raw, balances.wrapped_usd) == (10**9, Decimal(150))
        assert [item.token.mint for item in balances.tokens] == [BONK, amounts.USDC_MINT, DUST]
        assert balances.usd == Decimal(300 + 150 + 700 + 5)


async def test_balances_without_prices_are_balances() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        world.faults.plan("prices", errors.GatewayUnavailable())
        balances = await world.wallets.fetch_balances(USER, wallet.id)
        assert balances.lamports == 10**9
        assert balances.usd is None


async def test_a_sum_says_what_it_leaves_out() -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        world.chain.fund(wallet.pubkey, lamports=10**9, usdc=5_000_000)
        world.chain.tokens[wallet.pubkey] |= {DUST: 9}
        world.chain.mints = {DUST: ports.Mint(0, classic=True)}
        balances = await world.wallets.fetch_balances(USER, wallet.id)
        assert (balances.usd, balances.unpriced) == (Decimal(155), 1)
        world.faults.plan("prices", errors.GatewayUnavailable())
        assert (await world.wallets.fetch_balances(USER, wallet.id)).unpriced == 3


async def test_a_glance_remembers_and_does_not_wait_long() -> None:
    """What was seen a moment ago is not asked for again, and a silent node is not asked by everybody."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        other = await world.add_wallet()
        assert world.wallets.find_balances(wallet) is None
        seen = await world.wallets.glance([wallet])
        assert seen[wallet.id].lamports == 10**9
        calls = world.faults.calls["holdings"]
        world.chain.fund(wallet.pubkey, lamports=5)
        assert await world.wallets.glance([wallet]) == seen
        assert world.faults.calls["holdings"] == calls
        world.time.advance(31)
        assert (await world.wallets.glance([wallet]))[wallet.id].lamports == 5
        world.time.advance(31)
        world.faults.plan("holdings", errors.GatewayUnavailable(), times=9)
        late = await world.wallets.glance([wallet, other])
        assert set(late) == {wallet.id}
        assert late[wallet.id].lamports == 5
        calls = world.faults.calls["holdings"]
        await world.wallets.glance([other])
        assert world.faults.calls["holdings"] == calls


@pytest.mark.parametrize("name", ["", "   ", "x" * 33, "a\x00b", "a\u202eb"])
async def test_unfit_names_are_refused(name: str) -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        with pytest.raises(errors.InvalidInput):
            await world.wallets.rename(USER, wallet.id, name)
        assert (await world.wallets.get(USER, wallet.id)).name == "Wallet 1"


async def test_a_name_is_kept_tidy() -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        assert (await world.wallets.rename(USER, wallet.id, "  My   savings ")).name == "My savings"


async def test_no_two_wallets_have_one_name() -> None:
    """On a card they could be taken for each other."""
    async with worlds.open_world() as world:
        first = await world.wallets.create(USER, "My savings")
        second = await world.wallets.create(USER)
        for taken in ("My savings", " my  SAVINGS"):
            with pytest.raises(errors.InvalidInput, match="already"):
                await world.wallets.rename(USER, second.id, taken)
            with pytest.raises(errors.InvalidInput, match="already"):
                await world.wallets.watch(USER, make_address("w"), taken)
        assert (await world.wallets.rename(USER, first.id, "My Savings")).name == "My Savings"
        assert (await world.wallets.create(OTHER, "My savings")).name == "My savings"
        assert len(await world.wallets.list_of(USER)) == 2


async def test_a_wallet_with_something_under_way_stays() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        await world.confirm(deposit(wallet.pubkey))
        with pytest.raises(errors.NotAllowed, match="still under way"):
            await world.wallets.remove(USER, wallet.id)
        await world.actions.settle_once()
        await world.wallets.remove(USER, wallet.id)
        assert await world.wallets.list_of(USER) == []


# --- exports ------------------------------------------------------------------------------------------------


async def announced(world: World, wallet: wallets.Wallet, message_id: int) -> ports.Job:
    """An export whose Stop is in the chat."""
    asked = await world.wallets.request_export(USER, wallet.id, USER)
    job = await world.wallets.record_announced(asked, message_id)
    assert job is not None
    return job


async def test_what_was_not_announced_is_not_shown() -> None:
    """Nobody could have stopped it; and what was stopped meanwhile is not announced after all."""
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        job = await world.wallets.request_export(USER, wallet.id, USER)
        world.time.advance(15 * 60)
        assert await world.wallets.unsafe_reveal(job) is None
        assert await world.wallets.stop_export(USER, wallet.id)
        assert await world.wallets.record_announced(job, 5) is None
        assert await world.wallets.list_exports(USER) == []


async def test_a_key_is_shown_after_the_delay_and_once() -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        job = await announced(world, wallet, 5)
        assert await world.wallets.unsafe_reveal(job) is None
        world.time.advance(15 * 60)
        (due,) = await world.stores.jobs.list_due(world.time.clock.now())
        assert due == job
        revealed = await world.wallets.unsafe_reveal(due)
        assert revealed is not None
        assert revealed.startswith("secret of")
        assert await world.wallets.unsafe_reveal(due) is None


async def test_a_stopped_export_shows_nothing() -> None:
    async with worlds.open_world() as world:
        wallet = await world.wallets.create(USER)
        job = await announced(world, wallet, 5)
        assert await world.wallets.list_exports(USER) == [job]
        assert not await world.wallets.stop_export(OTHER, wallet.id)
        assert await world.wallets.stop_export(USER, wallet.id)
        assert not await world.wallets.stop_export(USER, wallet.id)
        assert await world.wallets.list_exports(USER) == []
        world.time.advance(15 * 60)
        assert await world.wallets.unsafe_reveal(job) is None


async def test_one_export_of_a_wallet_at_a_time() -> None:
    """Asking again begins anew, and any Stop stops it: no forgotten one shows the key after all."""
    async with worlds.open_world() as world:
        wallet, other = await world.wallets.create(USER), await world.wallets.create(USER)
        first = await announced(world, wallet, 5)
        kept = await announced(world, other, 6)
        world.time.advance(600)
        second = await announced(world, wallet, 7)
        assert await world.wallets.list_exports(USER, wallet.id) == [second]
        world.time.advance(600)
        assert await world.wallets.unsafe_reveal(first) is None
        assert await world.wallets.stop_export(USER, wallet.id)
        assert await world.wallets.list_exports(USER) == [kept]


async def test_a_deletion_cannot_be_stopped_as_an_export() -> None:
    async with worlds.open_world() as world:
        await world.wallets.schedule_delete(USER, USER, 9, world.time.clock.now())
        (job,) = await world.stores.jobs.list_due(world.time.clock.now())
        assert (job.kind, job.payload) == ("delete", {"message_id": 9})
        wallet = await world.wallets.create(USER)
        assert not await world.wallets.stop_export(USER, wallet.id)
        assert await world.wallets.unsafe_reveal(job) is None


async def test_the_key_of_a_removed_or_watched_wallet_is_not_there_to_export() -> None:
    async with worlds.open_world() as world:
        watched = await world.wallets.watch(USER, make_address("w"))
        with pytest.raises(errors.WatchOnly):
            await world.wallets.request_export(USER, watched.id, USER)
        wallet = await world.wallets.create(USER)
        job = await announced(world, wallet, 5)
        await world.wallets.remove(USER, wallet.id)
        world.time.advance(15 * 60)
        assert await world.wallets.unsafe_reveal(replace(job, due_at=job.due_at - timedelta(1))) is None


# --- people -------------------------------------------------------------------------------------------------


async def test_a_stranger_with_a_wallet_may_leave_with_it() -> None:
    async with worlds.open_world() as world:
        assert not await world.people.may_leave(USER)
        await world.wallets.watch(USER, make_address("w"))
        assert not await world.people.may_leave(USER)
        await world.wallets.create(USER)
        assert await world.people.may_leave(USER)


async def test_who_left_is_blocked_and_who_returns_is_not() -> None:
    async with worlds.open_world() as world:
        await world.people.meet(USER, USER)
        await world.people.lost(USER)
        person = await world.people.find(USER)
        assert person is not None
        assert person.blocked
        assert not (await world.people.meet(USER, USER)).blocked


def test_access_is_for_those_on_the_lists_unless_open() -> None:
    closed = Access(open=False, allowed=frozenset({1}), admins=frozenset({2}))
    assert [closed.may_use(user) for user in (1, 2, 3)] == [True, True, False]
    assert Access(open=True, allowed=frozenset(), admins=frozenset()).may_use(3)
