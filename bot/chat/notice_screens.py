"""What the bot tells unasked, as messages: one fill, many fills, and what happens to orders. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import ports, texts
from bot.chat import markup, order_screens, render
from bot.chat.order_screens import View, When
from bot.domain import addresses, fills, notices, orders

MOST_LINES = 40
"""Fills named one by one in a message; more would not fit beside what else it has to say."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with what it is about; `view` None = the order is not known here any more."""

    notice: notices.Notice
    view: View | None


def build(batch: Sequence[Told], when: When, *, possible_repeat: bool) -> markup.Screen:
    """One message for a batch; a single fill has the form that people know best."""
    first = batch[0]
    if len(batch) == 1:
        screen = _single(first, when)
    elif _one_fill_that_finished(batch) and first.view:
        screen = _fill(first.view, _fill_number(first), when, finished=True)
    else:
        screen = _many(batch, when)
    if possible_repeat:
        return markup.Screen(markup.fit([*screen.html.split("\n"), texts.REPEAT]), screen.keyboard)
    return screen


def _single(told: Told, when: When) -> markup.Screen:
    notice, view = told.notice, told.view
    if isinstance(notice, notices.OperatorTold):
        return _operator(notice)
    if view is None:
        return markup.screen([_unknown(notice)])
    match notice:
        case notices.FillSeen():
            number = _fill_number(told)
            if number is None:
                return markup.screen([_unknown(notice)], _order_row(view))
            return _fill(view, number, when, finished=_is_last(view, number))
        case notices.OrderFinished():
            return markup.screen(
                [f"🏁 <b>#{view.number} finished</b> · {_pair(view)}", *order_screens.result(view)],
                _order_row(view),
            )
        case notices.OrderCancelled():
            return markup.screen(
                [f"✋ <b>#{view.number} was cancelled</b> · {_pair(view)}", *order_screens.result(view)],
                _order_row(view),
            )
        case notices.OrderOpened():
            return markup.screen(
                [
                    f"🆕 <b>#{view.number} was opened elsewhere</b> · {_pair(view)}",
                    *order_screens.summary(view, when)[1:],
                ],
                _order_row(view),
            )
        case notices.FundsLow():
            left = render.amount(view.order.in_left_raw, view.input)
            return markup.screen(
                [f"🪫 <b>#{view.number} is low on funds</b> · {_pair(view)}", f"{left} left"],
                [markup.opener("➕ Deposit", "deposit", view.number, style=markup.Style.PRIMARY)],
                _order_row(view),
            )


def _operator(notice: notices.OperatorTold) -> markup.Screen:
    """A sentence, then what explains it, such as a decoded transaction; the log has all of that."""
    said, _, details = notice.text.partition("\n")
    lines = [f"🛠 <b>Operator: {render.foreign(notice.topic)}</b>", render.sentence(said)]
    return markup.screen(lines + [render.foreign(line, 110) for line in details.split("\n") if line.strip()])


# --- one fill --------------------------------------------------------------------------------------------


def _fill(view: View, number: int | None, when: When, *, finished: bool) -> markup.Screen:
    if number is None:
        return markup.screen(["🟢 A fill"], _order_row(view))
    fill = view.fills[number - 1].fill
    unit = render.price_unit(view.input, view.output)
    price = fills.price(fill.in_raw, fill.net_out_raw, view.input.decimals, view.output.decimals)
    lines = [
        f"🟢 <b>Fill {_of(view, number)} · {_pair(view)}</b>",
        f"Bought {render.amount(fill.net_out_raw, view.output)} for {render.amount(fill.in_raw, view.input)}",
    ]
    transaction = markup.link("🔎 Transaction", render.tx_url(fill.signature))
    if finished:
        if price is not None:
            lines.append(f"Price {render.price(price, view.input, view.output)} {unit}")
        lines += ["", f"🏁 <b>#{view.number} is finished.</b>", *order_screens.result(view)]
        return markup.screen(lines, [transaction, _order_button(view)])
    if price is not None:
        average = f" · average {render.price(view.average, view.input, view.output)}" if view.average else ""
        lines.append(f"Price {render.price(price, view.input, view.output)}{average} {unit}")
    lines += _progress(view, when)
    mute = markup.opener("🔕 Mute", "mute", view.number, 1)
    return markup.screen(lines, [_order_button(view), mute], [transaction])


def _progress(view: View, when: When) -> list[str]:
    left = f"{render.amount(view.order.in_left_raw, view.input)} left"
    following = [f"Next {when.due(view.next_fill_at)}"] if view.next_fill_at else []
    return [f"{render.bar(view.order.progress)} · {left}", *following]


# --- many ------------------------------------------------------------------------------------------------


def _many(batch: Sequence[Told], when: When) -> markup.Screen:
    seen = [told for told in batch if isinstance(told.notice, notices.FillSeen) and told.view]
    views = {told.view.number: told.view for told in seen if told.view}
    lines = [f"🟢 <b>{len(seen)} fills</b>" if seen else f"🔔 <b>{len(batch)} news</b>"]
    of_order = {
        number: [told for told in seen if told.view and told.view.number == number] for number in views
    }
    shares = _shares({number: len(mine) for number, mine in of_order.items()})
    for number, view in views.items():
        mine = of_order[number]
        lines += ["", f"<b>#{number} · {_pair(view)}</b>"]
        lines += [_fill_line(view, _fill_number(told)) for told in mine[: shares[number]]]
        if rest := len(mine) - shares[number]:
            lines.append(f"… and {rest} more, in the sum below; see 📈 Fills of the order")
        lines += _totals(view, mine)
        if view.order.in_left_raw == 0 or not view.order.active:
            lines += [f"🏁 <b>#{number} is finished.</b>", *order_screens.result(view)]
        else:
            lines += _progress(view, when)
    for told in batch:
        if not isinstance(told.notice, notices.FillSeen) and not _said(told, views):
            lines += ["", *_single(told, when).html.split("\n")]
        elif isinstance(told.notice, notices.FillSeen) and told.view is None:
            lines += ["", _unknown(told.notice)]
    buttons = [[_order_button(view)] for view in list(views.values())[:8]]
    return markup.screen(lines, *buttons)


def _shares(counts: Mapping[int, int]) -> dict[int, int]:
    """How many fills of each order are named: all where there is room, else as evenly as can be."""
    shares, room = {}, MOST_LINES
    for place, (number, count) in enumerate(sorted(counts.items(), key=lambda item: item[1])):
        shares[number] = max(1, min(count, room // (len(counts) - place)))
        room -= shares[number]
    return shares


def _fill_line(view: View, number: int | None) -> str:
    if number is None:
        return "Fill"
    fill = view.fills[number - 1].fill
    bought, paid = render.amount(fill.net_out_raw, view.output), render.amount(fill.in_raw, view.input)
    return f"{render.tx_link(fill.signature, f'Fill {_of(view, number)}')}: {bought} for {paid}"


def _totals(view: View, told: Sequence[Told]) -> list[str]:
    numbers = [number for each in told if (number := _fill_number(each)) is not None]
    if not numbers:
        return []
    sums = fills.totals(view.fills[number - 1].fill for number in numbers)
    together = f"{render.amount(sums.out_raw, view.output)} for {render.amount(sums.in_raw, view.input)}"
    average = (
        f" · average {render.price(view.average, view.input, view.output)} "
        f"{render.price_unit(view.input, view.output)}"
        if view.average
        else ""
    )
    return [f"Together: <b>{together}</b>{average}"]


def _said(told: Told, views: dict[int, View]) -> bool:
    """Whether the fills above already say that this order is finished."""
    return isinstance(told.notice, notices.OrderFinished) and bool(told.view and told.view.number in views)


# --- pieces ----------------------------------------------------------------------------------------------


def _one_fill_that_finished(batch: Sequence[Told]) -> bool:
    kinds = [type(told.notice) for told in batch]
    same = len({told.view.number for told in batch if told.view}) == 1
    return same and kinds == [notices.FillSeen, notices.OrderFinished] and _fill_number(batch[0]) is not None


def _fill_number(told: Told) -> int | None:
    """Which fill of its order this is, from 1; None when it is not known here."""
    if told.view is None or not isinstance(told.notice, notices.FillSeen):
        return None
    for place, known in enumerate(told.view.fills, start=1):
        if known.fill.signature == told.notice.signature:
            return place
    return None


def _of(view: View, number: int) -> str:
    total = view.order.cycles_total
    return f"{number}/{max(total, number)}" if total else str(number)


def _is_last(view: View, number: int) -> bool:
    over = view.order.status is orders.Status.HISTORY and not view.order.user_closed
    spent = view.order.family is orders.Family.TIME and view.order.in_left_raw == 0
    return number == len(view.fills) and (over or spent)


def _pair(view: View) -> str:
    return render.pair(view.input, view.output)


def _order_button(view: View) -> markup.Button:
    return markup.opener(f"📄 Order #{view.number}", "order", view.number)


def _order_row(view: View) -> markup.Row:
    return [_order_button(view)]


def _unknown(notice: notices.Notice) -> str:
    if isinstance(notice, notices.FillSeen):
        key = addresses.shorten(render.foreign(notice.order_key, 64))
        return f"🟢 A fill of order <code>{key}</code> · {render.tx_link(notice.signature)}"
    if isinstance(notice, notices.OperatorTold):
        return render.sentence(notice.text)
    key = addresses.shorten(render.foreign(notice.order_key, 64))
    words = {
        "opened": "was opened",
        "finished": "finished",
        "cancelled": "was cancelled",
        "low": "is low on funds",
    }
    return f"🔔 Order <code>{key}</code> {words[notice.kind]}"


def concerns(message: ports.OutboxMessage) -> str | None:
    """Key of the order that a queued message is about."""
    notice = message.notice
    return None if isinstance(notice, notices.OperatorTold) else notice.order_key
