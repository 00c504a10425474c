"""Time zones as people type them: an IANA name, a city, a country, or an offset from UTC. No clock here.

The names are data: those of the system or of the `tzdata` package, which also says which country is where.
"""

import functools
import re
import unicodedata
import zoneinfo
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from importlib import resources

from bot import errors, texts

UTC = "UTC"
_SAME_AS_UTC = frozenset({"utc", "z", "gmt", "zulu"})
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+-])\s?(\d{1,2})(?::?([0-5]\d))?\Z", re.ASCII)
_EARLIEST, _LATEST = timedelta(hours=-12), timedelta(hours=14)
_NO_PLACES = frozenset({"Factory", "localtime"})
_LONGEST = 40
_SHORTEST_START, _SHORTEST_PART = 2, 3
"""Letters of a name; fewer are in too many of them."""
_ALSO = {
    **dict.fromkeys(("uk", "united_kingdom", "great_britain", "england", "scotland", "wales"), "gb"),
    "usa": "us",
    "uae": "ae",
    "holland": "nl",
    "turkiye": "tr",
    "czechia": "cz",
    "burma": "mm",
    "ivory_coast": "ci",
    "cabo_verde": "cv",
    "south_korea": "kr",
    "north_korea": "kp",
    "viet_nam": "vn",
}
"""What people call countries beside their names and codes."""
_CITIES = {
    "Africa/Johannesburg": "cape town, durban, pretoria",
    "America/Chicago": "austin, dallas, houston, minneapolis, new orleans, san antonio",
    "America/Los_Angeles": "las vegas, portland, san diego, san francisco, seattle",
    "America/New_York": "atlanta, boston, miami, orlando, philadelphia, washington",
    "America/Sao_Paulo": "brasilia, rio de janeiro",
    "America/Toronto": "ottawa, quebec",
    "Asia/Dubai": "abu dhabi",
    "Asia/Ho_Chi_Minh": "hanoi",
    "Asia/Jerusalem": "haifa",
    "Asia/Karachi": "islamabad, lahore",
    "Asia/Kolkata": "bangalore, bengaluru, chennai, delhi, hyderabad, mumbai, new delhi, pune",
    "Asia/Seoul": "busan",
    "Asia/Shanghai": "beijing, chengdu, guangzhou, shenzhen, wuhan",
    "Asia/Tokyo": "kyoto, nagoya, osaka, sapporo",
    "Europe/Berlin": "cologne, dusseldorf, frankfurt, hamburg, munich, stuttgart",
    "Europe/Istanbul": "ankara, izmir",
    "Europe/London": "birmingham, edinburgh, glasgow, manchester",
    "Europe/Madrid": "barcelona, valencia",
    "Europe/Moscow": "saint petersburg",
    "Europe/Paris": "lyon, marseille, nice",
    "Europe/Rome": "milan, naples, turin",
    "Europe/Zurich": "basel, bern, geneva, lausanne",
    "Pacific/Auckland": "wellington",
}
"""Big ones that no zone is named after."""
_DROPPED = re.compile(r"[.'’]")
_GAPS = re.compile(r"[\s_,()&-]+")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_TABLES = resources.files("tzdata").joinpath("zoneinfo")


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    whole: str
    """The name as `_fold` writes it."""
    city: str
    country: str = ""
    """Empty for old names and for zones that are of no country."""
    code: str = ""
    """Of the country, in two letters."""


def parse(text: str) -> str:
    """The one zone that is meant, by its name here. Raises InvalidInput with a sentence for the person."""
    found = search(text)
    if len(found) > 1:
        raise errors.InvalidInput(texts.ZONE_WHICH.format(names=" or ".join(found[:3])))
    return found[0]


def search(text: str) -> list[str]:
    """Every zone that may be meant, the likeliest first. Raises InvalidInput when there is none.

    Whole names, cities and countries go before parts of them.
    """
    word = _DASHES.sub("-", _letters(text)).strip()
    if not word or len(word) > _LONGEST:
        raise errors.InvalidInput(texts.ZONE_UNREADABLE)
    if word in _SAME_AS_UTC:
        return [UTC]
    if match := _OFFSET.match(word):
        return [_name(_read_offset(match))]
    wanted = _fold(text)
    found = _exact(wanted) or _partly(wanted) if wanted else []
    if not found:
        raise errors.InvalidInput(texts.ZONE_UNKNOWN)
    return found


def resolve(name: str) -> tzinfo | None:
    """None = UTC, also for a name that is not known here."""
    if name == UTC:
        return None
    try:
        if match := _OFFSET.match(name.casefold()):
            return timezone(_read_offset(match))
        return zoneinfo.ZoneInfo(name)
    except (errors.InvalidInput, zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def city(name: str) -> str:
    """What to call a zone in few words: its city, where it has one."""
    return name.rpartition("/")[2].replace("_", " ")


def _read_offset(match: re.Match[str]) -> timedelta:
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    offset = -offset if match[1] == "-" else offset
    if not _EARLIEST <= offset <= _LATEST:
        raise errors.InvalidInput(texts.ZONE_OFFSETS)
    return offset


def _name(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else UTC


def _exact(wanted: str) -> list[str]:
    """Old names (`Japan`, `Asia/Calcutta`) count where no present one is meant."""
    present = [place for place in _places() if place.country]
    code = _ALSO.get(wanted, wanted)
    return (
        [place.name for place in present if place.whole == wanted]
        or [place.name for place in present if place.city == wanted]
        or _distinct([place.name for place in present if wanted == place.country or code == place.code])
        or [place.name for place in _places() if place.whole == wanted]
        or [place.name for place in _places() if place.city == wanted]
        or [zone for zone, cities in _CITIES.items() if wanted in map(_fold, cities.split(", "))]
    )


def _distinct(names: list[str]) -> list[str]:
    """The first of those that show the same hour from now on: a country of nine time zones has nine."""
    rules: dict[bytes, str] = {}
    for name in names:
        # A zone's file ends with the rule that holds from its last change on, between two line ends.
        rules.setdefault(_TABLES.joinpath(name).read_bytes().rsplit(b"\n", 2)[1], name)
    return list(rules.values())


def _partly(wanted: str) -> list[str]:
    """Beginnings of words in cities and countries first, then what is anywhere in a name."""
    present = [place for place in _places() if place.country]
    begins = [
        place.name
        for place in present
        if f"_{wanted}" in f"_{place.city}" or f"_{wanted}" in f"_{place.country}"
    ]
    holds = [place.name for place in present if wanted in place.whole and place.name not in begins]
    return (begins if len(wanted) >= _SHORTEST_START else []) + (
        holds if len(wanted) >= _SHORTEST_PART else []
    )


def _letters(text: str) -> str:
    """Without case and accents: `São` and `sao` are the same."""
    letters = unicodedata.normalize("NFKD", text[: _LONGEST * 4])
    return "".join(char for char in letters if not unicodedata.combining(char)).casefold()


def _fold(text: str) -> str:
    """Also without a difference between `Port-au-Prince`, `port_au_prince` and `Port au Prince`."""
    return _GAPS.sub("_", _DROPPED.sub("", _DASHES.sub("-", _letters(text)))).strip("_")


@functools.cache
def _places() -> tuple[_Place, ...]:
    """Every zone: those of countries as their table lists them (large ones first), then all others."""
    countries = dict(_rows("iso3166.tab", 0, 1))
    of_country = dict(_rows("zone.tab", 2, 0))
    known = zoneinfo.available_timezones() - _NO_PLACES
    return tuple(
        _Place(
            name,
            _fold(name),
            _fold(name.rpartition("/")[2]),
            _fold(countries.get(of_country.get(name, ""), "")),
            of_country.get(name, "").casefold(),
        )
        for name in [*(name for name in of_country if name in known), *sorted(known - set(of_country))]
    )


def _rows(table: str, first: int, second: int) -> list[tuple[str, str]]:
    """Two columns of a table."""
    lines = _TABLES.joinpath(table).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[first], row[second]) for row in rows]
