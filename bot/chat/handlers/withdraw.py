"""/withdraw: choose order, choose amount, card."""

from collections.abc import Mapping
from typing import Any

from bot import errors, texts
from bot.chat import markup, order_screens, order_words, render
from bot.chat.context import Turn
from bot.chat.handlers import confirm, finding
from bot.domain import orders
from bot.services.finding import Wanted
from bot.services.orders import OrderView

_SIDES = {"in": orders.Side.IN, "out": orders.Side.OUT}


async def command(turn: Turn) -> None:
    """`/withdraw [order] [amount|all] [in|out]`."""
    if turn.text:
        await _named(turn)
    else:
        await choose(turn)


async def take_order(turn: Turn, dialog: Mapping[str, Any]) -> None:
    """The answer to `choose`, typed."""
    await _named(turn)


async def _named(turn: Turn) -> None:
    words, side = turn.text.split(), "in"
    if len(words) > 1 and words[-1].casefold() in _SIDES:
        side = words.pop().casefold()
    named, amount = await finding.split_line(turn, " ".join(words))
    if side == "out" and not amount:
        amount = "all"
    go_on = (*order_words.carry(amount), side) if amount else ()
    view = await finding.find_order(turn, named, Wanted.WITHDRAW, *go_on)
    if view is not None:
        await _with_order(turn, view, amount, _SIDES[side])


async def choose(turn: Turn) -> None:
    views = await turn.services.orders.list_for_withdraw(turn.user_id)
    if not views:
        await turn.show(
            markup.screen(
                [texts.NO_WITHDRAW],
                [markup.button(texts.B_ORDERS, "orders", "active", 0), markup.button(texts.B_HOME, "home")],
            )
        )
        return
    await finding.ask(turn, texts.CHOOSE_WITHDRAW, views, Wanted.WITHDRAW)


async def order_chosen(turn: Turn) -> None:
    """By button: the order, amount and side if those were said before; perhaps the list it was found in."""
    amount, side = turn.callback.args[1:3] or (order_words.ASK, "in")
    if side not in _SIDES:
        raise ValueError("no such side")
    listed = bool(turn.callback.rest(3))
    view = await turn.services.orders.get(turn.user_id, turn.callback.number(0))
    await _with_order(turn, view, order_words.carried(amount), _SIDES[side], listed=listed)


async def _with_order(
    turn: Turn, view: OrderView, amount: str, side: orders.Side, *, listed: bool = False
) -> None:
    """`listed`: as of `order_detail.build_detail`, for the way back."""
    back = order_screens.back_to(view, listed=listed)
    if view.order.family is orders.Family.TIME:
        await turn.show(_time_order(view, back))
    elif amount:
        await _offer(turn, view.number, amount, side)
    else:
        await _ask_amount(turn, view, back)


def _time_order(view: OrderView, back: markup.Button) -> markup.Screen:
    cancel = markup.button(texts.B_CANCEL_REST, "cancel", view.number, style=markup.Style.DANGER)
    if not view.order.active:
        return markup.screen([texts.TIME_OVER.format(number=view.number)], [back])
    rows = [[back], [cancel]] if view.wallet.owned else [[back]]
    return markup.screen(texts.TIME_NO_WITHDRAW.format(number=view.number).split("\n"), *rows)


async def _ask_amount(turn: Turn, view: OrderView, back: markup.Button) -> None:
    if not view.wallet.owned:
        raise errors.WatchOnly
    number = view.number
    lines = [
        texts.WITHDRAW_FROM.format(number=number, pair=render.pair(view.input, view.output)),
        texts.IN_THE_ORDER_NOW.format(amount=render.amount(view.order.in_left_raw, view.input)),
        texts.TYPE_AMOUNT.format(token=render.sign(view.input), all="all"),
    ]
    rows = [
        [
            markup.button("25 %", "take", number, 25),
            markup.button("50 %", "take", number, 50),
            markup.button(texts.B_ALL, "take", number, 100),
        ]
    ]
    if view.order.out_waiting_raw:
        waiting = render.amount(view.order.out_waiting_raw, view.output)
        lines.append(texts.WAITING_THERE.format(waiting=waiting))
        rows.append([markup.button(texts.B_TAKE_WAITING, "takeout", number)])
    rows.append([back, markup.button(texts.B_STOP, "stop")])
    await turn.record_dialog("withdraw", order=number)
    await turn.show(markup.screen(lines, *rows))


async def share_chosen(turn: Turn) -> None:
    share = turn.callback.number(1)
    await _offer(turn, turn.callback.number(0), "all" if share == 100 else f"{share}%", orders.Side.IN)


async def output_chosen(turn: Turn) -> None:
    await _offer(turn, turn.callback.number(0), "all", orders.Side.OUT)


async def take_amount(turn: Turn, dialog: Mapping[str, Any]) -> None:
    await _offer(turn, int(dialog["order"]), turn.text, orders.Side.IN)


async def _offer(turn: Turn, number: int, amount: str, side: orders.Side) -> None:
    await confirm.offer(
        turn, turn.services.proposals.withdraw(turn.user_id, turn.chat_id, number, amount, side)
    )
    await turn.end_dialog()
