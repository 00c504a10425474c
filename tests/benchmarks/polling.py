"""How many looks a fill costs and how late it is found: the production poller over a week of virtual time.

Beside it a plain round robin, and an oracle that knows when each fill becomes visible; both have the same
budget, and need no prices.
"""

import heapq
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.jupiter import window
from bot.ports import Priority
from tests.benchmarks import market, watching
from tests.benchmarks.figures import Figure
from tests.benchmarks.watching import CALL_S, Run

WALLETS: Final = 10_000
RPS: Final = 1.0
BACKGROUND_SHARE: Final = 0.7
"""What is not kept for people."""


def live_by_oracle(wallets: list[market.Wallet], until_s: float, *, rps: float) -> Run:
    """Looks when a fill is visible, and at no other time."""
    run, now_s = Run(), 0.0
    budget = window.Window(round(rps * window.LENGTH_S))
    queue = [(wallet.next_visible_s(), number) for number, wallet in enumerate(wallets)]
    heapq.heapify(queue)
    while now_s < until_s:
        if queue[0][0] > now_s:
            now_s = queue[0][0]
        elif not budget.may_start(Priority.SWEEP, now_s):
            now_s = budget.next_change_at(now_s) or now_s
        else:
            wallet = wallets[queue[0][1]]
            budget.start(Priority.SWEEP)
            budget.end(Priority.SWEEP, now_s + CALL_S)
            run.looks += 1
            _see(wallet, now_s, run)
            heapq.heapreplace(queue, (wallet.next_visible_s(), queue[0][1]))
    return run


def live_in_turn(wallets: list[market.Wallet], until_s: float, *, rps: float) -> Run:
    """Round robin: everybody in turn, as fast as the budget allows."""
    run = Run()
    for turn in range(int(until_s * rps * BACKGROUND_SHARE)):
        run.looks += 1
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

    def poll(self, *, sweeps: bool) -> Run:
        return watching.watch(self.people(), self.until_s, rps=self.rps, sweeps=sweeps, seed=self.seed)

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


def measure(scene: Scene) -> Outcome:
    return Outcome(
        bare=scene.poll(sweeps=False),
        swept=scene.poll(sweeps=True),
        oracle=scene.oracle(),
        round_robin=scene.round_robin(),
    )


@lru_cache(maxsize=1)
def _scenes(seed: int) -> list[tuple[str, Outcome]]:
    """Both at the same time, some minutes each."""
    scenes = [Scene(WALLETS, market.WEEK_S, seed, herd=herd) for herd in (False, True)]
    with futures.ProcessPoolExecutor(len(scenes)) as processes:
        return list(zip(("spread", "herd"), processes.map(measure, scenes), strict=True))


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
