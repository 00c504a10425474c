"""Transactions: joined, whole or not at all, one per task, healthy after a cancellation."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import errors, storage
from bot.domain.wallets import SealedSeed
from bot.storage import schema
from bot.storage.database import PIECE
from tests.fakes.storage import NOW, OWNER, build_order


async def people(stores: storage.Storage) -> list[int]:
    async with stores.database.reading() as tx:
        rows = sa.select(schema.people.c.user_id).order_by(schema.people.c.user_id)
        return await tx.fetch(rows, lambda row: int(row.user_id))


def find_file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[tuple[Path, storage.Storage]]:
    path = tmp_path / "new" / "bot.db"
    async with storage.Storage.open(f"sqlite:///{path}") as stores:
        yield path, stores


async def test_a_block_is_whole_or_not_at_all(stores: storage.Storage) -> None:
    """Nested blocks belong to the outer one."""

    async def write(first: int, *, fail: bool) -> None:
        async with stores.transaction():
            await stores.people.record_seen(first, 1)
            async with stores.transaction():
                await stores.people.record_seen(first + 1, 1)
            assert await people(stores) == [first, first + 1], "the block sees what it wrote"
            if fail:
                raise LookupError

    with pytest.raises(LookupError):
        await write(1, fail=True)
    assert await people(stores) == []
    await write(1, fail=False)
    assert await people(stores) == [1, 2]


async def test_a_failed_part_fails_the_whole(stores: storage.Storage) -> None:
    """An inner block's exception that is swallowed outside must not commit the half of it."""

    async def fail() -> None:
        async with stores.transaction():
            await stores.people.record_seen(1, 1)
            raise LookupError

    async def write() -> None:
        async with stores.transaction():
            with pytest.raises(LookupError):
                await fail()
            await stores.people.record_seen(2, 1)

    with pytest.raises(errors.StorageError, match="nothing of it was kept"):
        await write()
    assert await people(stores) == []


async def test_a_failed_statement_fails_the_whole(stores: storage.Storage) -> None:
    """PostgreSQL would answer the commit with a silent rollback; here it is an error on every database."""

    async def write() -> None:
        async with stores.transaction():
            await stores.people.record_seen(1, 1)
            with pytest.raises(errors.StorageError):
                await stores.polls.ensure("a", NOW.replace(tzinfo=None))

    with pytest.raises(errors.StorageError, match="nothing of it was kept"):
        await write()
    assert await people(stores) == []


async def test_a_task_has_a_transaction_of_its_own(stores: storage.Storage) -> None:
    """One that is started inside a block neither joins it nor is lost with it."""

    async def fail(group: asyncio.TaskGroup) -> None:
        async with stores.transaction():
            group.create_task(stores.people.record_seen(2, 1))
            await asyncio.sleep(0)
            await stores.people.record_seen(1, 1)
            raise LookupError

    async with asyncio.TaskGroup() as group:
        with pytest.raises(LookupError):
            await fail(group)
    assert await people(stores) == [2]


@pytest.mark.parametrize("where", ["sqlite://", "sqlite:///{}/bot.db"])
async def test_waiting_for_such_a_task_inside_is_an_error_not_a_hang(where: str, tmp_path: Path) -> None:
    """The task waits for the block and the block for the task: patience ends it."""
    async with storage.Database.open(where.format(tmp_path), patience=timedelta(0)) as database:
        await database.migrate()
        stores = storage.Storage(database)
        refusals = []

        async def write() -> None:
            try:
                await stores.people.record_seen(2, 1)
            except errors.StorageError as refusal:
                refusals.append(refusal.message)

        async with stores.transaction(), asyncio.TaskGroup() as group:
            await stores.people.record_seen(1, 1)
            group.create_task(write())
        assert refusals == ["The database is busy."]
        assert await people(stores) == [1]


async def test_many_tasks_at_once_take_turns(stores: storage.Storage) -> None:
    """Each read-then-write is alone: no number is given twice, no write is refused."""
    keys = [f"order {number}" for number in range(40)]
    await stores.wallets.add(1, OWNER, "", None, NOW, 1)

    async def meet(key: str) -> None:
        async with stores.transaction():
            await stores.orders.record(build_order(key), NOW)
            await stores.orders.assign_numbers(1, OWNER, [key])

    async with asyncio.TaskGroup() as group:
        for key in keys:
            group.create_task(meet(key))
    known = await stores.orders.list_known(1, [OWNER])
    assert [order.number for order in known] == list(range(40, 0, -1))
    assert {order.order.key for order in known} == set(keys)


_NUMBERS = sa.text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :last) SELECT i FROM n"
)


@pytest.mark.parametrize("count", [1, PIECE, PIECE + 1, 10 * PIECE])
async def test_many_rows_hold_nobody_up(stores: storage.Storage, count: int) -> None:
    """They are built in pieces, all of them, in order; whoever waits has a turn between two."""
    turns, built = [0], []

    async def wait() -> None:
        while True:
            await asyncio.sleep(0)
            turns[0] += 1

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(wait())
        async with stores.database.reading() as tx:
            built = await tx.fetch(_NUMBERS, lambda row: (row.i, turns[0]), last=count)
        waiting.cancel()
    assert [number for number, _ in built] == list(range(1, count + 1))
    assert max(Counter(turn for _, turn in built).values()) <= PIECE


async def test_whoever_is_cancelled_between_two_pieces_keeps_nothing(stores: storage.Storage) -> None:
    """Even if the block goes on as if nothing had happened."""
    reached = asyncio.Event()
    refusals = []

    def build(row: sa.Row[Any]) -> int:
        reached.set()
        return int(row.i)

    async def write() -> None:
        try:
            async with stores.database.writing() as tx:
                await stores.people.record_seen(1, 1)
                with suppress(asyncio.CancelledError):
                    await tx.fetch(_NUMBERS, build, last=10 * PIECE)
        except errors.StorageError as exc:
            refusals.append(exc)

    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(write())
        await reached.wait()
        writing.cancel()
    assert len(refusals) == 1
    assert await people(stores) == []


@pytest.mark.parametrize("moment", ["turn", "begin", 0, 1, 2, "commit"])
async def test_a_cancelled_block_is_whole_or_not_at_all(stores: storage.Storage, moment: int | str) -> None:
    """Cancelled while it begins, in any statement: nothing. While it commits: everything.

    Either way the task is cancelled, and the database (the one in memory included) goes on as if nothing was.
    """
    await stores.people.record_seen(100, 1)

    def cancel() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    async def write() -> None:
        if moment == "begin":
            cancel()
        async with stores.transaction():
            for step in range(3):
                if moment == step:
                    cancel()
                await stores.people.record_seen(step, 1)
            if moment == "commit":
                cancel()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(write())
        if moment == "turn":
            await asyncio.sleep(0)
            task.cancel()
    assert task.cancelled()
    assert await people(stores) == ([0, 1, 2, 100] if moment == "commit" else [100])
    await stores.people.record_seen(101, 1)
    assert 101 in await people(stores)


async def test_a_time_out_leaves_nothing_behind(stores: storage.Storage) -> None:
    """As any cancellation; the block may not go on as if the statement had not been interrupted."""

    async def write() -> None:
        async with stores.transaction():
            await stores.people.record_seen(1, 1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await stores.people.record_seen(2, 1)

    with pytest.raises(errors.StorageError):
        await write()
    assert await people(stores) == []


async def test_every_connection_has_the_pragmas(file: tuple[Path, storage.Storage]) -> None:
    """Durable at commit, keys erased when removed, references held."""
    _, stores = file
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 10_000,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
    async with (
        stores.database.writing() as writer,
        stores.database.reading() as joined,
        storage.Database.open(f"sqlite:///{file[0]}") as other,
        other.reading() as reader,
    ):
        assert joined is writer
        for tx in (writer, reader):
            found = {name: await tx.find(sa.text(f"PRAGMA {name}"), lambda row: row[0]) for name in expected}
            assert found == expected


async def test_a_removed_key_is_gone_from_the_file(file: tuple[Path, storage.Storage]) -> None:
    """Overwritten, not just unlinked: once the log is folded in, no byte of it is in any file."""
    path, stores = file
    box = b"a sealed key to look for" * 20
    wallet = await stores.wallets.add(1, "a", "", SealedSeed(1, "k", box), NOW, 1)

    def stored() -> bytes:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return b"".join(each.read_bytes() for each in path.parent.iterdir())

    assert box[:24] in stored()
    await stores.wallets.remove(1, wallet.id)
    assert box[:24] not in stored()


async def test_a_writer_locks_before_it_reads(file: tuple[Path, storage.Storage]) -> None:
    """BEGIN IMMEDIATE: another process cannot slip a write between what a block reads and writes."""
    path, stores = file
    with sqlite3.connect(path, timeout=0, isolation_level=None) as other:
        async with stores.transaction():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            assert other.execute("SELECT count(*) FROM people").fetchone() == (0,)
        async with stores.database.reading() as tx:
            await tx.fetch(sa.select(schema.people), tuple)
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    other.close()


async def test_reads_do_not_wait_for_a_writer(file: tuple[Path, storage.Storage]) -> None:
    """Somebody who looks at a list is not held up by an ingest."""
    _, stores = file
    async with asyncio.TaskGroup() as group, stores.transaction():
        await stores.people.record_seen(1, 1)
        assert await group.create_task(stores.people.find(1)) is None


async def test_files_are_for_this_account_only(file: tuple[Path, storage.Storage]) -> None:
    """Folder 0700, database and log 0600."""
    path, stores = file
    await stores.people.record_seen(1, 1)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    assert modes == {"bot.db": 0o600, "bot.db-wal": 0o600, "bot.db-shm": 0o600}


async def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """What the operator set up is the operator's business."""
    await asyncio.to_thread(tmp_path.chmod, 0o750)
    async with storage.Storage.open(f"sqlite:///{tmp_path}/bot.db"):
        status = await asyncio.to_thread(tmp_path.stat)
    assert status.st_mode & 0o777 == 0o750


async def test_what_no_column_holds_is_one_error(stores: storage.Storage) -> None:
    """A number from a forged button, text that is no text: StorageError, never the driver's own."""
    with pytest.raises(errors.StorageError):
        await stores.wallets.find(1, 10**30)
    with pytest.raises(errors.StorageError):
        await stores.wallets.find_by_pubkey(1, "\ud800")


async def test_stores_outlive_the_process(shared_url: str) -> None:
    """Closed and opened again, everything is there."""
    async with storage.Storage.open(shared_url) as stores:
        await stores.people.record_seen(1, 1)
    async with storage.Storage.open(shared_url) as stores:
        assert await people(stores) == [1]


@pytest.mark.parametrize(
    "broken", ["sqlite:////proc/no/bot.db", "sqlite:////proc", "postgresql://user:hidden@127.0.0.1:1/none"]
)
async def test_what_cannot_be_opened_is_one_error(broken: str) -> None:
    """StorageError, raised from the library's own exception; never a password in it."""
    with pytest.raises(errors.StorageError) as failure:
        async with storage.Storage.open(broken):
            pass
    assert failure.value.__cause__ is not None
    assert "hidden" not in f"{failure.value} {failure.value.__cause__!r}"


async def test_a_server_that_refuses_is_one_error(shared_url: str) -> None:
    """A database that is not there, told by PostgreSQL itself; a file that is none, told by SQLite."""
    if shared_url.startswith("sqlite"):
        path = find_file(shared_url)
        path.parent.mkdir()
        path.write_text("this is no database, whatever its name says" * 100)
        broken = shared_url
    else:
        broken = sa.make_url(shared_url).set(database="no_such").render_as_string(hide_password=False)
    with pytest.raises(errors.StorageError) as failure:
        async with storage.Storage.open(broken):
            pass
    assert failure.value.__cause__ is not None


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "bot.db",
        "mysql://u:hidden@h/d",
        "postgresql://u:hidden@h:port/d",
        "sqlite:///x?mode=memory",
        "postgresql://u:hidden@h/d?password=hidden",
    ],
)
async def test_an_unusable_url_is_a_configuration_error(wrong: str) -> None:
    """Named by its variable, in one line, without what may be a password."""
    with pytest.raises(errors.ConfigurationError, match="DATABASE_URL") as failure:
        async with storage.Database.open(wrong):
            pass
    assert "hidden" not in failure.value.message
    assert "\n" not in failure.value.message
