"""The tables. Every rule that two processes could break between them is a constraint here.

Migrations say how a database got here; a test holds the two against each other.
"""

import sqlalchemy as sa

from bot.domain.actions import FINAL, NEXT, State
from bot.storage.columns import BIG_ID, Exact, Instant, Raw, Span, Words

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("blocked", sa.Boolean, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
)

dialogs = sa.Table(
    "dialogs",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("dialog", sa.JSON, nullable=False),
)

wallets = sa.Table(
    "wallets",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("pubkey", sa.Text, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("seed_version", sa.Integer),
    sa.Column("key_id", sa.Text),
    sa.Column("box", sa.LargeBinary),
    sa.UniqueConstraint("user_id", "pubkey"),
    # A sealed seed is there whole or not at all.
    sa.CheckConstraint(
        "(seed_version IS NULL) = (box IS NULL) AND (key_id IS NULL) = (box IS NULL)", name="sealed_whole"
    ),
    sa.Index("ix_wallets_pubkey", "pubkey"),
    sa.Index(
        "uq_wallets_default",
        "user_id",
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    ),
    # A button names a wallet by id: an id is never given twice.
    sqlite_autoincrement=True,
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("input_mint", sa.Text, nullable=False),
    sa.Column("output_mint", sa.Text, nullable=False),
    sa.Column("in_deposited_raw", Raw, nullable=False),
    sa.Column("in_used_raw", Raw, nullable=False),
    sa.Column("in_withdrawn_raw", Raw, nullable=False),
    sa.Column("out_received_raw", Raw, nullable=False),
    sa.Column("out_withdrawn_raw", Raw, nullable=False),
    sa.Column("cycle", Span, nullable=False),
    sa.Column("in_per_cycle_raw", Raw, nullable=False),
    sa.Column("min_out_raw", Raw, nullable=False),
    sa.Column("max_out_raw", Raw, nullable=False),
    sa.Column("increment_usd_raw", Raw, nullable=False),
    sa.Column("open_tx", Words, nullable=False),
    sa.Column("close_tx", Words),
    sa.Column("user_closed", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("start_at", Instant),
    sa.Column("index", Raw),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Index("ix_orders_owner_status", "owner", "status"),
)

order_numbers = sa.Table(
    "order_numbers",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("muted", sa.Boolean, nullable=False),
    sa.UniqueConstraint("user_id", "number"),
)

fills = sa.Table(
    "fills",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("order_key", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("input_mint", sa.Text, nullable=False),
    sa.Column("output_mint", sa.Text, nullable=False),
    sa.Column("in_raw", Raw, nullable=False),
    sa.Column("out_raw", Raw, nullable=False),
    sa.Column("fee_mint", sa.Text, nullable=False),
    sa.Column("fee_raw", Raw, nullable=False),
    sa.Column("confirmed_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("usd", Exact),
    sa.UniqueConstraint("owner", "order_key", "signature"),
    sa.Index("ix_fills_owner_confirmed_at", "owner", "confirmed_at"),
)

confirmations = sa.Table(
    "confirmations",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("intent", sa.JSON, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("submit_via", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.CheckConstraint("state IN ('pending', 'consumed', 'cancelled', 'expired')", name="state"),
    sa.Index("ix_confirmations_state_expires_at", "state", "expires_at"),
)

_states = ", ".join(f"'{state}'" for state in State)
_final = ", ".join(f"'{state}'" for state in sorted(FINAL))
_open = ", ".join(f"'{state}'" for state in sorted(NEXT))

UNSHOWN = sa.text(f"coalesce(shown, '') <> state AND state IN ({_final})")
"""Literal on purpose: a database uses a partial index only for a query that says the same words."""
UNSETTLED = sa.text(f"state IN ({_open})")

actions = sa.Table(
    "actions",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("token", sa.Text, sa.ForeignKey("confirmations.token"), nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("intent", sa.JSON, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("order_key", sa.Text),
    sa.Column("recipient", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("submit_via", sa.Text, nullable=False),
    sa.Column("request_id", Words),
    sa.Column("signature", sa.Text),
    sa.Column("blockhash", sa.Text),
    sa.Column("signed_raw", sa.LargeBinary),
    sa.Column("opened_order", sa.Text),
    sa.Column("last_valid_height", sa.BigInteger),
    sa.Column("detail", Words, nullable=False),
    sa.Column("shown", sa.Text),
    # One confirmation is one action, for ever: a tap can never become a second transaction.
    sa.UniqueConstraint("token"),
    sa.UniqueConstraint("signature"),
    sa.CheckConstraint(f"state IN ({_states})", name="state"),
    # Bytes that may be out can always be looked up, sent again and declared dead.
    sa.CheckConstraint(
        "state NOT IN ('signed', 'submitted') OR (signature IS NOT NULL AND blockhash IS NOT NULL"
        " AND signed_raw IS NOT NULL AND last_valid_height IS NOT NULL)",
        name="settleable",
    ),
    sa.Index("ix_actions_unsettled", "id", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED),
    sa.Index("ix_actions_unshown", "id", sqlite_where=UNSHOWN, postgresql_where=UNSHOWN),
    sa.Index("ix_actions_order_key", "order_key"),
    sa.Index("ix_actions_opened_order", "opened_order"),
    sa.Index("ix_actions_user_id_recipient", "user_id", "recipient"),
    sqlite_autoincrement=True,
)

UNSENT = sa.text("state IN (0, 1)")
"""Outgoing.PENDING and SENDING, literal for the partial index (see UNSHOWN)."""
PLANNED = sa.text("state = 5")

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("dedupe", sa.Text, nullable=False),
    sa.Column("notice", sa.JSON, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("possible_repeat", sa.Boolean, nullable=False),
    sa.Column("not_before", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("reason", Words),
    sa.UniqueConstraint("user_id", "dedupe"),
    # Whoever waits longest, and then everything of theirs.
    sa.Index("ix_outbox_queue", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
    sa.Index("ix_outbox_unsent", "user_id", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
    # What is held for later is in nobody's way: whose time has come, and all of one person's.
    sa.Index("ix_outbox_planned", "not_before", sqlite_where=PLANNED, postgresql_where=PLANNED),
    sa.Index("ix_outbox_planned_of", "user_id", "not_before", sqlite_where=PLANNED, postgresql_where=PLANNED),
    # Order of delivery is order of ids: they only grow.
    sqlite_autoincrement=True,
)

polls = sa.Table(
    "polls",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("due_at", Instant),
    sa.Column("sweep_at", Instant),
    sa.Column("wanted_at", Instant),
    sa.Column("last_ok_at", Instant),
    sa.Column("history_at", Instant),
    sa.Column("whole_at", Instant),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Index("ix_polls_due_at", "due_at"),
    sa.Index("ix_polls_sweep_at", "sweep_at"),
    sa.Index("ix_polls_wanted_at", "wanted_at"),
)

troubles = sa.Table(
    "troubles",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("since", Instant, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Index("ix_jobs_due_at", "due_at"),
    # A Stop button names a job by id: an id is never given twice.
    sqlite_autoincrement=True,
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("seq", BIG_ID, primary_key=True),
    sa.Column("update_id", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("payload", Words),
    sa.UniqueConstraint("update_id"),
    sqlite_autoincrement=True,
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("mint", sa.Text, primary_key=True),
    sa.Column("symbol", Words, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("decimals", sa.SmallInteger, nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("classic", sa.Boolean, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

price_samples = sa.Table(
    "price_samples",
    metadata,
    sa.Column("mint", sa.Text, primary_key=True),
    sa.Column("at", Instant, primary_key=True),
    sa.Column("price", Exact, nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.CheckConstraint("since <= at", name="since"),
    # All of it is the key and little else: no second copy of the key.
    sqlite_with_rowid=False,
)
