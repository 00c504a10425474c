"""Looks for fills and sweeps queue apart; how long a look was put off and when history was read is known.

The table is made anew around its rows, because SQLite cannot add what must not be null.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE TABLE polls_before AS SELECT owner, due_at, last_ok_at, failures FROM polls")
    op.drop_table("polls")
    op.create_table(
        "polls",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("sweep", sa.Boolean(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_sweep_due_at", "polls", ["sweep", "due_at"])
    op.create_index("ix_polls_wanted_at", "polls", ["wanted_at"])
    op.execute(
        "INSERT INTO polls (owner, due_at, last_ok_at, failures, sweep, wanted_at)"
        " SELECT owner, due_at, last_ok_at, failures, false, due_at FROM polls_before"
    )
    op.drop_table("polls_before")
