"""Price samples: one per mint and moment, read with their neighbours, thinned in one piece."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot import errors, storage
from bot.domain import orders
from bot.domain.market import Sample
from tests.fakes.storage import NOW, OWNER, SOL, USDC, build_order

MINUTE = timedelta(minutes=1)


def sample(minute: float, price: str = "1", *, since: float | None = None) -> Sample:
    at = NOW + minute * MINUTE
    return Sample(at, Decimal(price), at if since is None else NOW + since * MINUTE)


async def test_a_sample_is_kept_exactly(stores: storage.Storage) -> None:
    """To the microsecond and the last digit; the first for a moment stays."""
    first = sample(0, "0.000012300", since=-5)
    await stores.prices.record({SOL: first, USDC: sample(0, "1.0001")})
    await stores.prices.record({SOL: sample(0, "7")})
    (found,) = await stores.prices.list_between(SOL, NOW, NOW)
    assert found == first
    assert str(found.price) == "0.000012300"
    await stores.prices.record({})


async def test_a_period_comes_with_its_neighbours(stores: storage.Storage) -> None:
    """Without the nearest on either side nobody could say what the price was at the ends."""
    for minute in range(10):
        await stores.prices.record({SOL: sample(minute), USDC: sample(minute)})

    async def minutes(start: float, end: float) -> list[float]:
        found = await stores.prices.list_between(SOL, NOW + start * MINUTE, NOW + end * MINUTE)
        return [(each.at - NOW) / MINUTE for each in found]

    assert await minutes(3, 5) == [2, 3, 4, 5, 6]
    assert await minutes(3.5, 4.5) == [3, 4, 5]
    assert await minutes(3.2, 3.8) == [3, 4], "a period between two samples"
    assert await minutes(-9, 1) == [0, 1, 2]
    assert await minutes(8, 99) == [7, 8, 9]
    assert await minutes(50, 99) == [9]
    assert await minutes(-99, -50) == [0]
    assert await stores.prices.list_between("unknown", NOW, NOW + MINUTE) == []


async def test_a_long_period_is_complete(stores: storage.Storage) -> None:
    """However many pages it is read in."""
    samples = [sample(minute) for minute in range(1_203)]
    await stores.prices.replace(SOL, NOW, NOW + 2_000 * MINUTE, samples)
    assert await stores.prices.list_between(SOL, NOW, NOW + 2_000 * MINUTE) == samples
    assert await stores.prices.list_between(SOL, NOW, NOW + 999 * MINUTE) == samples[:1_001]


async def test_the_newest_of_each_mint(stores: storage.Storage) -> None:
    """What a restart needs to know whether it was away for long."""
    await stores.prices.record({SOL: sample(0), USDC: sample(0)})
    await stores.prices.record({SOL: sample(5, "2", since=0)})
    last = await stores.prices.find_last([SOL, USDC, "unknown"])
    assert last == {SOL: sample(5, "2", since=0), USDC: sample(0)}
    assert await stores.prices.find_last([]) == {}
    assert await stores.prices.list_mints() == sorted([SOL, USDC])


async def test_a_period_is_replaced_in_one_piece(stores: storage.Storage) -> None:
    """Other mints and other times stay; a sample that cannot be kept leaves everything as it was."""
    for minute in range(6):
        await stores.prices.record({SOL: sample(minute), USDC: sample(minute)})
    bad = Sample(NOW + MINUTE, Decimal("NaN"), NOW)
    with pytest.raises(errors.StorageError):
        await stores.prices.replace(SOL, NOW, NOW + 9 * MINUTE, [sample(1), bad])
    assert len(await stores.prices.list_between(SOL, NOW, NOW + 9 * MINUTE)) == 6
    await stores.prices.replace(SOL, NOW + MINUTE, NOW + 4 * MINUTE, [sample(2.5)])
    kept = await stores.prices.list_between(SOL, NOW, NOW + 9 * MINUTE)
    assert [(each.at - NOW) / MINUTE for each in kept] == [0, 2.5, 5]
    assert len(await stores.prices.list_between(USDC, NOW, NOW + 9 * MINUTE)) == 6


async def test_no_sample_was_watched_since_the_future(stores: storage.Storage) -> None:
    """Such a row would count time that was not watched."""
    with pytest.raises(errors.StorageError):
        await stores.prices.record({SOL: sample(0, since=1)})


async def test_traded_mints_are_those_of_orders_that_matter(stores: storage.Storage) -> None:
    """Of active orders with their shortest cycle, and of those that ended lately; of present wallets only."""
    await stores.wallets.add(1, OWNER, "mine", None, NOW, 9)
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    for order in (
        build_order("hourly", cycle=hour),
        build_order("quick", cycle=minute, output_mint="bonk"),
        build_order("over", cycle=timedelta(seconds=1), output_mint="lately", status=orders.Status.HISTORY),
        build_order("foreign", owner="somebody", output_mint="theirs"),
    ):
        await stores.orders.record(order, NOW)
    traded = await stores.orders.list_traded(NOW - minute)
    assert traded == {USDC: minute, SOL: hour, "bonk": minute, "lately": None}
    assert await stores.orders.list_traded(NOW) == {USDC: minute, SOL: hour, "bonk": minute}
