"""Charts to be drawn: the usual one, and those that are hard to draw."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain.charts import Chart, Curve, Look, Stretch

START = datetime(2026, 10, 24, 9, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")


def wave(count: int, span: timedelta, base: Decimal, swing: str = "0.05") -> Stretch:
    """A price that wanders up and down around its base."""
    return tuple(
        (
            START + span * place / max(1, count - 1),
            base * (1 + Decimal(swing) * Decimal(repr(math.sin(place / 7) + math.sin(place / 3.1) / 2))),
        )
        for place in range(count)
    )


def build_chart(
    fills: int = 10,
    *,
    span: timedelta = timedelta(days=10),
    base: Decimal = Decimal(170),
    swing: str = "0.05",
    market: Callable[[Stretch], tuple[Stretch, ...]] = lambda whole: (whole,),
    title: str = "#7 · USDC → SOL",
    unit: str = "USDC per SOL",
    time: str = "Europe/Zurich",
    zone: tzinfo = ZURICH,
) -> Chart:
    """An order's chart; `market` says which stretches of its price were watched."""
    whole = wave(400, span, base, swing)
    dots = whole[5 :: max(1, len(whole) // max(1, fills))][:fills]
    average = dots and ((*dots, (START + span, dots[-1][1])))
    return Chart(
        title=title,
        unit=unit,
        time=time,
        zone=zone,
        start=START,
        end=START + span,
        curves=(
            Curve("Market", Look.LINE, market(whole), tagged=True),
            Curve("Average", Look.STEPS, (average,) if average else (), tagged=True),
            Curve("Fills", Look.DOTS, (dots,) if dots else ()),
        ),
    )


def hard_charts() -> dict[str, Chart]:
    """By what is hard about them."""
    usual = build_chart()
    moment = replace(usual, end=START, curves=(Curve("Fills", Look.DOTS, (((START, Decimal(1)),),)),))
    return {
        "usual": usual,
        "one fill": build_chart(1, span=timedelta(hours=3)),
        "500 fills": build_chart(500, span=timedelta(days=500), base=Decimal("0.0000123"), swing="0.4"),
        "2,000 fills": build_chart(2_000, span=timedelta(days=2_000)),
        "gaps": build_chart(20, market=lambda whole: (whole[:60], whole[120:121], whole[200:300])),
        "never watched": build_chart(4, market=lambda _: ()),
        "no fills": build_chart(0),
        "nothing": build_chart(0, market=lambda _: ()),
        "tiny": build_chart(base=Decimal("1.23e-18")),
        "huge": build_chart(base=Decimal("9.87e14")),
        "255 decimals": build_chart(base=Decimal("3.21e-250")),
        "beyond measure": build_chart(base=Decimal("3.21e+300")),
        "flat": build_chart(swing="0"),
        "nought": build_chart(base=Decimal(0)),
        "a moment": moment,
        "minutes": build_chart(8, span=timedelta(minutes=10)),
        "decades": build_chart(span=timedelta(days=9_000)),
        "clocks change": build_chart(span=timedelta(days=2)),
        "strange names": build_chart(
            title="$x^2$ \\frac{ <b>😀 مرحبا \x00 %s", unit="ＵＳＤＣ per $\\alpha$"
        ),
        "long names": build_chart(title="W" * 500, unit="per " * 200, time="America/Argentina/Buenos_Aires"),
        "money": replace(usual, prefix="$", from_zero=True),
    }


_ECHO = """
import sys
from bot.drawing import frames
while head := sys.stdin.buffer.read(frames.HEADER.size):
    body = sys.stdin.buffer.read(frames.read_header(head)[1])
    {does}
    sys.stdout.buffer.write(frames.pack(frames.Kind.PICTURE, b"drawn " + body[-20:]))
    sys.stdout.buffer.flush()
"""


def stand_in(does: str = "pass") -> Sequence[str]:
    """A drawing process that answers at once, after what it `does`: no library to load."""
    return (sys.executable, "-c", _ECHO.format(does=does))
