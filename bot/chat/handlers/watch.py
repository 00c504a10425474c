"""/watch: follow an address without a key."""

from collections.abc import Mapping
from typing import Any

from bot import texts
from bot.chat import markup, wallet_screens
from bot.chat.context import Turn

NOTE = texts.WATCH_MEANS


async def command(turn: Turn) -> None:
    """`/watch ADDRESS [name]`, or a question."""
    if not turn.text:
        await ask(turn)
        return
    address, _, name = turn.text.partition(" ")
    await _watch(turn, address, name.strip())


async def ask(turn: Turn) -> None:
    screen = markup.screen(texts.WATCH_PROMPT.split("\n"), [markup.button(texts.B_STOP, "stop")])
    await turn.ask("watch", screen)


async def take_address(turn: Turn, dialog: Mapping[str, Any]) -> None:
    address, _, name = turn.text.partition(" ")
    await _watch(turn, address, name.strip())
    await turn.end_dialog()


async def pasted(turn: Turn) -> None:
    """The button offered for an address that was sent out of the blue."""
    await _watch(turn, turn.callback.text(0), "")


async def _watch(turn: Turn, address: str, name: str) -> None:
    wallet = await turn.services.wallets.watch(turn.user_id, address, name)
    if wallet.owned:
        await turn.show(wallet_screens.build_added(wallet, texts.WATCH_OWNED))
    else:
        await turn.show(wallet_screens.build_added(wallet, texts.WATCHING, note=NOTE))
