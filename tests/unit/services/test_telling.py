"""What notices are about: looked up for many at once, at nobody's expense."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import errors
from bot.domain import orders, wallets
from bot.domain.orders import Family, Status
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World, make_fill, make_order

DOWN = errors.GatewayUnavailable(service="Solana")
OTHER = USER + 1


async def _with_orders(world: World) -> str:
    """A price order with a fill, a time order and a closed one."""
    owner = (await world.add_wallet()).pubkey
    fill = make_fill("price", 1, at=timedelta(minutes=1))
    price = make_order(owner, "price", age=timedelta(hours=3), used=10_000_000)
    time = make_order(owner, "time", age=timedelta(hours=2), family=Family.TIME)
    closed = make_order(owner, "closed", age=timedelta(hours=1), status=Status.HISTORY)
    seen = [orders.SeenOrder(price, (fill,)), orders.SeenOrder(time, ()), orders.SeenOrder(closed, ())]
    await world.ingest.take(owner, seen)
    return owner


def _keys(*names: str) -> set[str]:
    return {make_address(name) for name in names}


async def test_only_what_is_over_is_held_against_the_market() -> None:
    """Prices come out of the budget that is kept for people. Everything else is as a screen shows it."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        world.usd.asked.clear()
        running = await world.telling.find({USER: _keys("price", "time")}, ask=True)
        assert world.usd.asked == []
        for view in running[USER].values():
            shown = await world.orders.get(USER, view.number)
            assert view == replace(shown, market=None, input_usd=None, output_usd=None)
        (over,) = (await world.telling.find({USER: _keys("closed")}, ask=True))[USER].values()
        assert over == await world.orders.get(USER, over.number)
        assert over.market is not None


async def test_each_is_told_of_their_own() -> None:
    """With their own numbers and wallets; what somebody does not know is absent."""
    async with worlds.open_world() as world:
        owner = await _with_orders(world)
        await world.add_wallet(user=OTHER)
        await world.wallets.watch(OTHER, owner)
        listed = [make_order(owner, "price", age=timedelta(hours=3)), make_order(owner, "new")]
        await world.ingest.take(owner, [orders.SeenOrder(order, ()) for order in listed])
        wanted = {USER: _keys("price", "strange"), OTHER: _keys("price", "new"), 99: _keys("price")}
        found = await world.telling.find(wanted, ask=False)
        assert {user: set(views) for user, views in found.items()} == {
            USER: _keys("price"),
            OTHER: _keys("price", "new"),
            99: set(),
        }
        theirs = [found[user][make_address("price")] for user in (USER, OTHER)]
        assert [view.wallet.user_id for view in theirs] == [USER, OTHER]
        assert [view.wallet.owned for view in theirs] == [True, False]
        assert all(len(view.fills) == view.totals.count == 1 for view in theirs)
        assert await world.telling.find({USER: ()}, ask=True) == {USER: {}}


async def test_a_fill_is_told_whatever_became_of_the_key() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)

        def refuse(wallet: wallets.Wallet) -> None:
            raise errors.VaultError

        world.vault.authenticate = refuse  # type: ignore[method-assign] # the seam of this very test
        assert set((await world.telling.find({USER: _keys("price")}, ask=True))[USER]) == _keys("price")


async def test_nobody_is_told_without_the_facts() -> None:
    """While a token cannot be looked up, who asks is told so; who does not ask does without that order."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        strange = replace(make_order(owner, "strange"), output_mint=make_address("new mint"))
        for call in ("mints", "names"):
            world.faults.plan(call, DOWN, times=9)
        plain = make_order(owner, "plain")
        await world.ingest.take(owner, [orders.SeenOrder(strange, ()), orders.SeenOrder(plain, ())])
        with pytest.raises(errors.GatewayUnavailable):
            await world.telling.find({USER: _keys("plain", "strange")}, ask=True)
        found = await world.telling.find({USER: _keys("plain", "strange")}, ask=False)
        assert set(found[USER]) == _keys("plain")
