"""Home: what needs the person comes first, and nothing on it waits long for anybody."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot import errors
from bot.domain import orders
from bot.domain.orders import Family
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World, deposit, make_fill, make_order


async def _open(world: World, *listed: orders.SeenOrder) -> None:
    world.gateway.active = list(listed)
    await world.orders.list_of(USER)


async def test_home_shows_wallets_with_what_they_hold_and_what_comes_next() -> None:
    """The default wallet first; the next fill is the soonest that may still come in time."""
    async with worlds.open_world() as world:
        first = await world.add_wallet(usdc=0)
        second = await world.add_wallet(lamports=2 * 10**9, usdc=0)
        await world.wallets.make_default(USER, second.id)
        soon = make_order(first.pubkey, "soon", family=Family.TIME, cycle=timedelta(minutes=70))
        later = make_order(second.pubkey, "later", family=Family.TIME, cycle=timedelta(days=1))
        fills = (make_fill("soon", 1), make_fill("later", 2))
        await _open(world, orders.SeenOrder(soon, fills[:1]), orders.SeenOrder(later, fills[1:]))
        calls = world.faults.calls["orders active"]
        home = await world.home.look(USER)
        assert world.faults.calls["orders active"] == calls
        assert [wallet.id for wallet in home.wallets] == [second.id, first.id]
        assert [home.balances[wallet.id].usd for wallet in home.wallets] == [Decimal(300), Decimal(150)]
        assert home.active == 2
        assert home.next_fill is not None
        assert home.next_fill.order.key == make_address("soon")
        assert not home.attention


async def test_nothing_is_quiet_about_what_went_wrong() -> None:
    """Unsettled, low on funds, overdue, no SOL for fees, announced exports: each with what it is about."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        poor = await world.add_wallet(lamports=5)
        watched = await world.wallets.watch(USER, make_address("cold"), "Cold")
        empty = make_order(wallet.pubkey, "empty", used=100_000_000)
        late = make_order(wallet.pubkey, "late", family=Family.TIME, age=timedelta(days=1))
        waits = replace(make_order(wallet.pubkey, "waits", family=Family.TIME, age=timedelta(days=1)))
        waits = replace(waits, min_out_raw=1)
        await _open(world, *[orders.SeenOrder(order, ()) for order in (empty, late, waits)])
        action_id = await world.confirm(deposit(wallet.pubkey))
        await world.wallets.request_export(USER, wallet.id, USER)
        home = await world.home.look(USER)
        found = home.attention
        assert [view.order.key for view in found.low] == [make_address("empty")]
        # Its price range may well be why nothing came: that is no trouble.
        assert [view.order.key for view in found.overdue] == [make_address("late")]
        assert [action.id for action in found.unsettled] == [action_id]
        assert [each.id for each in found.no_sol] == [poor.id]
        assert watched.id not in [each.id for each in found.no_sol]
        assert [each.id for each, _ in found.exports] == [wallet.id]
        assert home.next_fill is None
        assert found.broken == 0


async def test_somebody_else_s_troubles_are_not_mine() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        await world.add_wallet(user=USER + 1)
        await world.confirm(deposit(wallet.pubkey))
        await world.wallets.request_export(USER, wallet.id, USER)
        assert not (await world.home.look(USER + 1)).attention


async def test_home_comes_without_the_chain_too() -> None:
    """What was seen is shown; what was never seen is not made up."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        other = await world.add_wallet()
        await world.wallets.fetch_balances(USER, wallet.id)
        world.time.advance(3600)
        world.faults.plan("holdings", errors.GatewayUnavailable(), times=9)
        home = await world.home.look(USER)
        assert set(home.balances) == {wallet.id}
        assert home.balances[wallet.id].seen_at < world.time.clock.now()
        assert other.id not in [each.id for each in home.attention.no_sol]
