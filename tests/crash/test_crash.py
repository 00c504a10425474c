"""The crash tests in short; `python -m tests.crash` and `python -m tests.crash fills` are the long ones, the
first with --submit-via rpc, too."""

import random
import signal
from pathlib import Path

from tests.crash import fills, run, world


def test_killing_the_bot_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Whatever was confirmed happened once or not at all and the card says which; every fill is told."""
    outcome = run.run(tmp_path, kills=2, seed=7, slot_s=0.05, crowd=2)
    assert outcome.flawless, outcome
    assert sum(outcome.confirmed.values()) > 0
    assert outcome.fills > 0


def test_every_fill_is_told_however_often_the_bot_is_killed(tmp_path: Path) -> None:
    """None is lost; what is told again says so and had to be; in order; the books agree with the market's."""
    outcome = fills.run(tmp_path, fills=40, kills=6, seed=7, wallets=6, crowd=6, hurry=True)
    assert outcome.flawless, outcome
    assert outcome.kills >= 6
    assert outcome.count.fills >= 40


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
