"""Troubles: begun once, ended once, whichever process; and whose looks are late."""

from datetime import timedelta

from bot import ports, storage
from bot.domain import orders
from tests.fakes.storage import NOW, build_order

LATER = NOW + timedelta(minutes=5)


async def test_a_trouble_begins_once_and_ends_once(stores: storage.Storage) -> None:
    """The first time counts, and comes back at the end."""
    assert await stores.troubles.begin("vault", "7", NOW)
    assert not await stores.troubles.begin("vault", "7", LATER)
    assert await stores.troubles.begin("vault", "8", LATER)
    assert await stores.troubles.list_open() == [
        ports.Trouble("vault", "7", NOW),
        ports.Trouble("vault", "8", LATER),
    ]
    assert await stores.troubles.end("vault", "7") == NOW
    assert await stores.troubles.end("vault", "7") is None
    assert await stores.troubles.begin("vault", "7", LATER)


async def test_troubles_are_listed_by_topic(stores: storage.Storage) -> None:
    await stores.troubles.begin("polling", "", LATER)
    await stores.troubles.begin("unseen", "9", NOW)
    assert [trouble.subject for trouble in await stores.troubles.list_open("unseen")] == ["9"]
    assert [trouble.topic for trouble in await stores.troubles.list_open()] == ["unseen", "polling"]


async def _watch(stores: storage.Storage, user: int, owner: str, *, order: bool = True) -> None:
    await stores.wallets.add(user, owner, "", None, NOW, 20)
    if order:
        found = build_order(f"order of {owner}", owner)
        await stores.orders.record(found, NOW)
        await stores.orders.assign_numbers(user, owner, [found.key])


async def test_who_waits_too_long_for_a_look_at_fills(stores: storage.Storage) -> None:
    """The earliest look of each person's wallets; not of those that are in time, new, or only swept."""
    for user, owner in ((1, "a"), (1, "b"), (2, "b"), (3, "in time"), (4, "new"), (5, "swept")):
        await _watch(stores, user, owner)
    await stores.polls.record_ok("a", NOW, NOW - timedelta(minutes=1))
    await stores.polls.record_ok("b", NOW, NOW - timedelta(minutes=2))
    await stores.polls.record_ok("in time", NOW, NOW)
    await stores.polls.ensure("new", NOW - timedelta(minutes=3))
    await stores.polls.record_ok("swept", NOW, None, sweep_at=NOW - timedelta(minutes=3))
    # Put off, which does not make it any younger.
    await stores.polls.record_failure("b", LATER)
    since = NOW - timedelta(minutes=2)
    for unmuted in (False, True):
        assert await stores.polls.list_stale(NOW, unmuted=unmuted) == {1: since, 2: since}


async def test_muted_and_closed_orders_wake_nobody(stores: storage.Storage) -> None:
    """Asked for the others, they count all the same."""
    for user, owner in ((1, "a"), (2, "a"), (3, "closed"), (4, "none")):
        await _watch(stores, user, owner, order=owner != "none")
        await stores.polls.record_ok(owner, NOW, NOW - timedelta(minutes=1))
    await stores.orders.record_muted(1, "a", "order of a", muted=True)
    closed = build_order("order of closed", "closed", status=orders.Status.HISTORY)
    await stores.orders.record(closed, NOW)
    assert set(await stores.polls.list_stale(NOW, unmuted=True)) == {2}
    assert set(await stores.polls.list_stale(NOW)) == {1, 2, 3, 4}
