"""A person is not kept waiting for a service that hangs."""

import asyncio
from collections.abc import Collection
from decimal import Decimal

import pytest

from bot import errors
from bot.ports import Priority
from bot.services import patience, pricing
from tests.fakes.virtual_time import in_virtual_time

FOREVER_S = 10_000.0


class HangingPrices:
    """Implements ports.PriceSource: answers after hours."""

    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON, fresh: bool = False
    ) -> dict[str, Decimal]:
        await asyncio.sleep(FOREVER_S)
        return dict.fromkeys(mints, Decimal(1))


@in_virtual_time
async def test_what_hangs_is_given_up_and_named() -> None:
    """After the agreed seconds the call is cancelled, and the error says which service it was."""
    ended: list[float] = []

    async def hang() -> None:
        try:
            await asyncio.sleep(FOREVER_S)
        finally:
            ended.append(asyncio.get_running_loop().time())

    with pytest.raises(errors.GatewayUnavailable, match="Jupiter does not answer"):
        await patience.within(8, "Jupiter", hang())
    assert ended == [8.0]


@in_virtual_time
async def test_what_answers_in_time_is_passed_on() -> None:
    """Answers and errors come through as they are."""

    async def answer() -> str:
        await asyncio.sleep(7.9)
        return "here"

    async def refuse() -> None:
        raise errors.OrderRejected("no")

    assert await patience.within(8, "Jupiter", answer()) == "here"
    with pytest.raises(errors.OrderRejected):
        await patience.within(8, "Jupiter", refuse())


@in_virtual_time
async def test_a_screen_does_not_wait_long_for_prices() -> None:
    """An estimate is worth two seconds to a person, once in a while; background work waits for it."""
    prices = pricing.Prices(HangingPrices())
    for _ in range(5):
        assert await prices.fetch_usd({"mint"}, priority=Priority.PERSON) == {}
    assert asyncio.get_running_loop().time() == patience.EXTRA_S
    await asyncio.sleep(pricing.QUIET_S)
    assert await prices.fetch_usd({"mint"}, priority=Priority.PERSON) == {}
    assert asyncio.get_running_loop().time() == 2 * patience.EXTRA_S + pricing.QUIET_S
    assert await prices.fetch_usd({"mint"}, priority=Priority.DUE) == {"mint": Decimal(1)}
