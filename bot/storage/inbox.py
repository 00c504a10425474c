"""Updates from Telegram: their text until they are handled, then only their ids, then nothing."""

from typing import Any

import sqlalchemy as sa

from bot.storage import database
from bot.storage.schema import inbox

KEPT = 1_000
"""Newest ids that are remembered. Telegram repeats an update only until a later one was confirmed."""

_WAITING = inbox.c.payload.is_not(None)
# In words, because each dialect has an INSERT of its own; made once, because every tap waits for it.
_RECORD = sa.text(
    "INSERT INTO inbox (update_id, user_id, payload) VALUES (:update_id, :user_id, :payload)"
    " ON CONFLICT (update_id) DO NOTHING"
).bindparams(sa.bindparam("payload", type_=inbox.c.payload.type))
_HANDLED = (
    sa.update(inbox).where(inbox.c.update_id == sa.bindparam("handled")).values(payload=None, user_id=None)
)
_FORGET = sa.delete(inbox).where(
    inbox.c.seq <= sa.select(sa.func.max(inbox.c.seq)).scalar_subquery() - KEPT, ~_WAITING
)


class SqlInbox:
    """ports.Inbox.

    "Newest" is what came last, not what has the highest id: after a quiet week, Telegram goes on with any
    id (Bot API, Update.update_id).
    """

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def record(self, update_id: int, user_id: int | None, payload: str | None) -> bool:
        return bool(await self._db.run(_RECORD, update_id=update_id, user_id=user_id, payload=payload))

    async def list_unhandled(self) -> list[tuple[int, str]]:
        rows = sa.select(inbox.c.update_id, inbox.c.payload).where(_WAITING).order_by(inbox.c.seq)
        async with self._db.reading() as tx:
            return await tx.fetch(rows, _waiting)

    async def record_handled(self, update_id: int) -> None:
        """Forgets handled updates beyond the newest thousand, too."""
        async with self._db.writing() as tx:
            await tx.run(_HANDLED, handled=update_id)
            await tx.run(_FORGET)

    async def last_update_id(self) -> int | None:
        rows = sa.select(inbox.c.update_id).order_by(inbox.c.seq.desc()).limit(1)
        async with self._db.reading() as tx:
            return await tx.find(rows, lambda row: int(row.update_id))


def _waiting(row: sa.Row[Any]) -> tuple[int, str]:
    return row.update_id, row.payload
