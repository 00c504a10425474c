"""Screens about removing a wallet: what would be lost, and the last question. Pure."""

from collections.abc import Sequence

from bot import texts
from bot.chat import markup, render, wallet_screens
from bot.domain import wallets
from bot.services.balances import Balances


def build_remove(
    wallet: wallets.Wallet,
    balances: Balances | None,
    active: int,
    *,
    exporting: bool = False,
    unknown: str = "",
    note: str = "",
) -> markup.Screen:
    """What would be lost, and the ways to keep it, before the last question."""
    name = wallet_screens.name_of(wallet)
    keep = [markup.button(texts.B_KEEP_WALLET, "wallet", wallet.id)]
    lines = [note, ""] if note else []
    if not wallet.owned:
        forget = markup.button(texts.B_UNWATCH, "removed", wallet.id, style=markup.Style.DANGER)
        lines += texts.REMOVE_WATCHED.format(wallet=name).split("\n")
        return markup.screen(lines, keep, [forget])
    lines += [*texts.REMOVE_OWNED.format(wallet=name).split("\n"), ""]
    if balances is None:
        lines.append(texts.REMOVE_UNSEEN.format(why=unknown).rstrip())
    else:
        pages = markup.count_pages(len(balances.tokens), wallet_screens.TOKENS_PAGE)
        lines += [texts.REMOVE_HOLDS, *wallet_screens.holdings(balances, 0, pages)]
    if active:
        lines.append(texts.REMOVE_ORDERS.format(count=active))
    if exporting:
        lines.append(texts.REMOVE_EXPORTING)
    return markup.screen(
        lines,
        keep,
        [
            markup.button(texts.B_EXPORT_FIRST, "export", wallet.id),
            markup.button(texts.B_SEND, "send", wallet.id),
        ],
        [markup.button(texts.B_REMOVE_ON, "erase", wallet.id, style=markup.Style.DANGER)],
    )


def build_erase(wallet: wallets.Wallet, address: str, what: Sequence[str], asked_at: int) -> markup.Screen:
    """The last question; its button carries when it was asked, in Unix seconds.

    `address` is empty for a broken wallet: nothing vouches for it.
    """
    lines = [texts.ERASE.format(wallet=render.foreign(wallet.name))]
    lines += [f"<code>{render.foreign(address, 64)}</code>"] if address else []
    keep = markup.button(texts.B_KEEP_WALLET, "wallet", wallet.id) if address else _to_wallets()
    erase = markup.button(texts.B_ERASE, "removed", wallet.id, asked_at, style=markup.Style.DANGER)
    return markup.screen([*lines, "", *what, "", texts.ERASE_FINAL], [keep], [erase])


def build_busy(wallet: wallets.Wallet) -> markup.Screen:
    """A wallet with something under way stays."""
    return markup.screen(
        [texts.REMOVE_BUSY.format(wallet=render.foreign(wallet.name))],
        [markup.button(texts.B_UNDER_WAY, "underway"), _to_wallets()],
    )


def build_broken(wallet: wallets.Wallet) -> markup.Screen:
    """One that cannot be opened: the operator can put it right, removing it cannot be undone."""
    return markup.screen(
        texts.BROKEN_WALLET.format(wallet=render.foreign(wallet.name)).split("\n"),
        [_to_wallets(), markup.button(texts.B_HOME, "home")],
        [markup.button(texts.B_REMOVE_ON, "erase", wallet.id, style=markup.Style.DANGER)],
    )


def _to_wallets() -> markup.Button:
    return markup.button(texts.B_WALLETS, "wallets")
