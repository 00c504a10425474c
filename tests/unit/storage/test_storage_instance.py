"""One bot per database, whatever becomes of the process; and a transaction that dies with it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import errors, storage
from tests.fakes.storage import fresh_url

ROOT = Path(__file__).parents[3]

HOLD = """
import asyncio, sys
from bot import storage

async def main(url):
    async with storage.acquire_instance_lock(url):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""

HALF = """
import asyncio, sys
from bot import storage

async def main(url):
    async with storage.Storage.open(url) as stores:
        await stores.people.record_seen(1, 1)
        async with stores.transaction():
            await stores.people.record_seen(1, 2)
            await stores.people.record_seen(2, 2)
            print("ready", flush=True)
            await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


@asynccontextmanager
async def running(script: str, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that has come to its `ready`; killed at the end of the block if not before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def notice_the_death(url: str) -> None:
    """Wait until a PostgreSQL server has seen that its client is gone; a file's lock dies at once."""
    if url.startswith("postgresql"):
        async with storage.Database.open(url) as server, server.writing() as tx:
            key = "hashtext('recurring-bot'), hashtext(current_schema())"
            await tx.find(sa.text(f"SELECT pg_advisory_xact_lock({key})"), tuple)


async def test_a_second_instance_is_refused(shared_url: str) -> None:
    """At once, with a sentence that says what to do; after the first one ended, it may run."""
    for _ in range(2):
        async with storage.acquire_instance_lock(shared_url):
            with pytest.raises(errors.AlreadyRunning, match=r"already runs.*Stop that one first"):
                async with storage.acquire_instance_lock(shared_url):
                    pass


async def test_the_lock_dies_with_the_process(shared_url: str) -> None:
    """`kill -9` leaves nothing to clean up."""
    async with running(HOLD, shared_url) as process:
        with pytest.raises(errors.AlreadyRunning) as refusal:
            async with storage.acquire_instance_lock(shared_url):
                pass
        if shared_url.startswith("sqlite"):
            assert f"process {process.pid}" in refusal.value.message
        process.kill()
        await process.wait()
        await notice_the_death(shared_url)
        async with storage.acquire_instance_lock(shared_url):
            pass


async def break_connection_of_lock(url: str) -> None:
    """What a restart of the server does to it."""
    mine = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND classid::bigint = hashtext('recurring-bot')::bigint & 4294967295"
        " AND objid::bigint = hashtext(current_schema())::bigint & 4294967295"
    )
    async with storage.Database.open(url) as server, server.writing() as tx:
        assert await tx.fetch(sa.text(mine), tuple) == [(True,)]
    await notice_the_death(url)


async def test_a_lock_that_was_lost_is_taken_again(tmp_path: Path) -> None:
    """As soon as somebody looks: the bot goes on, and a second one is refused as before."""
    async with (
        fresh_url("postgres", tmp_path) as url,
        storage.acquire_instance_lock(url, look_s=0.01) as lock,
    ):
        await break_connection_of_lock(url)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await lock.keep()
        with pytest.raises(errors.AlreadyRunning):
            async with storage.acquire_instance_lock(url):
                pass


async def test_a_lock_that_somebody_else_has_now_ends_the_bot(tmp_path: Path) -> None:
    """Two bots must not go on side by side."""
    async with fresh_url("postgres", tmp_path) as url, storage.acquire_instance_lock(url, look_s=0) as lock:
        await break_connection_of_lock(url)
        async with storage.acquire_instance_lock(url):
            with pytest.raises(errors.AlreadyRunning):
                await lock.keep()


async def test_the_lock_does_not_stand_in_the_way(shared_url: str) -> None:
    """Stores, migrations and the commands of an operator work while the bot runs."""
    async with storage.acquire_instance_lock(shared_url):
        await storage.migrate(shared_url)
        async with storage.Storage.open(shared_url) as stores:
            await stores.people.record_seen(1, 1)


async def test_other_databases_are_free(tmp_path: Path) -> None:
    """One lock per file; in memory there is nothing to lock."""
    async with (
        storage.acquire_instance_lock(f"sqlite:///{tmp_path}/a.db"),
        storage.acquire_instance_lock(f"sqlite:///{tmp_path}/b.db"),
        storage.acquire_instance_lock("sqlite://"),
        storage.acquire_instance_lock("sqlite://"),
    ):
        files = await asyncio.to_thread(os.listdir, tmp_path)
        assert sorted(files) == ["a.db.lock", "b.db.lock"]


async def test_a_lock_that_cannot_be_made_is_one_error() -> None:
    """A folder that is none."""
    with pytest.raises(errors.StorageError, match="lock file"):
        async with storage.acquire_instance_lock("sqlite:////proc/no/bot.db"):
            pass


async def test_a_killed_transaction_never_was(shared_url: str) -> None:
    """What was committed before is there, nothing of the half is, and nobody waits for the dead."""
    async with running(HALF, shared_url) as process:
        process.kill()
        await process.wait()
    async with storage.Storage.open(shared_url) as stores:
        # Writes the very row that the dead process had locked.
        assert (await stores.people.record_seen(2, 3)).chat_id == 3
        first = await stores.people.find(1)
        assert first is not None
        assert first.chat_id == 1
