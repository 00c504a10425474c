"""Fills: what was exchanged, once per owner, order and transaction."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot import ports
from bot.domain.fills import Fill, Summary, Totals
from bot.domain.orders import Family
from bot.storage import columns, database
from bot.storage.schema import fills, order_numbers, orders, wallets

_OF_ORDER = (
    sa.select(fills)
    .where(fills.c.owner == sa.bindparam("owner"), fills.c.order_key == sa.bindparam("order_key"))
    .order_by(fills.c.confirmed_at, fills.c.id)
)
_THESE = sa.and_(
    fills.c.owner.in_(sa.bindparam("owners", expanding=True)),
    fills.c.order_key.in_(sa.bindparam("order_keys", expanding=True)),
)
_OF_ORDERS = sa.select(fills).where(_THESE).order_by(fills.c.confirmed_at, fills.c.id)
_SIGNATURES = sa.select(fills.c.order_key, fills.c.signature).where(_THESE)
_SUMMED = {
    "in": columns.raw_sum(fills.c.in_raw),
    "out": columns.raw_sum(fills.c.out_raw),
    "fee": columns.raw_sum(fills.c.fee_raw),
    "taken": columns.raw_sum(
        sa.case((fills.c.fee_mint == fills.c.output_mint, fills.c.fee_raw), else_=sa.literal("0", sa.Text))
    ),
}
"""`taken` is the part of the fees that was taken from the output."""
_ORDER = (fills.c.owner, fills.c.order_key)
_SUMS = (
    sa.select(
        *_ORDER,
        sa.func.count().label("count"),
        *(
            part.label(f"{name}_{place}")
            for name, parts in _SUMMED.items()
            for place, part in enumerate(parts)
        ),
    )
    .where(_THESE)
    .group_by(*_ORDER)
)
_EACH = sa.select(*_ORDER).where(_THESE).distinct().subquery()
_OTHERS = fills.alias()
_NEWEST = (
    sa.select(_OTHERS.c.id)
    .where(_OTHERS.c.owner == _EACH.c.owner, _OTHERS.c.order_key == _EACH.c.order_key)
    .order_by(_OTHERS.c.confirmed_at.desc(), _OTHERS.c.id.desc())
    .limit(1)
)
_LAST = sa.select(fills).join(_EACH, fills.c.id == _NEWEST.scalar_subquery())
"""The newest fill of each order."""
_NEWEST_FIRST = (fills.c.confirmed_at.desc(), fills.c.id.desc())


class SqlFillStore:
    """ports.FillStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def record(self, owner: str, fill: Fill, seen_at: datetime, usd: Decimal | None) -> bool:
        values = {field.name: getattr(fill, field.name) for field in fields(fill)}
        values |= {"owner": owner, "seen_at": seen_at, "usd": usd}
        async with self._db.writing() as tx:
            return await tx.add(fills, values, unless=["owner", "order_key", "signature"])

    async def list_of_order(self, owner: str, order_key: str) -> list[ports.KnownFill]:
        async with self._db.reading() as tx:
            return await tx.fetch(_OF_ORDER, _known, owner=owner, order_key=order_key)

    async def list_of_orders(
        self, of: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], list[ports.KnownFill]]:
        owners, keys = {owner for owner, _ in of}, {key for _, key in of}
        found: dict[tuple[str, str], list[ports.KnownFill]] = {}
        async with self._db.reading() as tx:
            rows = await tx.fetch(
                _OF_ORDERS,
                lambda row: ((row.owner, row.order_key), _known(row)),
                owners=list(owners),
                order_keys=list(keys),
            )
        for pair, fill in rows:
            found.setdefault(pair, []).append(fill)
        # Pairs that nobody asked for come along where two owners have orders of one key.
        return {pair: known for pair, known in found.items() if pair in of}

    async def find(self, owner: str, order_key: str, signature: str) -> ports.KnownFill | None:
        rows = sa.select(fills).where(
            fills.c.owner == owner, fills.c.order_key == order_key, fills.c.signature == signature
        )
        async with self._db.reading() as tx:
            return await tx.find(rows, _known)

    async def list_signatures(self, owner: str, order_keys: Collection[str]) -> dict[str, set[str]]:
        async with self._db.reading() as tx:
            rows = await tx.fetch(_SIGNATURES, tuple, owners=[owner], order_keys=list(order_keys))
        found: dict[str, set[str]] = {}
        for order_key, signature in rows:
            found.setdefault(order_key, set()).add(signature)
        return found

    async def summaries(self, of: Collection[tuple[str, str]]) -> dict[tuple[str, str], Summary]:
        """In two statements, however many orders: their fills stay where they are."""
        these = {"owners": list({owner for owner, _ in of}), "order_keys": list({key for _, key in of})}
        async with self._db.reading() as tx:
            totals = dict(await tx.fetch(_SUMS, _totals, **these))
            last = await tx.fetch(_LAST, _owned, **these)
        wanted = totals.keys() & set(of)
        # Pairs that nobody asked for come along where two owners have orders of one key.
        return {pair: Summary(totals[pair], fill) for pair, fill in last if pair in wanted}

    async def extent(self, scope: ports.FillScope) -> ports.FillExtent:
        given = _given(scope)
        async with self._db.reading() as tx:
            (found,) = await tx.fetch(_extent(frozenset(given)), lambda row: ports.FillExtent(*row), **given)
        return found

    async def newest(self, scope: ports.FillScope, limit: int, offset: int = 0) -> list[ports.NumberedFill]:
        given = _given(scope)
        rows = _newest(frozenset(given))
        async with self._db.reading() as tx:
            return await tx.fetch(rows, _numbered, **given, most=limit, skipped=offset)

    async def page_after(
        self, scope: ports.FillScope, after: ports.NumberedFill | None, limit: int
    ) -> list[ports.NumberedFill]:
        given = _given(scope)
        if after is not None:
            given |= {"after_at": after.known.fill.confirmed_at, "after_id": after.id}
        async with self._db.reading() as tx:
            return await tx.fetch(_page(frozenset(given)), _numbered, **given, most=limit)


_NUMBERED = (fills, order_numbers.c.number, orders.c.family)


def _given(scope: ports.FillScope) -> dict[str, Any]:
    """The parameters of a statement about it."""
    return {field.name: value for field in fields(scope) if (value := getattr(scope, field.name)) is not None}


# Made once for each set of parameters: a file of many fills is read in many pages.


@cache
def _extent(given: frozenset[str]) -> sa.Select[Any]:
    at = fills.c.confirmed_at
    return _within(given, sa.func.count(), sa.func.min(at), sa.func.max(at))


@cache
def _newest(given: frozenset[str]) -> sa.Select[Any]:
    rows = _within(given, *_NUMBERED).order_by(*_NEWEST_FIRST)
    return rows.limit(sa.bindparam("most", type_=sa.Integer)).offset(
        sa.bindparam("skipped", type_=sa.Integer)
    )


@cache
def _page(given: frozenset[str]) -> sa.Select[Any]:
    rows, at = _within(given, *_NUMBERED), fills.c.confirmed_at
    if "after_at" in given:
        after = sa.bindparam("after_at", type_=columns.Instant)
        same_instant = sa.and_(at == after, fills.c.id > sa.bindparam("after_id"))
        # The first condition follows from the second; a database can seek by it.
        rows = rows.where(at >= after, sa.or_(at > after, same_instant))
    return rows.order_by(at, fills.c.id).limit(sa.bindparam("most", type_=sa.Integer))


def _within(given: frozenset[str], *columns: Any) -> sa.Select[Any]:
    theirs = sa.and_(order_numbers.c.owner == fills.c.owner, order_numbers.c.key == fills.c.order_key)
    had_now = sa.and_(wallets.c.user_id == order_numbers.c.user_id, wallets.c.pubkey == fills.c.owner)
    of_order = sa.and_(orders.c.owner == fills.c.owner, orders.c.key == fills.c.order_key)
    rows = (
        sa.select(*columns)
        .select_from(fills)
        .join(order_numbers, theirs)
        .join(wallets, had_now)
        .join(orders, of_order)
        .where(order_numbers.c.user_id == sa.bindparam("user_id"))
    )
    if "owner" in given:
        rows = rows.where(fills.c.owner == sa.bindparam("owner"))
    if "number" in given:
        rows = rows.where(order_numbers.c.number == sa.bindparam("number"))
    if "since" in given:
        rows = rows.where(fills.c.confirmed_at >= sa.bindparam("since"))
    if "until" in given:
        rows = rows.where(fills.c.confirmed_at < sa.bindparam("until"))
    return rows


def _totals(row: sa.Row[Any]) -> tuple[tuple[str, str], Totals]:
    values = row._mapping
    in_raw, out_raw, fee_raw, taken_raw = (
        columns.whole(values[f"{name}_0"], values[f"{name}_1"]) for name in _SUMMED
    )
    return (row.owner, row.order_key), Totals(values["count"], in_raw, out_raw - taken_raw, fee_raw)


def _owned(row: sa.Row[Any]) -> tuple[tuple[str, str], Fill]:
    return (row.owner, row.order_key), _fill(row)


_NAMES = [field.name for field in fields(Fill)]
_values_of = columns.places(fills, _NAMES)
_seen_of = columns.places(fills, ["seen_at", "usd"])
_id_of = columns.places(fills, ["id", "owner"])


def _fill(row: sa.Row[Any]) -> Fill:
    return Fill(**dict(zip(_NAMES, _values_of(row), strict=True)))


def _known(row: sa.Row[Any]) -> ports.KnownFill:
    seen_at, usd = _seen_of(row)
    return ports.KnownFill(fill=_fill(row), seen_at=seen_at, usd=usd)


def _numbered(row: sa.Row[Any]) -> ports.NumberedFill:
    id_, owner = _id_of(row)
    return ports.NumberedFill(
        id=id_, owner=owner, number=row.number, family=Family(row.family), known=_known(row)
    )
