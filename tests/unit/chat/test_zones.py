"""Time zones are understood as people write them, or refused with what would be."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.chat import zones


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Zurich", "Europe/Zurich"),
        (" europe/zurich ", "Europe/Zurich"),
        ("America/New York", "America/New_York"),
        ("new york", "America/New_York"),
        ("Tokyo", "Asia/Tokyo"),
        ("Zürich", "Europe/Zurich"),
        ("São Paulo", "America/Sao_Paulo"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("GMT", "UTC"),
        ("Z", "UTC"),
        ("+2", "UTC+02:00"),
        ("UTC+2", "UTC+02:00"),
        ("utc +02:00", "UTC+02:00"),
        ("GMT-5", "UTC-05:00"),
        ("−3:30", "UTC-03:30"),
        ("+0545", "UTC+05:45"),
        ("+530", "UTC+05:30"),
        ("-12", "UTC-12:00"),
        ("+14:00", "UTC+14:00"),
        ("+0", "UTC"),
        ("-00:00", "UTC"),
    ],
)
def test_what_is_understood(text: str, name: str) -> None:
    """One name for each zone, however it is written; it is read back as the same."""
    assert zones.parse(text) == name
    assert zones.parse(name) == name


@pytest.mark.parametrize(
    "text",
    ["", " ", "Atlantis", "+15", "-12:01", "+2:60", "+", "2", "++2", "🙂", "x" * 10_000, "../../etc/passwd",
     "/etc/localtime", "localtime", "Factory", "Europe", "+٣", "UTC+2+3", "\0"],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    """With a sentence for the person."""
    with pytest.raises(errors.InvalidInput, match=r"[A-Z].*\.$"):
        zones.parse(text)


def test_a_name_of_two_places_is_asked_about() -> None:
    """Both are named, to choose from."""
    with pytest.raises(errors.InvalidInput, match=r"Asia/Istanbul or Europe/Istanbul\?"):
        zones.parse("Istanbul")


def test_a_system_without_a_list_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small containers have none; offsets work there all the same."""
    monkeypatch.setattr(zones, "_by_name", dict)
    monkeypatch.setattr(zones, "_by_city", dict)
    with pytest.raises(errors.InvalidInput, match="no list of time zones"):
        zones.parse("Europe/Zurich")
    assert zones.parse("+1") == "UTC+01:00"


@given(st.integers(-12 * 60, 14 * 60))
def test_every_offset_comes_back(minutes: int) -> None:
    """Written, kept and applied, to the minute."""
    sign = "-" if minutes < 0 else "+"
    name = zones.parse(f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}")
    zone = zones.resolve(name)
    offset = datetime(2026, 1, 1, tzinfo=zone or UTC).utcoffset()
    assert offset == timedelta(minutes=minutes)


def test_every_zone_of_the_system_is_understood() -> None:
    """Each by its own name, and each can be applied."""
    names = zoneinfo.available_timezones() - {"Factory", "localtime"}
    assert len(names) > 400
    for name in names:
        kept = zones.parse(name)
        assert kept == name or kept == zones.UTC
        assert kept == zones.UTC or zones.resolve(kept) is not None


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing else is ever raised, neither while reading nor for a name out of the database."""
    try:
        kept = zones.parse(text)
    except errors.InvalidInput as exc:
        kept = zones.UTC
        said = exc.message
    else:
        said = ""
    assert zones.parse(kept) == kept
    assert len(said) < 200
    zones.resolve(text)
