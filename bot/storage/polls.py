"""When each address is next worth a look. Survives a restart, so nothing starts over."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.storage import database
from bot.storage.schema import polls, wallets

_WANTED = sa.exists().where(wallets.c.pubkey == polls.c.owner)


class SqlPollStore:
    """ports.PollStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def ensure(self, owner: str, due_at: datetime) -> None:
        """An address that is known keeps its own time."""
        async with self._db.writing() as tx:
            await tx.add(polls, {"owner": owner, "due_at": due_at, "failures": 0}, unless=["owner"])

    async def take_due(self, now: datetime, limit: int) -> list[ports.PollTarget]:
        """Changes nothing: an address stays due until its outcome is recorded."""
        rows = sa.select(polls).where(polls.c.due_at <= now, _WANTED)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.order_by(polls.c.due_at, polls.c.owner).limit(limit), _target)

    async def next_due_at(self) -> datetime | None:
        async with self._db.reading() as tx:
            rows = sa.select(polls.c.due_at).where(_WANTED).order_by(polls.c.due_at).limit(1)
            return await tx.find(rows, lambda row: row.due_at)

    async def record_ok(self, owner: str, now: datetime, next_due_at: datetime) -> None:
        async with self._db.writing() as tx:
            values = {"owner": owner, "due_at": next_due_at, "last_ok_at": now, "failures": 0}
            await tx.upsert(polls, values, key=["owner"])

    async def record_failure(self, owner: str, next_due_at: datetime) -> None:
        change = sa.update(polls).where(polls.c.owner == owner)
        async with self._db.writing() as tx:
            await tx.run(change.values(due_at=next_due_at, failures=polls.c.failures + 1))

    async def find(self, owner: str) -> ports.PollTarget | None:
        async with self._db.reading() as tx:
            return await tx.find(sa.select(polls).where(polls.c.owner == owner), _target)

    async def oldest_ok(self) -> datetime | None:
        """Of addresses that somebody has and that were ever looked at."""
        rows = sa.select(polls.c.last_ok_at).where(_WANTED, polls.c.last_ok_at.is_not(None))
        async with self._db.reading() as tx:
            return await tx.find(rows.order_by(polls.c.last_ok_at).limit(1), lambda row: row.last_ok_at)


def _target(row: sa.Row[Any]) -> ports.PollTarget:
    return ports.PollTarget(
        owner=row.owner, due_at=row.due_at, last_ok_at=row.last_ok_at, failures=row.failures
    )
