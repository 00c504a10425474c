"""Confirmed actions, each step of which is a compare-and-set."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot import errors, ports
from bot.domain import intents
from bot.domain.actions import FINAL, NEXT, Action, Signed, State
from bot.storage import database
from bot.storage.schema import UNSETTLED, UNSHOWN, actions


class SqlActionStore:
    """ports.ActionStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def add(self, confirmation: ports.Confirmation, now: datetime) -> Action:
        """Raises StorageError when the confirmation is not stored, or became an action before."""
        intent = confirmation.intent
        fresh = sa.insert(actions).values(
            token=confirmation.token,
            user_id=confirmation.user_id,
            chat_id=confirmation.chat_id,
            message_id=confirmation.message_id,
            intent=intents.to_json(intent),
            limits=asdict(confirmation.limits),
            order_key=intents.order_of(intent),
            recipient=intent.to if isinstance(intent, intents.Send) else None,
            state=State.CONFIRMED,
            created_at=now,
            updated_at=now,
            submit_via=confirmation.submit_via,
            detail="",
        )
        async with self._db.writing() as tx:
            return (await tx.fetch(fresh.returning(actions), _action))[0]

    async def find(self, action_id: int) -> Action | None:
        async with self._db.reading() as tx:
            return await tx.find(sa.select(actions).where(actions.c.id == action_id), _action)

    async def list_unsettled(self) -> list[Action]:
        rows = sa.select(actions).where(UNSETTLED)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.order_by(actions.c.id), _action)

    async def list_unshown(self) -> list[Action]:
        rows = sa.select(actions).where(UNSHOWN)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.order_by(actions.c.id), _action)

    async def advance(
        self,
        action: Action,
        to: State,
        now: datetime,
        *,
        request_id: str | None = None,
        signed: Signed | None = None,
        last_valid_height: int | None = None,
        detail: str | None = None,
    ) -> Action:
        """SIGNED needs `signed` and `last_valid_height`, and only SIGNED takes `signed`."""
        if to not in NEXT.get(action.state, frozenset()):
            raise errors.StorageError(f"An action that is {action.state} cannot become {to}.")
        if (signed is not None) != (to is State.SIGNED):
            raise errors.StorageError("Signed bytes are recorded in the step to signed, and only there.")
        values: dict[str, Any] = {"state": to, "updated_at": now}
        given = {"request_id": request_id, "last_valid_height": last_valid_height, "detail": detail}
        values |= {name: value for name, value in given.items() if value is not None}
        if signed is not None:
            values |= {
                "signature": signed.signature,
                "blockhash": signed.blockhash,
                "signed_raw": signed.raw,
                "opened_order": signed.order,
            }
        if to in FINAL:
            values["signed_raw"] = None
        step = sa.update(actions).where(actions.c.id == action.id, actions.c.state == action.state)
        async with self._db.writing() as tx:
            after = await tx.find(step.values(values).returning(actions), _action)
        if after is None:
            raise errors.StorageError(f"Action {action.id} is not {action.state} any more.")
        return after

    async def record_shown(self, action_id: int, state: State) -> None:
        async with self._db.writing() as tx:
            await tx.run(sa.update(actions).where(actions.c.id == action_id).values(shown=state))

    async def list_of_order(self, user_id: int, order_key: str) -> list[Action]:
        """Oldest first; the create that opened the order included."""
        about = sa.or_(actions.c.order_key == order_key, actions.c.opened_order == order_key)
        rows = sa.select(actions).where(actions.c.user_id == user_id, about)
        async with self._db.reading() as tx:
            return await tx.fetch(rows.order_by(actions.c.id), _action)

    async def sent_to(self, user_id: int, address: str) -> bool:
        rows = sa.select(actions.c.id).where(
            actions.c.user_id == user_id, actions.c.recipient == address, actions.c.state == State.LANDED
        )
        async with self._db.reading() as tx:
            return bool(await tx.fetch(rows.limit(1), tuple))


def _action(row: sa.Row[Any]) -> Action:
    signed = None
    if row.signature is not None:
        # Erased once final: what is left names the transaction and cannot be sent.
        signed = Signed(row.signature, row.blockhash, bytes(row.signed_raw or b""), row.opened_order)
    return Action(
        id=row.id,
        user_id=row.user_id,
        chat_id=row.chat_id,
        message_id=row.message_id,
        intent=intents.from_json(row.intent),
        limits=intents.Limits(**row.limits),
        state=State(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        submit_via=row.submit_via,
        request_id=row.request_id,
        signed=signed,
        last_valid_height=row.last_valid_height,
        detail=row.detail,
        shown=None if row.shown is None else State(row.shown),
    )
