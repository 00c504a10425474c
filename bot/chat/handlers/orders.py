"""/orders: the list, one order, mute."""

from bot import errors, texts
from bot.chat import markup, order_detail, order_screens
from bot.chat.context import Turn
from bot.chat.handlers import finding
from bot.domain import orders
from bot.services.finding import Wanted
from bot.services.orders import OrderView

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
        await _show(turn, view)


async def page(turn: Turn) -> None:
    await _list(turn, _status(turn), turn.callback.number(1), fresh=turn.callback.number(1) == 0)


async def refresh(turn: Turn) -> None:
    await _list(turn, _status(turn), turn.callback.number(1), fresh=True)


def _status(turn: Turn) -> orders.Status:
    return orders.Status(turn.callback.text(0))


async def _list(turn: Turn, status: orders.Status, number: int, *, fresh: bool) -> None:
    wallet_id = turn.callback.number(2) if len(turn.callback.args) > 2 else None
    mine = await turn.services.wallets.list_of(turn.user_id)
    listed = await turn.services.orders.page_of(
        turn.user_id, status, number, size=order_screens.PAGE, fresh=fresh, wallet_id=wallet_id
    )
    if not listed.total and not mine:
        await turn.show(markup.screen([texts.NO_WALLETS], [markup.button(texts.B_HOME, "home")]))
        return
    wallet = next((each for each in mine if each.id == wallet_id), None)
    several = len(mine) > 1
    await turn.show(order_screens.build_list(listed, status, turn.when, wallet=wallet, several=several))


async def whose(turn: Turn) -> None:
    """The filter by wallet."""
    listed = await turn.services.wallets.list_of(turn.user_id)
    await turn.show(order_screens.build_whose(listed, _status(turn), turn.callback.number(1)))


async def around(turn: Turn) -> None:
    """Back from an order to the page of the list on which it is now."""
    wanted = turn.callback.number(1) if len(turn.callback.args) > 1 else None
    mine = await turn.services.wallets.list_of(turn.user_id)
    wallet = next((each for each in mine if each.id == wanted), None)
    try:
        status, listed = await turn.services.orders.page_around(
            turn.user_id,
            turn.callback.number(0),
            size=order_screens.PAGE,
            wallet_id=wallet.id if wallet else None,
        )
    except errors.OrderNotFound as exc:
        await _gone(turn, exc)
        return
    several = len(mine) > 1
    await turn.show(order_screens.build_list(listed, status, turn.when, wallet=wallet, several=several))


async def detail(turn: Turn) -> None:
    await _look_at(turn, fresh=False)


async def refresh_detail(turn: Turn) -> None:
    await _look_at(turn, fresh=True)


async def _look_at(turn: Turn, *, fresh: bool) -> None:
    try:
        view = await turn.services.orders.get(turn.user_id, turn.callback.number(0), fresh=fresh)
    except errors.OrderNotFound as exc:
        await _gone(turn, exc)
        return
    await _show(turn, view, listed=bool(turn.callback.rest(1)))


async def _show(turn: Turn, view: OrderView, note: str = "", *, listed: bool = False) -> None:
    opened_here = await turn.services.orders.was_opened_here(turn.user_id, view.order)
    screen = order_detail.build_detail(view, turn.when, opened_here=opened_here, note=note, listed=listed)
    await turn.show(screen)
    await turn.services.painter.prepare()


async def _gone(turn: Turn, refusal: errors.OrderNotFound) -> None:
    await turn.show(
        markup.screen([refusal.message, texts.STALE_BUTTON], [markup.button(texts.B_HOME, "home")])
    )


async def mute(turn: Turn) -> None:
    """The button says which way; pressing it twice changes nothing more."""
    muted = turn.callback.number(1) == 1
    view = await turn.services.orders.record_muted(turn.user_id, turn.callback.number(0), muted)
    note = texts.SAID_MUTED if muted else texts.SAID_UNMUTED
    await _show(turn, view, note, listed=bool(turn.callback.rest(2)))
