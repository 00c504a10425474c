"""Many people with wallets, orders and fills, written in bulk; all of it as the production code stores it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot import storage
from bot.domain import amounts, fills, notices, orders
from bot.keys.vault import Vault
from bot.storage import schema

FIRST_USER = 1_000
CYCLES = 10
FILLS = 3
_CHUNK = 1_000


def users(count: int) -> range:
    return range(FIRST_USER, FIRST_USER + count)


def order_key(user_id: int, number: int = 1) -> str:
    """44 characters that look like an address and differ from the first on."""
    digits = "123456789A"
    return "".join(digits[int(digit)] for digit in f"{user_id:09}{number:03}").ljust(44, "Z")


def notice(user_id: int, owner: str, fill: int) -> notices.FillSeen:
    return notices.FillSeen(owner=owner, order_key=order_key(user_id), signature=_signature(user_id, 1, fill))


async def populate(
    stores: storage.Storage, vault: Vault, people: int, *, orders_each: int = 1
) -> dict[int, str]:
    """Everybody has one owned wallet and some orders with three fills each. Returns the wallets."""
    now = datetime.now(UTC)
    sealed = {user_id: vault.create(user_id) for user_id in users(people)}
    owned = {user_id: address for user_id, (address, _) in sealed.items()}
    rows: dict[sa.Table, Iterator[dict[str, Any]]] = {
        schema.people: (
            {"user_id": user_id, "chat_id": user_id, "blocked": False, "settings": {}} for user_id in owned
        ),
        schema.wallets: (
            {
                "user_id": user_id,
                "pubkey": address,
                "name": "Wallet 1",
                "is_default": True,
                "added_at": now - timedelta(days=30),
                "seed_version": seed.version,
                "key_id": seed.key_id,
                "box": seed.box,
            }
            for user_id, (address, seed) in sealed.items()
        ),
        schema.polls: (
            {"owner": address, "due_at": now, "wanted_at": now, "last_ok_at": now, "failures": 0}
            for address in owned.values()
        ),
        schema.orders: (
            {name: getattr(order, name) for name in _ORDER_FIELDS} | {"seen_at": now}
            for order in _orders(owned, orders_each, now)
        ),
        schema.order_numbers: (
            {"user_id": user_id, "owner": owned[user_id], "key": order_key(user_id, number)}
            | {"number": number, "muted": False}
            for user_id in owned
            for number in range(1, orders_each + 1)
        ),
        schema.fills: (
            asdict(fill) | {"owner": owner, "seen_at": now, "usd": None}
            for user_id, owner in owned.items()
            for number in range(1, orders_each + 1)
            for fill in _fills(user_id, number, now)
        ),
    }
    async with stores.database.writing() as tx:
        for table, values in rows.items():
            for chunk in _chunks(values):
                await tx.connection.execute(sa.insert(table), chunk)
    return owned


_ORDER_FIELDS = tuple(orders.Order.__dataclass_fields__)


def _signature(user_id: int, number: int, fill: int) -> str:
    return f"{order_key(user_id, number)}{fill:02}".ljust(88, "x")


def _orders(owned: dict[int, str], each: int, now: datetime) -> Iterator[orders.Order]:
    for user_id, owner in owned.items():
        for number in range(1, each + 1):
            yield orders.Order(
                family=orders.Family.TIME,
                status=orders.Status.ACTIVE,
                key=order_key(user_id, number),
                owner=owner,
                input_mint=amounts.USDC_MINT,
                output_mint=amounts.WSOL_MINT,
                in_deposited_raw=CYCLES * 10_000_000,
                in_used_raw=FILLS * 10_000_000,
                in_withdrawn_raw=0,
                out_received_raw=FILLS * 58_000_000,
                out_withdrawn_raw=FILLS * 58_000_000,
                cycle=timedelta(days=1),
                in_per_cycle_raw=10_000_000,
                open_tx="opened",
                created_at=now - timedelta(days=FILLS),
                updated_at=now,
                start_at=now - timedelta(days=FILLS),
            )


def _fills(user_id: int, number: int, now: datetime) -> Iterator[fills.Fill]:
    for fill in range(1, FILLS + 1):
        yield fills.Fill(
            order_key=order_key(user_id, number),
            signature=_signature(user_id, number, fill),
            input_mint=amounts.USDC_MINT,
            output_mint=amounts.WSOL_MINT,
            in_raw=10_000_000,
            out_raw=58_000_000,
            fee_mint=amounts.WSOL_MINT,
            fee_raw=58_000,
            confirmed_at=now - timedelta(days=FILLS - fill, minutes=1),
        )


def _chunks(values: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
