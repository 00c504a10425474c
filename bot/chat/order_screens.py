"""Screens about orders: the list, and one order. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot import texts
from bot.chat import cards, markup, render
from bot.domain import addresses, amounts, fills, orders
from bot.services import orders as order_service

PAGE = 5
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


def build_list(listed: order_service.OrderList, status: orders.Status, when: When) -> markup.Screen:
    """One page of PAGE orders."""
    pages = max(1, -(-listed.total // PAGE))
    page, shown = listed.page, listed.items
    title = "Active orders" if status is orders.Status.ACTIVE else "Finished orders"
    lines = [f"<b>{title}</b>" + (f" · {listed.total}" if listed.total else "")]
    if listed.stale_since is not None and not shown:
        lines += [f"⚠️ {render.sentence(listed.error)}", "", texts.ORDERS_UNKNOWN]
    elif listed.stale_since is not None:
        lines.append(stale(listed.stale_since, listed.error, when))
    elif not shown:
        lines += ["", texts.NO_ORDERS[status.value]]
    for view in shown:
        lines += ["", *summary(view, when)]
    return markup.screen(lines, *_list_rows(shown, status, page, pages))


def summary(view: Summary, when: When) -> list[str]:
    """One order in two or three lines."""
    order = view.order
    muted = " · 🔕 muted" if view.known.muted else ""
    lines = [
        f"<b>#{view.number}</b> {render.pair(view.input, view.output)} · {kind(view)}{muted}",
        f"{render.bar(order.progress)}{_next(view, when)}",
    ]
    if view.average is not None:
        lines.append(f"average {_price(view.average, view)} {render.price_unit(view.input, view.output)}")
    return lines


def _list_rows(shown: Sequence[Summary], status: orders.Status, page: int, pages: int) -> list[markup.Row]:
    rows: list[markup.Row] = [
        [markup.button(f"#{view.number} {render.short_pair(view.input, view.output)}", "order", view.number)]
        for view in shown
    ]
    turn = []
    if page > 0:
        turn.append(markup.button("‹ Newer", "orders", status.value, page - 1))
    if page + 1 < pages:
        turn.append(markup.button("Older ›", "orders", status.value, page + 1))
    rows.append(turn)
    active = status is orders.Status.ACTIVE
    other = orders.Status.HISTORY if active else orders.Status.ACTIVE
    rows.append(
        [
            markup.button("📜 History" if active else "📋 Active", "orders", other.value, 0),
            markup.button("🔄 Refresh", "reorders", status.value, page),
            markup.button("🏠 Home", "home"),
        ]
    )
    return rows


# --- one order -------------------------------------------------------------------------------------------


def build_detail(view: View, when: When, *, note: str = "") -> markup.Screen:
    order = view.order
    used = render.amount(order.in_used_raw, view.input)
    lines = [
        f"<b>#{view.number} · {render.pair(view.input, view.output)}</b>",
        f"{kind(view)} · {state(view)}" + (" · 🔕 muted" if view.known.muted else ""),
        "",
        f"{render.bar(order.progress)}{_cycles(order)}",
        f"Spent: {used} of {render.amount(order.in_deposited_raw, view.input)}",
        f"Left: <b>{render.amount(order.in_left_raw, view.input)}</b>",
    ]
    if order.in_withdrawn_raw:
        lines.append(f"Taken out: {render.amount(order.in_withdrawn_raw, view.input)}")
    lines.append(f"Bought: {render.amount(view.totals.out_raw, view.output)} (after fees)")
    if order.out_waiting_raw:
        lines.append(f"Waiting in the order: {render.amount(order.out_waiting_raw, view.output)}")
    lines += _prices(view)
    lines.append("")
    if order.family is orders.Family.TIME:
        lines.append(f"{render.amount(order.in_per_cycle_raw, view.input)} {render.every(order.cycle)}")
    else:
        lines.append(f"Grows by {_usd(order.increment_usd_raw)} of value {render.every(order.cycle)}")
    lines += _bounds(view)
    if order.active:
        lines.append(
            f"Next fill: {when.due(view.next_fill_at)}" if view.next_fill_at else "Next fill: none due"
        )
    lines.append(f"Opened: {when.at(order.created_at)}{_opened_by(order)}")
    lines.append(f"Sells: {render.token_name(view.input)}")
    lines.append(f"Buys: {render.token_name(view.output)}")
    lines.append(f"Wallet: {cards.wallet_line(view.wallet)}")
    lines.append(f"Order account: <code>{addresses.shorten(render.foreign(order.key, 64))}</code>")
    if not view.wallet.owned:
        lines.append(texts.WATCH_ONLY)
    if order.active and when.now - view.known.seen_at > OLD:
        lines += ["", stale(view.known.seen_at, "", when)]
    if note:
        lines += ["", render.sentence(note)]
    return markup.screen(lines, *_detail_rows(view))


def _detail_rows(view: View) -> list[markup.Row]:
    number, order = view.number, view.order
    mine = order.active and view.wallet.owned
    rows: list[markup.Row] = []
    if mine and order.family is orders.Family.PRICE:
        rows.append(
            [
                markup.button("➕ Deposit", "deposit", number, style=markup.Style.PRIMARY),
                markup.button("➖ Withdraw", "withdraw", number),
            ]
        )
    fills_button = markup.button("📈 Fills", "fills", number, 0)
    solscan = markup.link("🔎 Solscan", render.account_url(order.key))
    if order.active:
        rows.append([fills_button, _mute_button(view)])
        rows.append([markup.button("🔄 Refresh", "reorder", number), solscan])
    else:
        rows.append([fills_button, solscan])
        if view.wallet.owned and order.cycles_total is not None:
            rows.append([markup.button("🆕 New, same settings", "like", number)])
    rows.append([markup.button("‹ Back", "orders", order.status.value, 0), markup.button("🏠 Home", "home")])
    if mine:
        rows.append([markup.button("🛑 Cancel order", "cancel", number, style=markup.Style.DANGER)])
    return rows


def _mute_button(view: View) -> markup.Button:
    if view.known.muted:
        return markup.button("🔔 Unmute", "mute", view.number, 0)
    return markup.button("🔕 Mute", "mute", view.number, 1)


# --- pieces ----------------------------------------------------------------------------------------------


def result(view: View) -> list[str]:
    """What an order brought, all in all."""
    paid, bought = (
        render.amount(view.totals.in_raw, view.input),
        render.amount(view.totals.out_raw, view.output),
    )
    return [f"In all: <b>{bought}</b> for {paid}", *_prices(view)]


def kind(view: Summary) -> str:
    return texts.KINDS[view.order.family.value]


def state(view: Summary) -> str:
    if view.order.active:
        return texts.STATE_ACTIVE
    return texts.STATE_CANCELLED if view.order.user_closed else texts.STATE_FINISHED


def _price(value: Decimal, view: Summary) -> str:
    return render.price(value, view.input, view.output)


def _prices(view: View) -> list[str]:
    unit = render.price_unit(view.input, view.output)
    if view.average is None:
        return [f"Market now: ≈ {_price(view.market, view)} {unit}"] if view.market else []
    lines = [f"Average: {_price(view.average, view)} {unit}"]
    if view.market:
        compared = render.against_market(view.average, view.market)
        lines.append(f"Market now: ≈ {_price(view.market, view)} · bought {compared}")
    return lines


def _bounds(view: View) -> list[str]:
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
    low = f"from ≈ {_price(lowest, view)}" if lowest else "at any price"
    high = f" up to ≈ {_price(highest, view)}" if highest else ""
    return [f"Only fills {low}{high} {render.price_unit(view.input, view.output)}"]


def _cycles(order: orders.Order) -> str:
    if order.cycles_total is None:
        return ""
    return f" · {order.cycles_done} of {order.cycles_total} fills"


def _next(view: Summary, when: When) -> str:
    if not view.order.active:
        return f" · {state(view)}"
    if view.next_fill_at is None:
        return ""
    # Short, because a phone shows about forty characters in a line; the order's own screen has the hour.
    return f" · next {render.soon(view.next_fill_at, when.order_now)}"


def _usd(raw: int) -> str:
    return f"${amounts.format_amount(raw, 6)}"


def _opened_by(order: orders.Order) -> str:
    return f" · {render.tx_link(order.open_tx)}" if order.open_tx else ""


def stale(since: datetime, why: str, when: When) -> str:
    ago = render.ago(since, when.now)
    why = why.removesuffix("Nothing was sent.").rstrip()
    return texts.STALE.format(when=ago, why=render.sentence(why) if why else "").rstrip()
