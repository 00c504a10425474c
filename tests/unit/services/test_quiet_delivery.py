"""Fills that are held back: through the real outbox and delivery, told together, once, and never lost."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import errors
from bot.domain import notices, orders, quiet
from bot.domain.quiet import Fills, Wishes
from bot.ports import Outgoing, Planned
from tests.fakes import world as worlds
from tests.fakes.clock import START
from tests.fakes.faults import Killed
from tests.fakes.world import USER, World, make_fill, make_order

HOUR = timedelta(hours=1)
NIGHT = (22 * 60, 7 * 60)
DAILY = Wishes(fills=Fills.DAILY, digest_at=9 * 60)


def at(hour: int, day: int = 20, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


class Person:
    """Somebody with a wallet whose orders fill when a test says so, from a Friday at noon UTC on."""

    def __init__(self, world: World, owner: str) -> None:
        self.world = world
        self.owner = owner
        self._numbers = itertools.count(1)
        self._used: Counter[str] = Counter()

    async def fill(self, order: str = "order", times: int = 1) -> None:
        """Fills of an order, confirmed now."""
        now = self.world.time.order_clock.now() - START
        numbers = [next(self._numbers) for _ in range(times)]
        self._used[order] += 10_000_000 * times
        seen = make_order(self.owner, order, deposited=10**12, used=self._used[order])
        new = tuple(make_fill(order, number, at=now) for number in numbers)
        await self.world.ingest.take(self.owner, [orders.SeenOrder(seen, new)], first=not self._used[order])

    async def wishes(self, wishes: Wishes) -> None:
        await self.world.people.record_wishes(USER, wishes)

    async def until(self, hour: int, day: int = 20, minute: int = 0) -> None:
        """Let the time pass until this UTC hour of a day of November, delivering every hour and then."""
        while (left := at(hour, day, minute) - self.world.time.clock.now()) > timedelta(0):
            self.world.time.advance(min(3600, left.total_seconds()))
            await self.world.delivery.deliver_once()

    @property
    def messages(self) -> list[list[str]]:
        """What arrived, message by message."""
        return [
            [getattr(each.notice, "signature", "") or each.notice.kind for each in batch]
            for _, batch in self.world.messenger.arrived
        ]

    async def planned(self) -> Planned:
        return await self.world.people.find_planned(USER)


async def _somebody(world: World, wishes: Wishes | None = None) -> Person:
    wallet = await world.add_wallet()
    person = Person(world, wallet.pubkey)
    if wishes is not None:
        await person.wishes(wishes)
    return person


async def test_quiet_hours_hold_fills_back_and_sum_them_up_after() -> None:
    """One message at their end; before and after them each fill comes as always."""
    async with worlds.open_world() as world:
        person = await _somebody(world, Wishes(quiet=NIGHT))
        await person.fill()
        await person.until(22)
        assert person.messages == [["fill1"]]
        for day, hour in ((20, 23), (21, 1), (21, 6)):
            await person.fill()
            await person.until(hour, day)
            assert person.messages == [["fill1"]]
        await person.fill()
        assert await person.planned() == Planned(4, at(7, 21))
        await person.until(6, 21, 55)
        assert person.messages == [["fill1"]]
        await person.until(7, 21)
        assert person.messages == [["fill1"], ["fill2", "fill3", "fill4", "fill5"]]
        await person.fill()
        await person.until(8, 21)
        assert person.messages[2:] == [["fill6"]]


async def test_what_may_call_for_action_does_not_wait() -> None:
    """An order opened elsewhere, low on funds, cancelled elsewhere, finished; and the operator's news."""
    async with worlds.open_world() as world:
        person = await _somebody(world, Wishes(fills=Fills.WEEKLY, quiet=NIGHT))
        await person.until(23)
        await person.fill()
        later = world.time.clock.now() - START
        opened = make_order(person.owner, "opened", age=-later)
        low = make_order(person.owner, "low", deposited=15_000_000, used=10_000_000, age=-later)
        first = make_fill("low", 100, at=later)
        await world.ingest.take(person.owner, [orders.SeenOrder(opened, ())])
        await world.ingest.take(person.owner, [orders.SeenOrder(low, (first,))])
        for name, by_user in (("opened", True), ("low", False)):
            closed = make_order(
                person.owner,
                name,
                status=orders.Status.HISTORY,
                user_closed=by_user,
                age=-later,
                updated=later,
                deposited=15_000_000,
                used=10_000_000,
            )
            await world.ingest.take(person.owner, [orders.SeenOrder(closed, ())])
        told = notices.OperatorTold(topic="t", text="x")
        await world.stores.outbox.add(USER, told, "t", world.time.clock.now())
        await world.delivery.deliver_once()
        (batch,) = person.messages
        assert sorted(batch) == ["cancelled", "finished", "low", "opened", "opened", "operator"]
        assert (await person.planned()).count == 2


async def test_a_daily_digest_is_one_message_a_day() -> None:
    """Hundreds of fills of several orders included; a day without fills has none."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        for order in ("a", "b", "c"):
            await person.fill(order, 70)
        await person.until(9, 21, 5)
        assert [len(message) for message in person.messages] == [210]
        await person.fill("a")
        await person.until(8, 22, 55)
        assert len(person.messages) == 1
        await person.until(9, 24)
        assert person.messages[1:] == [["fill211"]]


async def test_a_weekly_digest_comes_on_its_day() -> None:
    """At the hour of the person's zone: on Mondays at 9 in Zurich, where it is 8 in UTC."""
    async with worlds.open_world() as world:
        person = await _somebody(world, Wishes(fills=Fills.WEEKLY, digest_on=0))
        await world.people.record_timezone(USER, "Europe/Zurich")
        await person.fill()
        await person.until(7, 23, 55)
        assert person.messages == []
        await person.until(8, 23)
        assert person.messages == [["fill1"]]


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (datetime(2027, 3, 27, tzinfo=UTC), [(27, 2, 30), (28, 3, 0), (29, 2, 30)]),
        (datetime(2027, 10, 30, tzinfo=UTC), [(30, 2, 30), (31, 2, 30), (1, 2, 30)]),
    ],
    ids=["an hour that is skipped", "an hour that comes twice"],
)
async def test_a_digest_comes_once_on_the_day_the_clock_jumps(
    first: datetime, days: list[tuple[int, int, int]]
) -> None:
    """Daily at 2:30 in Zurich: with every fill since the one before, at the hour or when it is skipped."""
    async with worlds.open_world() as world:
        person = await _somebody(world, Wishes(fills=Fills.DAILY, digest_at=150))
        await world.people.record_timezone(USER, "Europe/Zurich")
        clock = world.time.clock
        world.time.advance((first - timedelta(hours=2) - clock.now()).total_seconds())
        told = []
        for half_hour in range(6 * 24):
            if half_hour % 8 == 0:
                await person.fill()
            world.time.advance(1800)
            before = len(person.messages)
            await world.delivery.deliver_once()
            if len(person.messages) > before:
                local = clock.now().astimezone(ZoneInfo("Europe/Zurich"))
                told.append((local.day, local.hour, local.minute))
        assert told == days
        assert sum(len(message) for message in person.messages) + (await person.planned()).count == 18


async def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    """Not of the time that orders live in, which is faster in the sandbox."""
    async with worlds.open_world(pace=50) as world:
        person = await _somebody(world, Wishes(quiet=NIGHT))
        await person.until(22)
        await person.fill()
        assert await person.planned() == Planned(1, at(7, 21))
        await person.until(6, 21, 59)
        assert person.messages == []
        await person.until(7, 21)
        assert person.messages == [["fill1"]]


@pytest.mark.parametrize("attempts", [1, 10])
async def test_a_digest_that_telegram_does_not_take_comes_once_when_it_does(attempts: int) -> None:
    """What is seen meanwhile waits for the next one."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill(times=3)
        await person.until(9, 21)
        world.messenger.arrived.clear()
        await person.fill(times=2)
        await person.until(8, 22, 55)
        world.faults.plan(f"deliver {USER}", errors.DeliveryDelayed(), times=attempts)
        await person.until(9, 22)
        await person.fill()
        await person.until(8, 23, 55)
        assert person.messages == [["fill4", "fill5"]]
        assert await person.planned() == Planned(1, at(9, 23))


async def test_a_digest_that_was_missed_comes_at_the_next_start() -> None:
    """The bot was down at its hour; now it is the middle of the night, and it comes without a sound."""
    async with worlds.open_world() as world:
        person = await _somebody(world, Wishes(fills=Fills.DAILY, quiet=NIGHT))
        await person.fill(times=2)
        world.time.advance(36 * 3600)
        world.restart()
        await world.delivery.recover()
        await world.delivery.deliver_once()
        assert person.messages == [["fill1", "fill2"]]


@pytest.mark.parametrize("after", [False, True], ids=["had not arrived", "had arrived"])
async def test_a_kill_while_a_digest_is_sent_repeats_it_marked(after: bool) -> None:
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill(times=2)
        await person.until(8, 21, 55)
        world.time.advance(300)
        world.faults.plan(f"deliver {USER}", Killed(), after=after)
        with pytest.raises(BaseExceptionGroup):
            await world.delivery.deliver_once()
        world.restart()
        await world.delivery.recover()
        await world.delivery.deliver_once()
        assert person.messages == [["fill1", "fill2"]] * (1 + after)
        (_, last) = world.messenger.arrived[-1]
        assert all(message.possible_repeat for message in last)


# --- changes of mind -------------------------------------------------------------------------------------


async def test_turning_the_digest_off_tells_what_it_held() -> None:
    """At once; in quiet hours at their end."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill(times=2)
        await person.wishes(Wishes())
        await world.delivery.deliver_once()
        assert person.messages == [["fill1", "fill2"]]
        await person.wishes(DAILY)
        await person.until(23)
        await person.fill()
        await person.wishes(Wishes(quiet=NIGHT))
        assert await person.planned() == Planned(1, at(7, 21))


async def test_a_digest_takes_over_what_quiet_hours_held() -> None:
    async with worlds.open_world() as world:
        person = await _somebody(world, Wishes(quiet=NIGHT))
        await person.until(23)
        await person.fill()
        await person.wishes(Wishes(fills=Fills.WEEKLY, digest_at=600, digest_on=2, quiet=NIGHT))
        assert await person.planned() == Planned(1, at(10, 25))
        await person.wishes(Wishes(fills=Fills.DAILY, digest_at=6 * 60, quiet=NIGHT))
        assert await person.planned() == Planned(1, at(7, 21))


async def test_another_zone_moves_what_is_held() -> None:
    """Earlier and later; the end of quiet hours can even be now."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill()
        for zone, moment in (
            ("Asia/Tokyo", at(0, 21)),
            ("America/New_York", at(14)),
            ("UTC+05:30", at(3, 21, 30)),
            ("UTC", at(9, 21)),
        ):
            await world.people.record_timezone(USER, zone)
            assert await person.planned() == Planned(1, moment)
        await person.wishes(Wishes(quiet=(11 * 60, 13 * 60)))
        assert await person.planned() == Planned(1, at(13))
        await world.people.record_timezone(USER, "Asia/Tokyo")
        await world.delivery.deliver_once()
        assert person.messages == [["fill1"]]


async def test_a_change_does_not_put_off_a_digest_whose_hour_has_come() -> None:
    """It is due: saying "daily at 9" a moment after 9 means the next one."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill()
        await person.until(8, 21, 55)
        world.time.advance(300)
        await person.wishes(Wishes(fills=Fills.DAILY, digest_at=10 * 60))
        await world.delivery.deliver_once()
        assert person.messages == [["fill1"]]


async def test_it_can_be_told_now() -> None:
    """Whatever the settings say, once."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill(times=3)
        assert await world.people.tell_planned(USER) == 3
        assert await world.people.tell_planned(USER) == 0
        await world.delivery.deliver_once()
        await person.until(10, 21)
        assert person.messages == [["fill1", "fill2", "fill3"]]


@pytest.mark.parametrize("span", [(420, 420), (0, 24 * 60), (-1, 5)])
async def test_quiet_hours_without_an_end_are_refused(span: tuple[int, int]) -> None:
    """And nothing changes, neither the settings nor what is held."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill()
        before = await person.planned()
        with pytest.raises(errors.InvalidInput, match="two different times"):
            await person.wishes(Wishes(quiet=span))
        known = await world.people.find(USER)
        assert known is not None
        assert world.people.wishes_of(known) == DAILY
        assert await person.planned() == before


# --- with everything else --------------------------------------------------------------------------------


async def test_a_muted_order_s_fills_are_kept_but_in_no_digest() -> None:
    """They are listed with the order; what was held before it was muted is still told."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill()
        await world.orders.record_muted(USER, 1, muted=True)
        await person.fill(times=2)
        view = await world.orders.get(USER, 1)
        assert len(view.fills) == 3
        await person.until(10, 21)
        assert person.messages == [["fill1"]]
        await world.orders.record_muted(USER, 1, muted=False)
        await person.fill()
        await person.until(10, 22)
        assert person.messages == [["fill1"], ["fill4"]]


async def test_a_blocked_chat_keeps_its_digest() -> None:
    """Not tried before its hour; then held like everything, and told on return."""
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await person.fill(times=2)
        await world.people.lost(USER)
        assert await person.planned() == Planned(2, at(9, 21))
        world.faults.plan(f"deliver {USER}", errors.ChatGone())
        await person.until(12, 21)
        assert person.messages == []
        assert (await world.stores.outbox.counts())[Outgoing.HELD] == 2
        await world.people.meet(USER, USER)
        await world.delivery.deliver_once()
        assert person.messages == [["fill1", "fill2"]]


async def test_everybody_is_told_at_their_own_hour() -> None:
    async with worlds.open_world() as world:
        person = await _somebody(world, DAILY)
        await world.people.meet(8, 8)
        await world.wallets.watch(8, person.owner)
        await person.fill()
        await world.delivery.deliver_once()
        assert [user for user, _ in world.messenger.arrived] == [8]
        await person.until(9, 21)
        assert [user for user, _ in world.messenger.arrived] == [8, USER]


WISHES = st.builds(
    Wishes,
    fills=st.sampled_from(list(Fills)),
    digest_at=st.integers(0, quiet.DAY - 1),
    digest_on=st.integers(0, 6),
    quiet=st.none()
    | st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda span: span[0] != span[1]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.integers(1, 3)),
        st.tuples(st.just("pass"), st.integers(1, 30)),
        st.tuples(st.just("wish"), WISHES),
        st.tuples(st.just("zone"), st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York", "UTC-09:30"])),
        st.tuples(st.just("trouble"), st.sampled_from([errors.DeliveryDelayed, errors.ChatGone])),
        st.tuples(st.just("back"), st.none()),
        st.tuples(st.just("restart"), st.none()),
        st.tuples(st.just("now"), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(
    [
        ("wish", Wishes(fills=Fills.DAILY)),
        ("fill", 1),
        ("wish", Wishes(quiet=(60, 0))),
        ("now", None),
        ("pass", 1),
    ]
)
@given(STEPS)
async def test_whatever_happens_every_fill_is_told_once(steps: list[tuple[str, object]]) -> None:
    """Changes of mind, travel, outages, blocked chats and restarts: none lost, none twice. While nothing is
    on its way already, digests are at most one a day, and nothing comes in quiet hours."""
    async with worlds.open_world() as world:
        person = await _somebody(world)
        for step, value in steps:
            match step, value:
                case "fill", int(times):
                    await person.fill(times=times)
                case "pass", int(hours):
                    await _pass(person, timedelta(hours=hours))
                case "wish", Wishes() as wishes:
                    await person.wishes(wishes)
                case "zone", str(zone):
                    await world.people.record_timezone(USER, zone)
                case "trouble", type() as error:
                    world.faults.plan(f"deliver {USER}", error())
                case "back", _:
                    await world.people.lost(USER)
                    await world.people.meet(USER, USER)
                case "restart", _:
                    world.restart()
                    await world.delivery.recover()
                case "now", _:
                    await world.people.tell_planned(USER)
        world.faults.clear()
        await person.wishes(Wishes())
        await world.people.lost(USER)
        await world.people.meet(USER, USER)
        for _ in range(5):
            world.time.advance(100)
            await world.delivery.deliver_once()
        total = next(person._numbers) - 1
        told = list(itertools.chain.from_iterable(person.messages))
        assert sorted(told) == sorted(f"fill{number}" for number in range(1, total + 1))
        counts = await world.stores.outbox.counts()
        assert counts == dict.fromkeys(Outgoing, 0) | {Outgoing.SENT: total}


async def _pass(person: Person, span: timedelta) -> None:
    """Let time pass, looking at what comes."""
    world, clock = person.world, person.world.time.clock
    known = await world.people.find(USER)
    counts = await world.stores.outbox.counts()
    on_its_way = sum(counts[state] for state in (Outgoing.PENDING, Outgoing.SENDING, Outgoing.HELD))
    planned = await person.planned()
    if planned.first_at is not None and planned.first_at <= clock.now():
        # Asked for, or due before a change of mind: it comes whatever the hour is.
        on_its_way += 1
    assert known is not None
    wishes, before, end = world.people.wishes_of(known), len(person.messages), clock.now() + span
    while clock.now() < end:
        planned = await person.planned()
        moment = min(end, planned.first_at or end, clock.now() + timedelta(hours=6))
        world.time.advance(max(1.0, (moment - clock.now()).total_seconds()))
        so_far = len(person.messages)
        await world.delivery.deliver_once()
        if not on_its_way and len(person.messages) > so_far:
            assert not quiet.is_quiet(wishes, clock.now())
    if wishes.digest and not on_its_way:
        assert len(person.messages) - before <= span / timedelta(days=1) + 1
