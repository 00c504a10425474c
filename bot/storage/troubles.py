"""Troubles that are not over: a row lasts from when somebody was told until they are told the end."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.storage import database
from bot.storage.schema import troubles


class SqlTroubleStore:
    """ports.TroubleStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def begin(self, topic: str, subject: str, now: datetime) -> bool:
        values = {"topic": topic, "subject": subject, "since": now}
        async with self._db.writing() as tx:
            return await tx.add(troubles, values, unless=["topic", "subject"])

    async def end(self, topic: str, subject: str) -> datetime | None:
        gone = sa.delete(troubles).where(troubles.c.topic == topic, troubles.c.subject == subject)
        async with self._db.writing() as tx:
            return await tx.find(gone.returning(troubles.c.since), lambda row: row.since)

    async def list_open(self, topic: str | None = None) -> list[ports.Trouble]:
        rows = sa.select(troubles).order_by(troubles.c.since, troubles.c.topic, troubles.c.subject)
        async with self._db.reading() as tx:
            return await tx.fetch(rows if topic is None else rows.where(troubles.c.topic == topic), _trouble)


def _trouble(row: sa.Row[Any]) -> ports.Trouble:
    return ports.Trouble(row.topic, row.subject, row.since)
