"""The archive: every closed order is read once, however often it is broken off."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import errors
from bot.domain import orders
from bot.services import archive
from bot.services.archive import Archive
from tests.fakes import world as worlds
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import USER, World, make_order


class TiringGateway(FakeGateway):
    """Answers so many more times."""

    breath = 0

    async def fetch_orders(self, *args: Any, **kwargs: Any) -> orders.OrderPage:
        if not self.breath:
            raise errors.RateLimited(service="Jupiter")
        self.breath -= 1
        return await super().fetch_orders(*args, **kwargs)


def make_archive(world: World) -> Archive:
    return Archive(
        gateway=world.gateway, ingest=world.ingest, polls=world.stores.polls, clock=world.time.clock
    )


async def _with_history(world: World, count: int) -> str:
    owner = (await world.add_wallet()).pubkey
    world.gateway.history = [
        orders.SeenOrder(
            make_order(owner, f"{number}", status=orders.Status.HISTORY, age=timedelta(days=number)), ()
        )
        for number in range(count)
    ]
    return owner


async def _count(world: World, owner: str) -> int:
    return len(await world.stores.orders.list_known(USER, [owner]))


async def test_all_pages_are_read_and_then_not_again_for_a_day() -> None:
    async with worlds.open_world() as world:
        owner = await _with_history(world, 35)
        await make_archive(world).read(owner)
        assert [page for _, _, page in world.gateway.asked] == [1, 2, 3, 4]
        assert await _count(world, owner) == 35
        await make_archive(world).read(owner)
        assert len(world.gateway.asked) == 4
        world.time.advance(archive.WHOLE_FOR.total_seconds())
        await make_archive(world).read(owner)
        assert len(world.gateway.asked) == 8


async def test_a_wallet_without_history_costs_one_call() -> None:
    async with worlds.open_world() as world:
        owner = await _with_history(world, 0)
        await make_archive(world).read(owner)
        target = await world.stores.polls.find(owner)
        assert target is not None
        assert target.whole_at == world.time.clock.now()
        assert len(world.gateway.asked) == 1


async def test_what_was_read_stays_and_the_next_attempt_goes_on() -> None:
    """Though three orders closed in between, and moved the others to later pages."""
    async with worlds.open_world() as world:
        world.gateway = tiring = TiringGateway(world.ledger, world.faults)
        owner = await _with_history(world, 35)
        reader = make_archive(world)
        for pages, known in ((2, 20), (1, 30), (0, 30)):
            tiring.breath = pages
            with pytest.raises(errors.GatewayUnavailable):
                await reader.read(owner)
            assert await _count(world, owner) == known
            target = await world.stores.polls.find(owner)
            assert target is not None
            assert target.whole_at is None
        world.gateway.history[:0] = [
            orders.SeenOrder(make_order(owner, f"new {number}", status=orders.Status.HISTORY), ())
            for number in range(3)
        ]
        tiring.breath = 9
        await reader.read(owner)
        assert [page for _, _, page in world.gateway.asked] == [1, 2, 3, 4]
        keys = {item.order.key for item in await world.stores.orders.list_known(USER, [owner])}
        assert keys == {item.order.key for item in world.gateway.history[3:]}


async def test_two_who_want_it_read_it_once() -> None:
    async with worlds.open_world() as world:
        owner = await _with_history(world, 15)
        reader = make_archive(world)
        await asyncio.gather(reader.read(owner), reader.read(owner))
        assert [page for _, _, page in world.gateway.asked] == [1, 2]
