"""With 3 wallets, 45 orders and 2,000 fills everything still answers at once and fits; a walk through all."""

from pathlib import Path

from bot.chat import routes
from tests.benchmarks import at_size, desk, walk

BUSY_MACHINE = 3
"""Times the promise of `python -m tests.benchmarks at_size`, which has a machine to itself."""


async def test_every_screen_answers_at_once_and_fits(tmp_path: Path) -> None:
    """Every command, a button of every kind: few statements, little CPU, nothing that is refused."""
    steps = []
    async with desk.open_desk(tmp_path, seed=11) as of:
        commands = (*at_size.COMMANDS, *(f"/{name}" for name in routes.COMMANDS))
        async for step in walk.walk(of, commands, of_each=1):
            steps.append(step)
            assert step.statements <= at_size.MOST_STATEMENTS, step
            assert step.cpu_s * 1e3 <= BUSY_MACHINE * at_size.PROMISED_MS, step
            for sent in step.shown:
                assert "Something went wrong" not in sent.text
                assert "Error id" not in sent.text
        assert [why for why in of.api.refusals if "not modified" not in why] == []
        files = [sent.file for sent in of.api.sent.values() if sent.file]
    kinds = {walk.kind_of(step.did) for step in steps}
    assert len(steps) > 100
    assert {"orders:history:#", "fills:#:#", "latest:#", "order:#", "statement:#:order:#", "wallets"} <= kinds
    assert len({content for _, content in files}) > 4
