"""What the stand-ins must not forget when killed: JSON values under (space, key), in one SQLite file.

Everything stays in memory as well; the file is read once, at start. Without a file nothing is kept.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
    space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (space, key)
) WITHOUT ROWID
"""


class Store:
    """Writes are collected and become durable together when the outermost `unit` ends.

    Durable means: survives `kill -9` of this process, not the loss of power.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._database: sqlite3.Connection | None = None
        self._pending: dict[tuple[str, str], str | None] = {}
        self._depth = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_SCHEMA)

    def load(self, space: str) -> dict[str, Any]:
        """Everything that was kept under a space, by key in ascending order."""
        if self._database is None:
            return {}
        rows = self._database.execute("SELECT key, value FROM kept WHERE space = ? ORDER BY key", (space,))
        return {key: json.loads(value) for key, value in rows}

    def put(self, space: str, key: str, value: Any) -> None:
        self._write(space, key, json.dumps(value))

    def drop(self, space: str, key: str) -> None:
        self._write(space, key, None)

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Everything put or dropped inside becomes durable together; units may be nested.

        An exception does not undo the writes: they describe what has already happened to the ledger.
        """
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._commit()

    def close(self) -> None:
        if self._database is not None:
            self._commit()
            self._database.close()
            self._database = None

    def _write(self, space: str, key: str, value: str | None) -> None:
        if self._database is None:
            return
        self._pending[space, key] = value
        if not self._depth:
            self._commit()

    def _commit(self) -> None:
        if self._database is None or not self._pending:
            return
        kept = [(*where, value) for where, value in self._pending.items() if value is not None]
        gone = [where for where, value in self._pending.items() if value is None]
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", kept)
        self._database.executemany("DELETE FROM kept WHERE space = ? AND key = ?", gone)
        self._database.execute("COMMIT")
        self._pending.clear()
