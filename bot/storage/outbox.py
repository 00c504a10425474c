"""The outbox: notices queued once, handed out in order per person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain import notices
from bot.ports import Outgoing
from bot.storage import database
from bot.storage.schema import UNSENT, outbox


class SqlOutbox:
    """ports.Outbox."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def add(self, user_id: int, notice: notices.Notice, dedupe: str, now: datetime) -> bool:
        values = {
            "user_id": user_id,
            "dedupe": dedupe,
            "notice": notices.to_json(notice),
            "state": Outgoing.PENDING,
            "attempts": 0,
            "possible_repeat": False,
            "not_before": now,
            "created_at": now,
        }
        async with self._db.writing() as tx:
            return await tx.add(outbox, values, unless=["user_id", "dedupe"])

    async def claim(
        self, now: datetime, limit: int, busy: Collection[int], people: int | None = None
    ) -> list[list[ports.OutboxMessage]]:
        """At most `limit` messages in all, oldest first; a person's later ones come with a later claim.

        A message that waits for its retry, or is being sent, holds back every later one of its person.
        Call it outside of any transaction, or nothing is committed when it returns.
        """
        turns = _whose_turn(now, busy).limit(limit if people is None else min(people, limit))
        async with self._db.writing() as tx:
            # Two processes that claim at once could each get a half of one person's messages.
            await tx.serialise("outbox")
            chosen = await tx.fetch(turns, lambda row: int(row.user_id))
            if not chosen:
                return []
            take = sa.update(outbox).where(outbox.c.id.in_(_due_of(chosen, now).limit(limit)))
            taken = await tx.fetch(
                take.values(state=Outgoing.SENDING, attempts=outbox.c.attempts + 1).returning(outbox),
                _message,
            )
        batches: dict[int, list[ports.OutboxMessage]] = {}
        for message in sorted(taken, key=lambda message: message.id):
            batches.setdefault(message.user_id, []).append(message)
        return list(batches.values())

    async def recover(self) -> int:
        change = sa.update(outbox).where(outbox.c.state == Outgoing.SENDING)
        async with self._db.writing() as tx:
            return await tx.run(change.values(state=Outgoing.PENDING, possible_repeat=True))

    async def record_sent(self, ids: Collection[int], message_id: int, now: datetime) -> None:
        change = sa.update(outbox).where(outbox.c.id.in_(ids))
        async with self._db.writing() as tx:
            await tx.run(change.values(state=Outgoing.SENT, message_id=message_id, sent_at=now))

    async def record_retry(
        self, ids: Collection[int], not_before: datetime, *, possible_repeat: bool
    ) -> None:
        """Only what is being sent; once a message may be a repeat, it stays one."""
        change = sa.update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == Outgoing.SENDING)
        values: dict[str, Any] = {"state": Outgoing.PENDING, "not_before": not_before}
        if possible_repeat:
            values["possible_repeat"] = True
        async with self._db.writing() as tx:
            await tx.run(change.values(values))

    async def record_dead(self, ids: Collection[int], reason: str) -> None:
        change = sa.update(outbox).where(outbox.c.id.in_(ids), outbox.c.state != Outgoing.SENT)
        async with self._db.writing() as tx:
            await tx.run(change.values(state=Outgoing.DEAD, reason=reason))

    async def hold(self, user_id: int) -> None:
        change = sa.update(outbox).where(outbox.c.user_id == user_id, UNSENT)
        async with self._db.writing() as tx:
            await tx.run(change.values(state=Outgoing.HELD))

    async def release(self, user_id: int) -> int:
        change = sa.update(outbox).where(outbox.c.user_id == user_id, outbox.c.state == Outgoing.HELD)
        async with self._db.writing() as tx:
            return await tx.run(change.values(state=Outgoing.PENDING))

    async def counts(self) -> dict[Outgoing, int]:
        rows = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        async with self._db.reading() as tx:
            found = dict(await tx.fetch(rows, tuple))
        return {state: found.get(state, 0) for state in Outgoing}


def _is_due(rows: sa.FromClause, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(rows.c.state == Outgoing.PENDING, rows.c.not_before <= now)


def _whose_turn(now: datetime, busy: Collection[int]) -> sa.Select[tuple[int]]:
    """People whose first unsent message is due, in the order of those messages.

    Read along the index of what is unsent, and no further than asked for: however long the queue is.
    """
    theirs = outbox.alias("theirs")
    first = (
        sa.select(theirs.c.id)
        .where(sa.text("theirs.state IN (0, 1)"), theirs.c.user_id == outbox.c.user_id)
        .order_by(theirs.c.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = sa.select(outbox.c.user_id).where(
        sa.text("outbox.state IN (0, 1)"),
        _is_due(outbox, now),
        outbox.c.user_id.not_in(busy),
        outbox.c.id == first,
    )
    return rows.order_by(outbox.c.id)


def _due_of(people: Collection[int], now: datetime) -> sa.Select[tuple[int]]:
    """Ids of these people's messages up to the first of each that is not to be sent now."""
    waits = sa.case((_is_due(outbox, now), 0), else_=1)
    ahead = sa.func.sum(waits).over(partition_by=outbox.c.user_id, order_by=outbox.c.id)
    queue = sa.select(outbox.c.id, ahead.label("ahead")).where(UNSENT, outbox.c.user_id.in_(people))
    rows = queue.subquery()
    return sa.select(rows.c.id).where(rows.c.ahead == 0).order_by(rows.c.id)


def _message(row: sa.Row[Any]) -> ports.OutboxMessage:
    return ports.OutboxMessage(
        id=row.id,
        user_id=row.user_id,
        notice=notices.from_json(row.notice),
        attempts=row.attempts,
        possible_repeat=row.possible_repeat,
        created_at=row.created_at,
    )
