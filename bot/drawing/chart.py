"""Draws one chart as a PNG that can be read on a phone. Runs in the worker process only."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import matplotlib as mpl
from matplotlib import dates, ticker
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from bot.domain.charts import Chart, Curve, Look
from bot.drawing import lettering

WIDTH: Final = 1080
HEIGHT: Final = 720
_DPI: Final = 100

_INK, _SOFT, _GRID, _PAPER = "#17212b", "#5b6875", "#e2e7ec", "#ffffff"
_STYLES: Final[dict[Look, dict[str, Any]]] = {
    Look.LINE: {"color": "#2a7bd1", "linewidth": 3.5, "solid_capstyle": "round", "zorder": 2},
    Look.STEPS: {
        "color": _INK,
        "linewidth": 3.5,
        "linestyle": (0, (4, 1.6)),
        "drawstyle": "steps-post",
        "zorder": 3,
    },
    Look.DOTS: {
        "color": "#f0a020",
        "linestyle": "none",
        "marker": "o",
        "markeredgecolor": _INK,
        "zorder": 4,
    },
}
_TITLE_SIZE: Final = 25.0
_NEAR: Final = 0.04
"""A curve that ends earlier than this part of the time has no last value to speak of."""
_LEAST_MARGIN: Final = timedelta(minutes=2)
_TAG_GAP: Final = 0.065
"""Least distance between two tags, as a part of the height."""

mpl.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 20,
        # A token may be called $x^2$.
        "text.parse_math": False,
        "axes.unicode_minus": False,
        "axes.edgecolor": _SOFT,
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
)


def draw(chart: Chart) -> bytes:
    """A PNG of WIDTH × HEIGHT pixels."""
    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=_PAPER)
    figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.16, h_pad=0.13))
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shown = [curve for curve in chart.curves if not curve.empty]
    scale = lettering.scale([value for curve in shown for each in curve.stretches for _, value in each])
    handles = [_plot(axes, curve, scale.factor) for curve in shown]
    _set_time(axes, chart)
    step = _set_values(axes, chart, scale)
    _write_tags(axes, chart, shown, scale.factor, step)
    legend = figure.legend(
        handles=handles,
        loc="outside upper left",
        title=lettering.plain(chart.title),
        title_fontproperties={"size": _TITLE_SIZE, "weight": "bold"},
        alignment="left",
        ncols=max(1, len(shown)),
        frameon=False,
        handlelength=1.7,
        handletextpad=0.5,
        columnspacing=1.3,
        borderpad=0.0,
        borderaxespad=0.75,
        labelspacing=0.6,
    )
    title = legend.get_title()
    room = (WIDTH - 40) / max(1.0, title.get_window_extent(canvas.get_renderer()).width)
    title.set_fontsize(_TITLE_SIZE * min(1.0, room))
    out = io.BytesIO()
    canvas.print_png(out)
    return out.getvalue()


def _plot(axes: Axes, curve: Curve, factor: Decimal) -> Line2D:
    """Returns what stands for it in the legend."""
    style = dict(_STYLES[curve.look])
    if curve.look is Look.DOTS:
        count = sum(len(stretch) for stretch in curve.stretches)
        style |= {"markersize": max(5.0, 14.0 - count / 30), "markeredgewidth": 1.6 if count < 150 else 0.7}
    for stretch in curve.stretches:
        times = [_number(at) for at, _ in stretch]
        values = [float(value * factor) for _, value in stretch]
        # A single sample of a line would be nothing at all.
        lone = {"marker": "o", "markersize": 6} if curve.look is Look.LINE and len(stretch) == 1 else {}
        axes.plot(times, values, **style | lone)
    shown = {"markersize": 13.0, "markeredgewidth": 1.6} if curve.look is Look.DOTS else {}
    return Line2D([], [], label=lettering.plain(curve.name), **style | shown)


def _set_time(axes: Axes, chart: Chart) -> None:
    span = chart.end - chart.start
    margin = max(span * 0.025, _LEAST_MARGIN)
    axes.set_xlim(_number(chart.start - margin), _number(chart.end + margin))
    # Every other day from the first of a month would put the 31st right beside the 1st.
    daily = timedelta(days=3) <= span < timedelta(days=89)
    locator = dates.AutoDateLocator(tz=chart.zone, minticks=3, maxticks=6, interval_multiples=not daily)
    formatter = dates.ConciseDateFormatter(
        locator,
        tz=chart.zone,
        show_offset=False,
        formats=["%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%H:%M:%S"],
        zero_formats=["", "%Y", "%-d %b", "%-d %b", "%H:%M", "%H:%M"],
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlabel(_name_of_time(chart), loc="right", color=_SOFT, fontsize=18)


def _name_of_time(chart: Chart) -> str:
    """What the ticks leave out: the day or the year, and whose clock it is."""
    start, end = chart.start.astimezone(chart.zone), chart.end.astimezone(chart.zone)
    missing = ""
    if start.date() == end.date():
        missing = f"{start:%-d %b %Y} · "
    elif start.year == end.year:
        missing = f"{start:%Y} · "
    return missing + lettering.plain(chart.time)


def _set_values(axes: Axes, chart: Chart, scale: lettering.Scale) -> float:
    """Returns the step between two lines of the grid."""
    axes.margins(y=0.07)
    if chart.from_zero:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ticks = axes.get_yticks()
    step = min((high - low for low, high in pairwise(ticks)), default=1.0)
    axes.yaxis.set_major_formatter(
        ticker.FuncFormatter(lambda value, _: lettering.number(value, step, chart.prefix))
    )
    axes.set_title(lettering.plain(chart.unit) + scale.words, loc="left", fontsize=18, color=_SOFT, pad=8)
    axes.grid(axis="y", color=_GRID, linewidth=1.4)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return step


def _write_tags(axes: Axes, chart: Chart, curves: Sequence[Curve], factor: Decimal, step: float) -> None:
    """The last value of a curve beside its end, no two on top of each other."""
    low, high = axes.get_ylim()
    recent = chart.end - (chart.end - chart.start) * _NEAR
    tagged = [curve for curve in curves if curve.tagged and curve.stretches[-1][-1][0] >= recent]
    values = {curve.name: float(curve.stretches[-1][-1][1] * factor) for curve in tagged}
    room = 0.0
    for curve in sorted(tagged, key=lambda curve: values[curve.name]):
        height = max((values[curve.name] - low) / (high - low), room)
        room = height + _TAG_GAP
        text = lettering.tag(values[curve.name], step, chart.prefix)
        colour = _STYLES[curve.look]["color"]
        axes.text(1.012, height, text, transform=axes.transAxes, va="center", color=colour, fontweight="bold")


def _number(moment: datetime) -> float:
    """A time as matplotlib counts it."""
    return float(dates.date2num(moment))
