"""When each address is next worth a look. Survives a restart, so nothing starts over."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain.orders import Status
from bot.storage import database
from bot.storage.schema import order_numbers, orders, polls, wallets

_WANTED = sa.exists().where(wallets.c.pubkey == polls.c.owner)


class SqlPollStore:
    """ports.PollStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def ensure(self, owner: str, due_at: datetime) -> None:
        """An address that is known keeps its own time."""
        values = {"owner": owner, "due_at": due_at, "wanted_at": due_at, "failures": 0}
        async with self._db.writing() as tx:
            await tx.add(polls, values, unless=["owner"])

    async def take_due(self, now: datetime, limit: int, *, sweeps: bool = False) -> list[ports.PollTarget]:
        """Changes nothing: an address stays due until its outcome is recorded."""
        at = polls.c.sweep_at if sweeps else polls.c.due_at
        rows = sa.select(polls).where(at <= now, _WANTED).order_by(at, polls.c.owner).limit(limit)
        async with self._db.reading() as tx:
            return await tx.fetch(rows, _target)

    async def next_due_at(self) -> datetime | None:
        """Of fills and sweeps."""
        moments = []
        async with self._db.reading() as tx:
            for at in (polls.c.due_at, polls.c.sweep_at):
                rows = sa.select(at).where(at.is_not(None), _WANTED).order_by(at).limit(1)
                moments += await tx.fetch(rows, lambda row: row[0])
        return min(moments, default=None)

    async def record_ok(
        self,
        owner: str,
        now: datetime,
        due_at: datetime | None,
        *,
        sweep_at: datetime | None = None,
        history_at: datetime | None = None,
    ) -> None:
        values = {
            "owner": owner,
            "due_at": due_at,
            "sweep_at": sweep_at,
            "wanted_at": due_at or sweep_at,
            "last_ok_at": now,
            "history_at": history_at,
            "failures": 0,
        }
        async with self._db.writing() as tx:
            await tx.upsert(polls, values, key=["owner"])

    async def record_whole(self, owner: str, now: datetime) -> None:
        await self._db.run(sa.update(polls).where(polls.c.owner == owner).values(whole_at=now))

    async def record_failure(self, owner: str, not_before: datetime) -> None:
        later = {
            at.name: sa.case((at < not_before, sa.literal(not_before, at.type)), else_=at)
            for at in (polls.c.due_at, polls.c.sweep_at)
        }
        change = sa.update(polls).where(polls.c.owner == owner)
        async with self._db.writing() as tx:
            await tx.run(change.values(failures=polls.c.failures + 1, **later))

    async def find(self, owner: str) -> ports.PollTarget | None:
        async with self._db.reading() as tx:
            return await tx.find(_OF_OWNER, _target, owner=owner)

    async def count(self) -> int:
        rows = sa.select(sa.func.count()).select_from(polls).where(_WANTED)
        async with self._db.reading() as tx:
            return await tx.find(rows, lambda row: int(row[0])) or 0

    async def wanted_since(self) -> datetime | None:
        waits = sa.or_(polls.c.due_at.is_not(None), polls.c.failures > 0)
        rows = sa.select(polls.c.wanted_at).where(_WANTED, polls.c.last_ok_at.is_not(None), waits)
        async with self._db.reading() as tx:
            return await tx.find(rows.order_by(polls.c.wanted_at).limit(1), lambda row: row.wanted_at)

    async def list_stale(self, before: datetime, *, unmuted: bool = False) -> dict[int, datetime]:
        since = sa.func.min(polls.c.wanted_at)
        rows = (
            sa.select(wallets.c.user_id, since.label("since"))
            .join(polls, polls.c.owner == wallets.c.pubkey)
            .where(polls.c.wanted_at < before, polls.c.due_at.is_not(None), polls.c.last_ok_at.is_not(None))
            .group_by(wallets.c.user_id)
        )
        if unmuted:
            rows = rows.where(_HEARD)
        async with self._db.reading() as tx:
            return dict(await tx.fetch(rows, lambda row: (row.user_id, row.since)))

    async def last_look_at(self, user_id: int) -> datetime | None:
        theirs = sa.select(wallets.c.pubkey).where(wallets.c.user_id == user_id)
        rows = sa.select(polls.c.last_ok_at).where(polls.c.owner.in_(theirs), polls.c.last_ok_at.is_not(None))
        async with self._db.reading() as tx:
            return await tx.find(
                rows.order_by(polls.c.last_ok_at.desc()).limit(1), lambda row: row.last_ok_at
            )


_OF_OWNER = sa.select(polls).where(polls.c.owner == sa.bindparam("owner"))
_HEARD = (
    sa.exists()
    .where(order_numbers.c.user_id == wallets.c.user_id, order_numbers.c.owner == wallets.c.pubkey)
    .where(orders.c.owner == order_numbers.c.owner, orders.c.key == order_numbers.c.key)
    .where(orders.c.status == Status.ACTIVE, ~order_numbers.c.muted)
)
"""Some active order of the wallet is one that its person wants to hear of."""


def _target(row: sa.Row[Any]) -> ports.PollTarget:
    return ports.PollTarget(
        owner=row.owner,
        due_at=row.due_at,
        last_ok_at=row.last_ok_at,
        failures=row.failures,
        sweep_at=row.sweep_at,
        history_at=row.history_at,
        whole_at=row.whole_at,
    )
