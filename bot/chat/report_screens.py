"""The report of one order: what it paid, beside what the market asked while the bot watched. Pure."""

from decimal import Decimal

from bot import texts
from bot.chat import chart_screens, markup, order_detail, order_screens, render
from bot.chat.order_screens import When
from bot.domain import fills
from bot.services.orders import OrderView
from bot.services.reports import OrderStory


def build(story: OrderStory, when: When, *, listed: bool = False) -> markup.Screen:
    """`listed`: as of `order_detail.build_detail`, for the way back."""
    view, of = story.view, order_screens.found_in(story.view, listed=listed)
    blocks = [
        _heading(story, when),
        _sums(story),
        _against_market(story),
        _extremes(story, when),
        order_detail.if_sold(view),
    ]
    lines = [line for block in blocks if block for line in ("", *block)]
    number = view.number
    return markup.screen(
        lines[1:],
        [
            markup.button(texts.B_CHART, "chart", number, *of),
            markup.button(texts.B_FILLS, "fills", number, 0, *of),
        ],
        [order_screens.back_to(view, listed=listed), markup.button(texts.B_HOME, "home")],
    )


def _heading(story: OrderStory, when: When) -> list[str]:
    view, report = story.view, story.report
    period = texts.REPORT_SO_FAR if view.order.active else texts.REPORT_PERIOD
    return [
        texts.REPORT_OF.format(number=view.number, pair=render.pair(view.input, view.output)),
        f"{order_screens.kind(view)} · {order_screens.state(view)}",
        period.format(
            start=render.absolute(report.start, when.zone),
            end=render.absolute(report.end, when.zone),
            span=render.duration(report.end - report.start),
        ),
    ]


def _sums(story: OrderStory) -> list[str]:
    view, report = story.view, story.report
    fees = [_fee(mint, raw, view) for mint, raw in report.fees.items()]
    total = view.order.cycles_total
    counted = texts.REPORT_FILLS if total is None else texts.REPORT_FILLS_OF
    cycles = [counted.format(count=report.totals.count, total=total)]
    if report.skipped:
        cycles.append(texts.REPORT_SKIPPED.format(count=report.skipped))
    return [
        texts.REPORT_PAID.format(amount=render.amount(report.totals.in_raw, view.input)),
        texts.REPORT_BOUGHT.format(amount=render.amount(report.totals.out_raw, view.output)),
        texts.REPORT_FEES.format(fees=" + ".join(fees)) if fees else texts.REPORT_NO_FEES,
        " · ".join(cycles),
    ]


def _fee(mint: str, raw: int, view: OrderView) -> str:
    for token in (view.output, view.input):
        if token.mint == mint:
            return render.amount(raw, token)
    return texts.BASE_UNITS.format(raw=raw, mint=render.foreign(mint, 64))


def _against_market(story: OrderStory) -> list[str]:
    view, report = story.view, story.report
    if report.average is None:
        return []
    unit = render.price_unit(view.input, view.output)
    lines = [texts.REPORT_AVERAGE.format(price=_price(report.average, view), unit=unit)]
    seen = report.market
    if seen.average is None:
        return [*lines, texts.REPORT_NOT_WATCHED]
    watched = texts.REPORT_WATCHED_ALL
    if not chart_screens.is_watched_all(seen.share):
        watched = texts.REPORT_WATCHED.format(percent=chart_screens.watched_percent(seen.share))
    lines += [texts.REPORT_MARKET.format(price=_price(seen.average, view)), watched]
    if report.compared_average and seen.average:
        lines.append(_comparison(story, report.compared_average, seen.average))
    return lines


def _comparison(story: OrderStory, paid: Decimal, market: Decimal) -> str:
    """Like with like: the fills of the time that was watched."""
    view, report = story.view, story.report
    better, worse = texts.VERSUS_CHEAPER, texts.VERSUS_DEARER
    if render.inverted(view.input, view.output):
        better, worse = texts.VERSUS_HIGHER, texts.VERSUS_LOWER
    percent = render.advantage(paid, market, view.input, view.output)
    compared = (better if percent > 0 else worse).format(percent=abs(percent))
    compared = compared if percent else texts.VERSUS_EQUAL
    if report.compared.count == report.totals.count:
        return texts.REPORT_COMPARED.format(compared=compared)
    said = texts.REPORT_COMPARED_ONE if report.compared.count == 1 else texts.REPORT_COMPARED_PART
    return said.format(count=report.compared.count, price=_price(paid, view), compared=compared)


def _extremes(story: OrderStory, when: When) -> list[str]:
    view, report = story.view, story.report
    if report.best is None or report.worst is None or report.best is report.worst:
        return []
    return [
        _fill(texts.REPORT_BEST, report.best, view, when),
        _fill(texts.REPORT_WORST, report.worst, view, when),
    ]


def _fill(said: str, fill: fills.Fill, view: OrderView, when: When) -> str:
    price = fills.price(fill.in_raw, fill.net_out_raw, view.input.decimals, view.output.decimals)
    return said.format(
        price=_price(price, view) if price else "",
        when=when.at(fill.confirmed_at),
        link=render.tx_link(fill.signature),
    )


def _price(value: Decimal, view: OrderView) -> str:
    return render.price(value, view.input, view.output)
