"""Confirmations: pending until exactly one of used, cancelled or expired."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain import intents
from bot.storage import database
from bot.storage.schema import confirmations

_PENDING = confirmations.c.state == "pending"
_MOST_EXPIRED = 100


class SqlConfirmationStore:
    """ports.ConfirmationStore. Every way out of `pending` is one UPDATE that asks for it: one wins."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def add(self, confirmation: ports.Confirmation) -> None:
        fresh = sa.insert(confirmations).values(
            token=confirmation.token,
            state="pending",
            user_id=confirmation.user_id,
            chat_id=confirmation.chat_id,
            message_id=confirmation.message_id,
            intent=intents.to_json(confirmation.intent),
            limits=asdict(confirmation.limits),
            submit_via=confirmation.submit_via,
            expires_at=confirmation.expires_at,
        )
        async with self._db.writing() as tx:
            await tx.run(fresh)

    async def attach_message(self, token: str, message_id: int) -> None:
        change = sa.update(confirmations).where(confirmations.c.token == token, _PENDING)
        async with self._db.writing() as tx:
            await tx.run(change.values(message_id=message_id))

    async def consume(
        self, token: str, user_id: int, chat_id: int, message_id: int, now: datetime
    ) -> ports.Confirmation | None:
        claim = (
            sa.update(confirmations)
            .where(
                confirmations.c.token == token,
                confirmations.c.user_id == user_id,
                confirmations.c.chat_id == chat_id,
                confirmations.c.message_id == message_id,
                confirmations.c.expires_at > now,
                _PENDING,
            )
            .values(state="consumed")
            .returning(confirmations)
        )
        async with self._db.writing() as tx:
            return await tx.find(claim, _confirmation)

    async def cancel(self, token: str, user_id: int) -> bool:
        change = sa.update(confirmations).where(
            confirmations.c.token == token, confirmations.c.user_id == user_id, _PENDING
        )
        async with self._db.writing() as tx:
            return await tx.run(change.values(state="cancelled")) == 1

    async def list_expired(self, now: datetime) -> list[ports.Confirmation]:
        late = (
            sa.select(confirmations)
            .where(confirmations.c.expires_at <= now, _PENDING)
            .order_by(confirmations.c.expires_at)
            .limit(_MOST_EXPIRED)
        )
        async with self._db.reading() as tx:
            return await tx.fetch(late, _confirmation)

    async def record_expired(self, token: str) -> None:
        change = sa.update(confirmations).where(confirmations.c.token == token, _PENDING)
        async with self._db.writing() as tx:
            await tx.run(change.values(state="expired"))


def _confirmation(row: sa.Row[Any]) -> ports.Confirmation:
    return ports.Confirmation(
        token=row.token,
        user_id=row.user_id,
        chat_id=row.chat_id,
        message_id=row.message_id,
        intent=intents.from_json(row.intent),
        limits=intents.Limits(**row.limits),
        submit_via=row.submit_via,
        expires_at=row.expires_at,
    )
