"""One bot per database: a lock that the operating system gives back however the process ends."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot import errors
from bot.storage import engine
from bot.storage.database import Database


@asynccontextmanager
async def acquire_instance_lock(url: str) -> AsyncIterator[None]:
    """Hold the database for this process. Raises AlreadyRunning at once when another one holds it.

    In memory there is nobody to share with, so nothing is locked.
    """
    parsed = engine.parse_url(url)
    file = engine.find_file(parsed)
    if file is not None:
        with _lock_file(file.with_name(f"{file.name}.lock")):
            yield
    elif parsed.get_backend_name() == "postgresql":
        async with _lock_server(url):
            yield
    else:
        yield


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


@asynccontextmanager
async def _lock_server(url: str) -> AsyncIterator[None]:
    """An advisory lock belongs to its connection, which lies unused in this pool until the block ends.

    One per schema: bots in two schemas of one database do not concern each other.
    """
    key = sa.func.hashtext("recurring-bot"), sa.func.hashtext(sa.func.current_schema())
    async with Database.open(url) as server:
        async with server.writing() as transaction:
            held = await transaction.find(sa.select(sa.func.pg_try_advisory_lock(*key)), lambda row: row[0])
        if not held:
            raise _already_running("a process")
        yield


def _already_running(holder: str) -> errors.AlreadyRunning:
    return errors.AlreadyRunning(f"The bot already runs on this database ({holder}). Stop that one first.")
