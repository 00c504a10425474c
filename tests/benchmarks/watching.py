"""The production poller before an imagined market, in virtual time: what it stores and asks is in memory.

Looks are planned, queued, admitted to the request budget and judged by the production code, and so are the
prices by which fills are valued. Made up are the answers, and that storing takes no time.
"""

import asyncio
import contextlib
import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

import httpx

from bot import ports
from bot.domain import fills as trades
from bot.domain import orders, schedule
from bot.jupiter import transport
from bot.jupiter.budget import RateBudget
from bot.jupiter.prices import JupiterPrices
from bot.ports import Priority
from bot.services import fills, health, lateness, operators, pricing
from bot.services.cadence import Cadence
from bot.services.polling import Polling
from bot.services.sync import Sync
from tests.benchmarks import market
from tests.fakes.virtual_time import VirtualLoop

CALL_S: Final = 0.3
"""From asking to the answer."""
_SO_MANY: Final = 10**8
"""Among so many wallets nobody's turn to be swept comes for years."""


class Clock:
    """Both real time and order time."""

    def now(self) -> datetime:
        return market.moment(asyncio.get_running_loop().time())


class Loop(VirtualLoop):
    @property
    def is_working(self) -> bool:
        """There is no database."""
        return False


@dataclass(slots=True)
class Run:
    """What became of one policy."""

    looks: int = 0
    """Calls for orders, active or closed."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from a fill's being visible to the answer that listed it."""

    @property
    def polls_per_fill(self) -> float:
        return self.looks / max(1, len(self.latencies))

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Exchange:
    """ports.OrderGateway, as far as polling needs it: one page, and nothing in history."""

    def __init__(self, wallets: Iterable[market.Wallet], budget: RateBudget) -> None:
        self._wallets = {wallet.owner: wallet for wallet in wallets}
        self._budget = budget
        self.run = Run()

    async def fetch_orders(
        self, owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
    ) -> orders.OrderPage:
        async with self._budget.call(priority):
            await asyncio.sleep(CALL_S)
        self.run.looks += 1
        if status is orders.Status.HISTORY:
            return orders.OrderPage((), page, 1)
        now_s = asyncio.get_running_loop().time()
        listed = []
        for standing in self._wallets[owner].orders:
            found = []
            while standing.visible_s <= now_s:
                visible_s, _ = standing.see()
                self.run.latencies.append(now_s - visible_s)
                found.append(standing.fill())
            listed.append(orders.SeenOrder(standing.order, tuple(found)))
        return orders.OrderPage(tuple(listed), page, 1)

    def last_fill(self, owner: str, key: str) -> trades.Fill:
        return next(each.fill() for each in self._wallets[owner].orders if each.order.key == key)


async def _quote(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(CALL_S)
    return httpx.Response(200, json={mint: {"usdPrice": 1} for mint in request.url.params["ids"].split(",")})


class _Ingest(fills.Ingest):
    """Takes every answer for granted, and has fills valued as the real one has."""

    def __init__(self, exchange: Exchange, prices: pricing.Prices) -> None:
        self._exchange = exchange
        self._quotes = prices

    async def take(
        self,
        owner: str,
        seen: Collection[orders.SeenOrder],
        *,
        first: bool = False,
        priority: Priority = Priority.DUE,
    ) -> list[fills.Taken]:
        await self._quotes.fetch_usd(
            {item.order.input_mint for item in seen if item.fills}, priority=priority
        )
        return [
            fills.Taken(item.order, self._exchange.last_fill(owner, item.order.key), item.fills, 0)
            for item in seen
        ]

    async def list_incomplete(self, owner: str, since: datetime) -> set[str]:
        return set()


class _Orders:
    """The part of ports.OrderStore that a look needs where no order ever ends."""

    async def active_of(self, owner: str) -> list[orders.Order]:
        return []

    async def find_many(self, owner: str, keys: Collection[str]) -> dict[str, orders.Order]:
        return {}


class _Lateness(lateness.Lateness):
    """Tells nobody."""

    def __init__(self) -> None: ...

    async def look(self, owner: str, listed: Iterable[fills.Taken], pace: float | None) -> None: ...


class _Operators(operators.Operators):
    """Tells nobody."""

    def __init__(self) -> None: ...

    async def report(
        self, topic: operators.Topic, text: str, *, subject: str = "", occurrence: str = ""
    ) -> None: ...

    async def report_over(self, topic: operators.Topic, text: str, *, subject: str = "") -> None: ...


class _Queue:
    """Addresses by the moment of their look, as an index of the database has them."""

    def __init__(self) -> None:
        self._sorted: list[tuple[datetime, str]] = []
        self._at: dict[str, datetime] = {}

    def put(self, owner: str, at: datetime | None) -> None:
        old = self._at.pop(owner, None)
        if old is not None:
            del self._sorted[bisect_left(self._sorted, (old, owner))]
        if at is not None:
            self._at[owner] = at
            insort(self._sorted, (at, owner))

    def take(self, now: datetime, limit: int) -> list[str]:
        end = bisect_right(self._sorted, (now, "\uffff"))
        return [owner for _, owner in self._sorted[: min(limit, end)]]

    def first_at(self) -> datetime | None:
        return self._sorted[0][0] if self._sorted else None


class Polls:
    """ports.PollStore, as far as polling needs it."""

    def __init__(self, wallets: int) -> None:
        self._targets: dict[str, ports.PollTarget] = {}
        self._queues = {sweeps: _Queue() for sweeps in (False, True)}
        self._wallets = wallets

    def put(self, target: ports.PollTarget) -> None:
        self._targets[target.owner] = target
        self._queues[False].put(target.owner, target.due_at)
        self._queues[True].put(target.owner, target.sweep_at)

    async def take_due(self, now: datetime, limit: int, *, sweeps: bool = False) -> list[ports.PollTarget]:
        return [self._targets[owner] for owner in self._queues[sweeps].take(now, limit)]

    async def next_due_at(self) -> datetime | None:
        moments = [at for queue in self._queues.values() if (at := queue.first_at())]
        return min(moments, default=None)

    async def record_ok(
        self,
        owner: str,
        now: datetime,
        due_at: datetime | None,
        *,
        sweep_at: datetime | None = None,
        history_at: datetime | None = None,
    ) -> None:
        self.put(_target(owner, now, due_at, sweep_at, history_at))

    async def record_failure(self, owner: str, not_before: datetime) -> None:
        raise AssertionError("nothing fails here")

    async def find(self, owner: str) -> ports.PollTarget | None:
        return self._targets[owner]

    async def count(self) -> int:
        return self._wallets


def _target(
    owner: str, now: datetime, due_at: datetime | None, sweep_at: datetime | None, history_at: datetime | None
) -> ports.PollTarget:
    return ports.PollTarget(
        owner=owner, due_at=due_at, last_ok_at=now, failures=0, sweep_at=sweep_at, history_at=history_at
    )


def watch(wallets: Sequence[market.Wallet], until_s: float, *, rps: float, sweeps: bool, seed: int) -> Run:
    """Poll these wallets from the first second of virtual time on. Everybody was looked at before."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(_watch(wallets, until_s, rps, len(wallets) if sweeps else _SO_MANY, seed))


async def _watch(wallets: Sequence[market.Wallet], until_s: float, rps: float, count: int, seed: int) -> Run:
    clock, luck = Clock(), random.Random(seed)
    state = health.Health(clock)
    cadence = Cadence(clock, clock, rps=rps)
    polls = Polls(count)
    every = schedule.sweep_every(count, rps)
    # At some moment of the last round of sweeps, and for history of the last three: nothing is overdue.
    parts = (0.9, 2.7) if count == len(wallets) else (0, 0)
    for wallet in wallets:
        looked_at, history_at = (clock.now() - part * every * luck.random() for part in parts)
        watched = [schedule.Watched(each.order, each.last_fill_at) for each in wallet.orders]
        look = cadence.next_look(wallet.owner, watched, wallets=count, history_at=clock.now())
        sweep_at = min(look.sweep_at, schedule.sweep_at(wallet.owner, looked_at, history_at, every))
        polls.put(_target(wallet.owner, looked_at, look.due_at, sweep_at, history_at))
    wire = httpx.MockTransport(_quote)
    async with transport.JupiterTransport("http://127.0.0.1", rps=rps, wire=wire) as connection:
        exchange = Exchange(wallets, connection.budget)
        sync = Sync(
            gateway=cast("ports.OrderGateway", exchange),
            ingest=_Ingest(exchange, pricing.Prices(JupiterPrices(connection))),
            orders=cast("ports.OrderStore", _Orders()),
            polls=cast("ports.PollStore", polls),
            cadence=cadence,
            lateness=_Lateness(),
            operators=_Operators(),
            health=state,
            clock=clock,
        )
        polling = Polling(polls=cast("ports.PollStore", polls), sync=sync, health=state, clock=clock, rps=rps)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(until_s):
                await polling.run()
        return exchange.run
