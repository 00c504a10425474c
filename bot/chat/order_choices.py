"""Screens that ask which order is meant. Pure."""

from collections.abc import Sequence

from bot import texts
from bot.chat import markup, order_screens, render
from bot.chat.order_screens import Summary

PAGE = 6
MOST_CANDIDATES = 8


def build_choice(title: str, views: Sequence[Summary], verb: str, page: int = 0) -> markup.Screen:
    """Which of these? The verb of a button, with the order's number; its plural turns the page."""
    pages = markup.count_pages(len(views), PAGE)
    page = min(page, pages - 1)
    shown = views[page * PAGE : (page + 1) * PAGE]
    lines = title.split("\n")
    for view in shown:
        lines += ["", *candidate(view)]
    return markup.screen(
        [*lines, "", texts.CHOOSE_OR_NAME],
        *[[_button(view, verb)] for view in shown],
        markup.turner(page, pages, f"{verb}s"),
        [markup.button(texts.B_STOP, "stop")],
    )


def build_candidates(
    said: str, views: Sequence[Summary], more: int, verb: str, go_on: Sequence[str] = ()
) -> markup.Screen:
    """What was typed fits these, or only this one, which may not be what it seems; `more` fit besides."""
    lines = [texts.FIND_TITLE, render.sentence(said)]
    for view in views:
        lines += ["", *candidate(view)]
    if len(views) > 1:
        lines += ["", texts.FIND_MORE.format(count=more) if more else texts.FIND_NARROW]
    return markup.screen(
        lines,
        *[[_button(view, verb, *go_on)] for view in views],
        [markup.button(texts.B_ORDERS, "orders", "active", 0), markup.button(texts.B_HOME, "home")],
    )


def candidate(view: Summary) -> list[str]:
    """What tells an order from another one."""
    left = render.amount(view.order.in_left_raw, view.input)
    rest = texts.LEFT.format(amount=left) if view.order.active else order_screens.state(view)
    return [
        f"<b>#{view.number}</b> {render.pair(view.input, view.output)} · {render.foreign(view.wallet.name)}",
        f"{order_screens.kind(view)} · {rest}",
    ]


def _button(view: Summary, verb: str, *go_on: str) -> markup.Button:
    return markup.button(
        f"#{view.number} {render.short_pair(view.input, view.output)}", verb, view.number, *go_on
    )
