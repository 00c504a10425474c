"""Starts bots from a process that has imported everything already, so that a start takes a third of a second.

What is killed is a process like any other: forked before anything was opened, with an environment, a folder
and a log of its own.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

_PRELOADED: Final = (
    "bot.app",
    "bot.cli",
    # What is imported on the way only.
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "telegram.ext",
    "anyio._backends._asyncio",
    "httpcore._backends.anyio",
)


class Forked:
    """`recurring-bot run`; with what the tests use of subprocess.Popen."""

    def __init__(self, folder: Path, log: Path, env: dict[str, str]) -> None:
        self._process = _context().Process(target=_live, args=(str(folder), str(log), env))
        self._process.start()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(["recurring-bot", "run"], timeout or 0)
        return self._process.exitcode

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            assert self._process.pid is not None
            os.kill(self._process.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def _live(folder: str, log: str, env: dict[str, str]) -> None:
    os.environ.clear()  # noqa: TID251 - a process of the bot's own, before it reads any setting
    os.environ.update(env)  # noqa: TID251 - likewise
    os.chdir(folder)
    sink = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    sys.argv = ["recurring-bot", "run"]
    from bot import cli

    cli.main()
