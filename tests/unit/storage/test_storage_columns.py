"""Column types: what goes in comes out, exactly, on every database."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from bot import errors, storage
from bot.storage import columns
from tests.fakes.storage import NOW, ORDER, OWNER, build_fill, build_order

U64 = st.integers(0, 2**64 - 1)
# Each example writes a row of its own, so rows of earlier ones do no harm.
SHARED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SHARED
@given(in_raw=U64, out_raw=U64, fee_raw=U64)
async def test_raw_amounts_are_exact(
    stores: storage.Storage, in_raw: int, out_raw: int, fee_raw: int
) -> None:
    """Every u64, beyond what either database calls an integer."""
    fill = build_fill(uuid4().hex, in_raw=in_raw, out_raw=out_raw, fee_raw=fee_raw)
    await stores.fills.record(OWNER, fill, NOW, None)
    found = await stores.fills.find(OWNER, ORDER, fill.signature)
    assert found is not None
    assert found.fill == fill


@SHARED
@given(
    moment=st.datetimes(
        min_value=datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone itself
        max_value=datetime(9999, 12, 29),  # noqa: DTZ001 - hypothesis adds the zone itself
        timezones=st.timezones() | st.just(timezone(timedelta(hours=5, minutes=45))),
    ),
    usd=st.decimals(allow_nan=False, allow_infinity=False),
)
async def test_times_and_decimals_are_exact(stores: storage.Storage, moment: datetime, usd: Decimal) -> None:
    """To the microsecond, in UTC whatever they came in; decimals with their trailing zeros."""
    fill = build_fill(uuid4().hex, confirmed_at=moment)
    await stores.fills.record(OWNER, fill, moment, usd)
    found = await stores.fills.find(OWNER, ORDER, fill.signature)
    assert found is not None
    assert found.seen_at == found.fill.confirmed_at == moment.astimezone(UTC)
    assert found.seen_at.tzinfo is UTC
    assert str(found.usd) == str(usd)


async def test_times_are_compared_as_times(stores: storage.Storage) -> None:
    """Across zones and around a whole second, where text and time could disagree."""
    whole = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    elsewhere = (whole + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=-9)))
    first = await stores.jobs.add("delete", 1, 1, {}, whole)
    second = await stores.jobs.add("delete", 1, 1, {}, elsewhere)
    assert [job.id for job in await stores.jobs.list_due(whole)] == [first]
    assert [job.id for job in await stores.jobs.list_due(elsewhere)] == [first, second]


async def test_what_would_be_inexact_is_refused(stores: storage.Storage) -> None:
    """A time without a zone, a negative or fractional amount: nothing is stored."""
    naive = NOW.replace(tzinfo=None)
    for refused in (
        stores.polls.ensure("a", naive),
        stores.orders.record(build_order(in_used_raw=-1), NOW),
        stores.orders.record(build_order(in_used_raw=1.5), NOW),
        stores.fills.record(OWNER, build_fill(), NOW, Decimal("NaN")),
    ):
        with pytest.raises(errors.StorageError):
            await refused
    assert await stores.polls.find("a") is None
    assert await stores.orders.find(OWNER, ORDER) is None
    assert await stores.fills.find(OWNER, ORDER, "sig") is None


@pytest.mark.parametrize("refused", [True, 1.0, "1", Decimal(1)])
def test_only_integers_are_raw_amounts(refused: Any) -> None:
    """Nothing that merely looks like one."""
    with pytest.raises(TypeError):
        columns.Raw().process_bind_param(refused, sqlite.dialect())


@given(st.timedeltas())
def test_durations_are_exact(duration: timedelta) -> None:
    """Any timedelta, to the microsecond."""
    span, dialect = columns.Span(), sqlite.dialect()
    assert span.process_result_value(span.process_bind_param(duration, dialect), dialect) == duration
