"""Looks for fills and sweeps have times of their own; it is known how long a look was put off.

The table is made anew around its rows, because SQLite cannot let a column be null that must not be.
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
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("sweep_at", sa.DateTime(timezone=True)),
        sa.Column("wanted_at", sa.DateTime(timezone=True)),
        sa.Column("last_ok_at", sa.DateTime(timezone=True)),
        sa.Column("history_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_due_at", "polls", ["due_at"])
    op.create_index("ix_polls_sweep_at", "polls", ["sweep_at"])
    op.create_index("ix_polls_wanted_at", "polls", ["wanted_at"])
    op.execute(
        "INSERT INTO polls (owner, due_at, wanted_at, last_ok_at, failures)"
        " SELECT owner, due_at, due_at, last_ok_at, failures FROM polls_before"
    )
    op.drop_table("polls_before")
