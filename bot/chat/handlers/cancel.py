"""/cancel: close an order and get back what is left."""

from collections.abc import Mapping
from typing import Any

from bot import errors, texts
from bot.chat import markup
from bot.chat.context import Turn
from bot.chat.handlers import confirm, finding
from bot.domain import orders
from bot.services.finding import Wanted


async def command(turn: Turn) -> None:
    """`/cancel [order]`."""
    if turn.text:
        await _named(turn)
    else:
        await choose(turn)


async def take_order(turn: Turn, dialog: Mapping[str, Any]) -> None:
    """The answer to `choose`, typed."""
    await _named(turn)


async def _named(turn: Turn) -> None:
    view = await finding.find_order(turn, turn.text, Wanted.CANCEL)
    if view is not None:
        await _offer(turn, view.number)


async def choose(turn: Turn) -> None:
    listed = await turn.services.orders.list_of(turn.user_id, orders.Status.ACTIVE)
    views = [view for view in listed.items if view.wallet.owned]
    if listed.stale_since is not None and not listed.items:
        raise errors.GatewayUnavailable(listed.error, service="Jupiter")
    if not views:
        await turn.show(markup.screen([texts.NO_CANCEL], [markup.button(texts.B_HOME, "home")]))
        return
    await finding.ask(turn, texts.CHOOSE_CANCEL, views, Wanted.CANCEL)


async def order_chosen(turn: Turn) -> None:
    await _offer(turn, turn.callback.number(0))


async def _offer(turn: Turn, number: int) -> None:
    await confirm.offer(turn, turn.services.proposals.cancel(turn.user_id, turn.chat_id, number))
    await turn.end_dialog()
