"""One bot per database: a lock that the operating system gives back however the process ends."""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot import errors
from bot.storage import engine
from bot.storage.database import Database

log = logging.getLogger(__name__)

LOOK_S = 15.0
"""How often a server is asked whether the lock is still ours."""


class InstanceLock:
    """A lock that is held. Nothing takes a file's lock away from a process that lives."""

    async def keep(self) -> None:
        """Look after it, for ever. Raises AlreadyRunning when it was lost and somebody else has it."""
        await asyncio.Event().wait()


@asynccontextmanager
async def acquire_instance_lock(url: str, *, look_s: float = LOOK_S) -> AsyncIterator[InstanceLock]:
    """Hold the database for this process. Raises AlreadyRunning at once when another one holds it.

    In memory there is nobody to share with, so nothing is locked.
    """
    parsed = engine.parse_url(url)
    file = engine.find_file(parsed)
    if file is not None:
        with _lock_file(file.with_name(f"{file.name}.lock")):
            yield InstanceLock()
    elif parsed.get_backend_name() == "postgresql":
        async with Database.open(url) as server:
            lock = ServerLock(server, look_s)
            await lock.take()
            yield lock
    else:
        yield InstanceLock()


class ServerLock(InstanceLock):
    """An advisory lock belongs to its connection: the only one of this pool, because there is one user.

    It is gone with the connection, for example when the server is restarted; taking it once more, which does
    nothing while we have it, shows who has it now. One per schema: bots in two schemas of one database do
    not concern each other.
    """

    def __init__(self, server: Database, look_s: float) -> None:
        self._server = server
        self._look_s = look_s

    async def take(self) -> None:
        """Raises AlreadyRunning, StorageError."""
        key = sa.func.hashtext("recurring-bot"), sa.func.hashtext(sa.func.current_schema())
        async with self._server.writing() as transaction:
            held = await transaction.find(sa.select(sa.func.pg_try_advisory_lock(*key)), lambda row: row[0])
        if not held:
            raise _already_running("a process")

    async def keep(self) -> None:
        away = False
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await self.take()
            except errors.AlreadyRunning:
                raise
            except errors.StorageError as exc:
                if not away:
                    log.warning("cannot see whether this is still the only bot: %s", exc.message)
                away = True
            else:
                away = False


@contextmanager
def _lock_file(file: Path) -> Iterator[None]:
    try:
        engine.prepare_file(file)
        opened = file.open("r+")
    except OSError as exc:
        raise errors.StorageError(f"The lock file {file} cannot be used: {exc.strerror}.") from exc
    with opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = opened.read(20).strip()
            raise _already_running(f"process {holder}" if holder.isdigit() else "a process") from exc
        opened.truncate(0)
        opened.write(f"{os.getpid()}\n")
        opened.flush()
        # The file stays when we go: two processes could otherwise hold two files of the same name.
        yield


def _already_running(holder: str) -> errors.AlreadyRunning:
    return errors.AlreadyRunning(f"The bot already runs on this database ({holder}). Stop that one first.")
