"""What a statement of 100,000 fills costs everybody else: turns of the event loop, memory, time."""

import asyncio
import gc
import json
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from bot import ports
from bot.domain import statements
from bot.domain.statements import Format
from bot.services.subjects import Subject
from bot.storage import schema
from tests.benchmarks import charts
from tests.benchmarks.figures import Figure
from tests.fakes import world as worlds
from tests.fakes.world import USER, World, make_fill, make_order

MANY: Final = 100_000

Costs = tuple[float, float, float]
"""Milliseconds of CPU of the loop's longest turn, MiB at most, seconds."""


def statement(_seed: int) -> Iterator[Figure]:
    """Everything of somebody with 100,000 fills as JSON, beside the same made in one go."""
    ours, at_once = asyncio.run(_compare())
    for place, (name, unit) in enumerate((("turn", "ms of CPU"), ("memory", "MiB"), ("time", "s"))):
        yield Figure(f"statement/{name}", ours[place], unit, at_once[place], "all rows at once, in the loop")


async def _compare() -> tuple[Costs, Costs]:
    async with _with_many() as world:
        return await _measure(lambda: _in_pieces(world)), await _measure(lambda: _at_once(world))


@asynccontextmanager
async def _with_many() -> AsyncIterator[World]:
    """A person with 100,000 fills of one order, over a few years."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.ingest.take(owner, [])
        await world.stores.orders.record(make_order(owner), world.time.clock.now())
        await world.stores.orders.assign_numbers(USER, owner, [make_order(owner).key])
        known = {"owner": owner, "seen_at": world.time.clock.now(), "usd": None}
        async with world.stores.database.writing() as tx:
            for start in range(0, MANY, 1_000):
                rows = [
                    asdict(make_fill("order", number, at=-number * timedelta(minutes=17))) | known
                    for number in range(start, start + 1_000)
                ]
                await tx.connection.execute(sa.insert(schema.fills), rows)
        yield world


async def _in_pieces(world: World) -> int:
    count = 0
    async with aclosing(world.statements.files(USER, Subject(), Format.JSON)) as files:
        async for file in files:
            count += file.count
            del file
    return count


async def _at_once(world: World) -> int:
    """As one would write it first."""
    found = await world.stores.fills.newest(ports.FillScope(user_id=USER), MANY)
    tokens = await world.tokens.get_many({found[0].known.fill.input_mint, found[0].known.fill.output_mint})
    rows = [
        statements.build_row(
            statements.Entry(
                fill=each.known.fill,
                usd=each.known.usd,
                wallet_name="Wallet 1",
                wallet_address=each.owner,
                number=each.number,
                family=each.family,
                sold=tokens[each.known.fill.input_mint],
                bought=tokens[each.known.fill.output_mint],
                fee=tokens[each.known.fill.fee_mint],
            )
        )
        for each in found
    ]
    json.dumps(rows, ensure_ascii=False).encode()
    return len(rows)


async def _measure(work: Callable[[], Awaitable[int]]) -> Costs:
    """Memory is counted apart, because counting takes time."""
    async with charts.watching() as stalls:
        started = time.perf_counter()
        assert await work() == MANY
        took_s = time.perf_counter() - started
    gc.collect()
    tracemalloc.start()
    await work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return stalls[0].cpu_s * 1e3, peak / 2**20, took_s
