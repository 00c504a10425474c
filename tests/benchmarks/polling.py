"""How many calls a fill costs and how late it is told: the production schedule over weeks of virtual time.

The decisions are `bot.domain.schedule`, the budget is `bot.jupiter.window`, the queue is sorted as the store
sorts it. Beside it a plain round robin, and an oracle that knows when each fill becomes visible; both have
the same budget.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Final

from bot.domain import schedule
from bot.jupiter import window
from bot.ports import Priority
from tests.benchmarks import market
from tests.benchmarks.figures import Figure

WALLETS: Final = 10_000
RPS: Final = 1.0
BACKGROUND_SHARE: Final = 0.7
"""What is not kept for people."""
_CALL_S: Final = 0.3
_TICK_S: Final = 1.0
"""An idle queue is looked at this often."""


Queue = list[tuple[float, str, int, int]]
"""Time, owner, number of the wallet and of the plan: a wallet that was looked at has another plan."""


@dataclass(slots=True)
class Run:
    """What became of one policy."""

    calls: int = 0
    latencies: list[float] = field(default_factory=list)
    """Seconds from a fill's being visible to the answer that listed it."""

    @property
    def polls_per_fill(self) -> float:
        return self.calls / max(1, len(self.latencies))

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Lane:
    """Waits for a slot of the budget as the real one would make it wait."""

    def __init__(self, rps: float) -> None:
        self._window = window.Window(round(rps * window.LENGTH_S))

    def may_start(self, priority: Priority, now_s: float) -> bool:
        return self._window.may_start(priority, now_s)

    def call(self, priority: Priority, now_s: float) -> None:
        self._window.start(priority)
        self._window.end(priority, now_s + _CALL_S)

    def next_change_s(self, now_s: float) -> float:
        """Never further than a tick."""
        change_s = self._window.next_change_at(now_s)
        if change_s is None or change_s <= now_s:
            return now_s + _TICK_S
        return min(change_s, now_s + _TICK_S)


class Scheduled:
    """The production policy over a queue for fills and one for sweeps."""

    def __init__(self, wallets: list[market.Wallet], seed: int, *, rps: float, sweeps: bool) -> None:
        self._wallets = wallets
        self._luck = random.Random(seed)
        self._lane = Lane(rps)
        self._every = schedule.sweep_every(len(wallets), rps) if sweeps else None
        self._fills: Queue = []
        self._sweeps: Queue = []
        self._plans = [0] * len(wallets)
        self._rush = schedule.rush(rps)
        self._last_s: dict[int, float] = {}
        self._history_s: dict[int, float] = {}
        self.lag = schedule.Lag()
        self.run = Run()

    def live(self, until_s: float) -> Run:
        for number in range(len(self._wallets)):
            # Everybody was looked at before, at some moment of the last sweep.
            every_s = (self._every or timedelta(0)).total_seconds()
            self._history_s[number] = -2 * every_s * self._luck.random()
            self._plan(number, 0.0, -every_s * self._luck.random())
        now_s = 0.0
        while now_s < until_s:
            if self._is_due(self._fills, now_s) and self._lane.may_start(Priority.DUE, now_s):
                self._look(heapq.heappop(self._fills)[2], now_s, Priority.DUE)
            elif (queue := self._spare(now_s)) and self._lane.may_start(Priority.SWEEP, now_s):
                self._look(heapq.heappop(queue)[2], now_s, Priority.SWEEP)
            else:
                now_s = self._next_s(now_s)
        return self.run

    def _spare(self, now_s: float) -> Queue | None:
        """What the sweeps' share of the budget goes to."""
        swept = self._is_due(self._sweeps, now_s)
        patient = not self._is_due(self._sweeps, now_s - schedule.SWEEP_PATIENCE.total_seconds())
        waiting = self._is_due(self._fills, now_s)
        if patient and (swept or waiting) and self._is_rush(now_s):
            return self._fills if waiting else None
        return self._sweeps if swept else None

    def _is_rush(self, now_s: float) -> bool:
        until_s, found, places = now_s + schedule.RUSH_WITHIN.total_seconds(), 0, [0]
        while places and found < self._rush:
            place = places.pop()
            if place < len(self._fills) and self._fills[place][0] <= until_s:
                # A heap: whatever is not after until_s hangs together at its top.
                found += self._fills[place][3] == self._plans[self._fills[place][2]]
                places += [2 * place + 1, 2 * place + 2]
        return found >= self._rush

    def _is_due(self, queue: Queue, now_s: float) -> bool:
        while queue and queue[0][3] != self._plans[queue[0][2]]:
            heapq.heappop(queue)
        return bool(queue) and queue[0][0] <= now_s

    def _next_s(self, now_s: float) -> float:
        heads = [queue[0][0] for queue in (self._fills, self._sweeps) if queue]
        waiting = any(head <= now_s for head in heads)
        ahead = [head + self._luck.uniform(0, _TICK_S) for head in heads if head > now_s]
        if waiting:
            ahead.append(self._lane.next_change_s(now_s))
        return max(min(ahead, default=now_s + _TICK_S), now_s + 1e-6)

    def _look(self, number: int, now_s: float, priority: Priority) -> None:
        wallet, now = self._wallets[number], market.moment(now_s)
        last_s = self._last_s.get(number)
        last = None if last_s is None else market.moment(last_s)
        self._lane.call(priority, now_s)
        self.run.calls += 1
        for standing in wallet.orders:
            while standing.visible_s <= now_s:
                visible_s, confirmed_at = standing.see()
                self.run.latencies.append(now_s - visible_s)
                self.lag = self.lag.learn(schedule.due_of(standing.order, confirmed_at), confirmed_at, last)
        if priority is Priority.SWEEP and self._every:
            history_at = market.moment(self._history_s[number])
            if now >= schedule.read_history_at(wallet.owner, history_at, self._every):
                self._lane.call(priority, now_s)
                self.run.calls += 1
                self._history_s[number] = now_s
        self._last_s[number] = now_s
        self._plan(number, now_s, now_s)

    def _plan(self, number: int, now_s: float, looked_s: float) -> None:
        wallet, plan = self._wallets[number], self._plans[number] + 1
        self._plans[number] = plan
        watched = [schedule.Watched(standing.order, standing.last_fill_at) for standing in wallet.orders]
        look = schedule.next_look(watched, market.moment(now_s), self.lag)
        if look is not None:
            heapq.heappush(self._fills, (market.seconds(look), wallet.owner, number, plan))
        if self._every:
            history_at, looked_at = market.moment(self._history_s[number]), market.moment(looked_s)
            sweep = schedule.sweep_at(wallet.owner, looked_at, history_at, self._every)
            heapq.heappush(self._sweeps, (market.seconds(sweep), wallet.owner, number, plan))


def live_by_oracle(wallets: list[market.Wallet], until_s: float, *, rps: float) -> Run:
    """Looks when a fill is visible, and at no other time."""
    run, lane, now_s = Run(), Lane(rps), 0.0
    queue = [(wallet.next_visible_s(), number) for number, wallet in enumerate(wallets)]
    heapq.heapify(queue)
    while now_s < until_s:
        if queue[0][0] > now_s:
            now_s = queue[0][0]
        elif not lane.may_start(Priority.SWEEP, now_s):
            now_s = lane.next_change_s(now_s)
        else:
            wallet = wallets[queue[0][1]]
            lane.call(Priority.SWEEP, now_s)
            run.calls += 1
            _see(wallet, now_s, run)
            heapq.heapreplace(queue, (wallet.next_visible_s(), queue[0][1]))
    return run


def live_in_turn(wallets: list[market.Wallet], until_s: float, *, rps: float) -> Run:
    """Round robin: everybody in turn, as fast as the budget allows."""
    run = Run()
    for turn in range(int(until_s * rps * BACKGROUND_SHARE)):
        run.calls += 1
        _see(wallets[turn % len(wallets)], turn / (rps * BACKGROUND_SHARE), run)
    return run


def _see(wallet: market.Wallet, now_s: float, run: Run) -> None:
    for standing in wallet.orders:
        while standing.visible_s <= now_s:
            visible_s, _ = standing.see()
            run.latencies.append(now_s - visible_s)


@dataclass(frozen=True, slots=True)
class Scene:
    wallets: int
    until_s: float
    seed: int
    herd: bool = False
    rps: float = RPS
    median_lag_s: float = market.MEDIAN_LAG_S

    def people(self) -> list[market.Wallet]:
        return market.make_wallets(self.wallets, self.seed, herd=self.herd, median_lag_s=self.median_lag_s)

    def schedule(self, *, sweeps: bool) -> Run:
        return Scheduled(self.people(), self.seed, rps=self.rps, sweeps=sweeps).live(self.until_s)

    def oracle(self) -> Run:
        return live_by_oracle(self.people(), self.until_s, rps=self.rps)

    def round_robin(self) -> Run:
        return live_in_turn(self.people(), self.until_s, rps=self.rps)


@dataclass(frozen=True, slots=True)
class Outcome:
    bare: Run
    swept: Run
    oracle: Run
    round_robin: Run


@lru_cache(maxsize=2)
def measure(scene: Scene) -> Outcome:
    return Outcome(
        bare=scene.schedule(sweeps=False),
        swept=scene.schedule(sweeps=True),
        oracle=scene.oracle(),
        round_robin=scene.round_robin(),
    )


def _scenes(seed: int) -> Iterator[tuple[str, Outcome]]:
    for name, herd in (("spread", False), ("herd", True)):
        yield name, measure(Scene(WALLETS, market.WEEK_S, seed, herd=herd))


def polls_per_fill(seed: int) -> Iterator[Figure]:
    for scene, of in _scenes(seed):
        for sweeps, run in (("without_sweeps", of.bare), ("with_sweeps", of.swept)):
            for against, other in (("oracle", of.oracle), ("round_robin", of.round_robin)):
                name = f"polls_per_fill/{scene}/{sweeps}"
                yield Figure(name, run.polls_per_fill, "calls", other.polls_per_fill, against)


def fill_latency(seed: int) -> Iterator[Figure]:
    quantiles: tuple[tuple[str, Callable[[Run], float]], ...] = (
        ("p50", lambda run: run.quantile(0.5)),
        ("p95", lambda run: run.quantile(0.95)),
        ("max", lambda run: max(run.latencies)),
    )
    for scene, of in _scenes(seed):
        for quantile, take in quantiles:
            for against, other in (("oracle", of.oracle), ("round_robin", of.round_robin)):
                name = f"fill_latency/{scene}/{quantile}"
                yield Figure(name, take(of.swept), "seconds", take(other), against)
