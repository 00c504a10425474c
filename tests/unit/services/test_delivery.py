"""Delivery: once, in order per person, repeated only when nobody can know."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

import pytest

from bot import errors
from bot.domain import notices
from bot.ports import OutboxMessage, Outgoing, Sent
from tests.fakes import world as worlds
from tests.fakes.faults import Killed
from tests.fakes.world import USER, World

OTHER = 8


async def _queue(world: World, *texts: str, user: int = USER) -> None:
    await world.people.meet(user, user)
    for text in texts:
        notice = notices.OperatorTold(topic="t", text=text)
        await world.stores.outbox.add(user, notice, text, world.time.clock.now())


async def _drain(world: World, turns: int = 20) -> None:
    for _ in range(turns):
        await world.delivery.deliver_once()
        world.time.advance(70)


def _texts(world: World, user: int = USER) -> list[str]:
    return [
        message.notice.text
        for person, batch in world.messenger.arrived
        for message in batch
        if person == user and isinstance(message.notice, notices.OperatorTold)
    ]


def _repeats(world: World) -> list[bool]:
    return [message.possible_repeat for _, batch in world.messenger.arrived for message in batch]


async def test_messages_arrive_once_in_order() -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a", "b", "c")
        await _drain(world)
        assert _texts(world) == ["a", "b", "c"]
        assert (await world.stores.outbox.counts())[Outgoing.SENT] == 3


@pytest.mark.parametrize(
    "error", [errors.DeliveryDelayed(), errors.DeliveryDelayed(retry_after=timedelta(seconds=30))]
)
async def test_what_surely_did_not_arrive_is_sent_again_unmarked(error: errors.DeliveryError) -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a", "b")
        world.faults.plan(f"deliver {USER}", error, times=3)
        await _drain(world)
        assert _texts(world) == ["a", "b"]
        assert _repeats(world) == [False, False]


async def test_telegram_s_pause_is_kept() -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a")
        world.faults.plan(f"deliver {USER}", errors.DeliveryDelayed(retry_after=timedelta(seconds=30)))
        await world.delivery.deliver_once()
        world.time.advance(29)
        assert await world.delivery.deliver_once() == 0
        world.time.advance(1)
        assert await world.delivery.deliver_once() == 1
        assert _texts(world) == ["a"]


@pytest.mark.parametrize("after", [False, True], ids=["had not arrived", "had arrived"])
async def test_what_may_have_arrived_is_repeated_and_says_so(after: bool) -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a")
        world.faults.plan(f"deliver {USER}", errors.DeliveryUnknown(), after=after)
        await _drain(world)
        assert _texts(world) == ["a"] * (1 + after)
        assert _repeats(world)[-1]


async def test_a_possible_repeat_stays_one_through_later_failures() -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a")
        world.faults.plan(f"deliver {USER}", errors.DeliveryUnknown())
        world.faults.plan(f"deliver {USER}", errors.DeliveryDelayed())
        await _drain(world)
        assert _repeats(world) == [True]


@pytest.mark.parametrize("after", [False, True], ids=["before the request", "after the request"])
async def test_a_kill_while_sending_repeats_it_marked(after: bool) -> None:
    """Never lost; whether it arrived nobody can know, so the repetition says so."""
    async with worlds.open_world() as world:
        await _queue(world, "a", "b")
        world.faults.plan(f"deliver {USER}", Killed(), after=after)
        with pytest.raises(BaseExceptionGroup):
            await world.delivery.deliver_once()
        world.restart()
        assert await world.delivery.recover() == 2
        await _drain(world)
        assert _texts(world) == ["a", "b"] * (1 + after)
        assert _repeats(world)[-2:] == [True, True]


async def test_only_the_message_that_telegram_refuses_is_given_up() -> None:
    """The others of its batch arrive, in order; the bad one becomes a dead letter."""
    async with worlds.open_world() as world:
        await _queue(world, "a", "bad", "c")
        world.faults.plan("notice 2", errors.DeliveryRejected("can't parse"), times=1000)
        await _drain(world)
        assert _texts(world) == ["a", "c"]
        assert (await world.stores.outbox.counts())[Outgoing.DEAD] == 1


async def test_of_hundreds_that_telegram_refuses_together_one_is_given_up() -> None:
    """The others come in a few messages, not in hundreds."""
    async with worlds.open_world() as world:
        wanted = [f"n{number}" for number in range(300)]
        await _queue(world, *wanted)
        world.faults.plan("notice 200", errors.DeliveryRejected("can't parse"), times=1000)
        await _drain(world, 2)
        assert _texts(world) == [text for text in wanted if text != "n199"]
        assert len(world.messenger.arrived) < 12


async def test_while_a_batch_is_split_a_delay_keeps_the_order() -> None:
    """a is refused with b; alone a goes, b has to wait: c waits behind b."""
    async with worlds.open_world() as world:
        await _queue(world, "a", "b", "c")
        world.faults.plan("notice 1", errors.DeliveryRejected())
        world.faults.plan("notice 2", errors.DeliveryDelayed())
        await _drain(world)
        assert _texts(world) == ["a", "b", "c"]
        assert (await world.stores.outbox.counts())[Outgoing.SENT] == 3


async def test_a_blocked_chat_holds_everything_until_the_person_is_back() -> None:
    """Nothing is lost and nothing is tried meanwhile; on return it all comes as one batch."""
    async with worlds.open_world() as world:
        await _queue(world, "a", "b")
        world.faults.plan(f"deliver {USER}", errors.ChatGone())
        await _drain(world)
        assert _texts(world) == []
        assert (await world.stores.outbox.counts())[Outgoing.HELD] == 2
        await world.people.meet(USER, USER)
        await _drain(world)
        assert [len(batch) for _, batch in world.messenger.arrived] == [2]


async def test_one_person_s_trouble_does_not_delay_another() -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a")
        await _queue(world, "x", user=OTHER)
        world.faults.plan(f"deliver {USER}", errors.DeliveryDelayed(), times=3)
        await world.delivery.deliver_once()
        assert _texts(world, OTHER) == ["x"]
        await _drain(world)
        assert _texts(world) == ["a"]


async def _run_until(world: World, seconds: float) -> None:
    """The loop, in the time of its sleeps."""
    end = world.time.clock.now() + timedelta(seconds=seconds)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(world.delivery.run())
        while world.time.clock.now() < end:  # noqa: ASYNC110 - time passes by the loop's own sleeps
            await asyncio.sleep(0)
        running.cancel()


FAILURES = [
    errors.DeliveryUnknown(),
    errors.DeliveryDelayed(),
    errors.DeliveryDelayed(retry_after=timedelta(seconds=5)),
]


@pytest.mark.parametrize("error", FAILURES, ids=["unknown", "not sent", "to wait"])
@pytest.mark.parametrize("failing", [3, 5])
async def test_chats_that_fail_for_reasons_of_their_own_hold_up_nobody(
    failing: int, error: errors.DeliveryError
) -> None:
    """However long they fail: whose chat is fine is told within seconds, at their first message and later."""
    async with worlds.open_world() as world:
        for user in range(100, 100 + failing):
            await _queue(world, "a", user=user)
            world.faults.plan(f"deliver {user}", error, times=10_000)
        for minute in range(1, 4):
            await _run_until(world, 40)
            await _queue(world, f"x{minute}", user=OTHER)
            await _run_until(world, 4)
            assert len(_texts(world, OTHER)) == minute
        assert world.faults.calls["deliver 100"] > 5


@pytest.mark.parametrize("failing", [6, 40])
async def test_however_many_chats_fail_nobody_waits_long_for_them(failing: int) -> None:
    """Nothing tells many chats that fail from an outage, until a message arrives."""
    async with worlds.open_world() as world:
        for user in range(100, 100 + failing):
            await _queue(world, "a", user=user)
            world.faults.plan(f"deliver {user}", errors.DeliveryUnknown(), times=10_000)
        await _run_until(world, 340)
        for user in range(200, 220):
            await _queue(world, "x", user=user)
        await _run_until(world, 11)
        assert {user for user, _ in world.messenger.arrived} == set(range(200, 220))
        await _queue(world, "y", user=OTHER)
        await _run_until(world, 2)
        assert _texts(world, OTHER) == ["y"]


async def test_an_outage_costs_few_repeats() -> None:
    """Hundreds have news while Telegram takes messages and loses its answers for a third of an hour."""
    async with worlds.open_world() as world:
        people = range(100, 500)
        for user in people:
            await _queue(world, "a", user=user)
            world.faults.plan(f"deliver {user}", errors.DeliveryUnknown(), times=10_000)
        await _run_until(world, 1200)
        assert sum(world.faults.calls[f"deliver {user}"] for user in people) < 220
        world.faults.clear()
        await _run_until(world, 60)
        assert {user for user, _ in world.messenger.arrived} == set(people)
        assert 100 < sum(_repeats(world)) < 180


async def test_many_people_are_served_though_few_at_once() -> None:
    """Whoever finds no room is not even claimed: their first attempt is still to come."""
    async with worlds.open_world() as world:
        for user in range(100, 120):
            await _queue(world, "a", user=user)
        assert await world.delivery.deliver_once() == 12
        await _drain(world)
        told = world.messenger.arrived
        assert sorted(user for user, _ in told) == list(range(100, 120))
        assert {message.attempts for _, batch in told for message in batch} == {1}
        assert not any(_repeats(world))


async def test_the_loop_goes_on_as_soon_as_somebody_is_served() -> None:
    """A full house is no reason to pause: pauses are for an empty outbox."""
    async with worlds.open_world() as world:
        for user in range(100, 140):
            await _queue(world, "a", user=user)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(world.delivery.run())
            async with asyncio.timeout(10):
                while len(world.messenger.arrived) < 40:
                    world.messenger.something.clear()
                    await world.messenger.something.wait()
            assert world.time.slept == []
            running.cancel()


async def test_a_notice_that_breaks_our_code_is_given_up_in_the_end() -> None:
    """A bug neither loses what comes with it or after it, nor loops for ever."""
    async with worlds.open_world() as world:
        await _queue(world, "bad", "good")
        world.faults.plan("notice 1", RuntimeError("bug"), times=1000)
        await _drain(world, 40)
        assert (await world.stores.outbox.counts())[Outgoing.DEAD] == 1
        assert _texts(world) == ["good"]
        await _queue(world, "b")
        await _drain(world)
        assert _texts(world) == ["good", "b"]


async def test_the_loop_recovers_first_and_then_delivers() -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a")
        await world.stores.outbox.claim(world.time.clock.now(), 10, frozenset())
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(world.delivery.run())
            await world.messenger.something.wait()
            running.cancel()
        assert _texts(world) == ["a"]
        assert _repeats(world) == [True]


async def test_a_stop_cuts_nothing_off() -> None:
    """What is on its way arrives and is known to have; nothing more is taken, and nothing is repeated."""
    async with worlds.open_world() as world:
        await _queue(world, "a")
        started, may_end = asyncio.Event(), asyncio.Event()
        deliver = world.messenger.deliver

        async def deliver_slowly(batch: Sequence[OutboxMessage]) -> int:
            started.set()
            await may_end.wait()
            return await deliver(batch)

        world.messenger.deliver = deliver_slowly  # type: ignore[method-assign] # the seam of this very test
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(world.delivery.run())
            await started.wait()
            await _queue(world, "b", user=OTHER)
            stopping = tasks.create_task(world.delivery.drain())
            await asyncio.sleep(0)
            assert not stopping.done()
            may_end.set()
            await stopping
            await running
        assert (await world.stores.outbox.counts())[Outgoing.SENDING] == 0
        await _drain(world)
        assert (_texts(world), _texts(world, OTHER)) == (["a"], ["b"])
        assert not any(_repeats(world))


async def test_what_arrives_meanwhile_is_written_down_together() -> None:
    """One commit for all that wait for it: a slow disk does not set the pace."""
    async with worlds.open_world() as world:
        for user in range(100, 108):
            await _queue(world, "a", user=user)
        written: list[int] = []
        record = world.outbox.record_sent

        async def record_slowly(sent: Collection[Sent]) -> None:
            written.append(len(sent))
            for _ in range(50):
                await asyncio.sleep(0)
            await record(sent)

        world.outbox.record_sent = record_slowly  # type: ignore[method-assign] # the seam of this very test
        await world.delivery.deliver_once()
        assert sum(written) == 8
        assert len(written) < 4
        assert (await world.stores.outbox.counts())[Outgoing.SENT] == 8


async def test_delivery_says_how_telegram_is() -> None:
    async with worlds.open_world() as world:
        await _queue(world, "a")
        world.faults.plan(f"deliver {USER}", errors.DeliveryDelayed())
        await world.delivery.deliver_once()
        assert [(item.name, item.ok) for item in world.health.services()] == [("Telegram", False)]
        await _drain(world)
        assert [(item.name, item.ok) for item in world.health.services()] == [("Telegram", True)]
