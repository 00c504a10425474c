"""/cancel: close an order and get back what is left."""

from bot import errors, texts
from bot.chat import markup, order_screens
from bot.chat.context import Turn
from bot.chat.handlers import confirm
from bot.domain import orders


async def command(turn: Turn) -> None:
    """`/cancel [order]`."""
    if turn.text:
        view = await turn.services.orders.find(turn.user_id, turn.text)
        await _offer(turn, view.number)
        return
    listed = await turn.services.orders.list_of(turn.user_id, orders.Status.ACTIVE)
    views = [view for view in listed.items if view.wallet.owned]
    if listed.stale_since is not None and not listed.items:
        raise errors.GatewayUnavailable(listed.error, service="Jupiter")
    if not views:
        await turn.show(markup.screen([texts.NO_CANCEL], [markup.button(texts.B_HOME, "home")]))
        return
    await turn.show(order_screens.build_choice(texts.CHOOSE_CANCEL, views, "cancel", turn.when))


async def order_chosen(turn: Turn) -> None:
    await _offer(turn, turn.callback.number(0))


async def _offer(turn: Turn, number: int) -> None:
    await confirm.offer(turn, turn.services.proposals.cancel(turn.user_id, turn.chat_id, number))
