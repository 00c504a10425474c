"""The outbox: notices queued once, handed out in order per person."""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain import notices
from bot.ports import Outgoing
from bot.storage import database
from bot.storage import outbox_statements as statements
from bot.storage.schema import PLANNED, UNSENT, outbox

_LOG = logging.getLogger(__name__)


class SqlOutbox:
    """ports.Outbox."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def add(
        self,
        user_id: int,
        notice: notices.Notice,
        dedupe: str,
        now: datetime,
        *,
        hold_until: datetime | None = None,
    ) -> bool:
        values = {
            "user_id": user_id,
            "dedupe": dedupe,
            "notice": notices.to_json(notice),
            "state": Outgoing.PLANNED if hold_until else Outgoing.PENDING,
            "attempts": 0,
            "possible_repeat": False,
            "not_before": hold_until or now,
            "created_at": now,
        }
        async with self._db.writing() as tx:
            return await tx.add(outbox, values, unless=["user_id", "dedupe"])

    async def claim(
        self, now: datetime, limit: int, busy: Collection[int], people: int | None = None
    ) -> list[list[ports.OutboxMessage]]:
        """What the limit cuts off comes with a later claim.

        A message that waits for its retry, or is being sent, holds back every later one of its person.
        Call it outside of any transaction, or nothing is committed when it returns.
        """
        most = limit if people is None else min(people, limit)
        async with self._db.writing() as tx:
            # Two processes that claim at once could each get a half of one person's messages.
            await tx.serialise("outbox")
            chosen = await tx.fetch(
                statements.WHOSE_TURN, lambda row: int(row.user_id), now=now, busy=list(busy), most=most
            )
            if not chosen:
                return []
            rows = await tx.fetch(statements.TAKE, _message, now=now, people=chosen, most=limit)
            taken = [row for row in rows if isinstance(row, ports.OutboxMessage)]
            if unreadable := [row for row in rows if isinstance(row, int)]:
                # By a later version perhaps: with it in the way, nobody would be told anything.
                _LOG.error("notices that cannot be read are given up: %s", unreadable)
                await self.record_dead(unreadable, "it cannot be read")
        batches: dict[int, list[ports.OutboxMessage]] = {}
        for message in sorted(taken, key=lambda message: message.id):
            batches.setdefault(message.user_id, []).append(message)
        return list(batches.values())

    async def release_planned(self, now: datetime) -> int:
        async with self._db.writing() as tx:
            await tx.serialise("outbox")
            return await tx.run(statements.RELEASE_PLANNED, now=now)

    async def replan(self, user_id: int, now: datetime, until: datetime) -> int:
        change = sa.update(outbox).where(PLANNED, outbox.c.user_id == user_id, outbox.c.not_before > now)
        async with self._db.writing() as tx:
            await tx.serialise("outbox")
            return await tx.run(change.values(not_before=until))

    async def find_planned(self, user_id: int) -> ports.Planned:
        rows = sa.select(sa.func.count(), sa.func.min(outbox.c.not_before))
        async with self._db.reading() as tx:
            found = await tx.fetch(rows.where(PLANNED, outbox.c.user_id == user_id), tuple)
        return ports.Planned(*found[0])

    async def recover(self) -> int:
        change = sa.update(outbox).where(outbox.c.state == Outgoing.SENDING)
        async with self._db.writing() as tx:
            return await tx.run(change.values(state=Outgoing.PENDING, possible_repeat=True))

    async def record_sent(self, sent: Collection[ports.Sent]) -> None:
        if len(sent) == 1:
            await self._record_sent(self._db, *sent)
            return
        async with self._db.writing() as tx:
            for each in sent:
                await self._record_sent(tx, each)

    async def _record_sent(self, run: database.Database | database.Transaction, sent: ports.Sent) -> None:
        await run.run(statements.SENT, ids=list(sent.ids), telegram_id=sent.message_id, now=sent.at)

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

    async def count_unsent(self, user_id: int) -> int:
        rows = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.user_id == user_id, UNSENT)
        async with self._db.reading() as tx:
            return await tx.find(rows, lambda row: int(row[0])) or 0


def _message(row: sa.Row[Any]) -> ports.OutboxMessage | int:
    """The id of a row that holds no notice."""
    try:
        notice = notices.from_json(row.notice)
    except (KeyError, TypeError, ValueError, AttributeError):
        return int(row.id)
    return ports.OutboxMessage(
        id=row.id,
        user_id=row.user_id,
        notice=notice,
        attempts=row.attempts,
        possible_repeat=row.possible_repeat,
        created_at=row.created_at,
    )
