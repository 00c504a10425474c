"""Kills the bot again and again: at moments at which something is half done, and at any other."""

import collections
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tests import harness
from tests.crash import world

_ORDINARY: Final = 0.05
"""Share of the starts that import everything themselves."""
_START_S: Final = 0.6
_LIFE_S: Final = 0.8
_HAIR_S: Final = 0.02
_STOP_S: Final = 0.15


class Moment(StrEnum):
    """When a bot is killed, and how often of a hundred times."""

    share: int

    def __new__(cls, name: str, share: int) -> "Moment":
        made = str.__new__(cls, name)
        made._value_, made.share = name, share
        return made

    STARTING = "starting", 20
    """Within _START_S of its start: it imports, migrates, takes up what was left, or is at work already."""
    ANY = "any", 30
    """Within _LIFE_S of its first call for updates."""
    ASKED = "asked", 5
    """When it has asked for updates."""
    LISTED = "listed", 15
    """When Jupiter's list is out: what is new is written down."""
    SENDING = "sending", 10
    """When a message has come in, and no answer is out."""
    SENT = "sent", 15
    """When the answer is out: it is written down that the message arrived."""
    STOPPING = "stopping", 5
    """When it was told to stop: it finishes what is in flight, and closes."""


_AT_A_CALL: Final = (Moment.ASKED, Moment.LISTED, Moment.SENDING, Moment.SENT)
"""The stand-ins know these by the same names."""


@dataclass(slots=True)
class Kills:
    """What was done to the bot."""

    at: list[float] = field(default_factory=list)
    """Unix seconds."""
    moments: collections.Counter[str] = field(default_factory=collections.Counter)
    looked: int = 0
    """Kills of a bot that had read a list of orders since its start."""
    told: int = 0
    """Kills of a bot that had begun to send a message since its start."""


def keep_killing(
    made: world.World, dice: random.Random, until: float, *, least: int, between: Callable[[], None]
) -> Kills:
    """Kill the bot and start it again until then, `least` so often, doing something `between` every two."""
    # The one that is there has asked, and may go on waiting for an answer.
    kills, before = Kills(), _counts(made) | {"asked": -1}
    while time.time() < until or made.kills < least:
        moment = dice.choices(list(Moment), [each.share for each in Moment])[0]
        _await(made, moment, dice, before)
        kills.at.append(time.time())
        made.kill(stopping=moment is Moment.STOPPING)
        kills.moments[moment] += 1
        now = _counts(made)
        kills.looked += now["listed"] > before["listed"]
        kills.told += now["sending"] > before["sending"]
        before = now
        made.start(ordinary=dice.random() < _ORDINARY)
        between()
    return kills


def _await(made: world.World, moment: Moment, dice: random.Random, before: Mapping[str, int]) -> None:
    if moment is Moment.STARTING:
        time.sleep(dice.uniform(0, _START_S))
        return
    counts = _counts(made, "asked", before["asked"], harness.START_S)
    assert counts["asked"] > before["asked"], "the bot does not start"
    if moment in _AT_A_CALL:
        # There may be none: it has nothing to tell, or is to wait.
        _counts(made, moment, _counts(made)[moment], _LIFE_S)
        time.sleep(dice.uniform(0, _HAIR_S))
        return
    time.sleep(dice.uniform(0, _LIFE_S))
    if moment is Moment.STOPPING:
        assert made.bot is not None
        made.bot.send_signal(signal.SIGTERM)
        time.sleep(dice.uniform(0, _STOP_S))


def _counts(made: world.World, what: str = "asked", beyond: int = -1, timeout_s: float = 0) -> dict[str, int]:
    """How many calls of each kind there were: once there are more than so many of one, or it is too late."""
    wanted: dict[str, str | float] = {"what": what, "beyond": beyond, "timeout_s": timeout_s}
    answer = made.box.client.get("/crash/counts", params=wanted, timeout=timeout_s + 20)
    counted: dict[str, int] = answer.raise_for_status().json()
    return counted
