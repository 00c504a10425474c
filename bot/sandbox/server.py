"""Serve the stand-ins on 127.0.0.1 until SIGTERM or SIGINT."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from bot.sandbox.slots import SECONDS_PER_SLOT
from bot.sandbox.standins import StandIns
from bot.sandbox.store import Store

GRACE_S = 2
KEEP_ALIVE_S = 75
"""Longer than any client keeps a connection that it does not use: who closes first must not be a race."""
PARENT_LOOK_S = 1.0


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: they would raise the signal again after a clean stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    listener: socket.socket,
    *,
    speed: float,
    data: Path | None,
    welcome: bool = True,
    seed: str | None = None,
    parent: int | None = None,
    slot_s: float = SECONDS_PER_SLOT,
) -> None:
    """Serve until told to stop; with `parent` also until that process is gone."""
    store = Store(None if data is None else data / "standins.sqlite3")
    standins = StandIns(store, speed=speed, welcome=welcome, seed=seed, slot_s=slot_s)
    config = uvicorn.Config(
        standins.app(),
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = _Server(config)

    def stop() -> None:
        standins.telegram.close()
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(standins.run())]
            if parent is not None:
                tasks.append(group.create_task(_follow(parent, stop)))
            await server.serve(sockets=[listener])
            for task in tasks:
                task.cancel()
    finally:
        store.close()


async def _follow(parent: int, stop: Callable[[], None]) -> None:
    """Stop when the process that started this one is gone."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody tells a child about its parent
        await asyncio.sleep(PARENT_LOOK_S)
    stop()
