"""Orders only ever move forward, and a person's numbers are for good."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from bot import storage
from bot.domain.orders import Family, Order, Status
from bot.storage.orders import merge
from tests.fakes.storage import NOW, ORDER, OWNER, SOL, build_order

LATER = NOW + timedelta(minutes=5)


async def numbers(stores: storage.Storage, user: int = 1) -> dict[str, int]:
    known = await stores.orders.list_known(user, [OWNER, "other"])
    return {order.order.key: order.number for order in known}


async def watch(stores: storage.Storage, pubkey: str = OWNER, user: int = 1) -> int:
    return (await stores.wallets.add(user, pubkey, "", None, NOW, 20)).id


async def record(stores: storage.Storage, keys: Sequence[str], owner: str = OWNER) -> None:
    for key in keys:
        await stores.orders.record(build_order(key, owner), NOW)


async def test_an_order_comes_back_as_it_was(stores: storage.Storage) -> None:
    """Every field, u64 amounts and microseconds included; the first record knows nothing before."""
    order = build_order(
        family=Family.TIME,
        in_deposited_raw=2**64 - 1,
        cycle=timedelta(days=400, microseconds=1),
        in_per_cycle_raw=2**63,
        min_out_raw=1,
        max_out_raw=2**64 - 1,
        close_tx="closed",
        user_closed=True,
        start_at=NOW + timedelta(microseconds=1),
    )
    assert await stores.orders.record(order, NOW) is None
    assert await stores.orders.find(OWNER, ORDER) == order
    assert await stores.orders.find("other", ORDER) is None
    assert await stores.orders.record(order, NOW) == order


async def test_an_older_answer_takes_nothing_back(stores: storage.Storage) -> None:
    """An answer from a cache arrives after a newer one: counters, price bounds and times stay."""
    newer = build_order(in_used_raw=40_000_000, updated_at=LATER, min_out_raw=7)
    await stores.orders.record(newer, LATER)
    assert await stores.orders.record(build_order(min_out_raw=3), NOW) == newer
    assert await stores.orders.find(OWNER, ORDER) == newer
    await watch(stores)
    await stores.orders.assign_numbers(1, OWNER, [ORDER])
    known = await stores.orders.find_known(1, key=ORDER)
    assert known is not None
    assert known.seen_at == LATER


async def test_a_newer_answer_is_taken(stores: storage.Storage) -> None:
    """And what was known before is returned."""
    before, after = build_order(), build_order(in_used_raw=40_000_000, updated_at=LATER, max_out_raw=9)
    await stores.orders.record(before, NOW)
    assert await stores.orders.record(after, LATER) == before
    assert await stores.orders.find(OWNER, ORDER) == after


async def test_a_closed_order_never_reopens(stores: storage.Storage) -> None:
    """Not even by an active answer with a later time, and its result stays."""
    closed = build_order(status=Status.HISTORY, user_closed=True, close_tx="tx", in_withdrawn_raw=70_000_000)
    await stores.orders.record(closed, NOW)
    await stores.orders.record(build_order(updated_at=LATER), LATER)
    assert await stores.orders.find(OWNER, ORDER) == replace(closed, updated_at=LATER)
    assert await stores.orders.active_of(OWNER) == []


def test_the_sequence_of_answers_does_not_matter() -> None:
    """Three answers of one order's life end in the same order, in whatever sequence they come."""
    life = [
        build_order(),
        build_order(in_deposited_raw=120_000_000, in_used_raw=40_000_000, updated_at=LATER, min_out_raw=5),
        build_order(
            status=Status.HISTORY,
            in_deposited_raw=120_000_000,
            in_used_raw=40_000_000,
            in_withdrawn_raw=80_000_000,
            updated_at=LATER,
            user_closed=True,
            close_tx="tx",
            min_out_raw=5,
        ),
    ]
    for first, second, third in permutations(life):
        assert merge(merge(first, second, proven=False), third, proven=False) == life[-1]


@pytest.mark.parametrize("changes", [{"input_mint": SOL}, {"output_mint": "X"}, {"family": Family.TIME}])
async def test_what_an_index_was_proven_for_stays(
    stores: storage.Storage, changes: dict[str, str | Family]
) -> None:
    """A later answer with another mint cannot slip under a proof that it would not have passed."""
    await watch(stores)
    await stores.orders.record(build_order(), NOW)
    await stores.orders.assign_numbers(1, OWNER, [ORDER])
    lie = build_order(updated_at=LATER, **changes)
    await stores.orders.record(lie, NOW)
    assert await stores.orders.find(OWNER, ORDER) == lie
    await stores.orders.record(build_order(updated_at=LATER), NOW)
    await stores.orders.record_index(OWNER, ORDER, 2**64 - 1)
    await stores.orders.record(lie, LATER)
    known = await stores.orders.find_known(1, number=1)
    assert known is not None
    assert known.index == 2**64 - 1
    assert known.order == build_order(updated_at=LATER)


async def test_active_orders_oldest_first(stores: storage.Storage) -> None:
    """Of one owner, without the closed ones."""
    young = build_order("young", created_at=NOW)
    old = build_order("old", created_at=NOW - timedelta(days=9))
    for order in (young, old, build_order("gone", status=Status.HISTORY), build_order("x", "other")):
        await stores.orders.record(order, NOW)
    assert await stores.orders.active_of(OWNER) == [old, young]


async def test_numbers_are_given_once_in_sequence(stores: storage.Storage) -> None:
    """Across a person's wallets; an order that has one keeps it; everybody counts from 1."""
    await record(stores, ["a", "b", "c"])
    await record(stores, ["d"], owner="other")
    for owner in (OWNER, "other"):
        await watch(stores, owner)
    await watch(stores, user=2)
    await stores.orders.assign_numbers(1, OWNER, ["b", "a"])
    await stores.orders.assign_numbers(1, "other", ["d"])
    await stores.orders.assign_numbers(1, OWNER, ["a", "c", "b"])
    assert await numbers(stores) == {"c": 4, "d": 3, "a": 2, "b": 1}
    assert [known.number for known in await stores.orders.list_known(1, [OWNER, "other"])] == [4, 3, 2, 1]
    await stores.orders.assign_numbers(2, OWNER, ["c"])
    assert await numbers(stores, user=2) == {"c": 1}


async def test_numbers_survive_the_wallet(stores: storage.Storage) -> None:
    """Removed: nobody finds its orders. Added again: the same numbers. Never anybody else's meanwhile."""
    await record(stores, ["a", "b"])
    await record(stores, ["new"], owner="other")
    wallet = await watch(stores)
    await stores.orders.assign_numbers(1, OWNER, ["a", "b"])
    await stores.wallets.remove(1, wallet)
    assert await stores.orders.find_known(1, number=1) is None
    assert await stores.orders.find_known(1, key="a") is None
    assert await stores.orders.list_known(1, [OWNER]) == []
    await watch(stores, "other")
    await stores.orders.assign_numbers(1, "other", ["new"])
    await watch(stores)
    await stores.orders.assign_numbers(1, OWNER, ["b", "a"])
    assert await numbers(stores) == {"a": 1, "b": 2, "new": 3}


async def test_orders_of_other_people_are_unknown(stores: storage.Storage) -> None:
    """By number or by key, and without either; a number alone is not enough."""
    await record(stores, ["a"])
    await watch(stores)
    await watch(stores, "other", user=2)
    await stores.orders.assign_numbers(1, OWNER, ["a"])
    assert await stores.orders.find_known(2, number=1) is None
    assert await stores.orders.find_known(2, key="a") is None
    assert await stores.orders.list_known(2, [OWNER]) == []
    assert await stores.orders.find_known(1) is None
    assert await stores.orders.find_known(1, key="A") is None
    for number in (-1, 0, 2, 2**31, 10**40):
        assert await stores.orders.find_known(1, number=number) is None
    found = await stores.orders.find_known(1, number=1)
    assert found is not None
    assert (found.number, found.order, found.index, found.muted) == (1, build_order("a"), None, False)


async def test_lists_by_status_and_owner(stores: storage.Storage) -> None:
    """Only what was asked for; no owners, no orders."""
    await watch(stores)
    await record(stores, ["a"])
    await stores.orders.record(build_order("b", status=Status.HISTORY), NOW)
    await stores.orders.assign_numbers(1, OWNER, ["a", "b"])
    for status, keys in ((Status.ACTIVE, ["a"]), (Status.HISTORY, ["b"]), (None, ["b", "a"])):
        assert [known.order.key for known in await stores.orders.list_known(1, [OWNER], status)] == keys
    assert await stores.orders.list_known(1, []) == []


async def test_muting_is_personal(stores: storage.Storage) -> None:
    """It stays when the order is recorded again, and concerns nobody else."""
    await record(stores, ["a"])
    for user in (1, 2):
        await watch(stores, user=user)
        await stores.orders.assign_numbers(user, OWNER, ["a"])
    await stores.orders.record_muted(1, OWNER, "a", muted=True)
    await record(stores, ["a"])
    mine, theirs = [await stores.orders.find_known(user, number=1) for user in (1, 2)]
    assert mine is not None
    assert theirs is not None
    assert (mine.muted, theirs.muted) == (True, False)
    await stores.orders.record_muted(1, OWNER, "a", muted=False)
    mine = await stores.orders.find_known(1, number=1)
    assert mine is not None
    assert not mine.muted


async def test_recording_joins_the_transaction(stores: storage.Storage) -> None:
    """What the block wrote, the block reads; what it failed to finish never was."""

    async def ingest(order: Order) -> None:
        async with stores.transaction():
            await stores.orders.record(order, NOW)
            assert await stores.orders.find(OWNER, order.key) == order
            raise ValueError("after recording")

    with pytest.raises(ValueError, match="after recording"):
        await ingest(build_order())
    assert await stores.orders.find(OWNER, ORDER) is None


async def test_many_are_found_and_seen_together(stores: storage.Storage) -> None:
    """Those of one owner; a look that ended earlier does not make an order older than it is."""
    await watch(stores)
    await record(stores, ["a", "b", "c"])
    await record(stores, ["a"], owner="other")
    await stores.orders.assign_numbers(1, OWNER, ["a", "b", "c"])
    assert await stores.orders.find_many(OWNER, ["a", "c", "none"]) == {
        key: build_order(key) for key in ("a", "c")
    }
    assert await stores.orders.find_many(OWNER, []) == {}
    await stores.orders.record_seen(OWNER, ["a", "none"], LATER)
    await stores.orders.record_seen(OWNER, ["a", "b"], NOW - timedelta(days=1))
    seen = {known.order.key: known.seen_at for known in await stores.orders.list_known(1, [OWNER])}
    assert seen == {"a": LATER, "b": NOW, "c": NOW}


async def test_whoever_lacks_a_number_is_noticed(stores: storage.Storage) -> None:
    """Nobody does while nobody has the wallet; each newcomer does until every order has one."""
    await record(stores, ["a", "b"])
    assert not await stores.orders.lacks_number(OWNER, ["a", "b"])
    await watch(stores)
    assert not await stores.orders.lacks_number(OWNER, [])
    await stores.orders.assign_numbers(1, OWNER, ["a"])
    assert await stores.orders.lacks_number(OWNER, ["a", "b"])
    assert not await stores.orders.lacks_number(OWNER, ["a", "a"])
    await stores.orders.assign_numbers(1, OWNER, ["b"])
    assert not await stores.orders.lacks_number(OWNER, ["a", "b"])
    await watch(stores, user=2)
    await stores.orders.assign_numbers(2, "other", ["a", "b"])
    assert await stores.orders.lacks_number(OWNER, ["a", "b"])


async def test_what_ended_lately_is_listed(stores: storage.Storage) -> None:
    """Of that owner, closed only, and from that moment on."""
    ended = {"status": Status.HISTORY}
    await stores.orders.record(build_order("active"), NOW)
    await stores.orders.record(build_order("old", updated_at=NOW - timedelta(hours=2), **ended), NOW)
    await stores.orders.record(build_order("new", updated_at=NOW - timedelta(hours=1), **ended), NOW)
    await stores.orders.record(build_order("theirs", owner="other", **ended), NOW)
    listed = await stores.orders.list_ended(OWNER, NOW - timedelta(hours=1))
    assert [order.key for order in listed] == ["new"]


async def test_orders_without_a_number_are_listed_oldest_first(stores: storage.Storage) -> None:
    """Each person has numbers of their own."""
    for days, key in ((1, "young"), (9, "old"), (5, "numbered")):
        await stores.orders.record(build_order(key, created_at=NOW - timedelta(days=days)), NOW)
    await stores.orders.record(build_order("x", "other"), NOW)
    await stores.orders.assign_numbers(1, OWNER, ["numbered"])
    assert await stores.orders.list_unnumbered(1, OWNER) == ["old", "young"]
    assert await stores.orders.list_unnumbered(2, OWNER) == ["old", "numbered", "young"]
    assert await stores.orders.list_unnumbered(1, "nobody") == []


async def test_orders_are_told_with_the_wallet_they_belong_to(stores: storage.Storage) -> None:
    """Each person with their own numbers and their own wallet; what is not theirs is absent."""
    await watch(stores)
    await watch(stores, user=2)
    await record(stores, ["a", "b"])
    await stores.orders.assign_numbers(1, OWNER, ["a", "b"])
    await stores.orders.assign_numbers(2, OWNER, ["b", "a"])
    told = await stores.orders.list_told([1, 2, 3], ["a", "none"])
    told.sort(key=lambda each: each[1].user_id)
    assert [(known.number, known.order.key) for known, _ in told] == [(1, "a"), (2, "a")]
    assert [wallet for _, wallet in told] == [(await stores.wallets.list_of(user))[0] for user in (1, 2)]
    assert await stores.orders.list_told([3], ["a"]) == []
