"""Everything that the first version keeps.

Types are spelled out instead of taken from `columns`: this step must stay what it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNSENT = sa.text("state IN (0, 1)")
_UNSHOWN = sa.text(
    "coalesce(shown, '') <> state AND state IN ('failed', 'landed', 'lapsed', 'refused', 'rejected')"
)
_UNSETTLED = sa.text("state IN ('confirmed', 'crafted', 'signed', 'submitted')")
_DEFAULT = sa.text("is_default")


def upgrade() -> None:
    op.create_table(
        "confirmations",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("intent", sa.JSON(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("submit_via", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'consumed', 'cancelled', 'expired')", name=op.f("ck_confirmations_state")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_confirmations")),
    )
    op.create_index("ix_confirmations_state_expires_at", "confirmations", ["state", "expires_at"])
    op.create_table(
        "dialogs",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dialog", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_dialogs")),
    )
    op.create_table(
        "fills",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("input_mint", sa.Text(), nullable=False),
        sa.Column("output_mint", sa.Text(), nullable=False),
        sa.Column("in_raw", sa.Text(), nullable=False),
        sa.Column("out_raw", sa.Text(), nullable=False),
        sa.Column("fee_mint", sa.Text(), nullable=False),
        sa.Column("fee_raw", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usd", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fills")),
        sa.UniqueConstraint(
            "owner", "order_key", "signature", name=op.f("uq_fills_owner_order_key_signature")
        ),
    )
    op.create_index("ix_fills_owner_confirmed_at", "fills", ["owner", "confirmed_at"])
    op.create_table(
        "inbox",
        sa.Column("seq", _BIG_ID, nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("payload", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inbox")),
        sa.UniqueConstraint("update_id", name=op.f("uq_inbox_update_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "jobs",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_due_at", "jobs", ["due_at"])
    op.create_table(
        "order_numbers",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "owner", "key", name=op.f("pk_order_numbers")),
        sa.UniqueConstraint("user_id", "number", name=op.f("uq_order_numbers_user_id_number")),
    )
    op.create_table(
        "orders",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("input_mint", sa.Text(), nullable=False),
        sa.Column("output_mint", sa.Text(), nullable=False),
        sa.Column("in_deposited_raw", sa.Text(), nullable=False),
        sa.Column("in_used_raw", sa.Text(), nullable=False),
        sa.Column("in_withdrawn_raw", sa.Text(), nullable=False),
        sa.Column("out_received_raw", sa.Text(), nullable=False),
        sa.Column("out_withdrawn_raw", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("in_per_cycle_raw", sa.Text(), nullable=False),
        sa.Column("min_out_raw", sa.Text(), nullable=False),
        sa.Column("max_out_raw", sa.Text(), nullable=False),
        sa.Column("increment_usd_raw", sa.Text(), nullable=False),
        sa.Column("open_tx", sa.Text(), nullable=False),
        sa.Column("close_tx", sa.Text()),
        sa.Column("user_closed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True)),
        sa.Column("index", sa.Text()),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_orders")),
    )
    op.create_index("ix_orders_owner_status", "orders", ["owner", "status"])
    op.create_table(
        "outbox",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("notice", sa.JSON(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("possible_repeat", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("user_id", "dedupe", name=op.f("uq_outbox_user_id_dedupe")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_unsent", "outbox", ["user_id", "id"], sqlite_where=_UNSENT, postgresql_where=_UNSENT
    )
    op.create_table(
        "people",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_people")),
    )
    op.create_table(
        "polls",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_due_at", "polls", ["due_at"])
    op.create_table(
        "tokens",
        sa.Column("mint", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("classic", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mint", name=op.f("pk_tokens")),
    )
    op.create_table(
        "wallets",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("pubkey", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed_version", sa.Integer()),
        sa.Column("key_id", sa.Text()),
        sa.Column("box", sa.LargeBinary()),
        sa.CheckConstraint(
            "(seed_version IS NULL) = (box IS NULL) AND (key_id IS NULL) = (box IS NULL)",
            name=op.f("ck_wallets_sealed_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallets")),
        sa.UniqueConstraint("user_id", "pubkey", name=op.f("uq_wallets_user_id_pubkey")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wallets_pubkey", "wallets", ["pubkey"])
    op.create_index(
        "uq_wallets_default",
        "wallets",
        ["user_id"],
        unique=True,
        sqlite_where=_DEFAULT,
        postgresql_where=_DEFAULT,
    )
    op.create_table(
        "actions",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.JSON(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("order_key", sa.Text()),
        sa.Column("recipient", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submit_via", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.Column("signature", sa.Text()),
        sa.Column("blockhash", sa.Text()),
        sa.Column("signed_raw", sa.LargeBinary()),
        sa.Column("opened_order", sa.Text()),
        sa.Column("last_valid_height", sa.BigInteger()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text()),
        sa.CheckConstraint(
            "state IN ('confirmed', 'crafted', 'signed', 'submitted', 'landed', 'failed', 'lapsed',"
            " 'rejected', 'refused')",
            name=op.f("ck_actions_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('signed', 'submitted') OR (signature IS NOT NULL AND blockhash IS NOT NULL"
            " AND signed_raw IS NOT NULL AND last_valid_height IS NOT NULL)",
            name=op.f("ck_actions_settleable"),
        ),
        sa.ForeignKeyConstraint(["token"], ["confirmations.token"], name=op.f("fk_actions_token")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("signature", name=op.f("uq_actions_signature")),
        sa.UniqueConstraint("token", name=op.f("uq_actions_token")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_actions_opened_order", "actions", ["opened_order"])
    op.create_index("ix_actions_order_key", "actions", ["order_key"])
    op.create_index(
        "ix_actions_unsettled", "actions", ["id"], sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED
    )
    op.create_index("ix_actions_unshown", "actions", ["id"], sqlite_where=_UNSHOWN, postgresql_where=_UNSHOWN)
    op.create_index("ix_actions_user_id_recipient", "actions", ["user_id", "recipient"])
