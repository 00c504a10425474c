"""The archive: every closed order is read once, however often it is broken off."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import errors, ports
from bot.domain import orders
from bot.services import archive
from bot.services.subjects import Subject
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import USER, World, make_fill, make_order


class TiringGateway(FakeGateway):
    """Answers so many more times."""

    breath = 0

    async def fetch_orders(self, *args: Any, **kwargs: Any) -> orders.OrderPage:
        if not self.breath:
            raise errors.RateLimited(service="Jupiter")
        self.breath -= 1
        return await super().fetch_orders(*args, **kwargs)


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
        await world.archive.read(owner)
        assert [page for _, _, page in world.gateway.asked] == [1, 2, 3, 4]
        assert await _count(world, owner) == 35
        await world.archive.read(owner)
        assert len(world.gateway.asked) == 4
        world.time.advance(archive.WHOLE_FOR.total_seconds())
        await world.archive.read(owner)
        assert len(world.gateway.asked) == 8


async def test_a_wallet_without_history_costs_one_call() -> None:
    async with worlds.open_world() as world:
        owner = await _with_history(world, 0)
        await world.archive.read(owner)
        target = await world.stores.polls.find(owner)
        assert target is not None
        assert target.whole_at == world.time.clock.now()
        assert len(world.gateway.asked) == 1


async def test_what_was_read_stays_and_the_next_attempt_goes_on() -> None:
    """Though three orders closed in between, and moved the others to later pages."""
    async with worlds.open_world() as world:
        world.gateway = tiring = TiringGateway(world.ledger, world.faults)
        world.restart()
        owner = await _with_history(world, 35)
        reader = world.archive
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
        reader = world.archive
        await asyncio.gather(reader.read(owner), reader.read(owner))
        assert [page for _, _, page in world.gateway.asked] == [1, 2]


# --- how complete it is ----------------------------------------------------------------------------------

ALL = Subject()


async def test_a_statement_waits_for_everything_and_then_nothing_is_missing() -> None:
    """Every page of closed orders; what a fill was never listed for is named by its order."""
    async with worlds.open_world() as world:
        owner = await _with_history(world, 25)
        world.gateway.active = [
            orders.SeenOrder(make_order(owner, "a", used=10_000_000), (make_fill("a", 1),)),
            orders.SeenOrder(make_order(owner, "b", used=20_000_000, age=timedelta(0)), (make_fill("b", 1),)),
        ]
        done = await world.archive.complete(USER, ALL)
        assert done.gaps == []
        assert await _count(world, owner) == 27
        known = await world.stores.orders.find_known(USER, key=make_address("b"))
        assert known is not None
        assert done.short == [known.number]
        of_other = await world.archive.complete(USER, Subject(number=known.number + 1))
        assert of_other.short == []


async def test_while_jupiter_is_silent_it_is_said_up_to_when_what_is_known() -> None:
    """Three wallets: one was read whole before, one was looked at, one is new."""
    async with worlds.open_world() as world:
        whole, looked, new = [await world.add_wallet() for _ in range(3)]
        await world.archive.complete(USER, Subject(wallet_id=whole.id))
        await world.sync.refresh(looked.pubkey, priority=ports.Priority.PERSON)
        seen_at = world.time.clock.now()
        world.time.advance(600)
        world.faults.plan("orders active", errors.GatewayUnavailable(service="Jupiter"), times=3)
        gaps = (await world.archive.complete(USER, ALL)).gaps
        assert [(gap.wallet.id, gap.looked_at, gap.whole) for gap in gaps] == [
            (whole.id, seen_at, True),
            (looked.id, seen_at, False),
            (new.id, None, False),
        ]
        assert all("Jupiter does not answer" in gap.error for gap in gaps)
        assert (await world.archive.complete(USER, ALL)).gaps == []


async def test_whoever_comes_second_has_numbers_for_what_others_read() -> None:
    """Else their statement would lack what nobody reads again."""
    async with worlds.open_world() as world:
        owner = await _with_history(world, 25)
        await world.archive.complete(USER, ALL)
        await world.people.meet(USER + 1, USER + 1)
        await world.wallets.watch(USER + 1, owner)
        await world.archive.complete(USER + 1, ALL)
        numbered = await world.stores.orders.list_known(USER + 1, [owner])
        assert [item.number for item in numbered] == list(range(25, 0, -1))


async def test_patience_ends_and_the_rest_is_for_next_time() -> None:
    async with worlds.open_world() as world:
        world.gateway = tiring = TiringGateway(world.ledger, world.faults)
        world.restart()
        owner = await _with_history(world, 25)
        tiring.breath = 3
        done = await world.archive.complete(USER, ALL)
        assert [(gap.looked_at is None, gap.whole) for gap in done.gaps] == [(False, False)]
        tiring.breath = 9
        assert (await world.archive.complete(USER, ALL)).gaps == []
        assert await _count(world, owner) == 25
