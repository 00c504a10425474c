"""Orders as screens see them: fresh where possible, honest about their age where not."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot import errors, ports
from bot.domain import amounts, fills, intents, orders, wallets
from bot.domain.orders import Family, Status
from bot.services.finding import Wanted
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World, make_fill, make_order

DOWN = errors.GatewayUnavailable(service="Jupiter")


async def _with_orders(world: World) -> wallets.Wallet:
    wallet = await world.add_wallet()
    owner = wallet.pubkey
    fill = make_fill("price", 1, at=timedelta(minutes=1))
    price = make_order(owner, "price", age=timedelta(hours=3), used=10_000_000)
    time = make_order(owner, "time", age=timedelta(hours=2), family=Family.TIME)
    closed = make_order(owner, "closed", age=timedelta(hours=1), status=Status.HISTORY)
    world.gateway.active = [orders.SeenOrder(price, (fill,)), orders.SeenOrder(time, ())]
    world.gateway.history = [orders.SeenOrder(closed, ())]
    return wallet


async def test_a_list_is_fresh_and_newest_number_first() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        listed = await world.orders.list_of(USER, Status.ACTIVE)
        assert [view.order.key for view in listed.items] == [make_address("time"), make_address("price")]
        assert (listed.stale_since, listed.error) == (None, "")
        both = await world.orders.list_of(USER)
        assert len(both.items) == 3


async def test_a_page_looks_up_what_it_shows_and_nothing_else() -> None:
    """Beyond the last page is the last page; how many there are in all is known all the same."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        world.gateway.active = [
            orders.SeenOrder(
                make_order(owner, f"{number}", used=10_000_000), (make_fill(f"{number}", number),)
            )
            for number in range(7)
        ]
        await world.orders.list_of(USER, Status.ACTIVE)
        whole = (await world.orders.list_of(USER, Status.ACTIVE, fresh=False)).items
        asked: list[int] = []
        summaries = world.stores.fills.summaries

        async def count(of: Collection[tuple[str, str]]) -> dict[tuple[str, str], fills.Summary]:
            asked.append(len(of))
            return await summaries(of)

        world.stores.fills.summaries = count  # type: ignore[method-assign]  # looks over its shoulder
        pages = [
            await world.orders.page_of(USER, Status.ACTIVE, page, size=3, fresh=False)
            for page in (0, 1, 2, 3, 10**9)
        ]
        assert [page.items for page in pages] == [whole[:3], whole[3:6], whole[6:], whole[6:], whole[6:]]
        assert [(page.page, page.total) for page in pages] == [(0, 7), (1, 7), (2, 7), (2, 7), (2, 7)]
        assert asked == [3, 3, 1, 1, 1]


async def test_a_page_of_one_wallet_and_the_page_around_an_order() -> None:
    """Numbers count over all wallets; the page is where the order stands in the list."""
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        other = await world.wallets.watch(USER, make_address("other"), "Other")
        theirs = make_order(other.pubkey, "theirs", age=timedelta(minutes=1))
        world.gateway.active.append(orders.SeenOrder(theirs, ()))
        await world.orders.list_of(USER)
        mine = await world.orders.page_of(USER, Status.ACTIVE, 0, size=5, fresh=False, wallet_id=wallet.id)
        assert {view.wallet.id for view in mine.items} == {wallet.id}
        assert mine.total == 2
        with pytest.raises(errors.WalletNotFound):
            await world.orders.page_of(USER, Status.ACTIVE, 0, size=5, fresh=True, wallet_id=99)
        for view in (await world.orders.list_of(USER, fresh=False)).items:
            status, around = await world.orders.page_around(USER, view.number, size=1)
            assert status is view.order.status
            assert [each.number for each in around.items] == [view.number]
            _, alone = await world.orders.page_around(USER, view.number, size=1, wallet_id=view.wallet.id)
            assert [each.number for each in alone.items] == [view.number]
        assert {view.wallet.id for view in alone.items} == {wallet.id}
        assert alone.total < around.total
        with pytest.raises(errors.OrderNotFound):
            await world.orders.page_around(USER, 99, size=1)
        with pytest.raises(errors.WalletNotFound):
            await world.orders.page_around(USER, alone.items[0].number, size=1, wallet_id=99)


async def test_an_order_of_mine_was_opened_here_or_elsewhere() -> None:
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        (view, *_) = (await world.orders.list_of(USER)).items
        assert not await world.orders.was_opened_here(USER, view.order)
        create = intents.CreateOrder(
            user=wallet.pubkey,
            input_mint=amounts.USDC_MINT,
            output_mint=amounts.WSOL_MINT,
            amount_raw=100_000_000,
            number_of_orders=10,
            interval_s=600,
        )
        action_id = await world.confirm(create)
        await world.actions.settle_once()
        action = await world.action_store.find(action_id)
        assert action is not None
        assert action.signed is not None
        opened = replace(view.order, key=action.signed.order or "")
        assert await world.orders.was_opened_here(USER, opened)
        assert not await world.orders.was_opened_here(USER + 1, opened)


async def test_a_view_knows_average_and_market() -> None:
    """Ten dollars bought 0.07 SOL less fee; the market is 150."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        view = await world.orders.find(USER, make_address("price"))
        assert view.market == Decimal(150)
        assert view.average == Decimal(10) / Decimal("0.06999")
        assert view.totals.count == 1
        assert view.next_fill_at is not None


async def test_while_jupiter_is_silent_orders_are_shown_with_their_age() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.orders.list_of(USER)
        seen_at = world.time.clock.now()
        world.time.advance(300)
        world.faults.plan("orders active", DOWN)
        listed = await world.orders.list_of(USER)
        assert len(listed.items) == 3
        assert listed.stale_since == seen_at
        assert "Jupiter does not answer" in listed.error


async def test_while_jupiter_is_silent_nothing_is_offered_rather_than_denied() -> None:
    """Whoever has no known order is told that Jupiter is silent, not that there is none to choose."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        world.faults.plan("orders active", DOWN, times=2)
        for look in (world.orders.list_for_deposit, world.orders.list_for_withdraw):
            with pytest.raises(errors.GatewayUnavailable, match="Jupiter does not answer"):
                await look(USER)
        assert len(await world.orders.list_for_deposit(USER)) == 1


async def test_one_detail_survives_silence_too() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.orders.list_of(USER)
        world.time.advance(300)
        world.faults.plan("orders active", DOWN, times=2)
        assert (await world.orders.get(USER, 1, fresh=True)).number == 1
        with pytest.raises(errors.GatewayUnavailable):
            await world.orders.refresh(USER, 1)


async def test_a_list_shows_the_fill_before_the_poll_does_and_it_is_told_once() -> None:
    """Looking is ingesting."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.orders.list_of(USER)
        await world.polling.poll_once()
        assert await world.notices() == ["fill"]


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.HISTORY])
async def test_whoever_comes_second_to_a_wallet_sees_its_orders_at_once(status: Status) -> None:
    """Somebody else has just looked at it, which gave this person no numbers yet."""
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        await world.people.meet(USER + 1, USER + 1)
        first = await world.orders.list_of(USER, status)
        await world.wallets.watch(USER + 1, wallet.pubkey)
        second = await world.orders.list_of(USER + 1, status)
        assert [view.order for view in second.items] == [view.order for view in first.items]
        assert first.items


@pytest.mark.parametrize("text", ["1", "#1", " # 1 ", "KEY", "KEY[:4]", "KEY[:20]"])
async def test_an_order_is_found_by_number_or_by_the_beginning_of_its_key(text: str) -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.orders.list_of(USER)
        key = make_address("price")
        text = {"KEY": key, "KEY[:4]": key[:4], "KEY[:20]": key[:20]}.get(text, text)
        assert (await world.orders.find(USER, text)).order.key == key


async def test_an_order_opened_since_the_last_look_is_found_by_its_number() -> None:
    """Whoever has just opened one need not read the list before they may name it."""
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        before = await world.orders.list_of(USER)
        world.time.advance(10)
        opened = make_order(wallet.pubkey, "opened", age=timedelta(0))
        world.gateway.active = [*world.gateway.active, orders.SeenOrder(opened, ())]
        number = max(view.number for view in before.items) + 1
        assert (await world.orders.find(USER, f"#{number}")).order.key == make_address("opened")


async def test_a_number_that_is_known_asks_jupiter_for_nothing() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.orders.list_of(USER)
        world.time.advance(300)
        before = world.faults.calls["orders active"]
        await world.orders.find(USER, "1")
        assert world.faults.calls["orders active"] == before


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("9", errors.OrderNotFound),
        ("zzzz", errors.OrderNotFound),
        ("abc", errors.OrderNotFound),
        ("", errors.InvalidInput),
        ("🙂", errors.OrderNotFound),
        ("1" * 10_000, errors.InvalidInput),
        ("%%%%", errors.OrderNotFound),
    ],
)
async def test_what_is_no_order_of_mine_is_said_so(text: str, error: type[errors.UserError]) -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.orders.list_of(USER)
        with pytest.raises(error):
            await world.orders.find(USER, text)


FAKE = make_address("fake mint")


async def _with_a_fake(world: World) -> str:
    """Orders of real and of false USDC, of a second wallet with a name, and one that is over."""
    owner = (await _with_orders(world)).pubkey
    world.chain.mints[FAKE] = ports.Mint(6, classic=True)
    world.directory.tokens[FAKE] = amounts.Token(FAKE, "USDC", "USD Coin", 6, verified=True)
    fake = replace(make_order(owner, "fake", age=timedelta(minutes=5)), input_mint=FAKE)
    await world.wallets.watch(USER, make_address("cold"), "Cold store")
    theirs = make_order(make_address("cold"), "theirs", age=timedelta(minutes=1))
    world.gateway.active += [orders.SeenOrder(order, ()) for order in (fake, theirs)]
    await world.orders.list_of(USER)
    return owner


@pytest.mark.parametrize(
    ("text", "wanted", "names"),
    [
        ("cold store", Wanted.ANY, ["theirs"]),
        ("COLD", Wanted.ANY, ["theirs"]),
        ("history", Wanted.ANY, ["closed"]),
        ("usdc → sol wallet active", Wanted.ANY, ["fake", "time", "price"]),
        # Deposits are for price orders of owned wallets; any active order of those can be cancelled, and any
        # that is active be muted.
        ("sol", Wanted.DEPOSIT, ["fake", "price"]),
        ("sol", Wanted.CANCEL, ["fake", "time", "price"]),
        ("cold", Wanted.DEPOSIT, ["theirs"]),
        ("sol", Wanted.MUTE, ["theirs", "fake", "time", "price"]),
    ],
)
async def test_orders_are_found_by_words(text: str, wanted: Wanted, names: list[str]) -> None:
    """One is taken; several are named; what will do for the purpose goes before what fits the words."""
    async with worlds.open_world() as world:
        await _with_a_fake(world)
        if len(names) == 1:
            assert (await world.orders.find(USER, text, wanted)).order.key == make_address(names[0])
            return
        with pytest.raises(errors.AmbiguousOrder) as caught:
            await world.orders.find(USER, text, wanted)
        views = await world.orders.list_some(USER, caught.value.candidates)
        assert {view.order.key for view in views} == {make_address(name) for name in names}
        assert [view.number for view in views] == list(caught.value.candidates)


async def test_a_false_token_s_order_is_never_chosen_by_its_name() -> None:
    """Not beside the real one, and not alone either: it is shown first for what it is."""
    async with worlds.open_world() as world:
        await _with_a_fake(world)
        world.gateway.active = [item for item in world.gateway.active if item.order.input_mint == FAKE]
        world.gateway.history = []
        for text in ("usdc wallet active", "sol wallet active"):
            with pytest.raises(errors.AmbiguousOrder) as caught:
                await world.orders.find(USER, text)
            assert len(caught.value.candidates) == 3
        await world.wallets.remove(USER, (await world.wallets.list_of(USER))[0].id)
        await world.wallets.watch(USER + 1, world.gateway.active[0].order.owner)
        with pytest.raises(errors.AmbiguousOrder, match="looks like another one") as caught:
            await world.orders.find(USER + 1, "usdc")
        (number,) = caught.value.candidates
        assert (await world.orders.find(USER + 1, f"#{number}")).order.key == make_address("fake")
        assert (await world.orders.find(USER + 1, make_address("fake")[:6])).number == number


async def test_somebody_else_s_orders_are_not_found() -> None:
    async with worlds.open_world() as world:
        await _with_a_fake(world)
        with pytest.raises(errors.OrderNotFound):
            await world.orders.find(USER + 1, "usdc")
        assert await world.orders.list_some(USER + 1, [1, 2, 3]) == []


async def test_an_ambiguous_beginning_names_the_candidates() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        twins = [replace(make_order(owner), key="abcd" + make_address(name)[4:]) for name in ("x", "y")]
        world.gateway.active = [orders.SeenOrder(order, ()) for order in twins]
        await world.orders.list_of(USER)
        with pytest.raises(errors.AmbiguousOrder) as caught:
            await world.orders.find(USER, "abcd")
        assert sorted(caught.value.candidates) == [1, 2]


async def test_an_order_unknown_so_far_is_asked_for() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        assert (await world.orders.find(USER, make_address("time")[:8])).order.family is Family.TIME


async def test_only_price_orders_of_owned_wallets_can_be_chosen_to_deposit() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        watched = make_address("watched")
        await world.wallets.watch(USER, watched)
        world.gateway.active.append(orders.SeenOrder(make_order(watched, "theirs"), ()))
        empty = make_order((await world.wallets.list_of(USER))[0].pubkey, "empty", deposited=0)
        world.gateway.active.append(orders.SeenOrder(empty, ()))
        to_deposit = {view.order.key for view in await world.orders.list_for_deposit(USER)}
        to_withdraw = {view.order.key for view in await world.orders.list_for_withdraw(USER)}
        assert to_deposit == {make_address("price"), make_address("empty")}
        assert to_withdraw == {make_address("price")}


async def test_orders_of_a_removed_wallet_are_gone_from_every_screen() -> None:
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        await world.orders.list_of(USER)
        await world.wallets.remove(USER, wallet.id)
        assert (await world.orders.list_of(USER)).items == []
        with pytest.raises(errors.OrderNotFound):
            await world.orders.get(USER, 1)


async def test_muting_is_per_person() -> None:
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        await world.people.meet(8, 8)
        await world.wallets.watch(8, wallet.pubkey)
        await world.orders.list_of(USER)
        assert (await world.orders.record_muted(USER, 1, muted=True)).known.muted
        assert not (await world.orders.get(8, 1)).known.muted
        assert not (await world.orders.record_muted(USER, 1, muted=False)).known.muted


async def test_an_order_of_a_token_that_cannot_be_looked_up_is_left_out_and_said() -> None:
    """Without decimals no amount of it can be shown truly."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        strange = replace(make_order(owner), input_mint=make_address("strange"))
        world.gateway.active = [orders.SeenOrder(strange, ())]
        listed = await world.orders.list_of(USER)
        assert listed.items == []
        assert "1 of your orders cannot be shown" in listed.error


async def test_health_is_said_once_when_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    async with worlds.open_world() as world:
        for ok in (True, False, False, False, True, True):
            world.health.record("Solana", ok=ok, detail="no answer")
        lines = [record.message for record in caplog.records if record.name == "bot.services.health"]
        assert [line.startswith("Solana does not work") for line in lines] == [True]
        (seen,) = world.health.services()
        assert seen.ok
