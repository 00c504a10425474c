"""/fills: the newest of all orders, or those of one."""

from bot import texts
from bot.chat import fill_screens, markup
from bot.chat.context import Turn
from bot.chat.handlers import finding
from bot.services.finding import Wanted


async def command(turn: Turn) -> None:
    """`/fills [order]`."""
    if not turn.text:
        await _latest(turn, 0, fresh=True)
        return
    view = await finding.find_order(turn, turn.text, Wanted.FILLS, "0")
    if view is not None:
        await turn.show(fill_screens.build_of_order(view, 0, turn.when))


async def page(turn: Turn) -> None:
    number = turn.callback.number(0)
    await _latest(turn, number, fresh=number == 0)


async def refresh(turn: Turn) -> None:
    await _latest(turn, turn.callback.number(0), fresh=True)


async def of_order(turn: Turn) -> None:
    view = await turn.services.orders.get(turn.user_id, turn.callback.number(0))
    page, listed = turn.callback.number(1), bool(turn.callback.rest(2))
    await turn.show(fill_screens.build_of_order(view, page, turn.when, listed=listed))


async def _latest(turn: Turn, number: int, *, fresh: bool) -> None:
    shown = await turn.services.fill_log.page_of(turn.user_id, number, size=fill_screens.PAGE, fresh=fresh)
    if not shown.total and not await turn.services.wallets.list_of(turn.user_id):
        await turn.show(markup.screen([texts.NO_WALLETS], [markup.button(texts.B_HOME, "home")]))
        return
    await turn.show(fill_screens.build_latest(shown, turn.when))
