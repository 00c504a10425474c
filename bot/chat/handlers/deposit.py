"""/deposit: choose order, choose amount, card."""

from collections.abc import Mapping
from typing import Any

from bot import texts
from bot.chat import markup, order_screens, order_words, render
from bot.chat.context import Turn
from bot.chat.handlers import confirm, finding
from bot.domain import orders
from bot.services.finding import Wanted
from bot.services.orders import OrderView


async def command(turn: Turn) -> None:
    """`/deposit [order] [amount]`."""
    if turn.text:
        await _named(turn)
    else:
        await choose(turn)


async def take_order(turn: Turn, dialog: Mapping[str, Any]) -> None:
    """The answer to `choose`, typed."""
    await _named(turn)


async def _named(turn: Turn) -> None:
    named, amount = await finding.split_line(turn, turn.text)
    view = await finding.find_order(turn, named, Wanted.DEPOSIT, *order_words.carry(amount))
    if view is not None:
        await _with_order(turn, view, amount)


async def choose(turn: Turn) -> None:
    views = await turn.services.orders.list_for_deposit(turn.user_id)
    if not views:
        await turn.show(
            markup.screen(
                [texts.NO_DEPOSIT],
                [markup.button(texts.B_NEW_ORDER, "new"), markup.button(texts.B_HOME, "home")],
            )
        )
        return
    await finding.ask(turn, texts.CHOOSE_DEPOSIT, views, Wanted.DEPOSIT)


async def order_chosen(turn: Turn) -> None:
    """By button: the order, and the amount if that was said before; perhaps the list it was found in."""
    (amount,) = turn.callback.args[1:2] or (order_words.ASK,)
    listed = bool(turn.callback.rest(2))
    view = await turn.services.orders.get(turn.user_id, turn.callback.number(0))
    await _with_order(turn, view, order_words.carried(amount), listed=listed)


async def _with_order(turn: Turn, view: OrderView, amount: str, *, listed: bool = False) -> None:
    """`listed`: as of `order_detail.build_detail`, for the way back."""
    back = order_screens.back_to(view, listed=listed)
    if view.order.family is orders.Family.TIME:
        await turn.show(_time_order(view, back))
    elif amount:
        await _offer(turn, view.number, amount)
    else:
        await _ask_amount(turn, view, back)


def _time_order(view: OrderView, back: markup.Button) -> markup.Screen:
    return markup.screen(
        texts.TIME_NO_DEPOSIT.format(number=view.number).split("\n"),
        [markup.button(texts.B_NEW_LIKE, "like", view.number)],
        [back],
    )


async def _ask_amount(turn: Turn, view: OrderView, back: markup.Button) -> None:
    token, available = await turn.services.proposals.fetch_available(turn.user_id, view.number)
    number = view.number
    lines = [
        texts.DEPOSIT_INTO.format(number=number, pair=render.pair(view.input, view.output)),
        texts.AVAILABLE_NOW.format(amount=render.amount(available, token)),
        texts.TYPE_AMOUNT.format(token=render.sign(token), all="max"),
    ]
    await turn.record_dialog("deposit", order=number)
    await turn.show(
        markup.screen(
            lines,
            [
                markup.button("25 %", "put", number, 25),
                markup.button("50 %", "put", number, 50),
                markup.button(texts.B_MAX, "put", number, 100),
            ],
            [back, markup.button(texts.B_STOP, "stop")],
        )
    )


async def share_chosen(turn: Turn) -> None:
    share = turn.callback.number(1)
    await _offer(turn, turn.callback.number(0), "max" if share == 100 else f"{share}%")


async def take_amount(turn: Turn, dialog: Mapping[str, Any]) -> None:
    await _offer(turn, int(dialog["order"]), turn.text)


async def _offer(turn: Turn, number: int, amount: str) -> None:
    await confirm.offer(turn, turn.services.proposals.deposit(turn.user_id, turn.chat_id, number, amount))
    await turn.end_dialog()
