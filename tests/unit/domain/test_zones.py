"""Time zones are understood as people write them, or refused with what would be."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import zones


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
        ("+5:30", "UTC+05:30"),
        ("asia/calcutta", "Asia/Calcutta"),
        ("port au prince", "America/Port-au-Prince"),
        ("St. John's", "America/St_Johns"),
        ("İstanbul", "Europe/Istanbul"),
        ("york", "America/New_York"),
        ("germany", "Europe/Berlin"),
        ("INDIA", "Asia/Kolkata"),
        ("Côte d’Ivoire", "Africa/Abidjan"),
        ("uk", "Europe/London"),
        ("jp", "Asia/Tokyo"),
        ("Japan", "Asia/Tokyo"),
        ("EST", "EST"),
    ],
)
def test_what_is_understood(text: str, name: str) -> None:
    """One name for each zone, however it is written; it is read back as the same."""
    assert zones.parse(text) == name
    assert zones.parse(name) == name


@pytest.mark.parametrize(
    "text",
    ["", " ", "Atlantis", "+15", "-12:01", "+2:60", "+", "2", "++2", "🙂", "x" * 10_000, "../../etc/passwd",
     "/etc/localtime", "localtime", "Factory", "+٣", "UTC+2+3", "\0", "_", "-", "a", "xyzzy"],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    """With a sentence for the person."""
    with pytest.raises(errors.InvalidInput, match=r"[A-Z].*\.$"):
        zones.parse(text)


def test_what_may_mean_several_is_asked_about() -> None:
    """Some are named, to choose from; a search names them all, the likeliest first."""
    with pytest.raises(errors.InvalidInput, match=r"Asia/Seoul\?$"):
        zones.parse("Korea")
    assert zones.search("korea") == ["Asia/Pyongyang", "Asia/Seoul"]
    assert zones.search("usa")[:3] == ["America/New_York", "America/Chicago", "America/Denver"]
    assert len(zones.search("europe")) > 40
    assert "Europe/Paris" in zones.search("pari")


def test_a_country_has_one_answer_for_each_of_its_hours() -> None:
    """Nobody chooses between twenty cities that show the same hour."""
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    for country, least in (("us", 6), ("russia", 8), ("brazil", 3), ("australia", 6), ("france", 1)):
        found = zones.search(country)
        hours = {
            tuple(moment.astimezone(zoneinfo.ZoneInfo(name)).hour for moment in moments) for name in found
        }
        assert len(found) >= least
        # Hours can be the same where only the minutes or the days of a change differ.
        assert len(hours) >= len(found) - 2


@given(st.integers(-12 * 60, 14 * 60))
def test_every_offset_comes_back(minutes: int) -> None:
    """Written, kept and applied, to the minute."""
    sign = "-" if minutes < 0 else "+"
    name = zones.parse(f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}")
    zone = zones.resolve(name)
    offset = datetime(2026, 1, 1, tzinfo=zone or UTC).utcoffset()
    assert offset == timedelta(minutes=minutes)


def test_every_zone_of_the_system_is_understood() -> None:
    """Each by its own name, and each can be applied; an old name without a place may be a country's."""
    names = zoneinfo.available_timezones() - {"Factory", "localtime"}
    assert len(names) > 400
    for name in names:
        found = zones.search(name)
        assert found in ([name], [zones.UTC]) or "/" not in name
        assert all(zone == zones.UTC or zones.resolve(zone) is not None for zone in found)


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
    assert len(said) < 300
    zones.resolve(text)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("United Kingdom", "Europe/London"),
        ("Türkiye", "Europe/Istanbul"),
        ("South Korea", "Asia/Seoul"),
        ("Côte d'Ivoire", "Africa/Abidjan"),
        ("Beijing", "Asia/Shanghai"),
        ("new delhi", "Asia/Kolkata"),
        ("San Francisco", "America/Los_Angeles"),
        ("München", ""),
        ("Munich", "Europe/Berlin"),
        ("Genève", ""),
        ("Saint-Petersburg", "Europe/Moscow"),
    ],
)
def test_big_cities_and_countries_as_people_call_them(text: str, zone: str) -> None:
    """In English; what else is not known is said, with what to write instead."""
    if zone:
        assert zones.search(text)[0] == zone
    else:
        with pytest.raises(errors.InvalidInput):
            zones.search(text)


def test_every_zone_of_a_big_city_exists() -> None:
    for zone, cities in zones._CITIES.items():
        assert zones.search(zone) == [zone]
        for city in cities.split(", "):
            assert zone in zones.search(city), city
