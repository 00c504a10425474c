"""/start, home and /help."""

from bot import texts
from bot.chat import markup, wallet_screens
from bot.chat.context import Turn


async def home(turn: Turn) -> None:
    """The way in for a newcomer, the home screen for everybody else."""
    await turn.end_dialog()
    listed = await turn.services.wallets.list_of(turn.user_id)
    if not listed:
        await turn.show(wallet_screens.build_start(sandbox=turn.services.sandbox))
        return
    view = await turn.services.orders.home(turn.user_id)
    await turn.show(wallet_screens.build_home(view, turn.when, sandbox=turn.services.sandbox))


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
    """The button out of any question."""
    had = await turn.services.dialogs.find(turn.user_id)
    await turn.end_dialog()
    text = texts.STOPPED if had else texts.NOTHING_TO_STOP
    await turn.show(markup.screen([text], [markup.button(texts.B_HOME, "home")]))
