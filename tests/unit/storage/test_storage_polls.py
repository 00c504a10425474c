"""Polls and the inbox: what a restart must remember."""

from datetime import timedelta

import sqlalchemy as sa

from bot import ports, storage
from bot.storage import inbox, schema
from tests.fakes.storage import NOW

LATER = NOW + timedelta(minutes=5)


async def watch(stores: storage.Storage, *pubkeys: str) -> None:
    for pubkey in pubkeys:
        await stores.wallets.add(1, pubkey, "", None, NOW, 20)


async def test_the_longest_overdue_comes_first(stores: storage.Storage) -> None:
    """None before its time, no more than asked for; asking again gives the same until it is recorded."""
    await watch(stores, "a", "b", "c")
    for owner, due_at in (("a", NOW), ("b", NOW - timedelta(1)), ("c", LATER)):
        await stores.polls.ensure(owner, due_at)
    assert [target.owner for target in await stores.polls.take_due(NOW, 9)] == ["b", "a"]
    assert [target.owner for target in await stores.polls.take_due(NOW, 1)] == ["b"]
    assert await stores.polls.next_due_at() == NOW - timedelta(1)
    await stores.polls.record_ok("b", NOW, LATER + timedelta(1))
    assert await stores.polls.next_due_at() == NOW


async def test_an_address_nobody_has_is_not_polled(stores: storage.Storage) -> None:
    """Neither listed nor counted; it comes back with its wallet."""
    await stores.polls.record_ok("gone", NOW, NOW)
    assert await stores.polls.take_due(LATER, 9) == []
    assert await stores.polls.next_due_at() is None
    assert await stores.polls.wanted_since() is None
    assert await stores.polls.count() == 0
    await watch(stores, "gone")
    assert [target.owner for target in await stores.polls.take_due(LATER, 9)] == ["gone"]
    assert await stores.polls.wanted_since() == NOW
    assert await stores.polls.count() == 1


async def test_ensuring_again_keeps_the_time(stores: storage.Storage) -> None:
    """A restart that ensures everything starts nothing over."""
    await stores.polls.ensure("a", LATER)
    await stores.polls.ensure("a", NOW)
    assert await stores.polls.find("a") == ports.PollTarget(
        owner="a", due_at=LATER, last_ok_at=None, failures=0
    )
    assert await stores.polls.find("b") is None


async def test_failures_are_counted_until_one_works(stores: storage.Storage) -> None:
    """And the last success stays known meanwhile."""
    await watch(stores, "a", "b", "c")
    for owner in "abc":
        await stores.polls.ensure(owner, NOW)
    await stores.polls.record_ok("a", NOW, NOW)
    await stores.polls.record_ok("b", LATER, NOW)
    for _ in range(2):
        await stores.polls.record_failure("a", LATER)
    assert await stores.polls.find("a") == ports.PollTarget(
        owner="a", due_at=LATER, last_ok_at=NOW, failures=2
    )
    assert await stores.polls.wanted_since() == NOW, "putting it off does not make it younger"
    await stores.polls.record_ok("a", LATER, LATER)
    assert await stores.polls.find("a") == ports.PollTarget(
        owner="a", due_at=LATER, last_ok_at=LATER, failures=0
    )


async def test_sweeps_queue_apart(stores: storage.Storage) -> None:
    """By a time of their own; they may wait, so they count as waiting only once they have failed."""
    await watch(stores, "a", "b")
    await stores.polls.record_ok("a", NOW, None, sweep_at=NOW)
    await stores.polls.record_ok("b", NOW, LATER, sweep_at=LATER + timedelta(1))
    assert await stores.polls.next_due_at() == NOW
    assert await stores.polls.take_due(NOW, 9) == []
    assert [target.owner for target in await stores.polls.take_due(NOW, 9, sweeps=True)] == ["a"]
    assert [target.owner for target in await stores.polls.take_due(LATER, 9)] == ["b"]
    assert await stores.polls.wanted_since() == LATER
    await stores.polls.record_failure("a", LATER)
    assert await stores.polls.wanted_since() == NOW
    assert await stores.polls.take_due(NOW, 9, sweeps=True) == []
    assert [target.owner for target in await stores.polls.take_due(LATER, 9, sweeps=True)] == ["a"]


async def test_putting_off_hurries_nothing(stores: storage.Storage) -> None:
    """A look that lies further ahead stays where it is."""
    await stores.polls.record_ok("a", NOW, LATER + timedelta(1), sweep_at=NOW)
    await stores.polls.record_failure("a", LATER)
    target = await stores.polls.find("a")
    assert target is not None
    assert (target.due_at, target.sweep_at) == (LATER + timedelta(1), LATER)


async def test_it_is_known_when_history_was_read_or_that_it_is_to_be_read(stores: storage.Storage) -> None:
    for history_at in (NOW, None):
        await stores.polls.record_ok("a", LATER, None, sweep_at=LATER, history_at=history_at)
        assert await stores.polls.find("a") == ports.PollTarget(
            owner="a", due_at=None, last_ok_at=LATER, failures=0, sweep_at=LATER, history_at=history_at
        )


async def test_an_update_is_new_once(stores: storage.Storage) -> None:
    """Also after it was handled."""
    assert await stores.inbox.record(5, 1, "five")
    assert not await stores.inbox.record(5, 1, "again")
    await stores.inbox.record_handled(5)
    assert not await stores.inbox.record(5, 1, "again")
    assert await stores.inbox.list_unhandled() == []


async def test_unhandled_updates_come_back_in_sequence(stores: storage.Storage) -> None:
    """Those that carried a secret were never stored, so they do not."""
    for update, payload in ((7, "seven \ud83d"), (8, None), (9, "nine")):
        assert await stores.inbox.record(update, None, payload)
    assert await stores.inbox.list_unhandled() == [(7, "seven \ufffd"), (9, "nine")]
    await stores.inbox.record_handled(7)
    assert await stores.inbox.list_unhandled() == [(9, "nine")]


async def test_the_last_update_is_the_one_that_came_last(stores: storage.Storage) -> None:
    """Telegram may go on with a lower id after a quiet week."""
    assert await stores.inbox.last_update_id() is None
    for update in (900, 901, 5):
        await stores.inbox.record(update, 1, None)
    assert await stores.inbox.last_update_id() == 5


async def test_a_handled_update_leaves_its_id_only(stores: storage.Storage) -> None:
    """Neither its text nor whose it was."""
    await stores.inbox.record(5, 1, "text")
    await stores.inbox.record_handled(5)
    async with stores.database.reading() as tx:
        rows = await tx.fetch(sa.select(schema.inbox.c.user_id, schema.inbox.c.payload), tuple)
    assert rows == [(None, None)]


async def test_old_ids_are_forgotten(stores: storage.Storage) -> None:
    """The newest thousand stay, and whatever is still to be handled."""
    async with stores.transaction():
        await stores.inbox.record(1, 1, "waits")
        for update in range(2, inbox.KEPT + 12):
            await stores.inbox.record(update, 1, None)
        await stores.inbox.record_handled(inbox.KEPT + 11)
    async with stores.database.reading() as tx:
        kept = await tx.fetch(sa.select(schema.inbox.c.update_id), lambda row: row[0])
    assert sorted(kept) == [1, *range(12, inbox.KEPT + 12)]
    assert await stores.inbox.list_unhandled() == [(1, "waits")]


async def test_it_is_known_when_the_history_was_read_to_its_end(stores: storage.Storage) -> None:
    """A look that reads less of it changes nothing about that."""
    await stores.polls.ensure("a", NOW)
    await stores.polls.record_whole("a", NOW)
    await stores.polls.record_ok("a", LATER, None, history_at=LATER)
    target = await stores.polls.find("a")
    assert target is not None
    assert (target.whole_at, target.history_at) == (NOW, LATER)
