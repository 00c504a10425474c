"""/status: when wallets were last looked at, and whether everything answers."""

from bot.chat import status_screens
from bot.chat.context import Turn


async def show(turn: Turn) -> None:
    """The tapped button says which page."""
    page = turn.callback.number(0) if turn.callback.args else 0
    seen = await turn.services.status.look(turn.user_id)
    await turn.show(status_screens.build_status(seen, turn.when, page))
