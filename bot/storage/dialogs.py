"""What people are in the middle of."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.storage import database
from bot.storage.schema import dialogs


class SqlDialogStore:
    """ports.DialogStore. A dialog is anything that JSON can say."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def find(self, user_id: int) -> dict[str, Any] | None:
        async with self._db.reading() as tx:
            rows = sa.select(dialogs.c.dialog).where(dialogs.c.user_id == user_id)
            return await tx.find(rows, lambda row: dict(row.dialog))

    async def record(self, user_id: int, dialog: Mapping[str, Any]) -> None:
        async with self._db.writing() as tx:
            await tx.upsert(dialogs, {"user_id": user_id, "dialog": dict(dialog)}, key=["user_id"])

    async def clear(self, user_id: int) -> None:
        async with self._db.writing() as tx:
            await tx.run(sa.delete(dialogs).where(dialogs.c.user_id == user_id))
