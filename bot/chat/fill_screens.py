"""Screens about fills: the newest of all orders, and those of one order. Pure."""

from collections.abc import Sequence

from bot import ports, texts
from bot.chat import markup, order_screens, render
from bot.chat.order_screens import View, When
from bot.domain import amounts, fills
from bot.services import fill_log

PAGE = 5
OF_ORDER_PAGE = 8
_IN_A_ROW = 3


def build_latest(shown: fill_log.FillPage, when: When) -> markup.Screen:
    """One page of PAGE fills across all orders."""
    pages = markup.count_pages(shown.total, PAGE)
    lines = [texts.LATEST_FILLS + (f" · {shown.total}" if shown.total else "")]
    if shown.error:
        lines.append(_stale(shown, when))
    if not shown.items:
        lines += ["", texts.FILLS_UNKNOWN if shown.error else texts.NO_FILLS]
    for logged in shown.items:
        lines += ["", *_logged(logged, when)]
    return markup.screen(
        lines,
        *_order_rows([logged.filled.number for logged in shown.items]),
        markup.turner(shown.page, pages, "latest"),
        [
            markup.button(texts.B_STATEMENT, "statement", 0, "all", 0),
            markup.button(texts.B_REFRESH, "relatest", shown.page),
            markup.button(texts.B_HOME, "home"),
        ],
    )


def _logged(logged: fill_log.LoggedFill, when: When) -> list[str]:
    known, number = logged.filled.known, logged.filled.number
    source, target = logged.input, logged.output
    if source is None or target is None:
        return [f"<b>#{number}</b> · {texts.FILL_TOKENS_UNKNOWN}", _where(known, when)]
    return [
        f"<b>#{number}</b> {render.pair(source, target)}",
        *_told(known, source, target),
        _where(known, when),
    ]


def build_of_order(view: View, page: int, when: When, *, listed: bool = False) -> markup.Screen:
    """Newest first, OF_ORDER_PAGE a page, each with its place among all of them.

    `listed`: as of `order_detail.build_detail`, for the way back.
    """
    newest, of = list(reversed(view.fills)), order_screens.found_in(view, listed=listed)
    pages = markup.count_pages(len(newest), OF_ORDER_PAGE)
    page = min(page, pages - 1)
    lines = [texts.FILLS_OF.format(number=view.number, pair=render.pair(view.input, view.output))]
    if not newest:
        lines += ["", texts.NO_FILLS_YET]
    first = page * OF_ORDER_PAGE
    for place, known in enumerate(newest[first : first + OF_ORDER_PAGE], start=first):
        bought, *price = _told(known, view.input, view.output)
        lines += ["", f"<b>{len(newest) - place}.</b> {bought}", *price, _where(known, when)]
    if newest:
        lines += ["", *order_screens.result(view)]
    return markup.screen(
        lines,
        markup.turner(page, pages, "fills", view.number, after=of),
        [
            order_screens.back_to(view, listed=listed),
            markup.button(texts.B_STATEMENT, "statement", view.number, "order", 0),
        ],
    )


def _told(known: ports.KnownFill, source: amounts.Token, target: amounts.Token) -> list[str]:
    """What was bought, for what, and at what price; the value is that of when it was found."""
    fill = known.fill
    bought, paid = render.amount(fill.net_out_raw, target), render.amount(fill.in_raw, source)
    told = amounts.is_dollar(source.mint) or amounts.is_dollar(target.mint)
    lines = [texts.FOR.format(bought=bought, paid=paid) + ("" if told else render.usd(known.usd))]
    price = fills.price(fill.in_raw, fill.net_out_raw, source.decimals, target.decimals)
    if price is not None:
        said = texts.PRICE.format(price=render.price(price, source, target))
        lines.append(f"{said} {render.price_unit(source, target)}")
    return lines


def _where(known: ports.KnownFill, when: When) -> str:
    return f"{when.at(known.fill.confirmed_at)} · {render.tx_link(known.fill.signature)}"


def _order_rows(numbers: Sequence[int]) -> list[markup.Row]:
    """A button for each order on the page, once."""
    buttons = [
        markup.button(texts.B_ORDER.format(number=number), "order", number)
        for number in dict.fromkeys(numbers)
    ]
    return [buttons[start : start + _IN_A_ROW] for start in range(0, len(buttons), _IN_A_ROW)]


def _stale(shown: fill_log.FillPage, when: When) -> str:
    if shown.stale_since is None:
        return f"⚠️ {order_screens.reason(shown.error)}"
    return order_screens.stale(shown.stale_since, shown.error, when)
