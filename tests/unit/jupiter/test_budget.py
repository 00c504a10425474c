"""The request budget, in virtual time."""

import asyncio
import itertools
from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import errors
from bot.jupiter.budget import RateBudget
from bot.ports import Priority
from tests.fakes.jupiter import EPOCH, FakeJupiter
from tests.fakes.virtual_time import in_virtual_time

ACTION, PERSON, DUE, SWEEP = Priority
FOREVER = {ACTION: 1e6, PERSON: 1e6}
Starts = list[tuple[float, Priority]]


def now() -> float:
    return asyncio.get_running_loop().time()


def make(rps: float = 1.0, patience_s: Mapping[Priority, float] = FOREVER) -> RateBudget:
    return RateBudget(rps, wall=FakeJupiter.wall, patience_s=patience_s)


async def call(budget: RateBudget, priority: Priority, starts: Starts, *, lasts: float = 0.0) -> None:
    async with budget.call(priority):
        starts.append((now(), priority))
        await asyncio.sleep(lasts)


def most_in_a_minute(times: list[float]) -> int:
    times = sorted(times)
    return max((sum(1 for time in times if begin <= time < begin + 60) for begin in times), default=0)


arrivals = st.lists(
    st.tuples(st.floats(0, 200), st.sampled_from(list(Priority)), st.floats(0, 20)), max_size=80
)


@settings(max_examples=60, deadline=None)
@given(arrivals, st.integers(1, 15))
def test_no_minute_has_more_calls_than_slots(plan: list[tuple[float, Priority, float]], slots: int) -> None:
    """Whoever comes whenever, and however long calls take: never more than the slots in any 60 seconds,
    nor more background than its 70 %; and everybody is served."""

    @in_virtual_time
    async def run() -> None:
        budget = make(slots / 60)
        starts: Starts = []

        async def one(at: float, priority: Priority, lasts: float) -> None:
            await asyncio.sleep(at)
            await call(budget, priority, starts, lasts=lasts)

        async with asyncio.TaskGroup() as group:
            for step in plan:
                group.create_task(one(*step))
        assert len(starts) == len(plan)
        assert most_in_a_minute([at for at, _ in starts]) <= slots
        background = [at for at, priority in starts if priority in (DUE, SWEEP)]
        assert most_in_a_minute(background) <= max(1, slots * 70 // 100)

    run()


@in_virtual_time
async def test_a_burst_goes_at_once() -> None:
    """The budget is a window, not a spacing: nine tenths of it may go in the same instant."""
    budget = make()
    starts: Starts = []
    await asyncio.gather(*(call(budget, PERSON, starts) for _ in range(54)))
    assert {at for at, _ in starts} == {0.0}


@in_virtual_time
async def test_background_leaves_thirty_percent_to_people() -> None:
    """However much background work waits, a person and an action start at once."""
    budget = make()
    starts: Starts = []
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(call(budget, SWEEP, starts))
            group.create_task(call(budget, DUE, starts))
        await asyncio.sleep(1)
        assert len(starts) == 42
        for _ in range(17):
            group.create_task(call(budget, PERSON, starts))
        group.create_task(call(budget, ACTION, starts))
        await asyncio.sleep(0.1)
        assert starts[42:] == [(1.0, PERSON)] * 17 + [(1.0, ACTION)]
    assert len(starts) == 118


@in_virtual_time
async def test_the_more_urgent_goes_first_and_the_earlier_within() -> None:
    """Order of service: priority, then order of arrival."""
    budget = make(2 / 60)
    served: list[tuple[Priority, int]] = []

    async def one(priority: Priority, number: int) -> None:
        async with budget.call(priority):
            served.append((priority, number))

    async with asyncio.TaskGroup() as group:
        group.create_task(call(budget, ACTION, []))
        group.create_task(call(budget, ACTION, []))
        await asyncio.sleep(0)
        for number, priority in itertools.product(range(2), (SWEEP, DUE, PERSON, ACTION)):
            group.create_task(one(priority, number))
    assert [priority for priority, _ in served] == [ACTION, ACTION, PERSON, DUE, PERSON, DUE, SWEEP, SWEEP]
    assert all([number for of, number in served if of is priority] == [0, 1] for priority in Priority)


@in_virtual_time
async def test_nobody_starves() -> None:
    """Under a flood of people due polls still go, and under a flood of due polls sweeps do."""
    budget = make()
    starts: Starts = []
    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        flood = [group.create_task(call(budget, PERSON, starts)) for _ in range(1_000)]
        flood += [group.create_task(call(budget, DUE, starts)) for _ in range(1_000)]
        flood += [group.create_task(call(budget, SWEEP, starts)) for _ in range(5)]
        await asyncio.sleep(200)
        for one in flood:
            one.cancel()
    counts = {of: sum(1 for _, priority in starts if priority is of) for of in Priority}
    assert counts[DUE] > 0
    assert counts[PERSON] > counts[DUE]

    starts.clear()
    budget = make()
    async with asyncio.TaskGroup() as group:
        flood = [group.create_task(call(budget, DUE, starts)) for _ in range(1_000)]
        await asyncio.sleep(5)
        sweep = group.create_task(call(budget, SWEEP, starts))
        await asyncio.sleep(1)
        assert sweep.done()
        for one in flood:
            one.cancel()


@in_virtual_time
async def test_a_person_is_told_at_once_when_the_wait_is_too_long() -> None:
    """A wait known to exceed the patience is refused immediately, with the time to come back at."""
    budget = make(2 / 60, patience_s={PERSON: 10.0, ACTION: 10.0})
    await call(budget, PERSON, [])
    await asyncio.sleep(20)
    with pytest.raises(errors.RateLimited) as caught:
        await call(budget, PERSON, [])
    assert now() == 20.0
    assert caught.value.retry_after == timedelta(seconds=40)
    await asyncio.sleep(31)
    await call(budget, PERSON, [])
    assert now() == 60.0


@in_virtual_time
async def test_a_person_waits_no_longer_than_the_patience() -> None:
    """A wait that turns out too long ends with RateLimited, and the slot goes to the next."""
    budget = make(2 / 60, patience_s={PERSON: 10.0, ACTION: 1e6})
    starts: Starts = []
    await call(budget, PERSON, starts)
    await call(budget, ACTION, starts)
    await asyncio.sleep(55)

    async def rush() -> None:
        await asyncio.sleep(1)
        await asyncio.gather(*(call(budget, ACTION, starts) for _ in range(3)))

    async def wait() -> float:
        with pytest.raises(errors.RateLimited):
            await call(budget, PERSON, starts)
        return now()

    gave_up_at, _ = await asyncio.gather(wait(), rush())
    assert gave_up_at == 65.0
    assert [at for at, _ in starts] == [0.0, 0.0, 60.0, 60.0, 120.0]


@in_virtual_time
async def test_background_waits_as_long_as_it_takes() -> None:
    """Nobody sits before a sweep: it is never refused."""
    budget = RateBudget(1 / 60, wall=FakeJupiter.wall)
    starts: Starts = []
    await asyncio.gather(*(call(budget, SWEEP, starts) for _ in range(4)))
    assert [at for at, _ in starts] == [0.0, 60.0, 120.0, 180.0]


@in_virtual_time
async def test_a_call_counts_from_its_end() -> None:
    """The service may have seen a slow call at its very end, so its slot frees 60 seconds after that."""
    budget = make(1 / 60)
    starts: Starts = []
    await asyncio.gather(call(budget, SWEEP, starts, lasts=7), call(budget, SWEEP, starts))
    assert [at for at, _ in starts] == [0.0, 67.0]


@in_virtual_time
async def test_cancelled_waiters_leave_nothing_behind() -> None:
    """Cancelled while waiting, or in the very turn of being admitted: no slot is lost, nobody hangs."""
    budget = make(1 / 60)
    starts: Starts = []
    async with asyncio.TaskGroup() as group:
        await call(budget, ACTION, starts)
        waiting = [group.create_task(call(budget, SWEEP, starts)) for _ in range(3)]
        await asyncio.sleep(10)
        waiting[0].cancel()
        # The timer that admits at 60 runs before this sleeper, so that the second is admitted but not yet on.
        await asyncio.sleep(50)
        waiting[1].cancel()
        await asyncio.sleep(0)
    assert starts[1:] == [(60.0, SWEEP)]
    await call(budget, SWEEP, starts)
    assert starts[-1] == (120.0, SWEEP)


@in_virtual_time
async def test_a_failing_call_counts() -> None:
    """An exception or a cancellation inside ends the call like any other: it may have reached the service."""
    budget = make(1 / 60)
    with pytest.raises(ZeroDivisionError):
        async with budget.call(ACTION):
            raise ZeroDivisionError
    starts: Starts = []
    await call(budget, ACTION, starts)
    assert starts == [(60.0, ACTION)]


async def observe(budget: RateBudget, status: int, **headers: object) -> None:
    named = {f"x-ratelimit-{name}": str(value) for name, value in headers.items()}
    async with budget.call(ACTION) as turn:
        turn.observe(status, named)


@in_virtual_time
async def test_the_services_reset_is_obeyed() -> None:
    """Nothing left in the window, or a 429: nobody starts before the time that the service names."""
    for status, remaining in ((200, 0), (429, 0), (429, -3)):
        budget = make()
        begin = now()
        await observe(budget, status, remaining=remaining, reset=EPOCH + begin + 30)
        starts: Starts = []
        await call(budget, ACTION, starts)
        assert starts == [(begin + 30.0, ACTION)], (status, remaining)


@in_virtual_time
async def test_calls_by_others_are_counted() -> None:
    """The bucket is shared: slots that others took are not ours until they left the window."""
    budget = make(10 / 60)
    await observe(budget, 200, remaining=3, reset=EPOCH + 20)
    starts: Starts = []
    await asyncio.gather(*(call(budget, ACTION, starts) for _ in range(5)))
    assert [at for at, _ in starts] == [0.0, 0.0, 0.0, 20.0, 60.0]


@in_virtual_time
async def test_the_service_is_right_about_a_bigger_window() -> None:
    """More remaining than we think changes nothing: the configured budget is the upper bound."""
    budget = make(2 / 60)
    await observe(budget, 200, remaining=1_000, reset=EPOCH)
    starts: Starts = []
    await asyncio.gather(*(call(budget, ACTION, starts) for _ in range(2)))
    assert [at for at, _ in starts] == [0.0, 60.0]


@in_virtual_time
async def test_wrong_clocks_do_not_stop_us() -> None:
    """A reset in the far future waits one window at most; one in the past is no permission to hammer."""
    for reset, at_most, at_least in ((EPOCH + 1e9, 60.0, 60.0), (EPOCH - 1e9, 10.0, 1.0)):
        budget = make()
        begin = now()
        await observe(budget, 429, remaining=0, reset=reset)
        starts: Starts = []
        await call(budget, ACTION, starts)
        assert at_least <= starts[0][0] - begin <= at_most


@in_virtual_time
async def test_refusals_without_a_reset_pause_longer_and_longer() -> None:
    """429 without headers: pauses double, up to a window; one success starts over."""
    budget = make()
    begins = []
    for _ in range(9):
        async with budget.call(ACTION) as turn:
            begins.append(now())
            turn.observe(429, {})
    pauses = [later - earlier for earlier, later in itertools.pairwise(begins)]
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    async with budget.call(ACTION) as turn:
        turn.observe(200, {})
    async with budget.call(ACTION) as turn:
        turn.observe(429, {})
    assert budget.pause() == timedelta(seconds=2)


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "1e999", "-"])
def test_unreadable_headers_are_ignored(text: str) -> None:
    """Whatever the headers hold, a call goes on."""

    @in_virtual_time
    async def run() -> None:
        budget = make()
        await observe(budget, 200, remaining=text, current=text, reset=text)
        await observe(budget, 200, remaining=5, reset=text)
        starts: Starts = []
        await call(budget, ACTION, starts)
        assert starts == [(0.0, ACTION)]

    run()


@in_virtual_time
async def test_an_answer_that_was_overtaken_cannot_make_it_better() -> None:
    """Two calls at once: the older count arrives last, and the newer one holds."""
    budget = make(10 / 60)
    starts: Starts = []
    async with budget.call(ACTION) as first, budget.call(ACTION) as second:
        await asyncio.sleep(1)
        second.observe(200, {"x-ratelimit-remaining": "1"})
        first.observe(200, {"x-ratelimit-remaining": "8"})
    await asyncio.gather(*(call(budget, ACTION, starts) for _ in range(2)))
    assert [at for at, _ in starts] == [1.0, 61.0]


@in_virtual_time
async def test_what_others_did_a_minute_ago_is_asked_for_with_one_call() -> None:
    """When the last word on others is old, one call goes and asks before the rest follows."""
    budget = make(10 / 60)
    await observe(budget, 200, remaining=0)
    starts: Starts = []
    await asyncio.sleep(70)

    async def ask() -> None:
        async with budget.call(ACTION) as turn:
            starts.append((now(), ACTION))
            await asyncio.sleep(0.5)
            turn.observe(200, {"x-ratelimit-remaining": "9"})

    await asyncio.gather(ask(), *(call(budget, ACTION, starts) for _ in range(5)))
    assert [at for at, _ in starts] == [70.0, 70.5, 70.5, 70.5, 70.5, 70.5]


@in_virtual_time
async def test_a_refused_call_is_not_counted_as_ours() -> None:
    """429 costs no slot: when the service has room again, all of ours is there."""
    budget = make(3 / 60)
    await observe(budget, 429, remaining=0, reset=EPOCH + 5)
    await asyncio.sleep(5)
    await observe(budget, 200, remaining=2)
    starts: Starts = []
    await asyncio.gather(*(call(budget, ACTION, starts) for _ in range(2)))
    assert [at for at, _ in starts] == [5.0, 5.0]


@in_virtual_time
async def test_a_bucket_that_others_filled_is_asked_again_after_a_window() -> None:
    """Everything taken by others and no reset named: a minute later one call goes and looks."""
    budget = make(10 / 60)
    await observe(budget, 429, remaining=0)
    starts: Starts = []
    await asyncio.sleep(59)
    await asyncio.gather(*(call(budget, ACTION, starts, lasts=1) for _ in range(2)))
    assert [at for at, _ in starts] == [60.0, 61.0]
