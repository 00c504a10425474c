"""Charts of orders and wallets, and the captions that say the same in words. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from bot import texts
from bot.chat import markup, order_screens, render
from bot.chat.order_screens import When
from bot.domain import addresses, charts, fills, market
from bot.domain.charts import Chart, Curve, Look, Point, Stretch
from bot.services.orders import OrderView
from bot.services.reports import OrderStory, WalletStory

_WATCHED_ALL = 0.995
"""Between the first sample and the start of an order is a moment that nobody misses."""
_A_DAY = timedelta(hours=20)


# --- an order --------------------------------------------------------------------------------------------


def draw_order(story: OrderStory, when: When) -> Chart | None:
    """None = there is nothing to be seen."""
    view, start, end = story.view, story.report.start, story.report.end
    dots = _prices_of_fills(view)
    average = _running_average(view)
    stretches = [
        [(sample.at, _usual(sample.price, view)) for sample in stretch if start <= sample.at <= end]
        for stretch in market.stretches(story.quotes)
    ]
    curves = (
        Curve(texts.CHART_MARKET, Look.LINE, _condensed(stretches, start, end), tagged=True),
        Curve(
            texts.CHART_AVERAGE,
            Look.STEPS,
            _condensed([[*average, (end, average[-1][1])]] if average else [], start, end),
            tagged=True,
        ),
        Curve(texts.CHART_DOTS, Look.DOTS, (tuple(dots),) if dots else ()),
    )
    return _chart(
        curves,
        when,
        title=f"#{view.number} · {markup.plain(render.pair(view.input, view.output))}",
        unit=markup.plain(render.price_unit(view.input, view.output)),
        start=start,
        end=end,
    )


def build_order_caption(story: OrderStory, when: When, *, listed: bool = False) -> markup.Screen:
    """`listed`: as of `order_detail.build_detail`, for the way back."""
    view, of = story.view, order_screens.found_in(story.view, listed=listed)
    lines = [
        texts.CHART_OF_ORDER.format(number=view.number, pair=render.pair(view.input, view.output)),
        _when_filled([known.fill.confirmed_at for known in view.fills], when),
    ]
    prices = [value for _, value in _prices_of_fills(view)]
    if len(prices) > 1:
        low, high = render.price_digits(min(prices)), render.price_digits(max(prices))
        unit = render.price_unit(view.input, view.output)
        lines.append(texts.CHART_RANGE.format(low=low, high=high, unit=unit))
    lines += order_screens.prices(view)
    lines.append(_watched(story.report.market.share))
    return _caption(
        lines,
        [
            markup.opener(texts.B_REPORT, "report", view.number, *of),
            markup.opener(texts.B_ORDER.format(number=view.number), "order", view.number, *of),
        ],
    )


def watched_percent(share: float) -> str:
    """Rounded down: what was not watched is never said to be."""
    return f"{int(share * 100)}\u00a0%" if share >= 0.01 else texts.LESS_THAN_1_PERCENT


def is_watched_all(share: float) -> bool:
    return share >= _WATCHED_ALL


def _watched(share: float) -> str:
    if is_watched_all(share):
        return texts.WATCHED_ALL
    return texts.WATCHED_PART.format(percent=watched_percent(share)) if share else texts.WATCHED_NONE


def _prices_of_fills(view: OrderView) -> list[Point]:
    """In the pair's usual direction; a fill that brought nothing has none."""
    points = []
    for known in view.fills:
        fill = known.fill
        price = fills.price(fill.in_raw, fill.net_out_raw, view.input.decimals, view.output.decimals)
        if price:
            points.append((fill.confirmed_at, _usual(price, view)))
    return points


def _running_average(view: OrderView) -> list[Point]:
    """After each fill, over all up to it."""
    found = [known.fill for known in view.fills]
    paid = accumulate(fill.in_raw for fill in found)
    bought = accumulate(fill.net_out_raw for fill in found)
    points = []
    for fill, in_raw, out_raw in zip(found, paid, bought, strict=True):
        price = fills.price(in_raw, out_raw, view.input.decimals, view.output.decimals)
        if price:
            points.append((fill.confirmed_at, _usual(price, view)))
    return points


def _usual(price: Decimal, view: OrderView) -> Decimal:
    return render.price_value(price, view.input, view.output)


# --- a wallet --------------------------------------------------------------------------------------------


def draw_wallet(story: WalletStory, when: When) -> Chart | None:
    """None = nothing of what was paid is known."""
    paid, end = story.course.paid, story.end
    if not paid:
        return None
    start = paid[0][0]
    curves = (
        Curve(texts.CHART_WORTH, Look.LINE, story.course.worth, tagged=True),
        Curve(
            texts.CHART_PAID, Look.STEPS, _condensed([[*paid, (end, paid[-1][1])]], start, end), tagged=True
        ),
    )
    return _chart(
        curves,
        when,
        title=f"{render.clean(story.wallet.name)} · {addresses.shorten(story.wallet.pubkey)}",
        unit=texts.CHART_USD,
        prefix="$",
        start=start,
        end=end,
        from_zero=True,
    )


def build_wallet_caption(story: WalletStory, when: When) -> markup.Screen:
    name = f"{render.foreign(story.wallet.name)} · {addresses.shorten(story.wallet.pubkey)}"
    lines = [texts.CHART_OF_WALLET.format(wallet=name)]
    if story.course.paid:
        lines += [
            texts.WALLET_PAID.format(usd=_dollars(story.paid)),
            _worth(story),
            texts.WALLET_ALL_BOUGHT,
        ]
    if story.left_out:
        lines.append(texts.WALLET_LEFT_OUT.format(left_out=story.left_out, count=story.fills))
    share = story.course.share
    if not share and story.course.paid:
        lines.append(texts.WORTH_NONE)
    elif story.course.paid and not is_watched_all(share):
        lines.append(texts.WORTH_PART.format(percent=watched_percent(share)))
    return _caption(
        lines,
        [markup.opener(texts.B_WALLET, "wallet", story.wallet.id), markup.opener(texts.B_HOME, "home")],
    )


def _worth(story: WalletStory) -> str:
    if story.worth is None:
        return texts.WALLET_WORTH_UNKNOWN
    change = (story.worth / story.paid - 1) * 100 if story.paid else Decimal(0)
    return texts.WALLET_WORTH.format(usd=_dollars(story.worth), percent=render.signed_percent(change))


def _dollars(value: Decimal) -> str:
    return f"≈ {render.dollars(value)}"


# --- pieces ----------------------------------------------------------------------------------------------


def build_nothing(caption: markup.Screen) -> markup.Screen:
    """In place of a chart that would be empty."""
    return markup.screen([*caption.html.split("\n")[:1], texts.CHART_NOTHING], *caption.keyboard)


def build_undrawn(caption: markup.Screen, why: str) -> markup.Screen:
    """The words without the picture."""
    said = texts.CHART_NO_PICTURE.format(why=render.sentence(why))
    return markup.screen([said, "", *caption.html.split("\n")], *caption.keyboard)


def _chart(
    curves: tuple[Curve, ...],
    when: When,
    *,
    title: str,
    unit: str,
    start: datetime,
    end: datetime,
    prefix: str = "",
    from_zero: bool = False,
) -> Chart | None:
    if all(curve.empty for curve in curves):
        return None
    zone = render.zone(when.zone)
    return Chart(
        title=title,
        unit=unit,
        prefix=prefix,
        time=when.zone if zone else "UTC",
        zone=zone or UTC,
        start=start,
        end=end,
        curves=curves,
        from_zero=from_zero,
    )


def _condensed(stretches: Sequence[Sequence[Point]], start: datetime, end: datetime) -> tuple[Stretch, ...]:
    return tuple(charts.condense(stretch, start, end) for stretch in stretches if stretch)


def _when_filled(times: Sequence[datetime], when: When) -> str:
    if not times:
        return texts.CHART_NO_FILLS
    said = texts.CHART_FILLS if len(times) > 1 else texts.CHART_FILL
    # Of two days, an hour alone would be read as one of the same day.
    long = times[-1] - times[0] > _A_DAY
    shown = (render.absolute(at, when.zone) if long else when.at(at) for at in (times[0], times[-1]))
    # On the clock of the picture, not on that of the phone.
    first, last = map(markup.plain, shown)
    return said.format(count=len(times), first=first, last=last)


def _caption(lines: Sequence[str], *rows: markup.Row) -> markup.Screen:
    return markup.Screen(
        markup.fit(lines, limit=markup.CAPTION_LIMIT), tuple(tuple(row) for row in rows if row)
    )
