"""The crash test in short; `python -m tests.crash --kills 50` is the long one."""

from pathlib import Path

import pytest

from tests.crash import run


@pytest.mark.parametrize("submit_via", ["jupiter", "rpc"])
def test_killing_the_bot_loses_and_doubles_nothing(tmp_path: Path, submit_via: str) -> None:
    """Whatever was confirmed happened once or not at all and the card says which; every fill is told."""
    outcome = run.run(tmp_path, kills=4, seed=7, submit_via=submit_via)
    assert outcome.flawless, outcome
    assert sum(outcome.confirmed.values()) > 0
    assert outcome.fills > 0
