"""When somebody is told of their fills: each as it comes, in a digest, and not in quiet hours. Pure.

Hours are real time on the wall clock of the person's zone. Where that clock jumps, an hour that it skips is
the moment of the jump; of an hour that it shows twice the first counts for digests and for the beginning of
quiet hours, the last for their end. So a digest comes once on each of its days, whatever the clock does, and
wherever the wall clock shows an hour within quiet hours, it is quiet.

Only fills, and that there was none, are held back: news that keeps. What may call for action, such as an
order that was opened or cancelled elsewhere or is low on funds, comes at once, in quiet hours without sound.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final, TypeGuard

from bot.domain import notices, zones

DAY: Final = 24 * 60
"""Minutes."""
WEEK: Final = 7
HELD: Final = (notices.FillSeen, notices.CycleSkipped)
"""What may wait."""


class Fills(StrEnum):
    """How fills are told."""

    EACH = "each"
    SILENT = "silent"
    """As they come, without a sound."""
    DAILY = "daily"
    WEEKLY = "weekly"


_DIGESTS = frozenset({Fills.DAILY, Fills.WEEKLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    fills: Fills = Fills.EACH
    digest_at: int = 9 * 60
    """Minutes after midnight."""
    digest_on: int = 0
    """Day of the weekly digest, Monday is 0."""
    quiet: tuple[int, int] | None = None
    """From and to, in minutes after midnight, across midnight where `to` is not later than `from`."""
    zone: tzinfo = UTC

    @property
    def digest(self) -> bool:
        return self.fills in _DIGESTS


def read(settings: Mapping[str, Any], zone: str) -> Wishes:
    """Wishes out of what is stored, as far as that makes sense."""
    fills, quiet, plain = settings.get("fills"), settings.get("quiet"), Wishes()
    at, on = settings.get("digest_at"), settings.get("digest_on")
    return Wishes(
        fills=Fills(fills) if fills in list(Fills) else plain.fills,
        digest_at=at if _fits(at, DAY) else plain.digest_at,
        digest_on=on if _fits(on, WEEK) else plain.digest_on,
        quiet=(quiet[0], quiet[1]) if quiet and is_span(quiet) else None,
        zone=zones.resolve(zone) or UTC,
    )


def write(wishes: Wishes) -> dict[str, Any]:
    """What `read` reads, but for the zone."""
    return {
        "fills": wishes.fills.value,
        "digest_at": wishes.digest_at,
        "digest_on": wishes.digest_on,
        "quiet": list(wishes.quiet) if wishes.quiet else None,
    }


def is_span(quiet: Any) -> bool:
    """Whether two minutes of a day can be quiet hours: neither no time, nor all of it."""
    return (
        isinstance(quiet, list | tuple)
        and len(quiet) == 2
        and all(_fits(minutes, DAY) for minutes in quiet)
        and quiet[0] != quiet[1]
    )


def hold_until(wishes: Wishes, now: datetime) -> datetime | None:
    """Until when what is HELD and seen now has to wait; None = it may be told at once."""
    if wishes.digest:
        return next(moment for moment in _digests(wishes, now) if moment > now)
    return _quiet_end(wishes, now)


def is_quiet(wishes: Wishes, now: datetime) -> bool:
    return _quiet_end(wishes, now) is not None


def rings(wishes: Wishes, told: Iterable[notices.Notice], now: datetime) -> bool:
    """Whether a message that tells all this may make a sound. The operator is woken."""
    batch = list(told)
    if any(isinstance(notice, notices.OperatorTold) for notice in batch):
        return True
    silent = wishes.fills is Fills.SILENT and all(isinstance(notice, HELD) for notice in batch)
    return not silent and not is_quiet(wishes, now)


# --- digests ---------------------------------------------------------------------------------------------


def _digests(wishes: Wishes, now: datetime) -> Iterator[datetime]:
    """Times of digests from before now on. One that falls into quiet hours comes at their end."""
    today = now.astimezone(wishes.zone).date()
    for day in range(-2, 2 * WEEK):
        that_day = today + timedelta(days=day)
        if wishes.fills is Fills.DAILY or that_day.weekday() == wishes.digest_on:
            moment = _instant(wishes.zone, that_day, wishes.digest_at, last=False)
            yield _quiet_end(wishes, moment) or moment


# --- quiet hours -----------------------------------------------------------------------------------------


def _quiet_end(wishes: Wishes, moment: datetime) -> datetime | None:
    """When the quiet hours end that are at a moment; None = there are none then.

    Where a clock that jumps lets one night begin before the one before it ends, the earlier end counts:
    something is told at the end of every night.
    """
    if wishes.quiet is None or not is_span(wishes.quiet):
        return None
    begin, end = wishes.quiet
    today = moment.astimezone(wishes.zone).date()
    for day in range(-2, 2):
        first = today + timedelta(days=day)
        last = first + timedelta(days=1) if end < begin else first
        ends = _instant(wishes.zone, last, end, last=True)
        if _instant(wishes.zone, first, begin, last=False) <= moment < ends:
            return ends
    return None


# --- the wall clock --------------------------------------------------------------------------------------


def _instant(zone: tzinfo, day: date, minutes: int, *, last: bool) -> datetime:
    """When the wall clock shows this, for the first or the last time; or jumps over it."""
    wall = datetime.combine(day, time(minutes // 60, minutes % 60))
    early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _wall(early, zone) == wall:
        return late if last else early
    # Skipped: somewhere between the two the clock jumps from before it to behind it.
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if _wall(middle, zone) < wall:
            early = middle
        else:
            late = middle
    return late


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _fits(value: Any, limit: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit
