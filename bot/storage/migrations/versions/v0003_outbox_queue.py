"""What is unsent can be read in the order of its ids, without a look at everything ever sent."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    unsent = sa.text("state IN (0, 1)")
    op.create_index("ix_outbox_queue", "outbox", ["id"], sqlite_where=unsent, postgresql_where=unsent)
