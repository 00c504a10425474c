"""Reads hours, spans of hours and days of the week as people type them. Pure."""

import re
from dataclasses import dataclass

from bot import errors, texts
from bot.domain import quiet

_TIME = re.compile(r"(\d{1,2})(?:[:.]?([0-5]\d))?\s*([ap]m)?\Z", re.ASCII)
_SPAN = re.compile(r"(?:from|between)?\s*(.+?)\s*(?:-|–|—|−|→|to|until|and)\s*(.+)\Z")
_FILLERS = frozenset({"at", "on", "every"})
_NOTHING = frozenset({"off", "none", "no"})
_MODES = {
    "each": quiet.Fills.EACH,
    "all": quiet.Fills.EACH,
    "silent": quiet.Fills.SILENT,
    "daily": quiet.Fills.DAILY,
    "digest": quiet.Fills.DAILY,
    "weekly": quiet.Fills.WEEKLY,
}
_SHORTEST_DAY = 3
"""Letters of a day of the week."""


@dataclass(frozen=True, slots=True)
class FillsWish:
    """How fills are to be told; None = as before."""

    fills: quiet.Fills
    at: int | None = None
    on: int | None = None


def parse_time(text: str, *, end: bool = False) -> int:
    """Minutes after midnight of `9`, `9:30`, `21.00`, `9 pm`; as the end of a span `24` is midnight, too.

    Raises InvalidInput.
    """
    match = _TIME.match(text.strip().casefold())
    if match is None:
        raise errors.InvalidInput(texts.HOURS_HOW)
    hour, minutes, half = int(match[1]), int(match[2] or 0), match[3]
    if half and not 1 <= hour <= 12:
        raise errors.InvalidInput(texts.HOURS_HOW)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    at = hour * 60 + minutes
    if at > quiet.DAY or (at == quiet.DAY and not end):
        raise errors.InvalidInput(texts.HOURS_HOW)
    return at % quiet.DAY


def parse_span(text: str) -> tuple[int, int] | None:
    """`22-7`, `from 22:30 to 6:45`, `10pm–7am`; None for `off`. Raises InvalidInput."""
    word = text.strip().casefold()
    if word in _NOTHING:
        return None
    match = _SPAN.match(word)
    if match is None:
        raise errors.InvalidInput(texts.QUIET_HOW)
    try:
        span = parse_time(match[1]), parse_time(match[2], end=True)
    except errors.InvalidInput as exc:
        raise errors.InvalidInput(texts.QUIET_HOW) from exc
    if not quiet.is_span(span):
        raise errors.InvalidInput(texts.QUIET_NO_SPAN)
    return span


def parse_fills(text: str) -> FillsWish:
    """`each`, `silent`, `daily 9`, `weekly on Monday at 9:30`. Raises InvalidInput."""
    first, *rest = text.casefold().split()
    words = [word for word in rest if word not in _FILLERS]
    days = [day for word in words if (day := _day(word)) is not None]
    times = " ".join(word for word in words if _day(word) is None)
    fills = _MODES.get(first)
    digest = fills in {quiet.Fills.DAILY, quiet.Fills.WEEKLY}
    if fills is None or (words and not digest) or len(days) > (fills is quiet.Fills.WEEKLY):
        raise errors.InvalidInput(texts.FILLS_HOW)
    return FillsWish(fills, parse_time(times) if times else None, days[0] if days else None)


def _day(word: str) -> int | None:
    if len(word) < _SHORTEST_DAY:
        return None
    names = [name.casefold() for name in texts.WEEKDAYS]
    return next((day for day, name in enumerate(names) if name.startswith(word.removesuffix("s"))), None)


def show(minutes: int) -> str:
    """`09:30`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
