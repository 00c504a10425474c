"""Digests and quiet hours, on wall clocks that jump: held back, and told once, at the right hour."""

import itertools
import zoneinfo
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain import notices, quiet
from bot.domain.quiet import Fills, Wishes

ZURICH = zoneinfo.ZoneInfo("Europe/Zurich")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
LORD_HOWE = zoneinfo.ZoneInfo("Australia/Lord_Howe")
APIA = zoneinfo.ZoneInfo("Pacific/Apia")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FILL = notices.FillSeen(owner="o", order_key="k", signature="s")
OPENED = notices.OrderOpened(owner="o", order_key="k")
TOLD = notices.OperatorTold(topic="t", text="x")

ZONES = st.sampled_from(sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})).map(
    zoneinfo.ZoneInfo
)
MINUTES = st.integers(0, quiet.DAY - 1)
SPANS = st.tuples(MINUTES, MINUTES).filter(lambda span: span[0] != span[1])


@cache
def changes(zone: zoneinfo.ZoneInfo) -> tuple[datetime, ...]:
    """The hours of a few years, one in which a day was left out among them, before the clock jumped."""

    def jumped(moment: datetime, step: timedelta) -> bool:
        return moment.astimezone(zone).utcoffset() != (moment + step).astimezone(zone).utcoffset()

    days = [datetime(2011, 12, 1, tzinfo=UTC) + number * DAY for number in range(40)]
    days += [datetime(2024, 12, 1, tzinfo=UTC) + number * DAY for number in range(800)]
    hours = [day + number * HOUR for day in days if jumped(day, DAY) for number in range(24)]
    return tuple(hour for hour in hours if jumped(hour, HOUR))


@st.composite
def moments(draw: st.DrawFn, zone: zoneinfo.ZoneInfo) -> datetime:
    """Any minute, and more often one near a jump."""
    jumps = changes(zone)
    near = draw(st.integers(0, 3)) > 0
    if jumps and near:
        return draw(st.sampled_from(jumps)) + draw(st.integers(-50 * 60, 50 * 60)) * MINUTE
    return datetime(2025, 1, 1, tzinfo=UTC) + draw(st.integers(0, 700 * quiet.DAY)) * MINUTE


def at(text: str, zone: tzinfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def minute_of(moment: datetime, zone: tzinfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


# --- quiet hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "now", "until"),
    [
        ((22 * 60, 7 * 60), "2026-01-10 21:59", None),
        ((22 * 60, 7 * 60), "2026-01-10 22:00", "2026-01-11 07:00"),
        ((22 * 60, 7 * 60), "2026-01-11 00:00", "2026-01-11 07:00"),
        ((22 * 60, 7 * 60), "2026-01-11 06:59", "2026-01-11 07:00"),
        ((22 * 60, 7 * 60), "2026-01-11 07:00", None),
        ((60, 6 * 60), "2026-01-11 00:59", None),
        ((60, 6 * 60), "2026-01-11 01:00", "2026-01-11 06:00"),
        ((22 * 60, 0), "2026-01-11 23:59", "2026-01-12 00:00"),
        ((0, 23 * 60 + 59), "2026-01-11 12:00", "2026-01-11 23:59"),
        ((0, 23 * 60 + 59), "2026-01-11 23:59", None),
        # The hour that is skipped: they end, and begin, with the jump.
        ((22 * 60, 2 * 60 + 30), "2026-03-29 01:59", "2026-03-29 03:00"),
        ((2 * 60 + 30, 7 * 60), "2026-03-29 03:00", "2026-03-29 07:00"),
        ((2 * 60, 3 * 60), "2026-03-29 03:00", None),
    ],
)
def test_quiet_hours_are_hours_on_the_wall(span: tuple[int, int], now: str, until: str | None) -> None:
    wishes = Wishes(quiet=span, zone=ZURICH)
    assert quiet.hold_until(wishes, at(now, ZURICH)) == (at(until, ZURICH) if until else None)


def test_the_hour_that_comes_twice_is_quiet_twice() -> None:
    """Quiet from its first beginning to its last end, one night and not two."""
    wishes = Wishes(quiet=(2 * 60, 2 * 60 + 30), zone=ZURICH)
    ends = at("2026-10-25 02:30", ZURICH, fold=1)
    for moment in (at("2026-10-25 02:00", ZURICH), at("2026-10-25 02:45", ZURICH), ends - MINUTE):
        assert quiet.hold_until(wishes, moment) == ends
    assert quiet.hold_until(wishes, ends) is None


@settings(max_examples=150)
@given(st.data())
def test_where_the_wall_shows_a_quiet_hour_it_is_quiet(data: st.DataObject) -> None:
    """Exactly there; only around a jump it may be quiet a little longer."""
    zone = data.draw(ZONES)
    begin, end = data.draw(SPANS)
    now = data.draw(moments(zone))
    wishes = Wishes(quiet=(begin, end), zone=zone)
    shown = minute_of(now, zone)
    on_the_wall = begin <= shown < end if begin < end else shown >= begin or shown < end
    if on_the_wall:
        assert quiet.is_quiet(wishes, now)
    elif not any(abs(jump - now) <= 3 * HOUR for jump in changes(zone)):
        assert not quiet.is_quiet(wishes, now)


@settings(max_examples=150)
@given(st.data())
def test_what_quiet_hours_hold_back_is_told_at_their_end(data: st.DataObject) -> None:
    """Within a day, at the hour that was said; soon even on a clock that jumps."""
    zone = data.draw(ZONES)
    begin, end = data.draw(SPANS)
    now = data.draw(moments(zone))
    until = quiet.hold_until(Wishes(quiet=(begin, end), zone=zone), now)
    assume(until is not None)
    assert until is not None
    assert now < until <= now + 2 * DAY + HOUR
    if not any(now - HOUR <= jump + HOUR and jump <= until + HOUR for jump in changes(zone)):
        assert until <= now + DAY
        assert wall(until, zone).time() == time(end // 60, end % 60)


@pytest.mark.parametrize("span", [(0, 0), (420, 420), None, (0, quiet.DAY), (-1, 5), ("1", 5), [60]])
def test_no_time_and_all_of_it_are_no_quiet_hours(span: Any) -> None:
    """What would never let anything through holds nothing back."""
    wishes = quiet.read({"quiet": span}, "UTC")
    assert wishes.quiet is None
    for hour in range(24):
        now = datetime(2026, 1, 1, hour, tzinfo=UTC)
        assert quiet.hold_until(Wishes(quiet=span), now) is None


# --- digests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "now", "until"),
    [
        (Wishes(fills=Fills.DAILY, digest_at=540), "2026-01-10 08:59", "2026-01-10 09:00"),
        (Wishes(fills=Fills.DAILY, digest_at=540), "2026-01-10 09:00", "2026-01-11 09:00"),
        (Wishes(fills=Fills.DAILY, digest_at=0), "2026-01-10 00:00", "2026-01-11 00:00"),
        # 2026-01-12 is a Monday.
        (Wishes(fills=Fills.WEEKLY, digest_at=540, digest_on=0), "2026-01-12 08:00", "2026-01-12 09:00"),
        (Wishes(fills=Fills.WEEKLY, digest_at=540, digest_on=0), "2026-01-12 09:00", "2026-01-19 09:00"),
        (Wishes(fills=Fills.WEEKLY, digest_at=540, digest_on=6), "2026-01-12 09:00", "2026-01-18 09:00"),
        # In quiet hours: at their end, with what came meanwhile.
        (Wishes(fills=Fills.DAILY, digest_at=360, quiet=(1320, 420)), "2026-01-10 05:00", "2026-01-10 07:00"),
        (Wishes(fills=Fills.DAILY, digest_at=360, quiet=(1320, 420)), "2026-01-10 06:30", "2026-01-10 07:00"),
        (Wishes(fills=Fills.DAILY, digest_at=360, quiet=(1320, 420)), "2026-01-10 07:00", "2026-01-11 07:00"),
        (Wishes(fills=Fills.DAILY, digest_at=540, quiet=(1320, 420)), "2026-01-10 23:00", "2026-01-11 09:00"),
        # Skipped: at the jump. Shown twice: the first time.
        (Wishes(fills=Fills.DAILY, digest_at=150, zone=ZURICH), "2026-03-29 01:30", "2026-03-29 03:00"),
        (Wishes(fills=Fills.DAILY, digest_at=150, zone=ZURICH), "2026-03-29 03:00", "2026-03-30 02:30"),
        (Wishes(fills=Fills.DAILY, digest_at=150, zone=ZURICH), "2026-10-25 01:30", "2026-10-25 02:30"),
        (Wishes(fills=Fills.DAILY, digest_at=150, zone=ZURICH), "2026-10-25 02:30", "2026-10-26 02:30"),
        (Wishes(fills=Fills.DAILY, digest_at=75, zone=NEW_YORK), "2026-11-01 01:15", "2026-11-02 01:15"),
        # Half an hour is skipped, and comes twice.
        (Wishes(fills=Fills.DAILY, digest_at=135, zone=LORD_HOWE), "2026-10-04 01:00", "2026-10-04 02:30"),
        (Wishes(fills=Fills.DAILY, digest_at=105, zone=LORD_HOWE), "2026-04-05 01:45", "2026-04-06 01:45"),
        # A Friday that never was.
        (
            Wishes(fills=Fills.WEEKLY, digest_at=540, digest_on=4, zone=APIA),
            "2011-12-29 23:00",
            "2011-12-31 00:00",
        ),
    ],
)  # fmt: skip
def test_digests_come_at_their_hour(wishes: Wishes, now: str, until: str) -> None:
    assert quiet.hold_until(wishes, at(now, wishes.zone)) == at(until, wishes.zone)


@settings(max_examples=100)
@given(st.data())
def test_a_digest_comes_once_on_each_of_its_days(data: st.DataObject) -> None:
    """Also on the days on which the clock jumps: at the hour that was said, if it is there."""
    zone = data.draw(ZONES)
    minutes = data.draw(MINUTES)
    mode = data.draw(st.sampled_from([Fills.DAILY, Fills.WEEKLY]))
    wishes = Wishes(fills=mode, digest_at=minutes, digest_on=data.draw(st.integers(0, 6)), zone=zone)
    now = data.draw(moments(zone))
    told = []
    for _ in range(4):
        held = quiet.hold_until(wishes, now)
        assert held is not None
        assert held > now
        told.append(held)
        now = held
    days = [wall(moment, zone).date() for moment in told]
    # The digest of a day that was left out comes with the jump over it, on the next one.
    lost = [day for day in days if wall(at(f"{day} 12:00", zone) - DAY, zone).date() < day - DAY]
    assert len(set(days)) + len(lost) // 2 == len(days)
    jumps = changes(zone)
    for moment in told:
        if not any(abs(jump - moment) <= 25 * HOUR for jump in jumps):
            assert minute_of(moment, zone) == minutes
            assert mode is Fills.DAILY or wall(moment, zone).weekday() == wishes.digest_on
    if mode is Fills.DAILY and not any(told[0] - DAY <= jump <= told[-1] + DAY for jump in jumps):
        assert {later - earlier for earlier, later in itertools.pairwise(told)} == {DAY}


@settings(max_examples=100)
@given(st.data())
def test_digests_never_come_in_quiet_hours_and_never_less_often(data: st.DataObject) -> None:
    """One that falls into them comes at their end; a daily one is still at most two days away."""
    zone = data.draw(ZONES)
    now = data.draw(moments(zone))
    wishes = Wishes(fills=Fills.DAILY, digest_at=data.draw(MINUTES), quiet=data.draw(SPANS), zone=zone)
    held = quiet.hold_until(wishes, now)
    assert held is not None
    assert now < held <= now + 3 * DAY
    if not any(now - DAY <= jump <= held + DAY for jump in changes(zone)):
        assert not quiet.is_quiet(wishes, held)
        assert held <= now + DAY


# --- what rings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "told", "hour", "ring"),
    [
        (Wishes(), [FILL], 3, True),
        (Wishes(fills=Fills.SILENT), [FILL, FILL], 12, False),
        (Wishes(fills=Fills.SILENT), [FILL, OPENED], 12, True),
        (Wishes(fills=Fills.DAILY), [FILL], 9, True),
        (Wishes(quiet=(1320, 420)), [OPENED], 3, False),
        (Wishes(quiet=(1320, 420)), [FILL], 3, False),
        (Wishes(quiet=(1320, 420)), [OPENED], 7, True),
        (Wishes(quiet=(1320, 420), fills=Fills.SILENT), [FILL, TOLD], 3, True),
    ],
)
def test_what_makes_a_sound(wishes: Wishes, told: list[notices.Notice], hour: int, ring: bool) -> None:
    """Nothing in quiet hours, no fill where fills are silent; but what the operator must know always does."""
    assert quiet.rings(wishes, told, datetime(2026, 1, 1, hour, tzinfo=UTC)) is ring


# --- what is stored --------------------------------------------------------------------------------------


def test_wishes_are_read_back() -> None:
    stored = {"fills": "weekly", "digest_at": 0, "digest_on": 6, "quiet": [1320, 420]}
    wishes = quiet.read(stored, "Europe/Zurich")
    assert wishes == Wishes(fills=Fills.WEEKLY, digest_at=0, digest_on=6, quiet=(1320, 420), zone=ZURICH)
    assert quiet.read(quiet.write(wishes), "Europe/Zurich") == wishes
    assert quiet.read({}, "UTC") == quiet.read(quiet.write(Wishes()), "UTC") == Wishes()


@pytest.mark.parametrize("rubbish", [None, "x", -1, 24 * 60, 7.5, True, [], {}, [1, 2, 3]])
def test_rubbish_in_the_database_is_not_trusted(rubbish: Any) -> None:
    """Whoever has unreadable wishes is told everything at once."""
    stored = dict.fromkeys(("fills", "digest_at", "digest_on", "quiet"), rubbish)
    assert quiet.read(stored, "Mars/Olympus") == Wishes()
