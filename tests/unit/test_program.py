"""The whole program in virtual time: what an outage, a start, a restart and a full queue do to fills."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx

from bot import storage
from bot.ports import Outgoing
from tests.crash import telling
from tests.crash.market import Market
from tests.fakes import jupiter, program, telegram
from tests.fakes.chat_services import LoopClock
from tests.fakes.jupiter import Reply
from tests.fakes.storage import open_memory_storage
from tests.fakes.virtual_time import in_virtual_time

LIST = "/recurring/v1/getRecurringOrders"
FIRST = 100
"""Every person has the wallet of the same place in the market."""
PEOPLE = 20
"""Where hours pass."""
MINUTE_S, HOUR_S = 60, 3600
CYCLE_S = 20 * MINUTE_S


def now() -> float:
    return asyncio.get_running_loop().time()


class Telegram(telegram.FakeTelegram):
    """Can be away, and knows when what arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.missed = 0
        """Calls while it was away."""
        self.arrived: list[tuple[float, int]] = []
        """Moment and chat."""

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        if self.away:
            self.missed += 1
            raise telegram.not_sent()
        return await super().do_request(url, method, *args, **kwargs)

    def _on_sendMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802 - the Bot API's own name
        self.arrived.append((now(), int(params["chat_id"])))
        return super()._on_sendMessage(params)


class Jupiter(jupiter.FakeJupiter):
    """Lists a market; can be away."""

    def __init__(self, market: Market, *, limit: int | None = None) -> None:
        super().__init__(limit=limit)
        self.market = market
        self.away = False
        self.on(LIST, self._list)
        self.on("/price/v3", Reply({}))

    @property
    def asked(self) -> list[tuple[float, str]]:
        """Moment and owner of every look at active orders."""
        looks = [seen for seen in self.seen if seen.query.get("orderStatus") == "active"]
        return [(seen.at, seen.query["user"]) for seen in looks]

    def _list(self, request: httpx.Request) -> Reply:
        if self.away:
            raise httpx.ConnectError("away", request=request)
        query, at = request.url.params, LoopClock().now().timestamp()
        return Reply(
            self.market.page(query["user"], query["orderStatus"], int(query["page"]), at), after_s=0.1
        )


@dataclass
class World:
    stores: storage.Storage
    jupiter: Jupiter
    telegram: Telegram

    @property
    def market(self) -> Market:
        return self.jupiter.market

    @asynccontextmanager
    async def running(
        self, *, chat: bool = True, rps: float = 1.0, idle_s: float = 0.0
    ) -> AsyncIterator[program.Running]:
        """From start to stop."""
        opened = program.open_program(self.stores, self.jupiter, self.telegram, rps=rps, idle_s=idle_s)
        async with opened as made, asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(made.program.polling.run())]
            if chat:
                running.append(tasks.create_task(made.program.delivery.run()))
            yield made
            for task in running:
                task.cancel()

    async def told(self) -> telling.Count:
        """What the market did against what people were told."""
        users = [FIRST + place for place in range(len(self.market.wallets))]
        stored = await telling.read_stores(self.stores)
        chats = {user: [self._message(sent) for sent in self.telegram.in_chat(user)] for user in users}
        fills = self.market.fills
        read = {
            user: [told for each in chat if (told := telling.read(each, user, fills, stored))]
            for user, chat in chats.items()
        }
        return telling.count(self.market, stored, read, {}, [])

    @staticmethod
    def _message(sent: Any) -> dict[str, object]:
        return {"id": sent.id, "from": "bot", "text": sent.text, "html": sent.html, "buttons": sent.keyboard}


@asynccontextmanager
async def open_world(people: int, *, limit: int | None = None) -> AsyncIterator[World]:
    """Everybody watches a wallet with an order that fills every CYCLE_S, and was looked at long ago."""
    async with open_memory_storage() as stores:
        start = LoopClock().now()
        market = Market(7, people, start.timestamp(), cycle_s=CYCLE_S)
        for place, wallet in enumerate(market.wallets):
            await stores.people.record_seen(FIRST + place, FIRST + place)
            await stores.wallets.add(FIRST + place, str(wallet), "Wallet", None, start, 20)
            # Overdue for a while, each at a moment of its own.
            due_at = start - timedelta(seconds=people - place)
            await stores.polls.ensure(str(wallet), due_at)
            await stores.polls.record_ok(str(wallet), start - timedelta(hours=1), due_at, sweep_at=due_at)
        yield World(stores, Jupiter(market, limit=limit), Telegram())


def most_within(moments: Collection[float], seconds: float) -> int:
    return max(sum(first <= at < first + seconds for at in moments) for first in moments)


async def until(seconds: float) -> None:
    await asyncio.sleep(seconds - now())


async def settle(world: World, end: float) -> telling.Count:
    """The market ends; a few minutes later everything is told."""
    world.market.end(LoopClock().now().timestamp())
    await until(end)
    return await world.told()


@in_virtual_time
async def test_telegram_is_away_for_an_hour() -> None:
    """Polling goes on; then everything is told: once, merged, in order, no faster than Telegram takes it."""
    async with open_world(PEOPLE) as world, world.running(rps=0.15, idle_s=20):
        await until(25 * MINUTE_S)
        world.telegram.away = True
        before = len(world.telegram.arrived)
        await until(25 * MINUTE_S + HOUR_S)
        assert (await world.stores.outbox.counts())[Outgoing.PENDING] > 2 * PEOPLE
        assert world.telegram.missed < 200
        world.telegram.away = False
        counted = await settle(world, 32 * MINUTE_S + HOUR_S)
    assert counted.flawless, counted
    assert counted.repeated == 0
    after = world.telegram.arrived[before:]
    assert len(after) < 1.5 * len({chat for _, chat in after})
    assert most_within([at for at, _ in after], 1.0) <= 30
    for chat in range(FIRST, FIRST + PEOPLE):
        moments = [at for at, of in world.telegram.arrived if of == chat]
        assert all(later - earlier > 0.999 for earlier, later in pairwise(moments))


@in_virtual_time
async def test_jupiter_is_away_for_an_hour() -> None:
    """It is asked rarely, screens show what is known, and afterwards every fill is told, in order."""
    async with open_world(PEOPLE) as world, world.running(idle_s=20) as made:
        await until(25 * MINUTE_S)
        world.jupiter.away = True
        before = len(world.jupiter.seen)
        await until(20 * MINUTE_S + HOUR_S)
        asked = now()
        listed = await made.orders.list_of(FIRST)
        assert now() - asked < 10
        assert len(listed.items) == 1
        assert listed.stale_since is not None
        await until(25 * MINUTE_S + HOUR_S)
        assert len(world.jupiter.seen) - before < HOUR_S / 4
        world.jupiter.away = False
        counted = await settle(world, 32 * MINUTE_S + HOUR_S)
    assert counted.flawless, counted
    assert counted.repeated == 0


@in_virtual_time
async def test_a_start_does_not_stampede_and_nobody_waits_behind_it() -> None:
    """More overdue than a minute serves: the longest first, on the share that is not kept for people."""
    async with open_world(120) as world, world.running(chat=False) as made:
        waits = []
        for place in (90, 100, 110):
            await asyncio.sleep(20)
            asked = now()
            await made.orders.list_of(FIRST + place)
            waits.append(now() - asked)
        await until(4 * MINUTE_S)
    assert max(waits) < 1
    for_people = {str(world.market.wallets[place]) for place in (90, 100, 110)}
    background = [(at, owner) for at, owner in world.jupiter.asked if owner not in for_people]
    assert most_within([at for at, _ in background], 60) <= 42
    first_looks = list(dict.fromkeys(owner for _, owner in background))
    due = [str(wallet) for wallet in world.market.wallets if str(wallet) not in for_people]
    assert _displaced(first_looks, due) <= 20


@in_virtual_time
async def test_the_queue_survives_a_restart() -> None:
    """Who was looked at just now is not looked at again; who waited goes on waiting in turn."""
    async with open_world(120) as world:
        async with world.running(chat=False):
            await until(MINUTE_S)
        before = {owner for _, owner in world.jupiter.asked}
        assert 30 < len(before) < 60
        world.jupiter.seen.clear()
        async with world.running(chat=False):
            await until(2 * MINUTE_S)
        after = {owner for _, owner in world.jupiter.asked}
    assert len(after) > 30
    assert len(after & before) <= 4


@in_virtual_time
async def test_the_budget_is_the_one_that_jupiter_names() -> None:
    """Settings say 60 a minute; the bucket holds 20: its headers are believed, and refusals are few."""
    async with open_world(60, limit=20) as world, world.running(chat=False):
        await until(6 * MINUTE_S)
    assert world.jupiter.refused <= 5
    assert len(world.jupiter.seen) > 60
    assert len({owner for _, owner in world.jupiter.asked}) == 60


def _displaced(seen: list[str], due: list[str]) -> int:
    """How far from its place in the queue anybody was looked at."""
    place = {owner: number for number, owner in enumerate(due)}
    return max(abs(place[owner] - number) for number, owner in enumerate(seen))
