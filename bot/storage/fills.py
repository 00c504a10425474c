"""Fills: what was exchanged, once per owner, order and transaction."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain.fills import Fill
from bot.storage import database
from bot.storage.schema import fills

_OF_ORDER = (
    sa.select(fills)
    .where(fills.c.owner == sa.bindparam("owner"), fills.c.order_key == sa.bindparam("order_key"))
    .order_by(fills.c.confirmed_at, fills.c.id)
)


class SqlFillStore:
    """ports.FillStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def record(self, owner: str, fill: Fill, seen_at: datetime, usd: Decimal | None) -> bool:
        values = {field.name: getattr(fill, field.name) for field in fields(fill)}
        values |= {"owner": owner, "seen_at": seen_at, "usd": usd}
        async with self._db.writing() as tx:
            return await tx.add(fills, values, unless=["owner", "order_key", "signature"])

    async def list_of_order(self, owner: str, order_key: str) -> list[ports.KnownFill]:
        async with self._db.reading() as tx:
            return await tx.fetch(_OF_ORDER, _known, owner=owner, order_key=order_key)

    async def find(self, owner: str, order_key: str, signature: str) -> ports.KnownFill | None:
        rows = sa.select(fills).where(
            fills.c.owner == owner, fills.c.order_key == order_key, fills.c.signature == signature
        )
        async with self._db.reading() as tx:
            return await tx.find(rows, _known)

    async def latest(self, owners: Collection[str], limit: int, offset: int = 0) -> list[ports.KnownFill]:
        rows = sa.select(fills).where(fills.c.owner.in_(owners))
        newest_first = rows.order_by(fills.c.confirmed_at.desc(), fills.c.id.desc())
        async with self._db.reading() as tx:
            return await tx.fetch(newest_first.limit(limit).offset(offset), _known)


def _known(row: sa.Row[Any]) -> ports.KnownFill:
    values = {field.name: getattr(row, field.name) for field in fields(Fill)}
    return ports.KnownFill(fill=Fill(**values), seen_at=row.seen_at, usd=row.usd)
