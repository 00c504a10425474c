"""Fills that do not come: told once, to whom it concerns, in order time; calmly where cycles may pass."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import errors
from bot.domain import notices, orders
from bot.domain.quiet import Wishes
from bot.ports import Outgoing
from tests.fakes import world as worlds
from tests.fakes.clock import START
from tests.fakes.world import USER, World, make_fill, make_order

OTHER = 8
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def _order(world: World, *, skips: bool, family: orders.Family = orders.Family.TIME) -> str:
    """A wallet with an order of an hour's cycle that filled a minute after START."""
    owner = (await world.add_wallet()).pubkey
    order = make_order(owner, family=family, used=10_000_000, age=timedelta(0), cycle=HOUR)
    order = replace(order, min_out_raw=1 if skips and family is orders.Family.TIME else 0)
    _list(world, order, MINUTE)
    return owner


def _list(world: World, order: orders.Order, *filled: timedelta) -> None:
    known = tuple(make_fill("order", number, at=at) for number, at in enumerate(filled, 1))
    used = 10_000_000 * len(known)
    world.gateway.active = [orders.SeenOrder(replace(order, in_used_raw=used), known)]


async def _pass(world: World, minutes: float, *, step_s: float = 60) -> None:
    for _ in range(int(minutes * 60 / step_s)):
        world.time.advance(step_s)
        await world.polling.poll_once()


async def _told(world: World, user: int = USER) -> list[str]:
    return [kind for kind in await world.notices(user) if kind != "opened"]


@pytest.mark.parametrize(("skips", "kind"), [(False, "overdue"), (True, "skipped")])
async def test_a_fill_that_does_not_come_is_told_once_until_the_next_fill(skips: bool, kind: str) -> None:
    """A quarter of an hour after it was due; then there is silence, whatever else is looked at."""
    async with worlds.open_world() as world:
        await _order(world, skips=skips)
        await _pass(world, 60 + 14, step_s=120)
        assert await _told(world) == ["fill"]
        await _pass(world, 3)
        assert await _told(world) == ["fill", kind]
        (told,) = [each for _, batch in world.messenger.arrived for each in batch if each.notice.kind == kind]
        assert isinstance(told.notice, notices.CycleOverdue | notices.CycleSkipped)
        assert told.notice.due_at == (START + HOUR).isoformat()
        await _pass(world, 300, step_s=900)
        world.restart()
        await _pass(world, 300, step_s=900)
        assert await _told(world) == ["fill", kind]
        order = world.gateway.active[0].order
        _list(world, order, MINUTE, 12 * HOUR + MINUTE)
        await _pass(world, 70, step_s=600)
        assert await _told(world) == ["fill", kind, "fill"]
        await _pass(world, 120, step_s=600)
        assert await _told(world) == ["fill", kind, "fill", kind]


async def test_price_orders_let_cycles_pass() -> None:
    """Nothing is bought when nothing is missing to the value they aim at."""
    async with worlds.open_world() as world:
        await _order(world, skips=True, family=orders.Family.PRICE)
        await _pass(world, 100, step_s=300)
        assert await _told(world) == ["fill", "skipped"]


async def test_a_fill_in_time_is_not_late() -> None:
    async with worlds.open_world() as world:
        await _order(world, skips=False)
        await _pass(world, 62)
        _list(world, world.gateway.active[0].order, MINUTE, HOUR + 2 * MINUTE)
        await _pass(world, 70, step_s=300)
        assert await _told(world) == ["fill", "fill"]


async def test_a_first_fill_may_come_a_cycle_after_the_start() -> None:
    """Which of the two Jupiter means is not documented."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        order = make_order(owner, family=orders.Family.TIME, age=-MINUTE, cycle=HOUR)
        _list(world, order)
        await _pass(world, 70, step_s=300)
        assert await _told(world) == []
        await _pass(world, 20)
        assert await _told(world) == ["overdue"]


async def test_a_fill_that_is_listed_late_is_not_late_itself() -> None:
    """The order used the input: only its trade is not in the list yet."""
    async with worlds.open_world() as world:
        await _order(world, skips=False)
        item = world.gateway.active[0]
        used = replace(item.order, in_used_raw=20_000_000)
        world.gateway.active = [orders.SeenOrder(used, item.fills)]
        await _pass(world, 100, step_s=300)
        assert await _told(world) == ["fill"]


async def test_what_cannot_be_looked_at_is_not_called_late() -> None:
    """Nobody knows; when Jupiter is back, what came meanwhile is told and nothing else."""
    async with worlds.open_world() as world:
        await _order(world, skips=False)
        await _pass(world, 30, step_s=300)
        world.faults.plan("orders active", errors.GatewayUnavailable(service="Jupiter"), times=10_000)
        await _pass(world, 70, step_s=300)
        _list(world, world.gateway.active[0].order, MINUTE, HOUR + 2 * MINUTE)
        world.faults.clear()
        await _pass(world, 5)
        assert await _told(world) == ["fill", "fill"]


async def test_a_muted_order_is_silent_about_this_too() -> None:
    async with worlds.open_world() as world:
        await _order(world, skips=False)
        await _pass(world, 30, step_s=300)
        await world.orders.record_muted(USER, 1, muted=True)
        await _pass(world, 120, step_s=300)
        assert await _told(world) == ["fill"]


async def test_what_was_late_before_somebody_watched_is_no_news_to_them() -> None:
    async with worlds.open_world() as world:
        owner = await _order(world, skips=False)
        await _pass(world, 65, step_s=300)
        await world.people.meet(OTHER, OTHER)
        await world.wallets.watch(OTHER, owner)
        await _pass(world, 60, step_s=300)
        assert await _told(world) == ["fill", "overdue"]
        assert await _told(world, OTHER) == []


async def test_that_there_was_no_fill_waits_as_a_fill_would_and_an_overdue_one_does_not() -> None:
    """In quiet hours: it is part of the plan, the other is not."""
    for skips, state in ((True, Outgoing.PLANNED), (False, Outgoing.PENDING)):
        async with worlds.open_world() as world:
            await _order(world, skips=skips)
            await _pass(world, 30, step_s=300)
            assert await _told(world) == ["fill"]
            await world.people.record_wishes(USER, Wishes(quiet=(12 * 60, 20 * 60)))
            await _pass(world, 60, step_s=300)
            assert (await world.stores.outbox.counts())[state] == 1


async def test_lateness_is_a_matter_of_order_time() -> None:
    """At sixty times the speed an hour's cycle is a minute; a quarter of one is told after it, and our own
    few seconds are not taken for the keeper's delay."""
    async with worlds.open_world(pace=60) as world:
        await _order(world, skips=False)
        await _pass(world, 1.2, step_s=1)
        assert await _told(world) == ["fill"]
        await _pass(world, 0.5, step_s=1)
        assert await _told(world) == ["fill", "overdue"]


async def test_however_fast_order_time_is_our_own_pauses_make_nothing_late() -> None:
    """A look every other second is two hours of order time late, at an hour a second."""
    async with worlds.open_world(pace=3600) as world:
        await _order(world, skips=False)
        filled = [MINUTE]
        for _ in range(120):
            world.time.advance(1)
            order_now = world.time.order_clock.now() - START
            due = len(filled) * HOUR + MINUTE
            # The keeper works in turns, too.
            if order_now - due > 5 * HOUR:
                filled += [due + number * HOUR for number in range(5)]
                _list(world, world.gateway.active[0].order, *filled)
            await world.polling.poll_once()
        assert set(await _told(world)) == {"fill"}


async def test_a_failure_while_it_is_told_is_made_up_for() -> None:
    """The look fails as a whole, and the next one tells it."""
    async with worlds.open_world() as world:
        await _order(world, skips=False)
        await _pass(world, 60, step_s=300)
        world.faults.plan("outbox add", errors.StorageError())
        await _pass(world, 40)
        assert await _told(world) == ["fill", "overdue"]
