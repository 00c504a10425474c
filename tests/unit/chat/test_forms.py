"""One-line forms about new orders."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.chat import forms

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500 USDC to SOL in 10 every 1d", ("500", "USDC", "SOL", 10, 86400, None, None, None)),
        ("500 usdc for sol in 10 every day", ("500", "usdc", "sol", 10, 86400, None, None, None)),
        ("1.5 SOL -> USDC in 3 parts every 4 hours", ("1.5", "SOL", "USDC", 3, 14400, None, None, None)),
        (
            "500 USDC to SOL in 10 every 1d between 150 and 180 from 2026-12-01 14:30",
            ("500", "USDC", "SOL", 10, 86400, "150", "180", "2026-12-01 14:30"),
        ),
        ("5 A to B in 2 every 1d above 150", ("5", "A", "B", 2, 86400, "150", None, None)),
        (
            "5 A to B in 2 every 1d under 0.5 from 2026-12-01",
            ("5", "A", "B", 2, 86400, None, "0.5", "2026-12-01"),
        ),
        # Numbers that make no sense are numbers: the service says what is wrong with them.
        ("5 A to B in -3 every 0d", ("5", "A", "B", -3, 0, None, None, None)),
        ("5 A to B in 1000000000 every 1d", ("5", "A", "B", 10**9, 86400, None, None, None)),
    ],
)
def test_new_in_one_line(text: str, expected: tuple[object, ...]) -> None:
    """The documented forms and what people make of them."""
    form = forms.parse_new(text)
    got = (form.amount, form.sell, form.buy, form.count, form.interval_s, form.low, form.high, form.start)
    assert got == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("10 sec", 10), ("45 seconds", 45), ("second", 1), ("30m", 1800), ("1w", 604_800)],
)
def test_intervals(text: str, seconds: int) -> None:
    """Seconds are read too, so that who asks for too few hears of the least that is allowed."""
    assert forms.parse_interval(text) == seconds
    assert forms.parse_new(f"500 USDC to SOL in 10 every {text}").interval_s == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("150 and 180", ("150", "180")),
        ("150-180", ("150", "180")),
        ("between 0.5 and 1.25", ("0.5", "1.25")),
        ("above 150", ("150", None)),
        ("below 180", (None, "180")),
    ],
)
def test_price_ranges(text: str, expected: tuple[str | None, str | None]) -> None:
    """Both bounds, or one."""
    assert forms.parse_prices(text) == expected


def test_start_is_in_the_persons_zone() -> None:
    """Midnight is midnight where the person lives."""
    start = forms.parse_start("2026-12-01", ZoneInfo("Europe/Berlin"), NOW)
    assert start == datetime(2026, 11, 30, 23, tzinfo=UTC)
    with pytest.raises(errors.InvalidInput, match="past"):
        forms.parse_start("2026-11-01", None, NOW)


@pytest.mark.parametrize("hours", [-12, 14])
@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31 23:59"])
def test_the_ends_of_time_are_refused_in_every_zone(text: str, hours: int) -> None:
    with contextlib.suppress(errors.InvalidInput):
        assert forms.parse_start(text, timezone(timedelta(hours=hours)), NOW) > NOW


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    """No input makes a reader fail otherwise."""
    for read in (
        forms.parse_new,
        forms.parse_count,
        forms.parse_interval,
        forms.parse_prices,
        lambda typed: forms.parse_start(typed, None, NOW),
    ):
        with contextlib.suppress(errors.InvalidInput):
            assert read(text) is not None
