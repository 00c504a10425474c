"""What a chart costs: seconds until it is there, the event loop's longest stall meanwhile, and memory.

Production services and the real drawing process, on a database with a person who has been here for long:
45 orders, 2,000 fills, and three months of sampled prices.
"""

import asyncio
import gc
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bot import app, storage
from bot.chat import chart_screens
from bot.chat.order_screens import When
from bot.domain import amounts, orders, wallets
from bot.domain.charts import Chart
from bot.domain.market import Sample
from bot.drawing.painter import WorkerPainter
from bot.storage import schema
from tests.benchmarks.figures import Figure
from tests.fakes.clock import START
from tests.fakes.world import USER, World, make_fill, make_order

ORDERS: Final = 45
FILLS: Final = 2_000
CHARTS: Final = 20
LONG: Final = timedelta(days=90)
_LOOK_S: Final = 0.001
_READ_S: Final = 2.0
_PAGE_MIB: Final = os.sysconf("SC_PAGE_SIZE") / 1024**2
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Stalls:
    """The longest that the loop was away from a task that looks every millisecond."""

    wall_s: float
    cpu_s: float
    """Of the loop's own thread in that time: what the bot did itself, however busy the machine is."""
    total_s: float
    """CPU seconds of this process in all."""


@dataclass(frozen=True, slots=True)
class Rig:
    world: World
    wallet: wallets.Wallet
    painter: WorkerPainter

    async def draw_order(self, number: int) -> bytes:
        """As the handler does."""
        await self.painter.prepare()
        story = await self.world.reports.of_order(USER, number)
        return await self._paint(await asyncio.to_thread(chart_screens.draw_order, story, self._when()))

    async def draw_wallet(self) -> bytes:
        await self.painter.prepare()
        story = await self.world.reports.of_wallet(USER, self.wallet.id)
        return await self._paint(await asyncio.to_thread(chart_screens.draw_wallet, story, self._when()))

    async def _paint(self, chart: Chart | None) -> bytes:
        assert chart is not None
        return await self.painter.paint(chart)

    def _when(self) -> When:
        # Time passes between two charts: none is the same as the last.
        self.world.time.advance(15)
        return When(self.world.time.clock.now(), self.world.time.order_clock.now(), "Europe/Zurich")


@asynccontextmanager
async def build(folder: Path) -> AsyncIterator[Rig]:
    async with (
        storage.Storage.open(f"sqlite+aiosqlite:///{folder}/bot.db") as stores,
        WorkerPainter() as painter,
    ):
        world = World(stores)
        wallet = await world.add_wallet()
        async with stores.transaction():
            await _trade(world, wallet)
        for mint, price in ((amounts.USDC_MINT, 1), (amounts.WSOL_MINT, 150)):
            await stores.prices.replace(mint, START - LONG, START, _sampled(price))
        yield Rig(world, wallet, painter)


async def _trade(world: World, wallet: wallets.Wallet) -> None:
    """Order 1 has more than a thousand fills, all of them together FILLS."""
    each = (FILLS - FILLS // 2) // (ORDERS - 1)
    for number in range(1, ORDERS + 1):
        count = FILLS // 2 if number == 1 else each
        name = f"order {number}"
        order = make_order(
            wallet.pubkey,
            name,
            family=orders.Family.TIME,
            used=10_000_000 * count,
            age=LONG,
            deposited=10**12,
        )
        await world.stores.orders.record(order, START)
        await world.stores.orders.assign_numbers(USER, wallet.pubkey, [order.key])
        found = [make_fill(name, place, at=-LONG * (count - place) / (count + 1)) for place in range(count)]
        rows = [
            asdict(fill)
            | {"out_raw": fill.in_raw * (6 + place % 3)}
            | {"owner": wallet.pubkey, "seen_at": START, "usd": Decimal(10)}
            for place, fill in enumerate(found)
        ]
        async with world.stores.database.writing() as tx:
            await tx.connection.execute(sa.insert(schema.fills), rows)


def _sampled(price: int) -> list[Sample]:
    """As the sampler leaves them: every hour, and every five minutes of the last two days."""
    hours = [START - LONG + timedelta(hours=place) for place in range(88 * 24)]
    minutes = [START - timedelta(days=2) + timedelta(minutes=5 * place) for place in range(2 * 288)]
    times = [*hours, *minutes]
    first = Sample(times[0], Decimal(price), times[0])
    return [first, *(Sample(at, _wander(price, at.hour), before) for before, at in pairwise(times))]


def _wander(price: int, hour: int) -> Decimal:
    return price * (1 + Decimal(hour - 12) / 100)


@asynccontextmanager
async def watching() -> AsyncIterator[list[Stalls]]:
    """The list has one entry, the longest stall, when the block has ended."""
    found: list[Stalls] = []
    wall_s, cpu_s = [0.0], [0.0]

    async def watch() -> None:
        while True:
            wall, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_LOOK_S)
            wall_s.append(time.perf_counter() - wall - _LOOK_S)
            cpu_s.append(time.thread_time() - cpu)

    app.spare_collector()
    started = time.process_time()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watch())
        yield found
        await asyncio.sleep(2 * _LOOK_S)  # the last turn counts, too
        task.cancel()
    gc.unfreeze()
    found.append(Stalls(max(wall_s), max(cpu_s), time.process_time() - started))


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mib(pid: int | str = "self") -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MIB


def chart(_seed: int) -> Iterator[Figure]:
    """Promised: a chart in less than 1 s, and the loop never away for more than 50 ms."""
    with tempfile.TemporaryDirectory() as name:
        yield from asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Figure]:
    promised = "promised"
    async with build(folder) as rig:
        async with watching() as idle:
            await asyncio.sleep(2)
        before, started = resident_mib(), time.process_time()
        blue = await _seconds(rig.draw_order(1))
        assert rig.painter.pid is not None
        drawn_before = cpu_of(rig.painter.pid)
        cold_cpu = time.process_time() - started + drawn_before
        first = await _after_a_look(rig)
        async with watching() as busy:
            of_order = [await _seconds(rig.draw_order(1)) for _ in range(CHARTS)]
            of_wallet = [await _seconds(rig.draw_wallet()) for _ in range(CHARTS)]
        drawn = cpu_of(rig.painter.pid) - drawn_before
        grown, worker = resident_mib() - before, resident_mib(rig.painter.pid)
    return [
        Figure("chart/first", first, "s", 1.0, promised),
        Figure("chart/out_of_the_blue", blue, "s", 1.0, promised),
        Figure("chart/order", statistics.median(of_order), "s", 1.0, promised),
        Figure("chart/wallet", statistics.median(of_wallet), "s", 1.0, promised),
        Figure("chart/slowest", max(of_order + of_wallet), "s", 1.0, promised),
        Figure("chart/cpu", (drawn + busy[0].total_s) / (2 * CHARTS), "s of CPU", cold_cpu, "the first"),
        Figure("chart/longest_stall", busy[0].wall_s * 1e3, "ms", idle[0].wall_s * 1e3, "idle"),
        Figure("chart/longest_turn", busy[0].cpu_s * 1e3, "ms of CPU", idle[0].cpu_s * 1e3, "idle"),
        Figure("chart/bot_grows_by", grown, "MiB", worker, "drawing process"),
    ]


async def _after_a_look(rig: Rig) -> float:
    """The first chart of somebody who has read the order before."""
    async with WorkerPainter() as painter:
        await painter.prepare()
        await asyncio.sleep(_READ_S)
        return await _seconds(replace(rig, painter=painter).draw_order(1))


async def _seconds(drawing: Awaitable[bytes]) -> float:
    started = time.perf_counter()
    assert await drawing
    return time.perf_counter() - started
