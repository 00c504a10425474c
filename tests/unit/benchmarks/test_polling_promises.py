"""The promises of polling, on smaller markets than that of `python -m tests.benchmarks`, for hours."""

from tests.benchmarks import market, polling


def test_fills_cost_few_looks_and_are_told_soon() -> None:
    """Without sweeps under one and a half, with them about two; a round robin is hours late."""
    scene = polling.Scene(1000, market.DAY_S / 6, seed=11, rps=0.2)
    bare, swept, in_turn, oracle = (
        scene.poll(sweeps=False),
        scene.poll(sweeps=True),
        scene.round_robin(),
        scene.oracle(),
    )
    assert bare.polls_per_fill < 1.4
    assert swept.polls_per_fill < 2.2
    assert len(swept.latencies) > 0.98 * len(oracle.latencies)
    assert swept.quantile(0.5) < 12
    assert swept.quantile(0.95) < 60
    assert max(swept.latencies) < 15 * 60
    assert swept.quantile(0.5) < in_turn.quantile(0.5) / 20


def test_a_herd_at_the_full_hour_is_told_almost_as_soon_as_anybody_could() -> None:
    scene = polling.Scene(2000, market.DAY_S / 4, seed=11, herd=True, rps=0.4)
    swept, oracle = scene.poll(sweeps=True), scene.oracle()
    assert len(swept.latencies) > 0.98 * len(oracle.latencies)
    assert swept.quantile(0.95) < 1.3 * oracle.quantile(0.95)
    assert max(swept.latencies) < 15 * 60
