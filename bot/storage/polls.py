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
        values = {"owner": owner, "due_at": due_at, "wanted_at": due_at, "failures": 0, "sweep": False}
        async with self._db.writing() as tx:
            await tx.add(polls, values, unless=["owner"])

    async def take_due(self, now: datetime, limit: int, *, sweeps: bool = False) -> list[ports.PollTarget]:
        """Changes nothing: an address stays due until its outcome is recorded."""
        rows = sa.select(polls).where(polls.c.sweep == sa.literal(sweeps), polls.c.due_at <= now, _WANTED)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.order_by(polls.c.due_at, polls.c.owner).limit(limit), _target)

    async def next_due_at(self) -> datetime | None:
        async with self._db.reading() as tx:
            rows = sa.select(polls.c.due_at).where(_WANTED).order_by(polls.c.due_at).limit(1)
            return await tx.find(rows, lambda row: row.due_at)

    async def record_ok(
        self,
        owner: str,
        now: datetime,
        next_due_at: datetime,
        *,
        sweep: bool = False,
        history_at: datetime | None = None,
    ) -> None:
        values = {"owner": owner, "due_at": next_due_at, "wanted_at": next_due_at, "last_ok_at": now}
        known = {} if history_at is None else {"history_at": history_at}
        async with self._db.writing() as tx:
            await tx.upsert(polls, {**values, **known, "failures": 0, "sweep": sweep}, key=["owner"])

    async def record_failure(self, owner: str, next_due_at: datetime) -> None:
        change = sa.update(polls).where(polls.c.owner == owner)
        async with self._db.writing() as tx:
            await tx.run(change.values(due_at=next_due_at, failures=polls.c.failures + 1))

    async def find(self, owner: str) -> ports.PollTarget | None:
        async with self._db.reading() as tx:
            return await tx.find(sa.select(polls).where(polls.c.owner == owner), _target)

    async def count(self) -> int:
        rows = sa.select(sa.func.count()).select_from(polls).where(_WANTED)
        async with self._db.reading() as tx:
            return await tx.find(rows, lambda row: int(row[0])) or 0

    async def wanted_since(self) -> datetime | None:
        waits = sa.or_(polls.c.sweep == sa.false(), polls.c.failures > 0)
        rows = sa.select(polls.c.wanted_at).where(_WANTED, polls.c.last_ok_at.is_not(None), waits)
        async with self._db.reading() as tx:
            return await tx.find(rows.order_by(polls.c.wanted_at).limit(1), lambda row: row.wanted_at)


def _target(row: sa.Row[Any]) -> ports.PollTarget:
    return ports.PollTarget(
        owner=row.owner,
        due_at=row.due_at,
        last_ok_at=row.last_ok_at,
        failures=row.failures,
        sweep=row.sweep,
        history_at=row.history_at,
    )
