"""Charts as values: what is to be seen, in words and numbers. How it is drawn is decided elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

Point = tuple[datetime, Decimal]
Stretch = tuple[Point, ...]


class Look(StrEnum):
    """Curves differ in form; colour only helps."""

    LINE = "line"
    STEPS = "steps"
    """Dashed stairs: each value holds until the next."""
    DOTS = "dots"


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    look: Look
    stretches: tuple[Stretch, ...]
    """By time; between two of them is a gap, which stays one."""
    tagged: bool = False
    """Its last value is written beside it."""

    @property
    def empty(self) -> bool:
        return not any(self.stretches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All text is plain: one line each, from whatever source; what the font lacks is the drawer's concern."""

    title: str
    unit: str
    """Of the values, such as `USDC per SOL`."""
    prefix: str = ""
    """In front of values, such as `$`."""
    time: str
    """What the times are in, such as `Europe/Zurich`."""
    zone: tzinfo = UTC
    start: datetime
    end: datetime
    curves: tuple[Curve, ...]
    from_zero: bool = False


def condense(points: Sequence[Point], start: datetime, end: datetime, most: int = 600) -> Stretch:
    """At most about `most` points that look the same: of each narrow strip the lowest and the highest."""
    if len(points) <= most or end <= start:
        return tuple(points)
    width = (end - start) / (most // 2)
    kept: list[Point] = [points[0]]
    for strip in _strips(points[1:-1], start, width):
        low, high = min(strip, key=_value), max(strip, key=_value)
        kept += sorted({low, high})
    return (*kept, points[-1])


def _strips(points: Iterable[Point], start: datetime, width: timedelta) -> Iterable[list[Point]]:
    strip: list[Point] = []
    number: int | None = None
    for point in points:
        if strip and (point[0] - start) // width != number:
            yield strip
            strip = []
        number = (point[0] - start) // width
        strip.append(point)
    if strip:
        yield strip


def _value(point: Point) -> Decimal:
    return point[1]
