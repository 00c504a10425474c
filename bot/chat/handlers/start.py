"""/start, home, what is under way, and /help."""

from bot import texts
from bot.chat import home_screens, markup, render
from bot.chat.context import Turn
from bot.domain import intents, orders


async def home(turn: Turn) -> None:
    """The way in for a newcomer, the home screen for everybody else."""
    await turn.end_dialog()
    found = await turn.services.home.look(turn.user_id)
    if not found.wallets and not found.attention:
        await turn.show(home_screens.build_start(sandbox=turn.services.sandbox))
        return
    await turn.show(home_screens.build_home(found, turn.when, sandbox=turn.services.sandbox))


async def under_way(turn: Turn) -> None:
    """What was confirmed and is not settled yet."""
    unsettled = await turn.services.confirmations.list_unsettled(turn.user_id)
    known = await turn.services.orders.list_of(turn.user_id, orders.Status.ACTIVE, fresh=False)
    keys = {intents.order_of(action.intent) for action in unsettled}
    numbers = {view.order.key: view.number for view in known.items if view.order.key in keys}
    await turn.show(home_screens.build_under_way(unsettled, numbers, turn.when))


async def help_(turn: Turn) -> None:
    await turn.show(help_screen())


def help_screen(first: str = "") -> markup.Screen:
    """Help, after a sentence about why it is shown."""
    lines = [first, ""] if first else []
    return markup.screen(
        [*lines, *texts.HELP.split("\n")],
        [markup.button(texts.B_ORDERS, "orders", "active", 0), markup.button(texts.B_HOME, "home")],
    )


async def stop(turn: Turn) -> None:
    """/stop, and the button out of any question. Where none is open, it stops what is announced: exports."""
    had = await turn.services.dialogs.find(turn.user_id)
    await turn.end_dialog()
    said = [texts.STOPPED] if had else await _stop_exports(turn) or [texts.NOTHING_TO_STOP]
    await turn.show(markup.screen(said, [markup.button(texts.B_HOME, "home")]))


async def _stop_exports(turn: Turn) -> list[str]:
    stopped = []
    for job in await turn.services.wallets.list_exports(turn.user_id):
        wallet_id = int(job.payload["wallet_id"])
        if await turn.services.wallets.stop_export(turn.user_id, wallet_id):
            wallet = await turn.services.wallets.find_any(turn.user_id, wallet_id)
            stopped.append(texts.EXPORT_STOPPED.format(wallet=render.foreign(wallet.name)))
    return stopped
