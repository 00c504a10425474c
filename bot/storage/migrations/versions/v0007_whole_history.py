"""It is known when all closed orders of a wallet had been read."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("polls", sa.Column("whole_at", sa.DateTime(timezone=True)))
