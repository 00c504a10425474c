"""Order time follows the cluster's clock, smoothly and never backwards."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot import errors
from bot.solana import chain_clock
from tests.fakes import rpc

START = 1_800_000_000


class World:
    """A machine's clock and a cluster's clock that runs `speed` times as fast."""

    def __init__(self, speed: int) -> None:
        self.local = 50.0
        self.cluster = float(START)
        self.speed = speed
        self.fake = rpc.FakeRpc()
        self.fake.answer("getSlot", 7)
        self.fake.answer("getBlockTime", lambda _: int(self.cluster))
        self.clock = chain_clock.ChainClock(
            self.fake.chain(), monotonic=lambda: self.local, sleep=self._sleep
        )
        self.sleeps = 0

    def pass_seconds(self, seconds: float) -> None:
        self.local += seconds
        self.cluster += seconds * self.speed

    def error_s(self) -> float:
        return self.clock.now().timestamp() - self.cluster

    async def _sleep(self, seconds: float) -> None:
        self.sleeps += 1
        self.pass_seconds(seconds)
        if self.sleeps > 20:
            raise asyncio.CancelledError


async def test_before_the_first_sample_it_is_the_machines_time() -> None:
    """Nothing waits for the cluster."""
    world = World(60)
    assert abs(world.clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("speed", [1, 60, 3600])
async def test_it_keeps_up_with_a_fast_cluster(speed: int) -> None:
    """Between samples time goes on at the pace that was seen."""
    world = World(speed)
    with pytest.raises(asyncio.CancelledError):
        await world.clock.run()
    for _ in range(10):
        assert abs(world.error_s()) <= 2 + speed * 0.1
        world.pass_seconds(0.1)
    assert world.clock.now().utcoffset() == timedelta(0)


async def test_a_jump_is_followed_but_not_taken_for_the_pace() -> None:
    """After an hour's jump the clock is there, and does not run on at an hour a second."""
    world = World(1)
    for _ in range(9):
        await world.clock.sync()
        world.pass_seconds(1)
    world.cluster += 3600
    await world.clock.sync()
    assert abs(world.error_s()) <= 2
    for _ in range(6):
        world.pass_seconds(1)
        assert abs(world.error_s()) <= 3
        await world.clock.sync()


async def test_it_never_goes_back() -> None:
    """A cluster whose clock is set back, or samples that disagree, only make it stand still."""
    world = World(10)
    seen = []
    for step in range(30):
        if step % 3 == 0:
            await world.clock.sync()
        if step == 15:
            world.cluster -= 100
        world.pass_seconds(0.3)
        seen.append(world.clock.now())
    assert seen == sorted(seen)


async def test_an_outage_leaves_it_running() -> None:
    """An RPC that is down is asked again, and time goes on meanwhile."""
    world = World(60)
    for _ in range(5):
        await world.clock.sync()
        world.pass_seconds(1)
    before = world.clock.now()
    world.fake.answer("getSlot", httpx.ConnectError("down"))
    with pytest.raises(asyncio.CancelledError):
        await world.clock.run()
    assert world.clock.now() - before > timedelta(minutes=15)
    with pytest.raises(errors.GatewayUnavailable):
        await world.clock.sync()
