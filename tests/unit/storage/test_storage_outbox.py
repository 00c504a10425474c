"""The outbox: queued once, handed out once, in order per person."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot import storage
from bot.domain import notices
from bot.ports import OutboxMessage, Outgoing, Planned, Sent
from bot.storage import outbox_statements as statements
from bot.storage import schema
from tests.fakes.storage import NOW

SOON, LATER = NOW + timedelta(seconds=5), NOW + timedelta(minutes=5)


def notice(name: str) -> notices.Notice:
    return notices.FillSeen(owner="owner", order_key="order", signature=name)


async def queue(stores: storage.Storage, *names: str, user: int = 1) -> None:
    for name in names:
        assert await stores.outbox.add(user, notice(name), name, NOW)


def names(batches: list[list[OutboxMessage]]) -> list[list[str]]:
    found = []
    for batch in batches:
        assert len({message.user_id for message in batch}) == 1
        messages = [message.notice for message in batch]
        found.append([fill.signature for fill in messages if isinstance(fill, notices.FillSeen)])
    return found


async def claim(
    stores: storage.Storage, *, limit: int = 100, busy: tuple[int, ...] = ()
) -> list[list[OutboxMessage]]:
    return await stores.outbox.claim(SOON, limit, busy)


def ids(batches: list[list[OutboxMessage]]) -> list[int]:
    return [message.id for batch in batches for message in batch]


async def test_a_notice_is_queued_once(stores: storage.Storage) -> None:
    """Per person and dedupe; also after it was sent."""
    assert await stores.outbox.add(1, notice("a"), "same", NOW)
    assert not await stores.outbox.add(1, notice("b"), "same", NOW)
    assert await stores.outbox.add(2, notice("c"), "same", NOW)
    batches = await claim(stores)
    assert names(batches) == [["a"], ["c"]]
    await stores.outbox.record_sent([Sent(ids(batches), 7, NOW)])
    assert not await stores.outbox.add(1, notice("d"), "same", NOW)
    assert await claim(stores) == []


async def test_a_claim_is_one_batch_per_person_in_order(stores: storage.Storage) -> None:
    """Whoever waits longest comes first; nothing is handed out twice."""
    await queue(stores, "a1", user=1)
    await queue(stores, "b1", user=2)
    await queue(stores, "a2", "a3", user=1)
    batches = await claim(stores)
    assert names(batches) == [["a1", "a2", "a3"], ["b1"]]
    first = batches[0][0]
    assert (first.user_id, first.attempts, first.possible_repeat, first.created_at) == (1, 1, False, NOW)
    assert await claim(stores) == []


@pytest.mark.parametrize("broken", [{"kind": "of later"}, {"kind": "fill", "owner": "x"}, {}, [], 7])
async def test_a_row_that_cannot_be_read_costs_only_itself(stores: storage.Storage, broken: object) -> None:
    """Written by a later version, or by hand: a dead letter, and everything else is handed out."""
    await queue(stores, "a", "b", "c")
    await queue(stores, "d", user=2)
    change = sa.update(schema.outbox).where(schema.outbox.c.dedupe == "b").values(notice=broken)
    async with stores.database.writing() as tx:
        await tx.run(change)
    assert names(await claim(stores)) == [["a", "c"], ["d"]]
    assert (await stores.outbox.counts())[Outgoing.DEAD] == 1


async def test_busy_people_are_left_alone(stores: storage.Storage) -> None:
    """Their messages stay where they are."""
    await queue(stores, "a", user=1)
    await queue(stores, "b", user=2)
    assert names(await claim(stores, busy=(1,))) == [["b"]]
    assert names(await claim(stores)) == [["a"]]


async def test_the_limit_counts_messages(stores: storage.Storage) -> None:
    """What it cuts off comes later, after what went before it."""
    await queue(stores, "a", "b", "c")
    batches = await claim(stores, limit=2)
    assert names(batches) == [["a", "b"]]
    assert await claim(stores) == []
    await stores.outbox.record_sent([Sent(ids(batches), 7, NOW)])
    assert names(await claim(stores)) == [["c"]]


async def test_as_many_people_as_there_is_room_for(stores: storage.Storage) -> None:
    """Those who wait longest, each with everything that is due; nobody else's is touched."""
    await queue(stores, "a1", user=1)
    await queue(stores, "b1", user=2)
    await queue(stores, "c1", user=3)
    await queue(stores, "a2", user=1)
    assert names(await stores.outbox.claim(SOON, 100, (), people=2)) == [["a1", "a2"], ["b1"]]
    assert [batch[0].attempts for batch in await claim(stores)] == [1]


async def test_one_whose_first_message_waits_takes_nobody_s_room(stores: storage.Storage) -> None:
    """Room is for people who can be told something now."""
    await stores.outbox.add(1, notice("later"), "later", LATER)
    await queue(stores, "a2", user=1)
    await queue(stores, "b1", user=2)
    assert names(await stores.outbox.claim(SOON, 100, (), people=1)) == [["b1"]]


async def test_nothing_overtakes_a_message_that_waits(stores: storage.Storage) -> None:
    """A retry that is not due holds back this person's later messages, nobody else's."""
    await queue(stores, "a")
    batches = await claim(stores)
    await queue(stores, "b")
    await queue(stores, "x", user=2)
    assert names(await claim(stores, busy=(2,))) == []
    await stores.outbox.record_retry(ids(batches), LATER, possible_repeat=False)
    assert names(await claim(stores)) == [["x"]]
    again = await stores.outbox.claim(LATER, 100, ())
    assert names(again) == [["a", "b"]]
    assert [message.attempts for message in again[0]] == [2, 1]


async def test_a_message_that_waits_in_the_middle_ends_the_batch(stores: storage.Storage) -> None:
    """Only consecutive due messages go together."""
    await queue(stores, "a", "b", "c")
    first, second, _third = (await claim(stores))[0]
    await stores.outbox.recover()
    await claim(stores)
    await stores.outbox.record_retry([first.id], NOW, possible_repeat=False)
    await stores.outbox.record_retry([second.id], LATER, possible_repeat=False)
    assert names(await claim(stores)) == [["a"]]


async def test_a_message_that_is_not_yet_due_waits(stores: storage.Storage) -> None:
    """Not before its time, at its time."""
    await stores.outbox.add(1, notice("a"), "a", LATER)
    assert await stores.outbox.claim(LATER - timedelta(microseconds=1), 9, ()) == []
    assert names(await stores.outbox.claim(LATER, 9, ())) == [["a"]]


async def test_a_crash_while_sending_is_a_possible_repeat(stores: storage.Storage) -> None:
    """Recovered ones are handed out again, marked; the mark stays through later retries."""
    await queue(stores, "a")
    await claim(stores)
    assert await stores.outbox.recover() == 1
    assert await stores.outbox.recover() == 0
    batches = await claim(stores)
    assert batches[0][0].possible_repeat
    await stores.outbox.record_retry(ids(batches), NOW, possible_repeat=False)
    assert (await claim(stores))[0][0].possible_repeat


async def test_an_unknown_outcome_is_a_possible_repeat(stores: storage.Storage) -> None:
    """One whose failure is known is not."""
    await queue(stores, "a")
    await stores.outbox.record_retry(ids(await claim(stores)), NOW, possible_repeat=False)
    batches = await claim(stores)
    assert not batches[0][0].possible_repeat
    await stores.outbox.record_retry(ids(batches), NOW, possible_repeat=True)
    assert (await claim(stores))[0][0].possible_repeat


async def test_a_late_retry_does_not_revive_what_is_over(stores: storage.Storage) -> None:
    """Sent, dead and held messages stay so; a sent one never becomes dead."""
    await queue(stores, "sent", user=1)
    await queue(stores, "dead", user=2)
    await queue(stores, "held", user=3)
    (sent,), (dead,), (held,) = await claim(stores)
    await stores.outbox.record_sent([Sent([sent.id], 7, NOW)])
    await stores.outbox.record_dead([dead.id], "malformed")
    await stores.outbox.hold(3)
    await stores.outbox.record_retry([sent.id, dead.id, held.id], NOW, possible_repeat=True)
    await stores.outbox.record_dead([sent.id], "too late")
    counts = await stores.outbox.counts()
    assert [counts[state] for state in (Outgoing.SENT, Outgoing.DEAD, Outgoing.HELD)] == [1, 1, 1]


async def test_a_dead_letter_lets_the_next_one_pass(stores: storage.Storage) -> None:
    """One message that Telegram refuses must not silence a person for good."""
    await queue(stores, "a")
    dead = await claim(stores)
    await queue(stores, "b")
    await stores.outbox.record_dead(ids(dead), "\0 malformed")
    assert names(await claim(stores)) == [["b"]]


async def test_a_blocked_chat_keeps_its_messages(stores: storage.Storage) -> None:
    """Held while gone, whatever was being sent included; handed out in order on return."""
    await queue(stores, "a", "b")
    await queue(stores, "x", user=2)
    await claim(stores, limit=1)
    await stores.outbox.hold(1)
    assert names(await claim(stores)) == [["x"]]
    assert await stores.outbox.release(1) == 2
    assert await stores.outbox.release(1) == 0
    assert names(await claim(stores)) == [["a", "b"]]


async def test_counts_name_every_state(stores: storage.Storage) -> None:
    """Zero included."""
    assert await stores.outbox.counts() == dict.fromkeys(Outgoing, 0)
    await queue(stores, "a", "b")
    await claim(stores, limit=1)
    await queue(stores, "c", user=2)
    counts = await stores.outbox.counts()
    assert counts == dict.fromkeys(Outgoing, 0) | {Outgoing.PENDING: 2, Outgoing.SENDING: 1}
    assert [await stores.outbox.count_unsent(user) for user in (1, 2, 3)] == [2, 1, 0]


@pytest.mark.parametrize(
    "stored",
    [
        notices.OrderFinished(owner="o", order_key="k"),
        notices.OperatorTold(topic="polling", text="Zoë \0 \ud83d 🟢"),
        notices.CycleOverdue(owner="o", order_key="k", due_at=NOW.isoformat()),
        notices.CycleSkipped(owner="o", order_key="k", due_at=NOW.isoformat()),
        notices.OrdersUnseen(since=NOW.isoformat()),
        notices.OrdersSeenAgain(since=NOW.isoformat(), until=LATER.isoformat()),
    ],
    ids=lambda stored: stored.kind,
)
async def test_a_notice_comes_back_as_it_was(stores: storage.Storage, stored: notices.Notice) -> None:
    """Whatever its text."""
    await stores.outbox.add(1, stored, "k", NOW)
    assert (await claim(stores))[0][0].notice == stored


async def test_a_notice_is_queued_with_its_cause_or_not_at_all(stores: storage.Storage) -> None:
    """Inside a transaction that fails, nothing is queued."""

    async def ingest() -> None:
        async with stores.transaction():
            await queue(stores, "a")
            raise LookupError

    with pytest.raises(LookupError):
        await ingest()
    assert (await stores.outbox.counts())[Outgoing.PENDING] == 0


async def test_two_processes_keep_the_order(shared_url: str) -> None:
    """What one process is sending, the other neither repeats nor overtakes."""
    async with storage.Storage.open(shared_url) as one, storage.Storage.open(shared_url) as two:
        await queue(one, "a")
        sending = await claim(one)
        await queue(two, "b")
        assert await claim(two) == []
        await one.outbox.record_sent([Sent(ids(sending), 7, NOW)])
        assert names(await claim(two)) == [["b"]]


# --- held for later --------------------------------------------------------------------------------------


async def plan(stores: storage.Storage, *names: str, until: datetime = LATER, user: int = 1) -> None:
    for name in names:
        assert await stores.outbox.add(user, notice(name), name, NOW, hold_until=until)


async def test_what_is_planned_is_in_nobody_s_way(stores: storage.Storage) -> None:
    """It is not handed out, holds nothing back, and is queued only once like everything else."""
    await plan(stores, "fill")
    await queue(stores, "news")
    assert names(await claim(stores)) == [["news"]]
    assert not await stores.outbox.add(1, notice("again"), "fill", NOW)
    assert await claim(stores) == []
    counts = await stores.outbox.counts()
    assert (counts[Outgoing.PLANNED], counts[Outgoing.SENDING]) == (1, 1)


async def test_what_is_planned_comes_together_when_its_time_is_there(stores: storage.Storage) -> None:
    """Not before, in order, once; other people's not with it."""
    await plan(stores, "a", "b", "c")
    await plan(stores, "x", until=LATER + timedelta(days=1), user=2)
    assert await stores.outbox.release_planned(LATER - timedelta(microseconds=1)) == 0
    assert await stores.outbox.release_planned(LATER) == 3
    assert await stores.outbox.release_planned(LATER) == 0
    assert names(await stores.outbox.claim(LATER, 100, ())) == [["a", "b", "c"]]
    assert await stores.outbox.find_planned(2) == Planned(1, LATER + timedelta(days=1))


async def test_a_plan_can_be_moved(stores: storage.Storage) -> None:
    """For one person; what is due already is told and not put off."""
    await plan(stores, "due", until=SOON)
    await plan(stores, "a", "b")
    await plan(stores, "x", user=2)
    moved = LATER + timedelta(hours=3)
    assert await stores.outbox.replan(1, SOON, moved) == 2
    assert await stores.outbox.find_planned(1) == Planned(3, SOON)
    assert await stores.outbox.release_planned(LATER) == 2
    assert names(await stores.outbox.claim(LATER, 100, ())) == [["due"], ["x"]]
    assert await stores.outbox.replan(1, LATER, LATER) == 2
    assert await stores.outbox.release_planned(LATER) == 2
    assert await stores.outbox.find_planned(1) == Planned(0, None)
    await stores.outbox.recover()
    assert names(await stores.outbox.claim(LATER, 100, ())) == [["due", "a", "b"], ["x"]]


async def test_what_is_planned_is_kept_while_the_chat_is_blocked(stores: storage.Storage) -> None:
    """Its plan holds on; what was on its way comes on return."""
    await plan(stores, "later")
    await queue(stores, "now")
    await stores.outbox.hold(1)
    assert await stores.outbox.find_planned(1) == Planned(1, LATER)
    assert await stores.outbox.release(1) == 1
    assert names(await claim(stores)) == [["now"]]


async def test_the_limit_is_each_person_s(stores: storage.Storage) -> None:
    """One person's hundreds do not cut another's message in two."""
    await queue(stores, "a1", "a2", "a3", user=1)
    await queue(stores, "b1", "b2", user=2)
    assert names(await claim(stores, limit=2)) == [["a1", "a2"], ["b1", "b2"]]


async def test_what_is_planned_is_found_along_its_indexes() -> None:
    """However much was ever sent, or is held for others: only what is asked for is read."""
    of_one = sa.select(sa.func.count()).where(schema.PLANNED, schema.outbox.c.user_id == 1)
    async with storage.Storage.open("sqlite://") as stores, stores.database.reading() as tx:
        found = []
        for statement, values in (
            (statements.RELEASE_PLANNED, {"state": 0, "now": NOW.isoformat()}),
            (of_one, {"user_id_1": 1}),
        ):
            explain = sa.text(f"EXPLAIN QUERY PLAN {statement}").bindparams(**values)
            found += await tx.fetch(explain, lambda row: str(row.detail))
    assert found == [
        "SEARCH outbox USING INDEX ix_outbox_planned (not_before<?)",
        "SEARCH outbox USING INDEX ix_outbox_planned_of (user_id=?)",
    ]


async def test_two_processes_neither_lose_nor_double_what_is_planned(shared_url: str) -> None:
    """Both look what is due, one of them tells it."""
    async with storage.Storage.open(shared_url) as one, storage.Storage.open(shared_url) as two:
        await plan(one, "a", "b")
        async with asyncio.TaskGroup() as tasks:
            released = [tasks.create_task(each.outbox.release_planned(LATER)) for each in (one, two)]
        assert sorted(task.result() for task in released) == [0, 2]
        found = [await each.outbox.claim(LATER, 100, ()) for each in (one, two)]
        assert [names(batches) for batches in found] == [[["a", "b"]], []]
