"""Messages can be held for later: found by when, and by for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    planned = sa.text("state = 5")
    for name, columns in (
        ("ix_outbox_planned", ["not_before"]),
        ("ix_outbox_planned_of", ["user_id", "not_before"]),
    ):
        op.create_index(name, "outbox", columns, sqlite_where=planned, postgresql_where=planned)
