"""One engine per database URL: files, pragmas, pools. The only place that knows what SQLite alone needs."""

import functools
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot import errors
from bot.storage import driver

READERS = 4
"""Reads of a SQLite file at once, beside the one that writes."""
POSTGRES_CONNECTIONS = 10

_BUSY = timedelta(seconds=10)
"""How long SQLite waits for another process; inside this one, turns are taken before it is asked."""
_CONNECT_TIMEOUT_S = 10
_STATEMENT_TIMEOUT_S = 30

_DRIVERS = {
    "sqlite": ("sqlite+aiosqlite", frozenset[str]()),
    "postgresql": ("postgresql+asyncpg", frozenset({"schema", "sslmode"})),
    "postgres": ("postgresql+asyncpg", frozenset({"schema", "sslmode"})),
}

READING = "bot_reading"
"""Execution option of a connection that will only read: it takes no write lock on SQLite."""


def parse_url(url: str) -> sa.URL:
    """Read a database URL and choose its async driver. Raises ConfigurationError.

    `sqlite:///file`, `sqlite://` (in memory) and `postgresql://…`, each with or without its driver's name;
    for PostgreSQL with the options `schema` (where the tables live) and `sslmode` (as libpq has it).
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        # Neither the URL nor what the parser says of it: both may hold a password.
        raise errors.ConfigurationError("DATABASE_URL is not a database URL.") from None
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise errors.ConfigurationError("DATABASE_URL must start with sqlite:/// or postgresql://.")
    driver, options = _DRIVERS[backend]
    if unknown := sorted(set(parsed.query) - options):
        raise errors.ConfigurationError(f"DATABASE_URL: there is no option {unknown[0]}.")
    return parsed.set(drivername=driver)


def find_file(url: sa.URL) -> Path | None:
    """The file of a SQLite URL; None in memory and for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def prepare_file(file: Path) -> None:
    """Make the file and its folder, for this account only; what is there already keeps its mode.

    SQLite gives its write-ahead log the mode of the file.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def build_engine(url: sa.URL) -> AsyncEngine:
    """An engine for a URL from `parse_url`. Its errors hide the values of statements."""
    if url.get_backend_name() == "sqlite":
        # One more than there are turns to take, so that the pool itself never makes anybody wait.
        file = find_file(url)
        # Every transaction here is ended by who began it: the pool need not roll back once more.
        sizes = {"pool_size": READERS + 1, "max_overflow": 0, "pool_reset_on_return": None}
        pool: dict[str, Any] = {} if file is None else sizes
        engine = create_async_engine(
            url, hide_parameters=True, async_creator=functools.partial(driver.connect, file), **pool
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    arguments: dict[str, Any] = {"timeout": _CONNECT_TIMEOUT_S, "command_timeout": _STATEMENT_TIMEOUT_S}
    if schema := url.query.get("schema"):
        arguments["server_settings"] = {"search_path": schema}
    if sslmode := url.query.get("sslmode"):
        arguments["ssl"] = sslmode
    return create_async_engine(
        url.set(query={}),
        hide_parameters=True,
        connect_args=arguments,
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        # A server that was restarted must not cost an error per pooled connection.
        pool_pre_ping=True,
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: it would begin them too late, and deferred.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in (
            f"busy_timeout = {_BUSY // timedelta(milliseconds=1)}",
            "journal_mode = WAL",
            # A commit survives a power cut: what was recorded before a request left is there after it.
            "synchronous = FULL",
            "foreign_keys = ON",
            # A removed key is overwritten, not just unlinked.
            "secure_delete = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A statement that reads is a snapshot by itself. IMMEDIATE: a transaction that reads first and writes
    # later would fail in the middle, busy, if it had to become a writer then.
    if not connection.get_execution_options().get(READING, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
