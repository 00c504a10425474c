"""The crash test in short; `python -m tests.crash` is the long one, with --submit-via rpc, too."""

import random
import signal
from pathlib import Path

from tests.crash import run, world


def test_killing_the_bot_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Whatever was confirmed happened once or not at all and the card says which; every fill is told."""
    outcome = run.run(tmp_path, kills=3, seed=7)
    assert outcome.flawless, outcome
    assert sum(outcome.confirmed.values()) > 0
    assert outcome.fills > 0


def test_sigterm_finishes_what_is_in_flight(tmp_path: Path) -> None:
    """A confirmed action is brought to its end, its card shows it, and the exit code is 0."""
    with world.world(tmp_path) as made:
        person = world.Customer(made.box.chat(9100), made.box, random.Random(1))
        person.arrive()
        made.box.faults({"target": "jupiter", "match": "execute", "kind": "slow", "seconds": 1.0})
        person.act(1, "price_deposit")
        assert made.bot is not None
        made.bot.send_signal(signal.SIGTERM)
        assert made.bot.wait(timeout=25) == 0
        assert run.told(person) == run.landed(made.box, person)
        assert len(run.told(person)) == 1
