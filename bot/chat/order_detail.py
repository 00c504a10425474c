"""The screen of one order. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from bot import texts
from bot.chat import cards, markup, order_screens, order_words, render
from bot.chat.order_screens import View, When
from bot.domain import addresses, amounts, funding, orders, results


def build_detail(
    view: View, when: When, *, opened_here: bool | None = None, note: str = "", listed: bool = False
) -> markup.Screen:
    """Everything that is known of an order; `opened_here` None = not known.

    `listed` = it was found in the list of its wallet, to which Back then leads.
    """
    blocks = [
        _heading(view),
        _amounts(view),
        [*order_screens.prices(view), *if_sold(view)],
        _terms(view, when),
        _place(view, when, opened_here),
    ]
    if view.order.active and when.now - view.known.seen_at > order_screens.OLD:
        blocks.append([order_screens.stale(view.known.seen_at, "", when)])
    if note:
        blocks.append([render.sentence(note)])
    lines = [line for block in blocks if block for line in ("", *block)]
    return markup.screen(lines[1:], *_rows(view, order_screens.found_in(view, listed=listed)))


def _heading(view: View) -> list[str]:
    facts = [order_screens.kind(view), order_screens.state(view)]
    if view.known.muted:
        facts.append(texts.MUTED)
    return [
        f"<b>#{view.number} · {render.pair(view.input, view.output)}</b>",
        " · ".join(facts),
    ]


def _amounts(view: View) -> list[str]:
    order = view.order
    cycles = ""
    if order.cycles_total is not None:
        cycles = texts.CYCLES_DONE.format(done=order.cycles_done, total=order.cycles_total)
    lines = [
        f"{render.bar(order.percent)}{cycles}",
        texts.SPENT.format(
            spent=render.amount(order.in_used_raw, view.input),
            total=render.amount(order.in_deposited_raw, view.input),
        ),
    ]
    if order.active or order.in_left_raw:
        left = render.amount(order.in_left_raw, view.input)
        lines.append(texts.LEFT_NOW.format(amount=left, usd=_worth(order.in_left_raw, view, view.input_usd)))
    if order.in_withdrawn_raw:
        lines.append(texts.TAKEN_OUT.format(amount=render.amount(order.in_withdrawn_raw, view.input)))
    bought = view.totals.out_raw
    lines.append(
        texts.BOUGHT_NET.format(
            amount=render.amount(bought, view.output), usd=_worth(bought, view, view.output_usd, out=True)
        )
    )
    if order.out_waiting_raw:
        received = render.amount(order.out_withdrawn_raw, view.output)
        waiting = render.amount(order.out_waiting_raw, view.output)
        lines.append(texts.RECEIVED.format(received=received, waiting=waiting))
    return lines


def _worth(raw: int, view: View, usd: Decimal | None, *, out: bool = False) -> str:
    if usd is None or not raw:
        return ""
    decimals = (view.output if out else view.input).decimals
    return render.usd(render.times(amounts.to_decimal(raw, decimals), usd))


def if_sold(view: View) -> list[str]:
    """What all that was bought would bring now, against what was paid."""
    result = results.if_sold_now(view.totals, view.market, view.input.decimals, view.output.decimals)
    if result is None:
        return []
    percent = render.signed_percent(result.percent)
    usd = _worth(abs(result.gain_raw), view, view.input_usd)
    shown = render.about(abs(result.gain_raw), view.input)
    said = texts.IF_SOLD_EVEN if not result.gain_raw else texts.IF_SOLD_GAIN
    said = texts.IF_SOLD_LOSS if result.gain_raw < 0 else said
    return [said.format(amount=shown, percent=percent, usd=usd)]


def _terms(view: View, when: When) -> list[str]:
    order = view.order
    every = render.every(order.cycle)
    if order.family is orders.Family.TIME:
        part = render.amount(order.in_per_cycle_raw, view.input)
        lines = [texts.EACH_CYCLE.format(amount=part, every=every)]
    else:
        usd = amounts.format_amount(order.increment_usd_raw, funding.USD_DECIMALS)
        lines = [texts.GROWS_BY.format(usd=usd, every=every)]
    lines += order_screens.bounds(view)
    if order.active:
        lines += _next_fill(view, when)
    return lines


def _next_fill(view: View, when: When) -> list[str]:
    if view.next_fill_at is None:
        return [texts.NEXT_NONE]
    last = view.last_fill.confirmed_at if view.last_fill else None
    since = orders.overdue_since(view.order, last, when.order_now)
    if since is None:
        return [texts.NEXT_AT.format(when=when.due(view.next_fill_at))]
    fills = orders.would_fill(view.order, view.market, view.input.decimals, view.output.decimals)
    return [
        texts.NEXT_OVERDUE.format(when=when.at(since), ago=render.relative(since, when.order_now)),
        texts.OUT_OF_RANGE if fills is False else texts.KEEPERS_LATE,
    ]


def _place(view: View, when: When, opened_here: bool | None) -> list[str]:
    order = view.order
    where = {True: texts.OPENED_HERE, False: texts.OPENED_ELSEWHERE, None: ""}[opened_here]
    link = f" · {render.tx_link(order.open_tx)}" if order.open_tx else ""
    opened = render.absolute(order.created_at, when.zone)
    ago = render.relative(order.created_at, when.order_now)
    lines = [
        texts.OPENED.format(when=opened, ago=ago, where=where, link=link),
        texts.SELLS.format(token=render.token_name(view.input)),
        texts.BUYS.format(token=render.token_name(view.output)),
        texts.CARD_WALLET.format(wallet=cards.wallet_line(view.wallet)),
        texts.ORDER_ACCOUNT.format(key=addresses.shorten(render.foreign(order.key, 64))),
    ]
    return lines if view.wallet.owned else [*lines, texts.WATCH_ONLY]


def _rows(view: View, of: Sequence[int]) -> list[markup.Row]:
    number, order = view.number, view.order
    mine = order.active and view.wallet.owned
    rows: list[markup.Row] = []
    if mine and order.family is orders.Family.PRICE:
        ask = order_words.ASK
        deposit = markup.button(texts.B_DEPOSIT, "deposit", number, ask, *of, style=markup.Style.PRIMARY)
        rows.append([deposit, markup.button(texts.B_WITHDRAW, "withdraw", number, ask, "in", *of)])
    fills_button = markup.button(texts.B_FILLS, "fills", number, 0, *of)
    solscan = markup.link(texts.B_SOLSCAN, render.account_url(order.key))
    if order.active:
        rows.append([fills_button, _mute_button(view, of)])
        rows.append([markup.button(texts.B_REFRESH, "reorder", number, *of), solscan])
    else:
        rows.append([fills_button, solscan])
        if view.wallet.owned and order.cycles_total is not None:
            rows.append([markup.button(texts.B_NEW_LIKE, "like", number)])
    rows.append(
        [
            markup.button(texts.B_CHART, "chart", number, *of),
            markup.button(texts.B_REPORT, "report", number, *of),
        ]
    )
    rows.append([markup.button(texts.B_BACK, "around", number, *of), markup.button(texts.B_HOME, "home")])
    if mine:
        rows.append([markup.button(texts.B_CANCEL_ORDER, "cancel", number, style=markup.Style.DANGER)])
    return rows


def _mute_button(view: View, of: Sequence[int]) -> markup.Button:
    if view.known.muted:
        return markup.button(texts.B_UNMUTE, "mute", view.number, 0, *of)
    return markup.button(texts.B_MUTE, "mute", view.number, 1, *of)
