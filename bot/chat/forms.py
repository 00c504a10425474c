"""Reads one-line forms and answers about new orders. Pure; every refusal is a sentence for the person."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot import errors, texts

_UNITS = {
    "s": 1,
    "sec": 1,
    "secs": 1,
    "second": 1,
    "seconds": 1,
    "m": 60,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "w": 604800,
    "week": 604800,
    "weeks": 604800,
}
_INTERVAL = re.compile(r"(\d{1,5})?\s*([a-z]+)\Z")
_WHOLE = re.compile(r"-?\d{1,20}\Z", re.ASCII)
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,20})?\Z", re.ASCII)
_NEW = re.compile(
    r"(?P<amount>\S+)\s+(?P<sell>\S+)\s+(?:to|for|into|->|→)\s+(?P<buy>\S+)\s+in\s+(?P<count>\S+)"
    r"(?:\s+(?:parts|orders))?\s+every\s+(?P<every>\d*\s*[a-z]+)"
    r"(?:\s+between\s+(?P<low>\S+)\s+and\s+(?P<high>\S+)|\s+(?:above|over)\s+(?P<above>\S+)"
    r"|\s+(?:below|under)\s+(?P<below>\S+))?"
    r"(?:\s+from\s+(?P<start>\S+(?:\s+\d{1,2}:\d{2})?))?\s*\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:between\s+)?(\S+?)\s*(?:and|to|-|–|\s)\s*(\S+)\Z", re.IGNORECASE)
_ONE_SIDED = re.compile(r"(above|over|min|from|below|under|max|to)\s+(\S+)\Z", re.IGNORECASE)
_START_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """`/new` in one line, before tokens are looked up; numbers stay text where the service reads them."""

    amount: str
    sell: str
    buy: str
    count: int
    interval_s: int
    low: str | None
    high: str | None
    start: str | None


def parse_new(text: str) -> NewOrder:
    """Raises InvalidInput that shows the form."""
    match = _NEW.match(text.strip()) if len(text) <= LONGEST else None
    if match is None:
        raise errors.InvalidInput(texts.FORM_NEW)
    low, high = match["low"] or match["above"], match["high"] or match["below"]
    return NewOrder(
        amount=match["amount"],
        sell=match["sell"],
        buy=match["buy"],
        count=parse_count(match["count"]),
        interval_s=parse_interval(match["every"]),
        low=_price(low) if low else None,
        high=_price(high) if high else None,
        start=match["start"],
    )


def parse_count(text: str) -> int:
    """Any whole number; how many parts there may be is for the service to say."""
    text = text.strip()
    if not _WHOLE.match(text):
        raise errors.InvalidInput(texts.FORM_COUNT)
    return int(text)


def parse_interval(text: str) -> int:
    """Seconds of `30s`, `30min`, `4h`, `1d`, `1 week`, `day`; too few are for the service to refuse."""
    match = _INTERVAL.match(text.strip().casefold())
    unit = _UNITS.get(match[2]) if match else None
    if match is None or unit is None:
        raise errors.InvalidInput(texts.FORM_EVERY)
    return int(match[1] or 1) * unit


def parse_prices(text: str) -> tuple[str | None, str | None]:
    """Lowest and highest price of `150 and 180`, `150-180`, `above 150`, `below 180`."""
    text = text.strip()
    if len(text) <= LONGEST:
        if one := _ONE_SIDED.match(text):
            price = _price(one[2])
            lowest = one[1].casefold() in {"above", "over", "min", "from"}
            return (price, None) if lowest else (None, price)
        if both := _BETWEEN.match(text):
            return _price(both[1]), _price(both[2])
    raise errors.InvalidInput(texts.FORM_RANGE)


def parse_start(text: str, zone: tzinfo | None, now: datetime) -> datetime:
    """A date, with a time or at midnight, in the person's zone; it has to be in the future."""
    for form in _START_FORMATS:
        try:
            naive = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the zone is put in on the next line
            start = naive.replace(tzinfo=zone or UTC).astimezone(UTC)
        except (ValueError, OverflowError):  # the second: its hour in UTC is in the year 0 or 10000
            continue
        if start <= now:
            raise errors.InvalidInput(texts.FORM_START_PAST)
        return start
    raise errors.InvalidInput(texts.FORM_DATE)


def _price(text: str) -> str:
    if not _NUMBER.match(text):
        raise errors.InvalidInput(texts.FORM_PRICE)
    return text
