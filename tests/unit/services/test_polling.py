"""Looking at wallets: in time, fairly, and through every outage."""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import errors
from bot.domain import fills, orders, schedule
from bot.ports import Priority
from bot.services import cadence
from tests.fakes import world as worlds
from tests.fakes.clock import START, FakeTime
from tests.fakes.gateway import OnTheWay
from tests.fakes.world import ADMIN, USER, World, make_fill, make_order

LAG_S = schedule.Lag().wait.total_seconds()
MINUTE = timedelta(minutes=1)
DOWN = errors.GatewayUnavailable(service="Jupiter")


def _list(world: World, *listed: orders.SeenOrder) -> None:
    world.gateway.active = [item for item in listed if item.order.active]
    world.gateway.history = [item for item in listed if not item.order.active]


async def _known(world: World, owner: str) -> list[orders.Order]:
    return [item.order for item in await world.stores.orders.list_known(USER, [owner])]


async def test_a_new_wallet_is_looked_at_at_once() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner), ()))
        assert await world.polling.poll_once() == 1
        assert len(await _known(world, owner)) == 1
        assert await world.polling.poll_once() == 0


async def test_every_page_of_active_orders_is_read() -> None:
    """Twenty-three orders are three pages; people's numbers follow their age."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        made = [make_order(owner, f"order{n}", age=timedelta(hours=n + 1)) for n in range(23)]
        _list(world, *(orders.SeenOrder(order, ()) for order in made))
        await world.polling.poll_once()
        known = await world.stores.orders.list_known(USER, [owner])
        assert [item.order.key for item in known] == [order.key for order in made]
        assert [item.number for item in known] == list(range(23, 0, -1))


async def test_the_last_fill_that_only_history_shows_is_found_at_once() -> None:
    """An order that left the active list is read from history in the same look."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner), ()))
        await world.polling.poll_once()
        closed = make_order(
            owner, status=orders.Status.HISTORY, used=100_000_000, updated=timedelta(minutes=1)
        )
        fill = make_fill("order", 1, at=timedelta(minutes=1), in_raw=100_000_000)
        _list(world, orders.SeenOrder(closed, (fill,)))
        world.time.advance(60)
        await world.polling.poll_once()
        assert await world.notices() == ["fill", "finished"]


async def test_the_last_fill_of_what_came_and_went_unseen_is_looked_for() -> None:
    """It may be listed later than the order's end; the next look without a reason would be an hour away."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()
        end = timedelta(minutes=2)
        closed = make_order(owner, status=orders.Status.HISTORY, used=20_000_000, age=-MINUTE, updated=end)
        first, second = (make_fill("order", number, at=MINUTE * number) for number in (1, 2))
        _list(world, orders.SeenOrder(closed, (first,)))
        world.time.advance(150)
        await world.sync.refresh(owner, priority=Priority.PERSON, history=True)
        _list(world, orders.SeenOrder(closed, (first, second)))
        for _ in range(12):
            world.time.advance(5)
            await world.polling.poll_once()
        assert (await world.notices()).count("fill") == 2


async def _came_and_went(world: World, dead: timedelta) -> str:
    """A wallet with an order, and another that was opened and closed while the bot was dead for so long."""
    owner = (await world.add_wallet()).pubkey
    listed = orders.SeenOrder(make_order(owner), ())
    _list(world, listed)
    await world.polling.poll_once()
    closed = make_order(
        owner, "brief", status=orders.Status.HISTORY, used=20_000_000, age=-MINUTE, updated=dead - MINUTE
    )
    found = tuple(make_fill("brief", number, at=MINUTE + number * MINUTE / 2) for number in (1, 2))
    _list(world, listed, orders.SeenOrder(closed, found))
    world.gateway.asked.clear()
    world.time.advance(dead.total_seconds())
    world.restart()
    return owner


async def _turns(world: World, count: int) -> None:
    for _ in range(count):
        await world.polling.poll_once()
        world.time.advance(1)


def _histories(world: World) -> int:
    """How often the closed orders were asked for."""
    return sum(status is orders.Status.HISTORY for _, status, _ in world.gateway.asked)


async def test_what_came_and_went_while_the_bot_was_dead_is_found_soon() -> None:
    """It was never in the list of active orders. The history is read for it once, within seconds."""
    async with worlds.open_world() as world:
        await _came_and_went(world, 5 * MINUTE)
        await _turns(world, 5)
        assert await world.notices() == ["fill", "fill", "finished"]
        await _turns(world, 60)
        assert _histories(world) == 1


@pytest.mark.parametrize("priority", [Priority.DUE, Priority.PERSON])
async def test_no_fill_and_no_person_waits_for_what_may_have_come_and_gone(priority: Priority) -> None:
    """Their look reads what is active; a sweep of its own follows, though the bot is killed in between."""
    async with worlds.open_world() as world:
        owner = await _came_and_went(world, 5 * MINUTE)
        await world.sync.refresh(owner, priority=priority)
        assert _histories(world) == 0
        world.restart()
        await _turns(world, 5)
        assert await world.notices() == ["fill", "fill", "finished"]
        assert _histories(world) == 1


async def test_a_look_that_is_little_late_is_no_reason_to_read_the_history() -> None:
    """Where a sweep would not have come earlier either, it would cost more than it may find."""
    async with worlds.open_world() as world:
        await _came_and_went(world, 5 * MINUTE)
        world.cadence._rps = 1e-2  # a sweep of one wallet every twenty minutes
        await _turns(world, 60)
        assert _histories(world) == 0


@pytest.mark.parametrize("broken_off", [False, True])
async def test_all_that_came_and_went_is_found_however_many_closed_since(broken_off: bool) -> None:
    """Whatever on a page of the history is new to us leads to the next, also after an outage in between."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()

        def close(number: int) -> orders.SeenOrder:
            order = make_order(
                owner, f"o{number}", status=orders.Status.HISTORY, age=-MINUTE * number, used=10_000_000
            )
            fill = replace(make_fill(f"o{number}", 1, at=MINUTE * number), signature=f"fill of {number}")
            return orders.SeenOrder(order, (fill,))

        closed = [close(number) for number in reversed(range(1, 26))]
        known = close(20)
        _list(world, replace(known, order=replace(known.order, status=orders.Status.ACTIVE)))
        world.time.advance(24 * 60)
        await world.sync.refresh(owner, priority=Priority.DUE)
        _list(world, *closed)
        fetch = world.gateway.fetch_orders

        async def fail_on_three(
            owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
        ) -> orders.OrderPage:
            if broken_off and page == 3:
                raise DOWN
            return await fetch(owner, status, page=page, priority=priority)

        world.gateway.fetch_orders = fail_on_three  # type: ignore[method-assign] # the seam of this very test
        await world.polling.poll_once()
        world.gateway.fetch_orders = fetch  # type: ignore[method-assign] # it answers again
        world.time.advance(60)
        await world.polling.poll_once()
        assert (await world.notices()).count("fill") == 25


async def test_a_sweep_for_history_keeps_its_place_in_the_queue() -> None:
    """Else those with looks for fills all the time would never have waited long enough in a rush."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()
        places = []
        for _ in range(20):
            world.time.advance(60)
            await world.sync.refresh(owner, priority=Priority.DUE)
            target = await world.stores.polls.find(owner)
            assert target is not None
            assert target.sweep_at is not None
            places.append(target.sweep_at)
        assert places[-1] == places[-2] < world.time.clock.now() - MINUTE


async def test_a_sweep_after_a_gap_keeps_its_place_in_the_queue() -> None:
    """After an outage all wallets wait for one: those with looks for fills would wait for ever."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()
        world.time.advance(3600)
        places = []
        for _ in range(3):
            await world.sync.refresh(owner, priority=Priority.DUE)
            target = await world.stores.polls.find(owner)
            assert target is not None
            places.append(target.sweep_at)
            world.time.advance(60)
        assert len(set(places)) == 1


async def test_a_vanished_order_deep_in_history_is_found_in_the_end() -> None:
    """The search goes deeper with every look, and the looks come soon."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner), ()))
        await world.polling.poll_once()
        younger = [
            orders.SeenOrder(make_order(owner, f"younger{n}", status=orders.Status.HISTORY), ())
            for n in range(45)
        ]
        closed = make_order(owner, status=orders.Status.HISTORY, updated=timedelta(minutes=1))
        _list(world, *younger, orders.SeenOrder(closed, ()))
        for _ in range(6):
            world.time.advance(60)
            await world.polling.poll_once()
        known = await world.stores.orders.find(owner, closed.key)
        assert known is not None
        assert not known.active


async def test_the_longest_overdue_goes_first_and_nobody_starves() -> None:
    async with worlds.open_world() as world:
        first = (await world.add_wallet()).pubkey
        world.time.advance(1)
        second = (await world.add_wallet()).pubkey
        for _ in range(3):
            world.time.advance(120)
            await world.polling.poll_once()
        asked = [owner for owner, _, _ in world.gateway.asked]
        assert asked[0] == first
        assert asked.count(first) == asked.count(second)


async def test_an_outage_stops_the_queue_not_the_wallets() -> None:
    """A few refused ones are enough to know; when the service is back everything is looked at soon."""
    async with worlds.open_world() as world:
        owners = [(await world.add_wallet()).pubkey for _ in range(5)]
        world.faults.plan("orders active", DOWN, times=100)
        for _ in range(3):
            await world.polling.poll_once()
            world.time.advance(10)
        assert world.faults.calls["orders active"] <= 4 * 3
        world.faults.clear()
        assert [(item.name, item.ok) for item in world.health.services()] == [("Jupiter", False)]
        for _ in range(4):
            await world.polling.poll_once()
            world.time.advance(31)
        assert {owner for owner, _, _ in world.gateway.asked} == set(owners)
        assert [(item.name, item.ok) for item in world.health.services()] == [("Jupiter", True)]


@pytest.mark.parametrize("error", [errors.UnexpectedResponse(), errors.OrderRejected(), RuntimeError("bug")])
async def test_one_wallet_s_trouble_does_not_stop_the_others(error: Exception) -> None:
    async with worlds.open_world() as world:
        first = (await world.add_wallet()).pubkey
        second = (await world.add_wallet()).pubkey
        world.faults.plan("orders active", error)
        await world.polling.poll_once()
        assert len({owner for owner, _, _ in world.gateway.asked}) == 1
        world.time.advance(60)
        await world.polling.poll_once()
        assert {owner for owner, _, _ in world.gateway.asked} == {first, second}


async def test_what_was_read_before_a_failing_page_is_kept() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        made = [orders.SeenOrder(make_order(owner, f"order{n}"), ()) for n in range(12)]
        _list(world, *made)

        # The second page fails: the first call is let through by a fault that strikes after it.
        fetch = world.gateway.fetch_orders

        async def fail_on_two(
            owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
        ) -> orders.OrderPage:
            if page == 2:
                raise DOWN
            return await fetch(owner, status, page=page, priority=priority)

        world.gateway.fetch_orders = fail_on_two  # type: ignore[method-assign] # the seam of this very test
        with pytest.raises(errors.GatewayUnavailable):
            await world.sync.refresh(owner, priority=Priority.DUE)
        assert len(await _known(world, owner)) == 10


async def test_a_last_fill_that_is_listed_late_is_looked_for_soon() -> None:
    """The order is in history already, its last trade follows a few seconds later."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner), ()))
        await world.polling.poll_once()
        closed = make_order(
            owner, status=orders.Status.HISTORY, used=100_000_000, updated=timedelta(minutes=1)
        )
        _list(world, orders.SeenOrder(closed, ()))
        world.time.advance(60)
        await world.polling.poll_once()
        fill = make_fill("order", 1, at=timedelta(minutes=1), in_raw=100_000_000)
        _list(world, orders.SeenOrder(closed, (fill,)))
        world.time.advance(6)
        await world.polling.poll_once()
        assert await world.notices() == ["finished", "fill"]


async def test_a_restart_forgets_no_fill_that_was_not_listed_yet() -> None:
    """The order is closed and stored; that its sums know of more than was listed is seen again."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner), ()))
        await world.polling.poll_once()
        closed = make_order(
            owner, status=orders.Status.HISTORY, used=100_000_000, updated=timedelta(minutes=1)
        )
        _list(world, orders.SeenOrder(closed, ()))
        world.time.advance(60)
        await world.polling.poll_once()
        world.restart()
        world.time.advance(6)
        await world.polling.poll_once()
        fill = make_fill("order", 1, at=timedelta(minutes=1), in_raw=100_000_000)
        _list(world, orders.SeenOrder(closed, (fill,)))
        world.time.advance(12)
        await world.polling.poll_once()
        assert await world.notices() == ["finished", "fill"]


async def test_a_fill_that_is_listed_an_hour_late_is_still_found() -> None:
    """Ever more rarely, but not only when a sweep happens to come by."""
    async with worlds.open_world() as world:
        world.cadence._rps = 1e-4  # a budget on which no sweep comes by
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner), ()))
        await world.polling.poll_once()
        closed = make_order(
            owner, status=orders.Status.HISTORY, used=100_000_000, updated=timedelta(minutes=1)
        )
        _list(world, orders.SeenOrder(closed, ()))
        world.time.advance(60)
        for _ in range(60):
            await world.polling.poll_once()
            world.time.advance(60)
        asked = len(world.gateway.asked)
        fill = make_fill("order", 1, at=timedelta(minutes=1), in_raw=100_000_000)
        _list(world, orders.SeenOrder(closed, (fill,)))
        for _ in range(60):
            await world.polling.poll_once()
            world.time.advance(60)
        assert await world.notices() == ["finished", "fill"]
        assert asked < 30


async def test_a_fill_that_is_listed_late_is_found_behind_younger_orders() -> None:
    """On the second page of the history: searches go deeper for these orders, too, and stay few."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        younger = [
            orders.SeenOrder(make_order(owner, f"younger{n}", status=orders.Status.HISTORY), ())
            for n in range(15)
        ]
        _list(world, orders.SeenOrder(make_order(owner), ()), *younger)
        await world.polling.poll_once()
        closed = make_order(
            owner, status=orders.Status.HISTORY, used=100_000_000, updated=timedelta(minutes=1)
        )
        _list(world, *younger, orders.SeenOrder(closed, ()))
        for _ in range(60):
            world.time.advance(10)
            await world.polling.poll_once()
        assert len(world.gateway.asked) < 50
        fill = make_fill("order", 1, at=timedelta(minutes=1), in_raw=100_000_000)
        _list(world, *younger, orders.SeenOrder(closed, (fill,)))
        for _ in range(60):
            world.time.advance(10)
            await world.polling.poll_once()
        assert await world.notices() == ["finished", "fill"]


async def test_what_stays_missing_does_not_eat_the_budget() -> None:
    """Neither an order that is in no list nor a fill that never comes is looked for every few seconds."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        odd = orders.SeenOrder(make_order(owner, "odd", used=5_000_000), ())
        _list(world, orders.SeenOrder(make_order(owner), ()), odd)
        await world.polling.poll_once()
        _list(world, odd)
        for _ in range(120):
            world.time.advance(5)
            await world.polling.poll_once()
        before = len(world.gateway.asked)
        for _ in range(120):
            world.time.advance(5)
            await world.polling.poll_once()
        assert len(world.gateway.asked) - before <= 14


async def test_a_missing_fill_is_told_to_the_operator_once_and_only_if_it_stays_missing() -> None:
    """Jupiter's lists lag: minutes are normal, ten are not."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        _list(world, orders.SeenOrder(make_order(owner, used=10_000_000), ()))
        for _ in range(30):
            await world.polling.poll_once()
            world.time.advance(15)
        assert await world.notices(ADMIN) == []
        for _ in range(60):
            await world.polling.poll_once()
            world.time.advance(15)
        assert await world.notices(ADMIN) == ["operator"]


async def test_a_look_for_a_person_counts_as_a_poll() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.sync.refresh(owner, priority=Priority.PERSON)
        assert await world.polling.poll_once() == 0


async def test_looks_at_one_wallet_are_shared() -> None:
    """Whoever asks within the accepted age is served by the last look."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        for _ in range(5):
            await world.sync.refresh(owner, priority=Priority.PERSON, max_age=timedelta(seconds=3))
        assert world.faults.calls["orders active"] == 1
        world.time.advance(4)
        await world.sync.refresh(owner, priority=Priority.PERSON, max_age=timedelta(seconds=3))
        assert world.faults.calls["orders active"] == 2


async def test_looks_at_the_same_time_become_one() -> None:
    """Two answers are never taken in the wrong sequence, and the second costs nothing."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        age = timedelta(seconds=3)
        looks = [world.sync.refresh(owner, priority=Priority.PERSON, max_age=age) for _ in range(5)]
        await asyncio.gather(*looks)
        assert world.faults.calls["orders active"] == 1


async def test_nobody_waits_behind_a_look_that_nobody_waits_for() -> None:
    """It may itself wait for minutes; that its answer is the older one changes nothing and tells nothing."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        known = orders.SeenOrder(make_order(owner, "known"), ())
        _list(world, known)
        await world.polling.poll_once()
        world.time.advance(60)
        slow = world.gateway.slow[Priority.SWEEP] = OnTheWay()
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(30):
            tasks.create_task(world.sync.refresh(owner, priority=Priority.SWEEP))
            await slow.made.wait()
            young = orders.SeenOrder(make_order(owner, "young", age=timedelta(0)), ())
            _list(world, known, young)
            await world.sync.refresh(owner, priority=Priority.PERSON)
            assert await world.notices() == ["opened"]
            slow.arrives.set()
        del world.gateway.slow[Priority.SWEEP]
        await _turns(world, 200)
        assert await world.notices() == ["opened"]
        assert await world.stores.orders.active_of(owner) == [known.order, young.order]


@asynccontextmanager
async def _while_a_sweep_reads_history(world: World, owner: str) -> AsyncIterator[None]:
    """What is done inside, a sweep that has read the active orders before knows nothing of."""
    active, history = OnTheWay(), OnTheWay()
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(30):
        world.gateway.slow[Priority.SWEEP] = active
        tasks.create_task(world.sync.refresh(owner, priority=Priority.SWEEP))
        await active.made.wait()
        world.gateway.slow[Priority.SWEEP] = history
        active.arrives.set()
        await history.made.wait()
        yield
        history.arrives.set()
    del world.gateway.slow[Priority.SWEEP]


async def test_a_look_that_took_long_does_not_put_off_an_order_that_was_opened_meanwhile() -> None:
    """Its answer does not list the order, and where there are many wallets the next sweep is hours away."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()
        world.time.advance(3600)
        async with _while_a_sweep_reads_history(world, owner):
            young = make_order(owner, "young", family=orders.Family.TIME, age=-timedelta(hours=1))
            _list(world, orders.SeenOrder(young, ()))
            await world.sync.refresh(owner, priority=Priority.PERSON)
            planned = await world.stores.polls.find(owner)
            assert planned is not None
            assert planned.due_at is not None
        target = await world.stores.polls.find(owner)
        assert target is not None
        assert target.due_at == planned.due_at


async def test_a_look_that_took_long_calls_no_fill_late_that_was_told_meanwhile() -> None:
    """Nor an order that has ended."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        order = make_order(owner, family=orders.Family.TIME, age=timedelta(0))
        _list(world, orders.SeenOrder(order, ()))
        await world.polling.poll_once()
        world.time.advance(600)
        async with _while_a_sweep_reads_history(world, owner):
            world.time.advance(600)
            fill = make_fill("order", 1, at=10 * MINUTE)
            _list(world, orders.SeenOrder(replace(order, in_used_raw=10_000_000), (fill,)))
            await world.sync.refresh(owner, priority=Priority.PERSON)
            assert await world.notices() == ["fill"]
        assert await world.notices() == ["fill"]


async def test_a_look_that_took_long_does_not_pass_for_a_fresh_one() -> None:
    """It has just ended, but its list of active orders is a minute old."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()
        world.time.advance(3600)
        async with _while_a_sweep_reads_history(world, owner):
            world.time.advance(60)
            young = make_order(owner, "young", age=-timedelta(hours=1))
            _list(world, orders.SeenOrder(young, ()))
        await world.sync.refresh(owner, priority=Priority.PERSON, max_age=timedelta(seconds=3))
        assert await world.stores.orders.active_of(owner) == [young]


async def test_a_clock_that_was_set_back_does_not_pass_for_a_fresh_look() -> None:
    """Neither for a person nor for polling, which would go round and round without looking."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.polling.poll_once()
        world.time.advance(-3600)
        world.gateway.asked.clear()
        await world.sync.refresh(owner, priority=Priority.DUE)
        await world.sync.refresh(owner, priority=Priority.PERSON, max_age=timedelta(seconds=3))
        assert len(world.gateway.asked) == 1


async def test_history_is_read_now_and_then_without_a_reason() -> None:
    """For orders that came and went between two looks."""
    async with worlds.open_world() as world:
        await world.add_wallet()
        for _ in range(61):
            await world.polling.poll_once()
            world.time.advance(60)
        history = [page for _, status, page in world.gateway.asked if status is orders.Status.HISTORY]
        assert 4 <= len(history) <= 6


async def test_sweeps_wait_while_many_fills_are_due_but_not_for_ever() -> None:
    """Their lane looks for fills meanwhile, at their priority; after an hour they go first."""
    async with worlds.open_world() as world:
        owners = [(await world.add_wallet(user=USER + n // 5)).pubkey for n in range(40)]
        now = world.time.clock.now()
        for number, owner in enumerate(owners):
            at = now + timedelta(seconds=number)
            await world.stores.polls.record_ok(
                owner, now, at if number else None, sweep_at=None if number else at
            )
        world.time.advance(60)
        await world.polling.sweep_once()
        assert [owner for owner, _, _ in world.gateway.asked] == owners[1:2]
        world.time.advance(3600)
        await world.polling.sweep_once()
        assert {owner for owner, _, _ in world.gateway.asked} == set(owners[:2])


async def test_a_fill_costs_little_more_than_one_look() -> None:
    """Through the real queue: twenty wallets, told within a minute of being listed, sweeps aside."""
    async with worlds.open_world() as world:
        world.cadence._rps = 1e-4  # a budget on which sweeps are too rare to blur the count
        cycle, luck = timedelta(hours=6), random.Random(5)
        coming: list[tuple[timedelta, int, fills.Fill]] = []
        for number in range(20):
            owner = (await world.add_wallet(user=USER + number // 5)).pubkey
            order = make_order(owner, f"order{number}", cycle=cycle, age=timedelta(0))
            start = cycle * luck.random()
            world.gateway.active.append(orders.SeenOrder(replace(order, start_at=START + start), ()))
            for turn in range(4):
                lag = timedelta(seconds=luck.lognormvariate(math.log(8), 0.6))
                at = start + turn * cycle + lag
                fill = make_fill(f"order{number}", 4 * number + turn, at=at - lag / 4)
                coming.append((at, number, fill))
        coming.sort(key=lambda item: item[0])
        listed_at = {fill.signature: START + at for at, _, fill in coming}
        expected = len(listed_at)
        await world.polling.poll_once()
        world.faults.calls.clear()
        waits: list[timedelta] = []
        unseen: list[tuple[str, fills.Fill]] = []
        while len(waits) < expected:
            due_at = await world.stores.polls.next_due_at()
            assert due_at is not None
            world.time.advance((due_at - world.time.clock.now()).total_seconds())
            now = world.time.clock.now()
            while coming and START + coming[0][0] <= now:
                _, number, fill = coming.pop(0)
                item = world.gateway.active[number]
                order = replace(item.order, in_used_raw=item.order.in_used_raw + fill.in_raw)
                world.gateway.active[number] = orders.SeenOrder(order, (*item.fills, fill))
                unseen.append((item.order.owner, fill))
            await world.polling.poll_once()
            for owner, fill in tuple(unseen):
                if await world.stores.fills.find(owner, fill.order_key, fill.signature):
                    waits.append(now - listed_at[fill.signature])
                    unseen.remove((owner, fill))
        assert max(waits) < timedelta(minutes=1)
        assert world.faults.calls["orders active"] / len(waits) < 1.7


# --- when the next look is worth it -------------------------------------------------------------------------


def _cadence(pace: float = 1.0, *, rps: float = 1.0) -> tuple[cadence.Cadence, FakeTime]:
    time = FakeTime(pace=pace)
    made = cadence.Cadence(time.clock, time.order_clock, rps=rps)
    time.advance(10)
    return made, time


def _look(made: cadence.Cadence, time: FakeTime, *watched: schedule.Watched, **how: Any) -> Any:
    """Seconds until the next look for a fill; None = none is expected."""
    due_at = made.next_look("owner", watched, **how).due_at
    return due_at and (due_at - time.clock.now()).total_seconds()


def _sweep(made: cadence.Cadence, time: FakeTime, **how: Any) -> Any:
    """Seconds until the next look without a reason."""
    how = {"history_at": time.clock.now()} | how
    return (made.next_look("owner", [], **how).sweep_at - time.clock.now()).total_seconds()


def _due_in(time: FakeTime, seconds: float, cycle: timedelta = timedelta(hours=1)) -> schedule.Watched:
    """An order whose next fill is due this many order seconds from now."""
    start = time.order_clock.now() + timedelta(seconds=seconds) - 2 * cycle
    order = make_order("owner", family=orders.Family.TIME, cycle=cycle, used=10_000_000, age=START - start)
    return schedule.Watched(order, time.order_clock.now() - cycle / 2)


def test_without_orders_a_wallet_is_swept_every_minute() -> None:
    made, time = _cadence()
    assert _look(made, time) is None
    assert _sweep(made, time) == pytest.approx(57, abs=3)


def test_many_wallets_are_swept_within_a_tenth_of_the_budget() -> None:
    """Ten thousand at one request a second: hardly more than once a day."""
    made, time = _cadence()
    assert _sweep(made, time, wallets=10_000) == pytest.approx(105_000, abs=6_000)


def test_history_is_swept_for_though_there_are_looks_all_the_time() -> None:
    """A quarter of an hour after it was read; and a sweep that is early for it finds it due."""
    made, time = _cadence()
    read_at = time.clock.now() - timedelta(minutes=14, seconds=50)
    assert _sweep(made, time, history_at=read_at) <= 10
    assert made.is_history_due("owner", read_at - timedelta(seconds=10), 1)
    assert not made.is_history_due("owner", time.clock.now(), 1)
    assert made.is_history_due("owner", None, 1)


def test_a_wallet_is_looked_at_when_its_next_fill_should_be_listed() -> None:
    made, time = _cadence()
    assert _look(made, time, _due_in(time, 20)) == pytest.approx(20 + LAG_S)
    assert _look(made, time, _due_in(time, 1000)) == pytest.approx(1000 + LAG_S)


def test_a_fill_that_may_be_skipped_is_a_sweep_at_first_and_due_when_it_waited() -> None:
    """Looks for it take what others leave, but not for ever."""
    made, time = _cadence()
    item = _due_in(time, 300)
    item = replace(item, order=replace(item.order, min_out_raw=1))
    look = made.next_look("owner", [item], wallets=10**6, history_at=time.clock.now())
    assert look.due_at is not None
    assert (look.sweep_at - time.clock.now()).total_seconds() == pytest.approx(300 + 2 * LAG_S, abs=1)
    assert look.due_at - look.sweep_at == schedule.SPARE_PATIENCE


def test_a_late_fill_is_looked_for_with_growing_pauses() -> None:
    """When it is twice as late, but within ten minutes; never more often than every two seconds."""
    made, time = _cadence()
    waits = [_look(made, time, _due_in(time, -late)) for late in (16, 60, 600, 1500)]
    assert waits == [16, 60, 600, 600]
    made.lag = schedule.Lag(timedelta(seconds=1))
    assert _look(made, time, _due_in(time, -1)) == 2


def test_fast_order_time_brings_looks_within_seconds() -> None:
    """In the sandbox a cycle of ten minutes may take five seconds."""
    made, time = _cadence(pace=120)
    assert _look(made, time, _due_in(time, 600)) == pytest.approx(5 + LAG_S / 120, abs=0.1)


def test_what_is_missing_is_looked_for_when_it_is_worth_it() -> None:
    made, time = _cadence()
    assert _look(made, time, again_at=time.clock.now() + timedelta(seconds=5)) == 5
    assert _look(made, time, _due_in(time, 20), again_at=time.clock.now() + timedelta(days=1)) < 60


def test_one_clock_needs_no_measuring() -> None:
    """Over the days of a cycle any noise in the pace would grow to minutes."""
    time = FakeTime()
    made = cadence.Cadence(time.clock, time.clock)
    assert _look(made, time, _due_in(time, 2 * 86_400, timedelta(days=7))) == 2 * 86_400 + LAG_S


def test_the_lag_is_learned_in_order_time() -> None:
    """At ten times the speed, six seconds after the due time are a minute."""
    made, time = _cadence(pace=10)
    order = _due_in(time, -100).order
    before = made.lag.wait
    confirmed_at = time.order_clock.now() - timedelta(seconds=90)
    made.learn(order, [confirmed_at], time.clock.now() - timedelta(seconds=4))
    assert made.lag.wait > before
    made.learn(order, [confirmed_at], None)
    assert made.lag.fills == 1
