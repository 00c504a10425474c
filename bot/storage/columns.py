"""Column types that keep a value exactly, and the same, on SQLite and PostgreSQL. No I/O here.

Values that do not fit their type raise ValueError or TypeError, which `database` turns into StorageError.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A generated id: SQLite only counts up in a column that is called INTEGER."""

_MICROSECOND = timedelta(microseconds=1)


class Raw(sa.types.TypeDecorator[int]):
    """Base units and other u64 numbers as decimal text: both databases' integers end at 2**63 - 1."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"not an integer: {type(value).__name__}")
        if value < 0:
            raise ValueError("a raw amount is never negative")
        return str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


_LOW_DIGITS = 9
_LOW_END = 1_000_000_000


def raw_sum(column: sa.ColumnElement[int]) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """The sum of a Raw column in two parts, for `whole`: neither leaves 64 bits before 10**8 rows of u64.

    Both databases would refuse or round a sum of what does not fit their integers.
    """
    digits = sa.type_coerce(column, sa.Text)
    padded = sa.literal("0" * _LOW_DIGITS, sa.Text).concat(digits)
    length = sa.func.length(digits)
    high, low = sa.func.substr(padded, 1, length), sa.func.substr(padded, length + 1)
    return sa.func.sum(sa.cast(high, sa.BigInteger)), sa.func.sum(sa.cast(low, sa.BigInteger))


def whole(high: Any, low: Any) -> int:
    """The number whose parts these are; nothing to sum is 0."""
    return int(high or 0) * _LOW_END + int(low or 0)


def places(table: sa.Table, names: Sequence[str]) -> Callable[[sa.Row[Any]], tuple[Any, ...]]:
    """Gets these columns out of a row that begins with those of the table.

    By place: thousands of rows are read for one screen, and by name each value costs six times as much.
    """
    known = list(table.c.keys())
    return itemgetter(*map(known.index, names))


class Exact(sa.types.TypeDecorator[Decimal]):
    """A finite Decimal as the text it was written with."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise ValueError("not a finite Decimal")
        return str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime, exact to the microsecond; comes back in UTC. Naive ones are refused.

    SQLite keeps the UTC wall time as text of fixed width, so that comparing text compares time.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Span(sa.types.TypeDecorator[timedelta]):
    """A duration as its number of microseconds in decimal text: any timedelta fits."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value // _MICROSECOND)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=int(value))


class Words(sa.types.TypeDecorator[str]):
    """Text from outside. What a database cannot hold (NUL, lone surrogates) becomes U+FFFD.

    A token's name is chosen by strangers: it must not be able to make a write fail.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in value)
