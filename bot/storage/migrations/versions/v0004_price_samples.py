"""Market prices as sampled while the bot watched."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "price_samples",
        sa.Column("mint", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("since <= at", name=op.f("ck_price_samples_since")),
        sa.PrimaryKeyConstraint("mint", "at", name=op.f("pk_price_samples")),
        sqlite_with_rowid=False,
    )
