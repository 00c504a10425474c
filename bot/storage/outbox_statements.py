"""What the outbox asks for all the time: statements with parameters, made once."""

import sqlalchemy as sa

from bot.ports import Outgoing
from bot.storage.schema import PLANNED, UNSENT, outbox


def _is_due() -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.state == Outgoing.PENDING, outbox.c.not_before <= sa.bindparam("now"))


def _whose_turn() -> sa.Select[tuple[int]]:
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
        _is_due(),
        outbox.c.user_id.not_in(sa.bindparam("busy", expanding=True)),
        outbox.c.id == first,
    )
    return rows.order_by(outbox.c.id).limit(sa.bindparam("most", type_=sa.Integer))


def _take() -> sa.Executable:
    waits = sa.case((_is_due(), 0), else_=1)
    # How many messages up to this one, per person, are not to be sent now: it goes while there is none.
    ahead = sa.func.sum(waits).over(partition_by=outbox.c.user_id, order_by=outbox.c.id)
    place = sa.func.row_number().over(partition_by=outbox.c.user_id, order_by=outbox.c.id)
    theirs = outbox.c.user_id.in_(sa.bindparam("people", expanding=True))
    rows = sa.select(outbox.c.id, ahead.label("ahead"), place.label("place")).where(UNSENT, theirs).subquery()
    due = sa.select(rows.c.id).where(rows.c.ahead == 0, rows.c.place <= sa.bindparam("most"))
    change = sa.update(outbox).where(outbox.c.id.in_(due))
    return change.values(state=Outgoing.SENDING, attempts=outbox.c.attempts + 1).returning(outbox)


WHOSE_TURN = _whose_turn()
"""The first `most` people, but for `busy`, whose first unsent message is due `now`, by those messages' ids.

Read along the index of what is unsent, and no further than asked for: however long the queue is.
"""

TAKE = _take()
"""`most` messages of each of these `people`, up to the first of theirs that is not to be sent `now`."""

RELEASE_PLANNED = (
    sa.update(outbox)
    .where(PLANNED, outbox.c.not_before <= sa.bindparam("now"))
    .values(state=Outgoing.PENDING)
)
"""Read along the index of what is planned, and no further than what is due."""

SENT = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(state=Outgoing.SENT, message_id=sa.bindparam("telegram_id"), sent_at=sa.bindparam("now"))
)
