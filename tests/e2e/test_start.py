"""How long a person waits between the command and the bot's first answer."""

import subprocess
import sys
import time
from pathlib import Path

from tests import harness

WARM_S = 5.0
YARDSTICK_S = 1.5
"""Importing the bot takes no longer than that on an idle machine that is none of the fastest."""


def test_once_installed_the_bot_answers_within_five_seconds(tmp_path: Path) -> None:
    """To /start, counted from the command; on a busy machine as much longer as its imports take."""
    before = _yardstick_s()
    began = time.monotonic()
    with harness.whole(tmp_path) as box:
        answer = box.chat(1001).ask("/start")
        took = time.monotonic() - began
    assert "custodial" in answer["text"]
    busy = max(before, _yardstick_s()) / YARDSTICK_S
    assert took < WARM_S * max(1.0, busy), f"{took:.1f} s, on a machine {busy:.1f} times as slow"


def _yardstick_s() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import bot.app"], cwd=harness.ROOT, check=True)
    return time.monotonic() - began
