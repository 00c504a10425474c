"""/orders: the list, one order, mute."""

from bot import errors, texts
from bot.chat import markup, order_screens
from bot.chat.context import Turn
from bot.chat.handlers import finding
from bot.domain import orders
from bot.services.finding import Wanted

_FILTERS = {
    "": orders.Status.ACTIVE,
    "active": orders.Status.ACTIVE,
    "history": orders.Status.HISTORY,
    "finished": orders.Status.HISTORY,
}


async def command(turn: Turn) -> None:
    """`/orders [active|history]`; whatever else names an order shows it, or those that it may mean."""
    word = turn.text.casefold()
    if word in _FILTERS:
        await _list(turn, _FILTERS[word], 0, fresh=True)
        return
    view = await finding.find_order(turn, turn.text, Wanted.ANY)
    if view is not None:
        await turn.show(order_screens.build_detail(view, turn.when))


async def page(turn: Turn) -> None:
    await _list(turn, _status(turn), turn.callback.number(1), fresh=turn.callback.number(1) == 0)


async def refresh(turn: Turn) -> None:
    await _list(turn, _status(turn), turn.callback.number(1), fresh=True)


def _status(turn: Turn) -> orders.Status:
    return orders.Status(turn.callback.text(0))


async def _list(turn: Turn, status: orders.Status, number: int, *, fresh: bool) -> None:
    listed = await turn.services.orders.page_of(
        turn.user_id, status, number, size=order_screens.PAGE, fresh=fresh
    )
    if not listed.total and not await turn.services.wallets.list_of(turn.user_id):
        await turn.show(markup.screen([texts.NO_WALLETS], [markup.button("🏠 Home", "home")]))
        return
    await turn.show(order_screens.build_list(listed, status, turn.when))


async def detail(turn: Turn) -> None:
    await show_order(turn, turn.callback.number(0))


async def refresh_detail(turn: Turn) -> None:
    await show_order(turn, turn.callback.number(0), fresh=True)


async def show_order(turn: Turn, number: int, *, fresh: bool = False, note: str = "") -> None:
    try:
        view = await turn.services.orders.get(turn.user_id, number, fresh=fresh)
    except errors.OrderNotFound as exc:
        await turn.show(markup.screen([exc.message, texts.STALE_BUTTON], [markup.button("🏠 Home", "home")]))
        return
    await turn.show(order_screens.build_detail(view, turn.when, note=note))


async def mute(turn: Turn) -> None:
    """The button says which way; pressing it twice changes nothing more."""
    muted = turn.callback.number(1) == 1
    view = await turn.services.orders.record_muted(turn.user_id, turn.callback.number(0), muted)
    said = "Muted: its fills are no longer told." if muted else "Unmuted: its fills are told again."
    await turn.show(order_screens.build_detail(view, turn.when, note=said))
