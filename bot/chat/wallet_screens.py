"""Screens about wallets, and home. Pure."""

from collections.abc import Sequence

from bot import texts
from bot.chat import cards, markup, render
from bot.chat.order_screens import When, summary
from bot.domain import addresses, wallets
from bot.services import orders as order_service
from bot.services import wallets as wallet_service

MOST_TOKENS = 20


def ways_in(count: int) -> list[markup.Row]:
    """The three ways in; `count` wallets known now makes a second tap on Create a stale one."""
    return [
        [markup.button("👁 Watch an address", "watch", style=markup.Style.PRIMARY)],
        [markup.button("✨ Create a wallet", "create", count)],
        [markup.button("🔑 Import a wallet", "import")],
    ]


def build_start(*, sandbox: bool, count: int = 0) -> markup.Screen:
    lines = [texts.START]
    if sandbox:
        lines = [texts.SANDBOX, "", *lines]
    return markup.screen(lines, *ways_in(count))


def build_home(home: order_service.Home, when: When, *, sandbox: bool) -> markup.Screen:
    lines = [texts.SANDBOX, ""] if sandbox else []
    lines += ["🏠 <b>Home</b>", f"Active orders: {home.active}"]
    lines += [cards.wallet_line(wallet) for wallet in home.wallets[:10]]
    if home.next_fill is not None:
        lines += ["", "<b>Next fill</b>", *summary(home.next_fill, when)]
    if home.attention:
        lines += ["", "<b>Needs attention</b>", *(f"⚠️ {render.sentence(what)}" for what in home.attention)]
    lines += ["", "Wallets created or imported here are custodial: the operator holds their keys."]
    return markup.screen(
        lines,
        [markup.button("📋 Orders", "orders", "active", 0), markup.button("👛 Wallets", "wallets")],
        [markup.button("➕ Deposit", "deposits"), markup.button("➖ Withdraw", "withdraws")],
        [markup.button("🆕 New order", "new"), markup.button("⚙️ Settings", "settings")],
        [markup.button("❓ Help", "help")],
    )


def build_list(listed: Sequence[wallets.Wallet], *, note: str = "") -> markup.Screen:
    lines = ["👛 <b>Wallets</b>"]
    lines += [cards.wallet_line(wallet) for wallet in listed] or [texts.NO_WALLETS]
    if note:
        lines += ["", note]
    rows: list[markup.Row] = [[markup.button(_label(wallet), "wallet", wallet.id)] for wallet in listed[:40]]
    return markup.screen(lines, *rows, *ways_in(len(listed)), [markup.button("🏠 Home", "home")])


def build_wallet(
    wallet: wallets.Wallet, balances: wallet_service.Balances | None, *, note: str = ""
) -> markup.Screen:
    """One wallet; `balances` None = they could not be read, and `note` says why."""
    lines = _identity(wallet)
    lines += [] if wallet.owned else [texts.WATCH_ONLY]
    if balances is not None:
        lines += ["", *_holdings(balances)]
    if note:
        lines += ["", note]
    return markup.screen(lines, *_wallet_rows(wallet, balances))


def _holdings(balances: wallet_service.Balances) -> list[str]:
    lines = [f"<b>{render.sol(balances.lamports)}</b>{render.usd(balances.sol_usd)}"]
    if balances.wrapped_raw:
        lines.append(f"Wrapped SOL: {render.sol(balances.wrapped_raw)}")
    lines += [
        f"{render.amount(held.raw, held.token)}{render.usd(held.usd)}{_flag(held)}"
        for held in balances.tokens[:MOST_TOKENS]
    ]
    if len(balances.tokens) > MOST_TOKENS:
        lines.append(f"… and {len(balances.tokens) - MOST_TOKENS} more tokens")
    total = balances.usd
    if total is not None:
        lines.append(f"Together {render.usd(total).strip(' ()')}")
    return lines


def _identity(wallet: wallets.Wallet) -> list[str]:
    """Name and whole address: the short form beside it would say the same twice."""
    star = "⭐ " if wallet.default else ""
    return [
        f"{star}<b>{render.foreign(wallet.name)}</b>",
        f"<code>{render.foreign(wallet.pubkey, 64)}</code>",
    ]


def _flag(held: wallet_service.TokenBalance) -> str:
    flag = render.token_warning(held.token)
    return f" {flag}" if flag else ""


def _wallet_rows(wallet: wallets.Wallet, balances: wallet_service.Balances | None) -> list[markup.Row]:
    send = [markup.button("📤 Send", "send", wallet.id)] if wallet.owned else []
    rows: list[markup.Row] = [
        [markup.copy("📋 Copy address", wallet.pubkey), markup.button("🔳 QR code", "qr", wallet.id)],
        send,
    ]
    if wallet.owned and balances and balances.wrapped_raw:
        rows.append([markup.button("🎁 Unwrap SOL", "unwrap", wallet.id)])
    solscan = markup.link("🔎 Solscan", render.account_url(wallet.pubkey))
    rows.append([markup.button("🔄 Refresh", "wallet", wallet.id), solscan])
    default = [] if wallet.default else [markup.button("⭐ Make default", "default", wallet.id)]
    chart = markup.button(texts.B_CHART, "wchart", wallet.id)
    rows += [[chart, markup.button("✏️ Rename", "rename", wallet.id)], default]
    rows.append([markup.button("‹ Back", "wallets"), markup.button("🏠 Home", "home")])
    if wallet.owned:
        rows.append([markup.button("🔑 Export key", "export", wallet.id, style=markup.Style.DANGER)])
    remove = "🗑 Remove" if wallet.owned else "🗑 Stop watching"
    rows.append([markup.button(remove, "remove", wallet.id, style=markup.Style.DANGER)])
    return rows


def build_picture(wallet: wallets.Wallet) -> markup.Screen:
    """The caption of the QR code."""
    return markup.screen(
        [*_identity(wallet), "", texts.QR_CAPTION],
        [markup.copy("📋 Copy address", wallet.pubkey)],
        [markup.opener("👛 Open wallet", "wallet", wallet.id), markup.opener("🏠 Home", "home")],
    )


def build_added(wallet: wallets.Wallet, how: str, *, note: str = "") -> markup.Screen:
    """A wallet was created, imported or is now watched."""
    lines = [f"✅ <b>{how}</b>", "", *_identity(wallet)]
    if note:
        lines += ["", note]
    return markup.screen(
        lines,
        [markup.copy("📋 Copy address", wallet.pubkey), markup.button("🔳 QR code", "qr", wallet.id)],
        [
            markup.button("👛 Open wallet", "wallet", wallet.id),
            markup.button("📋 Orders", "orders", "active", 0),
        ],
        [markup.button("🏠 Home", "home")],
    )


def build_remove(
    wallet: wallets.Wallet, balances: wallet_service.Balances | None, active: int, *, unknown: str = ""
) -> markup.Screen:
    """What is left in it, then the question."""
    name = name_of(wallet)
    lines = [(texts.REMOVE_WARNING if wallet.owned else texts.REMOVE_WATCHED).format(wallet=name)]
    if wallet.owned:
        lines.append("")
        if balances is None:
            lines.append(f"⚠️ I cannot see what is in it now. {unknown}".rstrip())
        else:
            lines += ["In it now:", *_holdings(balances)]
        if active:
            lines.append(f"⚠️ Active orders that pay out to it: {active}")
    label = "🗑 Erase for good" if wallet.owned else "🗑 Stop watching"
    return markup.screen(
        lines,
        [markup.button("‹ Keep it", "wallet", wallet.id)],
        [markup.button(label, "removed", wallet.id, style=markup.Style.DANGER)],
    )


def name_of(wallet: wallets.Wallet) -> str:
    return f"{render.foreign(wallet.name)} (<code>{addresses.shorten(wallet.pubkey)}</code>)"


def _label(wallet: wallets.Wallet) -> str:
    star = "⭐ " if wallet.default else ""
    return f"{star}{render.clean(wallet.name, 14)}{'' if wallet.owned else ' 👁'}"
