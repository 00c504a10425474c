"""Transactions: one per block, joined by every store call of the same task inside, whole or not at all.

Only place where the library's exceptions become errors.StorageError.

Statements, commits and rollbacks run to their end even while their task is being cancelled; the
cancellation is raised right after. So a connection is never left in the middle of something, and a
cancelled block is always rolled back on a healthy connection.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, Self, TypeVar

import asyncpg  # type: ignore[import-untyped] # it ships no types
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import errors
from bot.storage import engine as engines
from bot.storage import migrations, refusals

T = TypeVar("T")

PATIENCE = timedelta(seconds=30)
WORK = "database"
"""Name of the tasks that wait for a database: for a thread of its own, or for a server."""

PIECE = 100
"""Rows that are built at a time, two milliseconds: a timer that fires meanwhile has its turn after the next
but one."""
_THEIRS = (
    sa.exc.SQLAlchemyError,
    # Not wrapped while connecting: what the server or the network says.
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    # Not wrapped by sqlite3: an integer beyond 64 bits, a lone surrogate.
    OverflowError,
    UnicodeError,
)


class Transaction:
    """What stores run statements with.

    Every method raises StorageError, after which nothing of the transaction can be committed.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self._postgres = connection.dialect.name == "postgresql"
        self.failed = False
        """A part of it failed: PostgreSQL would roll back silently where SQLite would keep the rest."""

    async def fetch(
        self, statement: sa.Executable, build: Callable[[sa.Row[Any]], T], **values: object
    ) -> list[T]:
        """Every row, built into what it stands for. `values` are those of the statement's parameters.

        What is asked for all the time is a statement with parameters, made once: making one costs as much
        as running it.
        """
        result = await self._execute(statement, values)
        built: list[T] = []
        try:
            for rows in result.partitions(PIECE):
                if built:
                    # Whoever else waits has a turn in between.
                    await asyncio.sleep(0)
                built += [build(row) for row in rows]
        except asyncio.CancelledError:
            self.failed = True
            raise
        except (ValueError, TypeError, KeyError, ArithmeticError, errors.InvalidInput) as exc:
            self.failed = True
            raise errors.StorageError("A stored row cannot be read.") from exc
        return built

    async def find(
        self, statement: sa.Executable, build: Callable[[sa.Row[Any]], T], **values: object
    ) -> T | None:
        """The first row, if there is one."""
        found = await self.fetch(statement, build, **values)
        return found[0] if found else None

    async def run(self, statement: sa.Executable, **values: object) -> int:
        """How many rows an UPDATE or DELETE changed."""
        return (await self._execute(statement, values)).rowcount

    async def add(self, table: sa.Table, values: Mapping[str, Any], *, unless: Sequence[str]) -> bool:
        """Insert unless a row with the same values in the named unique columns is there; True = inserted."""
        statement = self._insert(table).values(dict(values)).on_conflict_do_nothing(index_elements=unless)
        return bool(await self.fetch(statement.returning(sa.literal_column("1")), _first))

    async def upsert(self, table: sa.Table, values: Mapping[str, Any], *, key: Sequence[str]) -> None:
        """Insert, or set everything but the key."""
        changes = {name: value for name, value in values.items() if name not in key}
        statement = self._insert(table).values(dict(values))
        await self._execute(statement.on_conflict_do_update(index_elements=key, set_=changes))

    async def serialise(self, *names: object) -> None:
        """From here to the end of the transaction, be the only one in any process with these names.

        SQLite has one writer at a time anyway.
        """
        if self._postgres:
            key = ":".join(map(str, names))
            await self._execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        return postgresql.insert(table) if self._postgres else sqlite.insert(table)

    async def _execute(
        self, statement: sa.Executable, values: Mapping[str, object] | None = None
    ) -> sa.CursorResult[Any]:
        try:
            with _translated():
                return await _to_the_end(self.connection.execute(statement, values or None))
        except BaseException:
            self.failed = True
            raise


class Database:
    """An open database. Fit for many tasks at once; each has its own transaction."""

    def __init__(self, engine: AsyncEngine, *, patience: timedelta = PATIENCE) -> None:
        self._engine = engine
        self._reading_engine = engine.execution_options(**{engines.READING: True})
        self._commits_by_itself = engine.dialect.name == "sqlite"
        self._patience = patience
        self._transactions: dict[asyncio.Task[Any], Transaction] = {}
        # SQLite has one writer: waiting for a turn here is fair and costs nothing, waiting inside SQLite is
        # polling. In memory there is one connection for everything.
        if engine.dialect.name == "postgresql":
            self._writers = self._readers = asyncio.Semaphore(engines.POSTGRES_CONNECTIONS)
        elif engines.find_file(engine.url) is None:
            self._writers = self._readers = asyncio.Semaphore(1)
        else:
            self._writers, self._readers = asyncio.Semaphore(1), asyncio.Semaphore(engines.READERS)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, patience: timedelta = PATIENCE) -> AsyncIterator[Self]:
        """Open the database, making the file of a SQLite one; tables are `migrate`'s business.

        `patience` is how long a call waits for its turn before it raises StorageError. Raises
        ConfigurationError for a URL that cannot be used.
        """
        parsed = engines.parse_url(url)
        file = engines.find_file(parsed)
        with _translated():
            if file is not None:
                engines.prepare_file(file)
            engine = engines.build_engine(parsed)
        try:
            yield cls(engine, patience=patience)
        finally:
            await _to_the_end(engine.dispose())

    async def migrate(self) -> None:
        """Bring the tables to the newest revision, all steps or none. Nothing to do is fine."""
        async with self.writing() as transaction:
            await transaction.serialise("migrate")
            connection = transaction.connection
            with _translated():
                await _to_the_end(connection.run_sync(migrations.upgrade))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """One transaction around all store calls of this task in the block: ports.Transactions.

        A nested block joins; if it fails, all of it fails, whatever the outer block makes of the exception.
        A task that is started inside is not part of it: its calls wait until the transaction is over.
        Awaiting such a task inside the block therefore fails with StorageError once patience is over.
        """
        async with self.writing() as transaction:
            try:
                yield
            except BaseException:
                transaction.failed = True
                raise

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """The task's transaction, or one of its own that is committed when the block ends."""
        task = asyncio.current_task()
        assert task is not None
        if task in self._transactions:
            yield self._transactions[task]
            return
        async with self._begin(self._writers) as transaction:
            self._transactions[task] = transaction
            try:
                yield transaction
            finally:
                del self._transactions[task]

    async def run(self, statement: sa.Executable, **values: object) -> int:
        """One statement that is a transaction by itself, or part of the task's; how many rows it changed.

        SQLite needs no word before and after it.
        """
        task = asyncio.current_task()
        assert task is not None
        if task in self._transactions:
            return await self._transactions[task].run(statement, **values)
        if self._commits_by_itself:
            async with self._turn(self._writers):
                with _translated():
                    return await _to_the_end(_run_alone(self._reading_engine, statement, values))
        async with self._begin(self._writers) as transaction:
            return await transaction.run(statement, **values)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """The task's transaction; else every statement sees what is committed then.

        On a SQLite file it waits for no writer.
        """
        task = asyncio.current_task()
        assert task is not None
        if task in self._transactions:
            yield self._transactions[task]
            return
        async with self._begin(self._readers, reading=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def _begin(self, turns: asyncio.Semaphore, *, reading: bool = False) -> AsyncIterator[Transaction]:
        async with self._turn(turns):
            connection = (self._reading_engine if reading else self._engine).connect()
            try:
                with _translated(self._engine.url):
                    await _to_the_end(_start(connection, reading=reading))
                transaction = Transaction(connection)
                yield transaction
                if transaction.failed:
                    raise errors.StorageError("Part of this transaction failed: nothing of it was kept.")
                if not reading:
                    with _translated():
                        await _to_the_end(_finish(connection))
            finally:
                # Rolls back whatever was not committed.
                if connection.sync_connection is not None and not connection.closed:
                    with _translated():
                        await _to_the_end(connection.close())

    @asynccontextmanager
    async def _turn(self, turns: asyncio.Semaphore) -> AsyncIterator[None]:
        try:
            # Mostly there is no waiting, and so nothing to be timed.
            async with asyncio.timeout(self._patience.total_seconds() if turns.locked() else None):
                await turns.acquire()
        except TimeoutError as exc:
            raise errors.StorageError("The database is busy.") from exc
        try:
            yield
        finally:
            turns.release()


async def migrate(url: str) -> None:
    """Bring a database to the newest revision; safe to repeat."""
    async with Database.open(url) as database:
        await database.migrate()


async def _start(connection: AsyncConnection, *, reading: bool) -> None:
    await connection.start()
    if not reading:
        await connection.begin()


async def _run_alone(engine: AsyncEngine, statement: sa.Executable, values: Mapping[str, object]) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(statement, values or None)).rowcount


async def _finish(connection: AsyncConnection) -> None:
    await connection.commit()
    await connection.close()


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await it to its end even while being cancelled, and only then be cancelled."""
    task = asyncio.create_task(work, name=WORK)  # noqa: TID251 - awaited right here; only a task survives our cancellation
    interruption: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as exc:
            interruption = exc
    if interruption is not None:
        # Its failure, if it failed, is of no interest any more; asking for it keeps asyncio from warning.
        if not task.cancelled():
            task.exception()
        raise interruption
    return task.result()


@contextmanager
def _translated(connecting_to: sa.URL | None = None) -> Iterator[None]:
    try:
        yield
    except _THEIRS as exc:
        why = refusals.explain(exc, connecting_to) if connecting_to is not None else None
        told = why or f"The database did not do what was asked ({type(exc).__name__})."
        raise errors.StorageError(told) from exc


def _first(row: sa.Row[Any]) -> Any:
    return row[0]
