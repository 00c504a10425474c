"""Durable timers. A finished job leaves no trace."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.storage import database
from bot.storage.schema import jobs


class SqlJobStore:
    """ports.JobStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def add(
        self, kind: str, user_id: int, chat_id: int, payload: Mapping[str, Any], due_at: datetime
    ) -> int:
        fresh = sa.insert(jobs).values(
            kind=kind, user_id=user_id, chat_id=chat_id, payload=dict(payload), due_at=due_at
        )
        async with self._db.writing() as tx:
            return (await tx.fetch(fresh.returning(jobs), _job))[0].id

    async def list_due(self, now: datetime, limit: int = 20) -> list[ports.Job]:
        """Longest overdue first."""
        rows = sa.select(jobs).where(jobs.c.due_at <= now).order_by(jobs.c.due_at, jobs.c.id)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.limit(limit), _job)

    async def list_of(self, user_id: int, kind: str) -> list[ports.Job]:
        rows = sa.select(jobs).where(jobs.c.user_id == user_id, jobs.c.kind == kind)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.order_by(jobs.c.due_at, jobs.c.id), _job)

    async def finish(self, job_id: int) -> bool:
        async with self._db.writing() as tx:
            return await tx.run(sa.delete(jobs).where(jobs.c.id == job_id)) == 1

    async def postpone(self, job_id: int, due_at: datetime) -> None:
        async with self._db.writing() as tx:
            await tx.run(sa.update(jobs).where(jobs.c.id == job_id).values(due_at=due_at))


def _job(row: sa.Row[Any]) -> ports.Job:
    return ports.Job(
        id=row.id,
        kind=row.kind,
        user_id=row.user_id,
        chat_id=row.chat_id,
        payload=row.payload,
        due_at=row.due_at,
    )
