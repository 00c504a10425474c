"""The promises of charts to somebody with 2,000 fills; in CPU time, so that other load does not count."""

from pathlib import Path

from tests.benchmarks import charts

STALL_S = 0.050
CHART_S = 1.0


async def test_a_chart_is_quick_and_never_in_the_way(tmp_path: Path) -> None:
    """The loop is never busy with it for more than 50 ms at a time, and all work for it is under a second."""
    async with charts.build(tmp_path) as rig:
        await rig.draw_order(1)
        assert rig.painter.pid is not None
        async with charts.watching() as stalls:
            before = charts.cpu_of(rig.painter.pid)
            for _ in range(3):
                await rig.draw_order(1)
                await rig.draw_wallet()
            spent = charts.cpu_of(rig.painter.pid) - before
        assert stalls[0].cpu_s <= STALL_S
        assert spent / 6 + stalls[0].total_s / 6 < CHART_S
