"""What the bot tells unasked, as messages: one fill, many fills, and what happens to orders. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot import texts
from bot.chat import markup, notice_facts, notice_summary, order_screens, render
from bot.chat.notice_facts import Told
from bot.chat.order_screens import View, When
from bot.domain import addresses, fills, notices

_WITH_A_FILL = (notices.OrderFinished, notices.FundsLow)
"""What a fill can bring with it: told in the message of that fill."""


def build(batch: Sequence[Told], when: When, *, possible_repeat: bool) -> markup.Screen:
    """One message for a batch; a single fill has the form that people know best."""
    limit = markup.TEXT_LIMIT - (len(texts.REPEAT) + 1 if possible_repeat else 0)
    batch = _what_still_holds(batch)
    first = batch[0]
    if first.view is not None and _is_one_fill(batch):
        screen = _fill(first.view, first.fill_number or 0, when, kinds={type(each.notice) for each in batch})
    elif len(batch) == 1:
        screen = _single(first, when)
    else:
        screen = notice_summary.build(batch, _others(batch, when), when, limit=limit)
    if not possible_repeat:
        return screen
    # Never cut off: a repeat that does not say so is a lie.
    shown = markup.fit(screen.html.split("\n"), limit=limit)
    return markup.Screen(f"{shown}\n{texts.REPEAT}", screen.keyboard)


def _single(told: Told, when: When) -> markup.Screen:
    notice, view = told.notice, told.view
    if not isinstance(notice, notices.AboutAnOrder):
        return _about_the_bot(notice, when)
    if view is None:
        return markup.screen([_unknown(notice)])
    row: markup.Row = [notice_facts.order_button(view)]
    names = {"number": view.number, "pair": notice_facts.pair(view)}
    match notice:
        case notices.FillSeen():
            return markup.screen([_unknown(notice)], row)
        case notices.OrderFinished():
            lines = [texts.ORDER_FINISHED.format(**names), *order_screens.result(view)]
            return markup.screen(lines, [*row, notice_facts.report_button(view)])
        case notices.OrderCancelled():
            lines = [texts.ORDER_CANCELLED.format(**names), *order_screens.result(view)]
            return markup.screen(lines, [*row, notice_facts.report_button(view)])
        case notices.OrderOpened():
            lines = [texts.ORDER_OPENED.format(**names), *order_screens.summary(view, when)[1:]]
            return markup.screen(lines, row)
        case notices.CycleOverdue() | notices.CycleSkipped():
            return _late(view, notice, when)
        case notices.FundsLow():
            if view.order.active and not notice_facts.is_low(view):
                return markup.screen([texts.WAS_LOW.format(**names), _left(view)], row)
            deposit = notice_facts.deposit_button(view)
            lines = [texts.FUNDS_LOW.format(**names), _left(view)]
            return markup.screen(lines, [deposit] if deposit else [], row)


def _late(view: View, notice: notices.CycleOverdue | notices.CycleSkipped, when: When) -> markup.Screen:
    due_at = datetime.fromisoformat(notice.due_at)
    row: markup.Row = [notice_facts.order_button(view)]
    if _has_come(view, notice.due_at):
        return markup.screen([texts.WAS_LATE.format(number=view.number)], row)
    names = {"number": view.number, "pair": notice_facts.pair(view)}
    then = {"when": when.at(due_at), "ago": render.relative(due_at, when.order_now)}
    if isinstance(notice, notices.CycleOverdue):
        lines = [texts.CYCLE_OVERDUE.format(**names), texts.WAS_DUE.format(**then)]
        solscan = markup.link(texts.B_SOLSCAN, render.account_url(view.order.key))
        return markup.screen([*lines, texts.OVERDUE_MEANS], [*row, solscan])
    price_range = order_screens.bounds(view)
    lines = [texts.CYCLE_SKIPPED.format(**names), texts.WAS_PLANNED.format(**then)]
    lines += [texts.SKIPPED_RANGE, *price_range] if price_range else [texts.SKIPPED_VALUE]
    if price_range and view.market:
        lines.append(_market(view))
    mute = markup.opener(texts.B_MUTE, "mute", view.number, 1)
    return markup.screen([*lines, texts.SKIPPED_MEANS], [*row, mute])


def _market(view: View) -> str:
    price = render.price(view.market, view.input, view.output) if view.market else ""
    return f"{texts.MARKET_NOW.format(price=price)} {render.price_unit(view.input, view.output)}"


def _what_still_holds(batch: Sequence[Told]) -> Sequence[Told]:
    """Without the news of an outage that is over, and what is not true any more of orders filled here."""
    over = {told.notice.since for told in batch if isinstance(told.notice, notices.OrdersSeenAgain)}
    filled = {
        told.notice.order_key for told in batch if told.view and isinstance(told.notice, notices.FillSeen)
    }

    def holds(told: Told) -> bool:
        match told.notice:
            case notices.OrdersUnseen(since=since):
                return since not in over
            case notices.CycleOverdue(order_key=key) | notices.CycleSkipped(order_key=key):
                return key not in filled or not _has_come(told.view, told.notice.due_at)
            case notices.FundsLow(order_key=key):
                return key not in filled or told.view is None or notice_facts.is_low(told.view)
        return True

    return [told for told in batch if holds(told)]


def _has_come(view: View | None, due_at: str) -> bool:
    """Whether there is a fill since it was due."""
    last = view.last_fill if view else None
    return last is not None and last.confirmed_at >= datetime.fromisoformat(due_at)


def _others(batch: Sequence[Told], when: When) -> list[notice_summary.Other]:
    """Whatever is no fill of a known order, and not said by one."""
    filled = {told.view.number for told in batch if told.view and isinstance(told.notice, notices.FillSeen)}
    return [
        notice_summary.Other(_single(told, when).html, _words(told.notice))
        for told in batch
        if not (isinstance(told.notice, notices.FillSeen) and told.view)
        and not (isinstance(told.notice, notices.OrderFinished) and told.view and told.view.number in filled)
    ]


def _about_the_bot(
    notice: notices.OrdersUnseen | notices.OrdersSeenAgain | notices.OperatorTold, when: When
) -> markup.Screen:
    match notice:
        case notices.OperatorTold():
            return _operator(notice)
        case notices.OrdersUnseen():
            ago = render.ago(datetime.fromisoformat(notice.since), when.now)
            said = texts.ORDERS_UNSEEN.format(since=_real_time(notice.since, when), ago=ago)
        case notices.OrdersSeenAgain():
            since, until = _real_time(notice.since, when), _real_time(notice.until, when)
            said = texts.ORDERS_SEEN_AGAIN.format(since=since, until=until)
    return markup.screen(said.split("\n"), [markup.opener(texts.B_ORDERS, "orders", "active", 0)])


def _real_time(text: str, when: When) -> str:
    """Outages are no orders: they happen in the time of clocks on walls."""
    return render.moment(datetime.fromisoformat(text), when.now, when.zone)


def _words(notice: notices.Notice) -> str:
    """What it says in short, as plain text, where its first line does not tell."""
    return notice.text.partition("\n")[0] if isinstance(notice, notices.OperatorTold) else ""


def _operator(notice: notices.OperatorTold) -> markup.Screen:
    """A sentence, then what explains it, such as a decoded transaction; the log has all of that."""
    said, _, details = notice.text.partition("\n")
    lines = [texts.OPERATOR.format(topic=render.foreign(notice.topic)), render.sentence(said)]
    lines += [render.foreign(line, 110) for line in details.split("\n") if line.strip()]
    return markup.screen(lines, [markup.opener(texts.B_STATUS, "status")])


# --- one fill --------------------------------------------------------------------------------------------


def _is_one_fill(batch: Sequence[Told]) -> bool:
    """One fill whose place in its order is known, alone or with what it brought."""
    first, *rest = batch
    same = len({told.view.number for told in batch if told.view}) == 1
    return first.fill_number is not None and same and all(isinstance(r.notice, _WITH_A_FILL) for r in rest)


def _fill(view: View, number: int, when: When, *, kinds: set[type[notices.Notice]]) -> markup.Screen:
    fill = view.fills[number - 1].fill
    unit = render.price_unit(view.input, view.output)
    price = fills.price(fill.in_raw, fill.net_out_raw, view.input.decimals, view.output.decimals)
    name = texts.FILL_NAME.format(number=notice_facts.of(view, number))
    bought, paid = render.amount(fill.net_out_raw, view.output), render.amount(fill.in_raw, view.input)
    lines = [
        texts.FILL.format(name=name, pair=notice_facts.pair(view)),
        texts.BOUGHT.format(what=texts.FOR.format(bought=bought, paid=paid)),
    ]
    if when.order_now - fill.confirmed_at >= notice_facts.LATE:
        lines.append(texts.FILLED_AT.format(when=when.at(fill.confirmed_at)))
    last = number == len(view.fills)
    finished = notices.OrderFinished in kinds or (last and notice_facts.is_finished(view))
    if price is not None:
        said = texts.PRICE.format(price=render.price(price, view.input, view.output))
        if view.average is not None and not finished:
            average = render.price(view.average, view.input, view.output)
            said += f" · {texts.AVERAGE.format(price=average)}"
        lines.append(f"{said} {unit}")
    transaction = markup.link(texts.B_TRANSACTION, render.tx_url(fill.signature))
    order = notice_facts.order_button(view)
    if finished:
        lines += ["", texts.IS_FINISHED.format(number=view.number), *order_screens.result(view)]
        return markup.screen(lines, [order, notice_facts.report_button(view)], [transaction])
    lines += notice_facts.progress(view, when)
    rows: list[markup.Row] = []
    if notices.FundsLow in kinds:
        lines += ["", texts.IS_LOW.format(number=view.number)]
        deposit = notice_facts.deposit_button(view)
        rows.append([deposit] if deposit else [])
    mute = markup.opener(texts.B_MUTE, "mute", view.number, 1)
    return markup.screen(lines, *rows, [order, mute], [transaction])


# --- pieces ----------------------------------------------------------------------------------------------


def _left(view: View) -> str:
    return texts.LEFT.format(amount=render.amount(view.order.in_left_raw, view.input))


def _unknown(notice: notices.AboutAnOrder) -> str:
    """Of an order that is not known here any more."""
    key = addresses.shorten(render.foreign(notice.order_key, 64))
    if isinstance(notice, notices.FillSeen):
        return texts.UNKNOWN_FILL.format(key=key, link=render.tx_link(notice.signature))
    return texts.UNKNOWN_ORDER.format(key=key, what=texts.UNKNOWN_WHAT[notice.kind])
