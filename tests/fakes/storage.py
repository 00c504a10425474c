"""The real stores on a database in memory, fast enough to need no fake, and things to put into them."""

import os
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot import ports, storage
from bot.domain import actions, fills, intents, orders
from bot.storage.database import _to_the_end as to_the_end
from tests import needs

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")  # noqa: TID251 - says where CI's server listens
_blank: list[bytes] = []
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
SOL = "So11111111111111111111111111111111111111112"
OWNER = "3N9q7vQzYB1cQcQpCkP8Wc2Hn2v8mXw1kS3gY5tD6uEf"
ORDER = "7kT9xRb2LmWc4Zs8VhQpYf3NdUa5JgE6oMiKtC1rXwBn"


@asynccontextmanager
async def fresh_url(kind: str, folder: Path) -> AsyncIterator[str]:
    """URL of an empty database; on PostgreSQL a schema of its own, so that tests may run side by side."""
    if kind == "memory":
        yield "sqlite://"
    elif kind == "file":
        yield f"sqlite:///{folder}/data/bot.db"
    else:
        if not POSTGRES_URL:
            needs.lacking("TEST_POSTGRES_URL is not set")
        name = f"test_{uuid.uuid4().hex}"
        await _run(f"CREATE SCHEMA {name}")
        try:
            yield f"{POSTGRES_URL}{'&' if '?' in POSTGRES_URL else '?'}schema={name}"
        finally:
            await _run(f"DROP SCHEMA {name} CASCADE")


async def _run(statement: str) -> None:
    async with storage.Database.open(POSTGRES_URL) as server, server.writing() as transaction:
        await transaction.run(sa.text(statement))


@asynccontextmanager
async def open_memory_storage() -> AsyncIterator[storage.Storage]:
    """Empty stores that vanish with the block.

    async with open_memory_storage() as stores:
        await stores.people.record_seen(1, 1)
    """
    async with storage.Database.open("sqlite+aiosqlite://") as database:
        blank = await blank_file()
        await _driver(database, lambda connection: connection.deserialize(blank))
        yield storage.Storage(database)


async def blank_file() -> bytes:
    """A SQLite database with every table and nothing in them. Migrated once; that alone takes longer than
    most tests."""
    if not _blank:
        async with storage.Database.open("sqlite+aiosqlite://") as database:
            await database.migrate()
            await _driver(database, lambda connection: _blank.append(connection.serialize()))
    return _blank[0]


async def _driver(database: storage.Database, work: Callable[[sqlite3.Connection], None]) -> None:
    """Do something with the connection to a database in memory, outside of any transaction."""
    async with database.reading() as transaction:
        raw = await transaction.connection.get_raw_connection()
        assert raw.driver_connection is not None

        def run(cursor: sqlite3.Cursor) -> list[Any]:
            work(cursor.connection)
            return []

        # Named as work of a database, for which virtual time stands.
        await to_the_end(raw.driver_connection.run(run))


def build_order(key: str = ORDER, owner: str = OWNER, **changes: Any) -> orders.Order:
    order = orders.Order(
        family=orders.Family.PRICE,
        status=orders.Status.ACTIVE,
        key=key,
        owner=owner,
        input_mint=USDC,
        output_mint=SOL,
        in_deposited_raw=100_000_000,
        in_used_raw=30_000_000,
        in_withdrawn_raw=0,
        out_received_raw=170_000_000,
        out_withdrawn_raw=170_000_000,
        cycle=timedelta(hours=1),
        increment_usd_raw=10_000_000,
        open_tx="opened",
        created_at=NOW - timedelta(days=1),
        updated_at=NOW,
    )
    return replace(order, **changes)


def build_fill(signature: str = "sig", order_key: str = ORDER, **changes: Any) -> fills.Fill:
    fill = fills.Fill(
        order_key=order_key,
        signature=signature,
        input_mint=USDC,
        output_mint=SOL,
        in_raw=10_000_000,
        out_raw=58_000_000,
        fee_mint=SOL,
        fee_raw=58_000,
        confirmed_at=NOW,
    )
    return replace(fill, **changes)


def build_confirmation(token: str = "token", **changes: Any) -> ports.Confirmation:
    confirmation = ports.Confirmation(
        token=token,
        user_id=1,
        chat_id=10,
        message_id=100,
        intent=intents.Deposit(
            user=SOL, order=USDC, input_mint=USDC, output_mint=SOL, amount_raw=2**64 - 1, order_index=2**63
        ),
        limits=intents.Limits(priority_fee_lamports=1_000, rent_lamports=2_039_280),
        submit_via="jupiter",
        expires_at=NOW + timedelta(minutes=2),
    )
    return replace(confirmation, **changes)


def build_signed(signature: str = "5igned", **changes: Any) -> actions.Signed:
    return replace(actions.Signed(signature, "blockhash", b"\x01signed bytes", None), **changes)
