"""/send and unwrap: tokens and SOL out of an owned wallet."""

from collections.abc import Mapping
from typing import Any

from bot import errors, texts
from bot.chat import markup, render, wallet_screens
from bot.chat.context import Turn
from bot.chat.handlers import confirm
from bot.domain import addresses, amounts, wallets
from bot.services.balances import Balances


async def command(turn: Turn) -> None:
    """`/send AMOUNT TOKEN ADDRESS` out of the default wallet, or a question."""
    listed = [wallet for wallet in await turn.services.wallets.list_of(turn.user_id) if wallet.owned]
    if not listed:
        raise errors.WatchOnly(texts.SEND_NO_WALLET)
    wallet = next((wallet for wallet in listed if wallet.default), listed[0])
    if turn.text:
        await _offer(turn, wallet.id, turn.text)
    else:
        await _ask(turn, wallet)


async def from_wallet(turn: Turn) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    if not wallet.owned:
        raise errors.WatchOnly
    await _ask(turn, wallet)


async def _ask(turn: Turn, wallet: wallets.Wallet) -> None:
    lines = [
        texts.SEND_FROM.format(wallet=wallet_screens.name_of(wallet)),
        texts.SEND_HOW,
        texts.SEND_EXAMPLE,
    ]
    await turn.ask("send", markup.screen(lines, [markup.button(texts.B_STOP, "stop")]), wallet=wallet.id)


async def take(turn: Turn, dialog: Mapping[str, Any]) -> None:
    await _offer(turn, int(dialog["wallet"]), turn.text)
    await turn.end_dialog()


async def _offer(turn: Turn, wallet_id: int, text: str) -> None:
    words = text.split()
    if len(words) != 3:
        raise errors.InvalidInput(texts.FORM_SEND)
    amount, what, to = words
    addresses.parse_address(to)
    mint = await _held(turn, wallet_id, what)
    await confirm.offer(
        turn, turn.services.proposals.send(turn.user_id, turn.chat_id, wallet_id, amount, mint, to)
    )


async def _held(turn: Turn, wallet_id: int, what: str) -> str | None:
    """The mint that a word means among what the wallet holds; None = SOL."""
    if what.casefold() == "sol":
        return None
    if what.casefold() == amounts.WRAPPED_SYMBOL.casefold():
        return amounts.WSOL_MINT
    if addresses.is_address(what):
        return what
    balances = await turn.services.wallets.fetch_balances(turn.user_id, wallet_id)
    same = _named(balances, what)
    if len(same) == 1:
        return same[0].mint
    if not same:
        raise errors.UnknownToken(texts.SEND_NO_TOKEN)
    mints = ", ".join(token.mint for token in same[:3])
    raise errors.UnknownToken(texts.SEND_AMBIGUOUS.format(mints=mints))


def _named(balances: Balances, what: str) -> list[amounts.Token]:
    return [held.token for held in balances.tokens if render.symbol(held.token).casefold() == what.casefold()]


async def unwrap(turn: Turn) -> None:
    await confirm.offer(
        turn, turn.services.proposals.unwrap(turn.user_id, turn.chat_id, turn.callback.number(0))
    )
