"""The promises of the schedule, on a smaller market than that of `python -m tests.benchmarks`."""

import pytest

from tests.benchmarks import market, polling


@pytest.fixture(scope="module", params=[False, True], ids=["spread", "herd"])
def scene(request: pytest.FixtureRequest) -> polling.Scene:
    """A tenth of the wallets on a tenth of the budget, for a day and a half."""
    return polling.Scene(1000, 1.5 * market.DAY_S, seed=11, herd=request.param, rps=0.2)


def test_fills_cost_few_looks_and_are_told_soon(scene: polling.Scene) -> None:
    """Without sweeps under one and a half, with them under two; a round robin is hours late."""
    bare, swept = scene.schedule(sweeps=False), scene.schedule(sweeps=True)
    in_turn, oracle = scene.round_robin(), scene.oracle()
    assert bare.polls_per_fill < 1.5
    assert swept.polls_per_fill < 2.2
    assert len(swept.latencies) > 0.99 * len(oracle.latencies)
    assert swept.quantile(0.5) < in_turn.quantile(0.5) / 20
    assert max(swept.latencies) < 15 * 60
    if scene.herd:
        assert swept.quantile(0.95) < 1.5 * oracle.quantile(0.95)
    else:
        assert swept.quantile(0.5) < 12
        assert swept.quantile(0.95) < 60
