"""Orders by (owner, key), and the numbers by which people know them."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain.orders import Family, Order, Status
from bot.domain.wallets import Wallet
from bot.storage import columns, database
from bot.storage.schema import order_numbers, orders, wallets
from bot.storage.wallets import build_wallet

_COUNTERS = (
    "in_deposited_raw",
    "in_used_raw",
    "in_withdrawn_raw",
    "out_received_raw",
    "out_withdrawn_raw",
    "updated_at",
)
_LAST_NUMBER = 2**31 - 1
"""What the column holds; people can type more."""
_IDENTITY = ("family", "input_mint", "output_mint", "created_at")


class SqlOrderStore:
    """ports.OrderStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def record(self, order: Order, seen_at: datetime) -> Order | None:
        """Merges: pages are read one after the other and may be cached, so an older answer can come later.

        Deposited, used, withdrawn and received only ever grow on chain, and only HISTORY follows ACTIVE. So
        the larger of each counter is exactly what the later of two answers says, in whatever sequence they
        come; everything else is taken from the answer that is later (closed before active, then by
        `updated_at`). What an index was proven for (family, mints) stays as it was proven.
        """
        async with self._db.writing() as tx:
            await tx.serialise("order", order.owner, order.key)
            found = await tx.find(sa.select(orders).where(_is(order.owner, order.key)), _order_with_rest)
            if found is None:
                await tx.run(sa.insert(orders).values(**_values(order), seen_at=seen_at))
                return None
            known, index, known_seen_at = found
            change = sa.update(orders).where(_is(order.owner, order.key))
            merged = merge(known, order, proven=index is not None)
            await tx.run(change.values(**_values(merged), seen_at=max(known_seen_at, seen_at)))
            return known

    async def find(self, owner: str, key: str) -> Order | None:
        async with self._db.reading() as tx:
            return await tx.find(_OF_KEYS, _order, owner=owner, keys=[key])

    async def find_many(self, owner: str, keys: Collection[str]) -> dict[str, Order]:
        async with self._db.reading() as tx:
            found = await tx.fetch(_OF_KEYS, _order, owner=owner, keys=list(keys))
        return {order.key: order for order in found}

    async def record_seen(self, owner: str, keys: Collection[str], seen_at: datetime) -> None:
        await self._db.run(_SEEN, owner_seen=owner, keys=list(keys), moment=seen_at)

    async def lacks_number(self, owner: str, keys: Collection[str]) -> bool:
        wanted = set(keys)
        async with self._db.reading() as tx:
            return (
                await tx.find(_LACKING, _first, owner=owner, keys=list(wanted), count=len(wanted)) is not None
            )

    async def list_unnumbered(self, user_id: int, owner: str) -> list[str]:
        async with self._db.reading() as tx:
            return await tx.fetch(_UNNUMBERED, _first, user_id=user_id, owner=owner)

    async def assign_numbers(self, user_id: int, owner: str, keys: Sequence[str]) -> None:
        """Numbers stay taken when the wallet is removed: its orders have them again when it comes back."""
        if not keys:
            return
        async with self._db.writing() as tx:
            await tx.serialise("order_numbers", user_id)
            mine = sa.select(sa.func.coalesce(sa.func.max(order_numbers.c.number), 0))
            last = (await tx.fetch(mine.where(order_numbers.c.user_id == user_id), _first))[0]
            for key in keys:
                fresh = {"user_id": user_id, "owner": owner, "key": key, "number": last + 1, "muted": False}
                last += await tx.add(order_numbers, fresh, unless=["user_id", "owner", "key"])

    async def list_known(
        self, user_id: int, owners: Collection[str], status: Status | None = None
    ) -> list[ports.KnownOrder]:
        rows = _list_known(status)
        async with self._db.reading() as tx:
            return await tx.fetch(rows, _known, user_id=user_id, owners=list(owners))

    async def find_known(
        self, user_id: int, *, number: int | None = None, key: str | None = None
    ) -> ports.KnownOrder | None:
        if (number is None and key is None) or (number or 0) > _LAST_NUMBER:
            return None
        named = {"number": number, "key": key}
        given = {name: value for name, value in named.items() if value is not None}
        async with self._db.reading() as tx:
            return await tx.find(_find_known(tuple(given)), _known, user_id=user_id, **given)

    async def list_told(
        self, users: Collection[int], keys: Collection[str]
    ) -> list[tuple[ports.KnownOrder, Wallet]]:
        async with self._db.reading() as tx:
            return await tx.fetch(
                _LIST_TOLD, lambda row: (_known(row), build_wallet(row)), users=list(users), keys=list(keys)
            )

    async def active_of(self, owner: str) -> list[Order]:
        async with self._db.reading() as tx:
            return await tx.fetch(_ACTIVE_OF, _order, owner=owner)

    async def list_ended(self, owner: str, since: datetime) -> list[Order]:
        async with self._db.reading() as tx:
            return await tx.fetch(_ENDED, _order, owner=owner, since=since)

    async def record_index(self, owner: str, key: str, index: int) -> None:
        async with self._db.writing() as tx:
            await tx.run(sa.update(orders).where(_is(owner, key)).values(index=index))

    async def record_muted(self, user_id: int, owner: str, key: str, muted: bool) -> None:
        change = sa.update(order_numbers).where(
            order_numbers.c.user_id == user_id, order_numbers.c.owner == owner, order_numbers.c.key == key
        )
        async with self._db.writing() as tx:
            await tx.run(change.values(muted=muted))

    async def list_traded(self, since: datetime) -> dict[str, timedelta | None]:
        async with self._db.reading() as tx:
            trades = await tx.fetch(_TRADED, _trade, since=since)
        found: dict[str, timedelta | None] = {}
        for mints, cycle in trades:
            for mint in mints:
                known = found.get(mint)
                found[mint] = min(known, cycle) if known and cycle else known or cycle
        return found


_OF_OWNER = sa.select(orders).where(orders.c.owner == sa.bindparam("owner"))
_KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
_OF_KEYS = _OF_OWNER.where(orders.c.key.in_(_KEYS))
_ACTIVE = orders.c.status == Status.ACTIVE
_ACTIVE_OF = _OF_OWNER.where(_ACTIVE).order_by(orders.c.created_at, orders.c.key)
_ENDED = _OF_OWNER.where(orders.c.status == Status.HISTORY, orders.c.updated_at >= sa.bindparam("since"))
_MOMENT = sa.bindparam("moment", type_=orders.c.seen_at.type)
_SEEN = (
    sa.update(orders)
    .where(orders.c.owner == sa.bindparam("owner_seen"), orders.c.key.in_(_KEYS), orders.c.seen_at < _MOMENT)
    .values(seen_at=_MOMENT)
)
_NUMBERED = (
    sa.select(sa.func.count())
    .where(order_numbers.c.user_id == wallets.c.user_id, order_numbers.c.owner == wallets.c.pubkey)
    .where(order_numbers.c.key.in_(_KEYS))
    .scalar_subquery()
)
_LACKING = (
    sa.select(wallets.c.user_id)
    .where(wallets.c.pubkey == sa.bindparam("owner"), sa.bindparam("count") > _NUMBERED)
    .limit(1)
)
_UNNUMBERED = (
    sa.select(orders.c.key)
    .where(orders.c.owner == sa.bindparam("owner"))
    .where(
        ~sa.exists()
        .where(order_numbers.c.user_id == sa.bindparam("user_id"))
        .where(order_numbers.c.owner == orders.c.owner, order_numbers.c.key == orders.c.key)
    )
    .order_by(orders.c.created_at, orders.c.key)
)
_TRADED = (
    sa.select(orders.c.input_mint, orders.c.output_mint, sa.case((_ACTIVE, orders.c.cycle)).label("cycle"))
    .distinct()
    .where(
        sa.or_(_ACTIVE, orders.c.updated_at > sa.bindparam("since")),
        sa.exists().where(wallets.c.pubkey == orders.c.owner),
    )
)


def merge(known: Order, seen: Order, *, proven: bool) -> Order:
    """One order out of two answers about it, whichever came first (see SqlOrderStore.record)."""
    is_later = (not seen.active, seen.updated_at) >= (not known.active, known.updated_at)
    later, earlier = (seen, known) if is_later else (known, seen)
    changes: dict[str, Any] = {name: max(getattr(known, name), getattr(seen, name)) for name in _COUNTERS}
    if proven:
        changes |= {name: getattr(known, name) for name in _IDENTITY}
    return replace(
        later,
        open_tx=later.open_tx or earlier.open_tx,
        close_tx=later.close_tx or earlier.close_tx,
        user_closed=known.user_closed or seen.user_closed,
        **changes,
    )


def _is(owner: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(orders.c.owner == owner, orders.c.key == key)


@cache
def _find_known(names: tuple[str, ...]) -> sa.Select[Any]:
    columns = {"number": order_numbers.c.number, "key": orders.c.key}
    conditions = [columns[name] == sa.bindparam(name) for name in names]
    return _KNOWN_TO.where(*conditions).limit(1)


@cache
def _list_known(status: Status | None) -> sa.Select[Any]:
    rows = _KNOWN_TO.where(orders.c.owner.in_(sa.bindparam("owners", expanding=True)))
    return rows if status is None else rows.where(orders.c.status == status)


_KNOWN = (
    sa.select(orders, order_numbers.c.number, order_numbers.c.muted)
    .join(
        order_numbers, sa.and_(orders.c.owner == order_numbers.c.owner, orders.c.key == order_numbers.c.key)
    )
    .join(
        wallets,
        sa.and_(wallets.c.user_id == order_numbers.c.user_id, wallets.c.pubkey == order_numbers.c.owner),
    )
)
"""Orders with a number of somebody's, of wallets that this somebody has now."""


_KNOWN_TO = _KNOWN.where(order_numbers.c.user_id == sa.bindparam("user_id")).order_by(
    order_numbers.c.number.desc()
)
_LIST_TOLD = (
    _KNOWN.add_columns(*wallets.c)
    .where(order_numbers.c.user_id.in_(sa.bindparam("users", expanding=True)))
    .where(orders.c.key.in_(sa.bindparam("keys", expanding=True)))
)


def _values(order: Order) -> dict[str, Any]:
    return {field.name: getattr(order, field.name) for field in fields(order)}


_NAMES = tuple(field.name for field in fields(Order))
_values_of = columns.places(orders, _NAMES)


def _order(row: sa.Row[Any]) -> Order:
    values = dict(zip(_NAMES, _values_of(row), strict=True))
    return Order(**values | {"family": Family(row.family), "status": Status(row.status)})


def _order_with_rest(row: sa.Row[Any]) -> tuple[Order, int | None, datetime]:
    return _order(row), row._mapping["index"], row.seen_at


def _known(row: sa.Row[Any]) -> ports.KnownOrder:
    return ports.KnownOrder(
        number=row.number,
        order=_order(row),
        # By name through the mapping: a row is a tuple and has a method of this name.
        index=row._mapping["index"],
        seen_at=row.seen_at,
        muted=row.muted,
    )


def _trade(row: sa.Row[Any]) -> tuple[tuple[str, str], timedelta | None]:
    return (row.input_mint, row.output_mint), row.cycle


def _first(row: sa.Row[Any]) -> Any:
    return row[0]
