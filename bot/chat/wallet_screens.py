"""Screens about wallets: the list, one wallet, its address as a picture. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from bot import texts
from bot.chat import cards, markup, render
from bot.chat.order_screens import When
from bot.domain import addresses, wallets
from bot.services.balances import Balances, TokenBalance

PAGE = 6
TOKENS_PAGE = 15
MOST_BROKEN = 10
OLD = timedelta(minutes=2)
"""A balance that was seen longer ago says so."""


def ways_in(count: int) -> list[markup.Row]:
    """The three ways in; `count` wallets known now makes a second tap on Create a stale one."""
    return [
        [markup.button(texts.B_WATCH, "watch", style=markup.Style.PRIMARY)],
        [markup.button(texts.B_CREATE_WALLET, "create", count)],
        [markup.button(texts.B_IMPORT_WALLET, "import")],
    ]


# --- the list --------------------------------------------------------------------------------------------


def build_list(
    listed: Sequence[wallets.Wallet],
    balances: Mapping[int, Balances],
    when: When,
    page: int = 0,
    *,
    broken: Sequence[wallets.Wallet] = (),
    note: str = "",
) -> markup.Screen:
    """One page of them; `balances` by wallet id, as far as known. `broken` ones cannot be opened."""
    pages = markup.count_pages(len(listed), PAGE)
    page = min(page, pages - 1)
    shown = page_of(listed, page)
    title = [texts.YOUR_WALLETS]
    if pages > 1:
        title += [str(len(listed)), texts.PAGE_OF.format(page=page + 1, pages=pages)]
    lines = [" · ".join(title)]
    for wallet in shown:
        lines += ["", line(wallet, balances.get(wallet.id), when)]
    if not listed:
        lines += ["", texts.NO_WALLETS]
    if total := together(listed, balances):
        lines += ["", *total]
    if broken:
        lines += ["", texts.BROKEN_WALLETS.format(count=len(broken))]
    if note:
        lines += ["", note]
    return markup.screen(
        lines,
        *[[markup.button(_label(wallet), "wallet", wallet.id)] for wallet in shown],
        *[
            [markup.button(texts.B_BROKEN.format(name=render.clean(wallet.name, 16)), "broken", wallet.id)]
            for wallet in broken[:MOST_BROKEN]
        ],
        markup.turner(page, pages, "wallets"),
        *ways_in(len(listed)),
        [markup.button(texts.B_HOME, "home")],
    )


def page_of(listed: Sequence[wallets.Wallet], page: int) -> Sequence[wallets.Wallet]:
    """Those that a page of the list shows; the last page where there are not so many."""
    page = min(page, markup.count_pages(len(listed), PAGE) - 1)
    return listed[page * PAGE : (page + 1) * PAGE]


def line(wallet: wallets.Wallet, seen: Balances | None, when: When) -> str:
    """A wallet among others, in two lines."""
    facts = [cards.wallet_line(wallet), *([texts.DEFAULT] if wallet.default else [])]
    return f"{' · '.join(facts)}\n{_worth(seen, when)}"


def _worth(seen: Balances | None, when: When) -> str:
    if seen is None:
        return texts.BALANCE_UNKNOWN
    facts = [render.sol(seen.lamports)]
    if seen.usd is not None:
        facts.insert(0, f"≈ {render.dollars(seen.usd)}")
    if when.now - seen.seen_at > OLD:
        facts.append(texts.SEEN_AGO.format(ago=render.ago(seen.seen_at, when.now)))
    return " · ".join(facts)


def together(listed: Sequence[wallets.Wallet], balances: Mapping[int, Balances]) -> list[str]:
    """What several wallets are worth, and whether that is all of it."""
    known = [balances[wallet.id] for wallet in listed if wallet.id in balances]
    values = [seen.usd for seen in known if seen.usd is not None]
    if len(listed) < 2 or not values:
        return []
    complete = len(values) == len(listed) and not any(seen.unpriced for seen in known)
    said = texts.WORTH if complete else texts.WORTH_KNOWN
    return [said.format(usd=render.dollars(sum(values, Decimal(0))))]


def _label(wallet: wallets.Wallet) -> str:
    star = "⭐ " if wallet.default else ""
    return f"{star}{render.clean(wallet.name, 14)}{'' if wallet.owned else ' 👁'}"


# --- one wallet ------------------------------------------------------------------------------------------


def build_wallet(
    wallet: wallets.Wallet,
    balances: Balances | None,
    page: int = 0,
    *,
    note: str = "",
    stop: Sequence[markup.Button] = (),
) -> markup.Screen:
    """One wallet; `balances` None = they could not be read, and `note` says why; `stop` = of an export."""
    lines = _identity(wallet)
    lines.append(texts.KEY_HERE if wallet.owned else texts.WATCH_ONLY)
    pages = 1
    if balances is not None:
        pages = markup.count_pages(len(balances.tokens), TOKENS_PAGE)
        lines += ["", *holdings(balances, min(page, pages - 1), pages)]
    if note:
        lines += ["", note]
    return markup.screen(
        lines,
        markup.turner(min(page, pages - 1), pages, "wallet", wallet.id),
        stop,
        *_wallet_rows(wallet, balances),
    )


def holdings(balances: Balances, page: int = 0, pages: int = 1) -> list[str]:
    """One page of the tokens; SOL and the sum on every one of them."""
    lines = [f"<b>{render.sol(balances.lamports)}</b>{render.usd(balances.sol_usd)}"]
    if balances.wrapped_raw:
        wrapped = render.sol(balances.wrapped_raw)
        lines.append(texts.WRAPPED.format(amount=wrapped, usd=render.usd(balances.wrapped_usd)))
    lines += [_token(held) for held in balances.tokens[page * TOKENS_PAGE : (page + 1) * TOKENS_PAGE]]
    if pages > 1:
        lines.append(texts.TOKENS_PAGE.format(count=len(balances.tokens), page=page + 1, pages=pages))
    if balances.usd is not None:
        said = texts.WORTH_WITHOUT if balances.unpriced else texts.WORTH
        lines.append(said.format(usd=render.dollars(balances.usd), count=balances.unpriced))
    return lines


def _token(held: TokenBalance) -> str:
    flag = render.token_warning(held.token)
    return f"{render.amount(held.raw, held.token)}{render.usd(held.usd)}{f' {flag}' if flag else ''}"


def _identity(wallet: wallets.Wallet) -> list[str]:
    """Name and whole address: the short form beside it would say the same twice."""
    facts = [f"👛 <b>{render.foreign(wallet.name)}</b>", *([texts.DEFAULT] if wallet.default else [])]
    return [" · ".join(facts), f"<code>{render.foreign(wallet.pubkey, 64)}</code>"]


def _wallet_rows(wallet: wallets.Wallet, balances: Balances | None) -> list[markup.Row]:
    send = [markup.button(texts.B_SEND, "send", wallet.id)] if wallet.owned else []
    unwrap = wallet.owned and balances is not None and balances.wrapped_raw
    default = [] if wallet.default else [markup.button(texts.B_MAKE_DEFAULT, "default", wallet.id)]
    more = [
        markup.button(texts.B_CHART, "wchart", wallet.id),
        markup.button(texts.B_WALLET_STATEMENT, "statement", wallet.id, "wallet", 0),
        markup.link(texts.B_SOLSCAN, render.account_url(wallet.pubkey)),
        markup.button(texts.B_RENAME, "rename", wallet.id),
        *default,
        markup.button(texts.B_REFRESH, "wallet", wallet.id),
    ]
    rows: list[markup.Row] = [
        [markup.copy(texts.B_COPY_ADDRESS, wallet.pubkey), markup.button(texts.B_QR, "qr", wallet.id)],
        [*send, markup.button(texts.B_ITS_ORDERS, "orders", "active", 0, wallet.id)],
        [markup.button(texts.B_UNWRAP, "unwrap", wallet.id)] if unwrap else [],
        *(more[place : place + 2] for place in range(0, len(more), 2)),
        [markup.button(texts.B_BACK, "wallets", 0, wallet.id), markup.button(texts.B_HOME, "home")],
    ]
    if wallet.owned:
        rows.append([markup.button(texts.B_EXPORT, "export", wallet.id, style=markup.Style.DANGER)])
    remove = texts.B_REMOVE if wallet.owned else texts.B_UNWATCH
    rows.append([markup.button(remove, "remove", wallet.id, style=markup.Style.DANGER)])
    return rows


def build_picture(wallet: wallets.Wallet) -> markup.Screen:
    """The caption of the QR code."""
    return markup.screen(
        [*_identity(wallet), "", texts.QR_CAPTION],
        [markup.copy(texts.B_COPY_ADDRESS, wallet.pubkey)],
        [markup.opener(texts.B_OPEN_WALLET, "wallet", wallet.id), markup.opener(texts.B_HOME, "home")],
    )


def build_added(wallet: wallets.Wallet, how: str, *, note: str = "") -> markup.Screen:
    """A wallet was created, imported or is now watched."""
    lines = [f"✅ <b>{how}</b>", "", *_identity(wallet)]
    if note:
        lines += ["", note]
    return markup.screen(
        lines,
        [markup.copy(texts.B_COPY_ADDRESS, wallet.pubkey), markup.button(texts.B_QR, "qr", wallet.id)],
        [
            markup.button(texts.B_OPEN_WALLET, "wallet", wallet.id),
            markup.button(texts.B_ORDERS, "orders", "active", 0),
        ],
        [markup.button(texts.B_HOME, "home")],
    )


def name_of(wallet: wallets.Wallet) -> str:
    return f"{render.foreign(wallet.name)} (<code>{addresses.shorten(wallet.pubkey)}</code>)"
