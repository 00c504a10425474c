"""Time zones as people type them: an IANA name, a city, or an offset from UTC."""

import functools
import re
import unicodedata
import zoneinfo
from datetime import timedelta, timezone, tzinfo

from bot import errors

UTC = "UTC"
_SAME_AS_UTC = frozenset({"utc", "z", "gmt", "zulu"})
_OFFSET = re.compile(r"(?:utc|gmt)?_?([+-])_?(\d{1,2})(?::?([0-5]\d))?\Z", re.ASCII)
_EARLIEST, _LATEST = timedelta(hours=-12), timedelta(hours=14)
_ALIASES = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
"""Old names, which show one city twice."""
_NO_PLACES = frozenset({"Factory", "localtime"})
_LONGEST = 40
_HOW = "I read names like Europe/Zurich, cities like Tokyo, and offsets like +02:00."


def parse(text: str) -> str:
    """The zone's one name here. Raises InvalidInput with a sentence for the person."""
    word = _fold(text)
    if not word or len(word) > _LONGEST:
        raise errors.InvalidInput(f"That is not a time zone. {_HOW}")
    if word in _SAME_AS_UTC:
        return UTC
    if _OFFSET.match(word):
        return _name(_read_offset(word))
    found = _by_name().get(word) or _by_city().get(word, ())
    if not found and not _by_name():
        raise errors.InvalidInput(
            "I have no list of time zones here. Send the offset from UTC, such as +02:00."
        )
    if not found:
        raise errors.InvalidInput(f"I know no such time zone. {_HOW}")
    if len(found) > 1:
        raise errors.InvalidInput(f"Which one do you mean: {' or '.join(found)}?")
    return found[0]


def resolve(name: str) -> tzinfo | None:
    """None = UTC, also for a name that is not known here."""
    if name == UTC:
        return None
    try:
        if _OFFSET.match(name.casefold()):
            return timezone(_read_offset(name.casefold()))
        return zoneinfo.ZoneInfo(name)
    except (errors.InvalidInput, zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _read_offset(word: str) -> timedelta:
    match = _OFFSET.match(word)
    if match is None:
        raise errors.InvalidInput(_HOW)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    offset = -offset if match[1] == "-" else offset
    if not _EARLIEST <= offset <= _LATEST:
        raise errors.InvalidInput("Offsets from UTC go from -12:00 to +14:00.")
    return offset


def _name(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else UTC


def _fold(text: str) -> str:
    """`  São Paulo ` and `sao_paulo` are the same; so are all the minus signs that phones write."""
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", text[: _LONGEST * 4])
    letters = (char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return "_".join("".join(letters).split()).casefold()


@functools.cache
def _by_name() -> dict[str, tuple[str, ...]]:
    names = zoneinfo.available_timezones() - _NO_PLACES
    return {name.casefold(): (name,) for name in sorted(names)}


@functools.cache
def _by_city() -> dict[str, tuple[str, ...]]:
    cities: dict[str, tuple[str, ...]] = {}
    for (name,) in _by_name().values():
        if "/" in name and not name.startswith(_ALIASES):
            city = name.rpartition("/")[2].casefold()
            cities[city] = (*cities.get(city, ()), name)
    return cities
