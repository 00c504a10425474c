"""SQLite's connections, with one trip to their thread per statement.

aiosqlite makes four: a cursor, the statement, its rows, the end of the cursor. Each costs more than a small
statement itself.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import aiosqlite

_CHUNK = 64
"""aiosqlite's own default; nothing here is read in chunks."""


class Cursor:
    """What SQLAlchemy asks of an aiosqlite cursor. Rows are in memory when `execute` returns."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """It is closed since it was executed."""

    async def __aenter__(self) -> Self:
        return self

    async def _run(self, work: Callable[[sqlite3.Cursor], object]) -> Self:
        def run(cursor: sqlite3.Cursor) -> list[Any]:
            try:
                work(cursor)
                self.description = cursor.description
                rows = cursor.fetchall() if cursor.description else []
                self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
                return rows
            finally:
                cursor.close()

        self._rows = await self._connection.run(run)
        return self


class Connection(aiosqlite.Connection):
    def cursor(self) -> Cursor:  # type: ignore[override]  # no awaiting: it is opened with its statement
        return Cursor(self)

    async def commit(self) -> None:
        """No trip where nothing was begun."""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """No trip where nothing was begun."""
        if self.in_transaction:
            await super().rollback()

    async def run(self, work: Callable[[sqlite3.Cursor], list[Any]]) -> list[Any]:
        """Do it with a fresh cursor, in the connection's own thread."""
        running = self._execute(lambda: work(self._conn.cursor()))  # type: ignore[no-untyped-call]  # its own
        rows: list[Any] = await running
        return rows


async def connect(file: Path | None) -> Connection:
    """Open a file, or a database in memory."""
    name = ":memory:" if file is None else str(file)
    connection = Connection(lambda: sqlite3.connect(name, check_same_thread=False), _CHUNK)
    # As SQLAlchemy does it: a process that dies does not wait for it.
    connection._thread.daemon = True
    return await connection  # type: ignore[return-value]  # aiosqlite says Connection, not Self
