"""Removing a wallet: what would be lost is said first, and a key is erased only after a second question."""

from datetime import timedelta

from bot import errors, texts
from bot.chat import removal_screens, render
from bot.chat.context import Turn
from bot.chat.handlers.wallets import fetch_balances, show_list
from bot.domain import orders, wallets
from bot.services.balances import Balances

VALID_FOR = timedelta(minutes=2)
"""A button that erases a key is as old as what was said beside it: later it asks again."""


async def broken(turn: Turn) -> None:
    """A wallet that cannot be opened: its address is not shown, because nothing vouches for it."""
    wallet = await turn.services.wallets.find_any(turn.user_id, turn.callback.number(0))
    await turn.show(removal_screens.build_broken(wallet))


async def ask(turn: Turn) -> None:
    """What is left in it, and what would pay out to it."""
    await _ask(turn, turn.callback.number(0))


async def _ask(turn: Turn, wallet_id: int, note: str = "") -> None:
    wallet = await turn.services.wallets.get(turn.user_id, wallet_id)
    if await _is_busy(turn, wallet):
        return
    balances, trouble = await fetch_balances(turn, wallet.id) if wallet.owned else (None, "")
    exporting = bool(await turn.services.wallets.list_exports(turn.user_id, wallet.id))
    active = await _count_orders(turn, wallet)
    screen = removal_screens.build_remove(
        wallet, balances, active, exporting=exporting, unknown=trouble, note=note
    )
    await turn.show(screen)


async def ask_again(turn: Turn) -> None:
    """The last question about an owned wallet."""
    wallet = await turn.services.wallets.find_any(turn.user_id, turn.callback.number(0))
    if await _is_busy(turn, wallet):
        return
    address, what = "", [texts.ERASE_BROKEN]
    if not await turn.services.wallets.is_broken(wallet):
        balances, _ = await fetch_balances(turn, wallet.id)
        address, what = wallet.pubkey, [_held(balances)]
        if active := await _count_orders(turn, wallet):
            what.append(texts.REMOVE_ORDERS.format(count=active))
    asked_at = int(turn.when.now.timestamp())
    await turn.show(removal_screens.build_erase(wallet, address, what, asked_at))


def _held(balances: Balances | None) -> str:
    if balances is None:
        return texts.ERASE_UNSEEN
    if not (balances.lamports or balances.wrapped_raw or balances.tokens):
        return texts.ERASE_EMPTY
    worth = render.dollars(balances.usd) if balances.usd is not None else render.sol(balances.lamports)
    return texts.ERASE_HOLDS.format(worth=worth)


async def remove(turn: Turn) -> None:
    """The tap on a watched wallet's question, or on the last one about an owned wallet while it is young."""
    wallet = await turn.services.wallets.find_any(turn.user_id, turn.callback.number(0))
    if wallet.owned and not _is_young(turn):
        await _ask(turn, wallet.id, texts.STALE_BUTTON)
        return
    await turn.services.wallets.remove(turn.user_id, wallet.id)
    await show_list(turn, note=texts.REMOVED.format(wallet=render.foreign(wallet.name)))


def _is_young(turn: Turn) -> bool:
    if len(turn.callback.args) < 2:
        return False
    age = turn.when.now.timestamp() - turn.callback.number(1)
    return -1 <= age <= VALID_FOR.total_seconds()


async def _is_busy(turn: Turn, wallet: wallets.Wallet) -> bool:
    """Whether something of this wallet is under way, which was said then."""
    unsettled = await turn.services.confirmations.list_unsettled(turn.user_id)
    if not any(action.intent.user == wallet.pubkey for action in unsettled):
        return False
    await turn.show(removal_screens.build_busy(wallet))
    return True


async def _count_orders(turn: Turn, wallet: wallets.Wallet) -> int:
    try:
        listed = await turn.services.orders.page_of(
            turn.user_id, orders.Status.ACTIVE, 0, size=1, fresh=False, wallet_id=wallet.id
        )
    except errors.WalletNotFound:
        return 0
    return listed.total
