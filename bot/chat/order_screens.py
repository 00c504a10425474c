"""The list of orders, and the lines that other screens share with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot import texts
from bot.chat import markup, render
from bot.domain import fills, orders, wallets
from bot.services import orders as order_service

PAGE = 5
WALLETS_PAGE = 8
OLD = timedelta(minutes=2)
"""What was seen longer ago says so."""

View = order_service.OrderView
Summary = order_service.OrderSummary


@dataclass(frozen=True, slots=True)
class When:
    """The two times that screens need, and the person's zone."""

    now: datetime
    """Real time."""
    order_now: datetime
    """The time that orders live in."""
    zone: str = "UTC"

    def due(self, value: datetime) -> str:
        return render.due(value, self.order_now, self.zone)

    def at(self, value: datetime) -> str:
        return render.moment(value, self.order_now, self.zone)


# --- the list --------------------------------------------------------------------------------------------


def build_list(
    listed: order_service.OrderList,
    status: orders.Status,
    when: When,
    *,
    wallet: wallets.Wallet | None = None,
    several: bool = False,
) -> markup.Screen:
    """One page of PAGE orders, of one wallet or of all; `several` = there is more than one wallet."""
    pages = markup.count_pages(listed.total, PAGE)
    title = [f"<b>{texts.LIST_TITLES[status.value]}</b>"]
    if wallet:
        title.append(render.foreign(wallet.name))
    if listed.total:
        title.append(str(listed.total))
    if pages > 1:
        title.append(texts.PAGE_OF.format(page=listed.page + 1, pages=pages))
    lines = [" · ".join(title)]
    if listed.stale_since is not None and not listed.items:
        lines += [f"⚠️ {render.sentence(listed.error)}", "", texts.ORDERS_UNKNOWN]
    elif listed.stale_since is not None:
        lines.append(stale(listed.stale_since, listed.error, when))
    elif listed.error:
        lines.append(f"⚠️ {render.sentence(listed.error)}")
    elif not listed.items:
        lines += ["", texts.NO_ORDERS[status.value]]
    for view in listed.items:
        lines += ["", *summary(view, when, wallet=several and wallet is None)]
    return markup.screen(lines, *_list_rows(listed, status, pages, wallet, several))


def summary(view: Summary, when: When, *, wallet: bool = False) -> list[str]:
    """One order in two or three lines; `wallet` adds whose it is."""
    facts = [f"<b>#{view.number}</b> {render.pair(view.input, view.output)}", kind(view)]
    if view.known.muted:
        facts.append(texts.MUTED)
    rest = []
    if view.average is not None:
        unit = render.price_unit(view.input, view.output)
        rest.append(texts.AVERAGE.format(price=f"{_price(view.average, view)} {unit}"))
    if wallet:
        rest.append(render.foreign(view.wallet.name))
    lines = [" · ".join(facts), f"{render.bar(view.order.percent)}{_next(view, when)}"]
    return [*lines, *([" · ".join(rest)] if rest else [])]


def _list_rows(
    listed: order_service.OrderList,
    status: orders.Status,
    pages: int,
    wallet: wallets.Wallet | None,
    several: bool,
) -> list[markup.Row]:
    page, of = listed.page, (wallet.id,) if wallet else ()
    rows: list[markup.Row] = [
        [
            markup.button(
                f"#{view.number} {render.short_pair(view.input, view.output)}", "order", view.number, *of
            )
        ]
        for view in listed.items
    ]
    rows.append(markup.turner(page, pages, "orders", status.value, after=of))
    active = status is orders.Status.ACTIVE
    other = orders.Status.HISTORY if active else orders.Status.ACTIVE
    filters = [markup.button(texts.B_HISTORY if active else texts.B_ACTIVE, "orders", other.value, 0, *of)]
    if several:
        name = texts.B_OF_WALLET.format(name=render.clean(wallet.name, 16)) if wallet else texts.B_ALL_WALLETS
        filters.append(markup.button(name, "whose", status.value, 0))
    rows.append(filters)
    refresh = markup.button(texts.B_REFRESH, "reorders", status.value, page, *of)
    return [*rows, [refresh, markup.button(texts.B_HOME, "home")]]


def build_whose(listed: Sequence[wallets.Wallet], status: orders.Status, page: int) -> markup.Screen:
    """The orders of which wallet?"""
    pages = markup.count_pages(len(listed), WALLETS_PAGE)
    page = min(page, pages - 1)
    shown = listed[page * WALLETS_PAGE : (page + 1) * WALLETS_PAGE]
    return markup.screen(
        [texts.WHOSE_ORDERS],
        [markup.button(texts.B_ALL_WALLETS, "orders", status.value, 0)],
        *[
            [markup.button(render.clean(wallet.name, 20), "orders", status.value, 0, wallet.id)]
            for wallet in shown
        ],
        markup.turner(page, pages, "whose", status.value),
        [markup.button(texts.B_HOME, "home")],
    )


# --- pieces ----------------------------------------------------------------------------------------------


def result(view: View) -> list[str]:
    """What an order brought, all in all."""
    paid, bought = (
        render.amount(view.totals.in_raw, view.input),
        render.amount(view.totals.out_raw, view.output),
    )
    return [texts.IN_ALL.format(bought=bought, paid=paid), *prices(view)]


def found_in(view: Summary, *, listed: bool) -> tuple[int, ...]:
    """What buttons about an order carry on: the wallet in whose list it was found, if in one."""
    return (view.wallet.id,) if listed else ()


def back_to(view: Summary, *, listed: bool) -> markup.Button:
    """To the order's screen, from what it leads to; `listed`: as of `order_detail.build_detail`."""
    return markup.button(texts.B_BACK, "order", view.number, *found_in(view, listed=listed))


def kind(view: Summary) -> str:
    return texts.KINDS[view.order.family.value]


def state(view: Summary) -> str:
    if view.order.active:
        return texts.STATE_ACTIVE
    return texts.STATE_CANCELLED if view.order.user_closed else texts.STATE_FINISHED


def prices(view: Summary) -> list[str]:
    """The average against the market."""
    unit = render.price_unit(view.input, view.output)
    now = texts.MARKET_NOW.format(price=_price(view.market, view)) if view.market else ""
    if view.average is None:
        return [f"{now} {unit}"] if now else []
    lines = [texts.AVERAGE_IS.format(price=_price(view.average, view), unit=unit)]
    if view.market and view.average:
        compared = render.against_market(view.average, view.market, view.input, view.output)
        lines += [now, compared[0].upper() + compared[1:]]
    return lines


def bounds(view: Summary) -> list[str]:
    """The price range that the bounds on a cycle's output amount to."""
    order = view.order
    if not order.in_per_cycle_raw or not (order.min_out_raw or order.max_out_raw):
        return []
    highest, lowest = (
        fills.price(order.in_per_cycle_raw, raw, view.input.decimals, view.output.decimals)
        for raw in (order.min_out_raw, order.max_out_raw)
    )
    if render.inverted(view.input, view.output):
        highest, lowest = lowest, highest
    words = {(True, True): texts.RANGE, (True, False): texts.RANGE_FROM, (False, True): texts.RANGE_TO}
    said = words[lowest is not None, highest is not None]
    low, high = (_price(bound, view) if bound else "" for bound in (lowest, highest))
    return [said.format(low=low, high=high, unit=render.price_unit(view.input, view.output))]


def stale(since: datetime, error: str, when: When) -> str:
    return texts.STALE.format(when=render.ago(since, when.now), why=reason(error)).rstrip()


def reason(error: str) -> str:
    """Of an error, for people: where nothing was to be sent, that nothing was sent is no news."""
    why = error.removesuffix(texts.NOTHING_SENT).rstrip()
    return render.sentence(why) if why else ""


def _price(value: Decimal, view: Summary) -> str:
    return render.price(value, view.input, view.output)


def _next(view: Summary, when: When) -> str:
    if not view.order.active:
        return f" · {state(view)}"
    if view.next_fill_at is None:
        return ""
    last = view.last_fill.confirmed_at if view.last_fill else None
    if orders.overdue_since(view.order, last, when.order_now):
        return texts.LIST_OVERDUE
    # Short, because a phone shows about forty characters in a line; the order's own screen has the hour.
    return texts.LIST_NEXT.format(soon=render.soon(view.next_fill_at, when.order_now))
