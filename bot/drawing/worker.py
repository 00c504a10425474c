"""The drawing process: charts come in on standard input, pictures go out on standard output, until it closes.

It holds nothing but what it draws, and knows none of the bot's settings.
"""

import contextlib
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO

from bot.domain.charts import Chart
from bot.drawing import frames
from bot.drawing.frames import Kind

_NICE = 5
"""Whoever waits for words goes before whoever waits for a picture."""


def main() -> None:
    # Ctrl-C in a terminal reaches the whole group; this process ends when the bot closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not come between two answers.
    os.dup2(2, 1)
    # Before anything is asked: what is wrong with it, the first answer tells.
    with contextlib.suppress(Exception):
        _load()
    serve(sys.stdin.buffer, answers)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request, one after the other, until there are no more."""
    while header := requests.read(frames.HEADER.size):
        _, length = frames.read_header(header)
        answers.write(_draw(requests.read(length)))
        answers.flush()


def _load() -> Callable[[Chart], bytes]:
    """What draws; a broken installation raises anything."""
    from bot.drawing import chart

    return chart.draw


def _draw(request: bytes) -> bytes:
    try:
        wanted = pickle.loads(request)  # noqa: S301 - from our own parent, on a pipe that nobody else has
        return frames.pack(Kind.PICTURE, _load()(wanted))
    except Exception:  # noqa: BLE001 - whatever went wrong goes into the bot's log
        return frames.pack(Kind.FAILED, traceback.format_exc().encode())


if __name__ == "__main__":
    main()
