"""The ways in, home, and what is under way. Pure."""

from collections.abc import Mapping, Sequence

from bot import texts
from bot.chat import cards, export_screens, markup, order_screens, render, wallet_screens
from bot.chat.order_screens import When
from bot.domain import actions, intents
from bot.services import home as home_service

SHOWN = home_service.SHOWN
MOST_NAMED = 8
MOST_UNDER_WAY = 8


def build_start(*, sandbox: bool, count: int = 0) -> markup.Screen:
    lines = [texts.SANDBOX, "", texts.START] if sandbox else [texts.START]
    return markup.screen(lines, *wallet_screens.ways_in(count))


def build_home(home: home_service.Home, when: When, *, sandbox: bool) -> markup.Screen:
    """What needs the person comes first; each line of that leads to where it can be put right."""
    lines = [texts.SANDBOX, ""] if sandbox else []
    lines.append(texts.HOME)
    urgent = _attention(home.attention)
    if urgent:
        lines += ["", texts.ATTENTION, *(line for line, _ in urgent)]
    lines += ["", texts.YOUR_WALLETS]
    for wallet in home.wallets[:SHOWN]:
        lines.append(wallet_screens.line(wallet, home.balances.get(wallet.id), when))
    if len(home.wallets) > SHOWN:
        lines.append(texts.MORE_WALLETS.format(count=len(home.wallets) - SHOWN))
    lines += wallet_screens.together(home.wallets, home.balances)
    lines += ["", texts.ACTIVE_ORDERS.format(count=home.active)]
    if home.next_fill is not None:
        lines += [texts.NEXT_OF_ALL, *order_screens.summary(home.next_fill, when)]
    lines += ["", texts.CUSTODY]
    return markup.screen(lines, *[[button] for _, button in urgent], *_rows())


def _attention(found: home_service.Attention) -> list[tuple[str, markup.Button]]:
    """Lines, each with the button to its cure."""
    lines: list[tuple[str, markup.Button]] = []
    if found.exports:
        names = [render.foreign(wallet.name) for wallet, _ in found.exports]
        wallet, job = found.exports[0]
        button = export_screens.stopper(wallet.id, job.id)
        if len(names) > 1:
            button = markup.button(texts.B_WALLETS, "wallets")
        lines.append((texts.EXPORTS_ANNOUNCED.format(wallets=_named(names)), button))
    if count := len(found.unsettled):
        said = texts.UNSETTLED_ONE if count == 1 else texts.UNSETTLED_MANY.format(count=count)
        lines.append((said, markup.button(texts.B_UNDER_WAY, "underway")))
    if found.low:
        said = texts.LOW_ORDERS.format(orders=_numbers([view.number for view in found.low]))
        first = found.low[0]
        if len(found.low) > 1:
            button = markup.button(texts.B_DEPOSIT, "deposits")
        elif first.wallet.owned:
            button = markup.button(texts.B_DEPOSIT_INTO.format(number=first.number), "deposit", first.number)
        else:
            button = markup.button(texts.B_ORDER.format(number=first.number), "order", first.number)
        lines.append((said, button))
    if found.overdue:
        numbers = [view.number for view in found.overdue]
        said = texts.OVERDUE_ORDERS.format(orders=_numbers(numbers))
        button = markup.button(texts.B_ORDER.format(number=numbers[0]), "order", numbers[0])
        if len(numbers) > 1:
            button = markup.button(texts.B_ORDERS, "orders", "active", 0)
        lines.append((said, button))
    if found.no_sol:
        names = [render.foreign(wallet.name) for wallet in found.no_sol]
        said = texts.NO_SOL.format(wallets=_named(names))
        first_wallet = found.no_sol[0]
        button = markup.button(
            texts.B_FUND.format(name=render.clean(first_wallet.name, 12)), "wallet", first_wallet.id
        )
        if len(names) > 1:
            button = markup.button(texts.B_WALLETS, "wallets")
        lines.append((said, button))
    if found.broken:
        said = texts.BROKEN_ONE if found.broken == 1 else texts.BROKEN_MANY.format(count=found.broken)
        lines.append((said, markup.button(texts.B_WALLETS, "wallets")))
    return lines


def _numbers(numbers: Sequence[int]) -> str:
    return _named([f"#{number}" for number in numbers])


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (texts.NAMED_MORE.format(count=more) if more > 0 else "")


def _rows() -> list[markup.Row]:
    return [
        [
            markup.button(texts.B_ORDERS, "orders", "active", 0),
            markup.button(texts.B_FILLS, "latest", 0),
            markup.button(texts.B_WALLETS, "wallets"),
        ],
        [markup.button(texts.B_DEPOSIT, "deposits"), markup.button(texts.B_WITHDRAW, "withdraws")],
        [markup.button(texts.B_NEW_ORDER, "new"), markup.button(texts.B_TO_SETTINGS, "settings")],
        [markup.button(texts.B_REFRESH, "home"), markup.button(texts.B_HELP, "help")],
    ]


def build_under_way(
    unsettled: Sequence[actions.Action], numbers: Mapping[str, int], when: When
) -> markup.Screen:
    """What was confirmed and is not settled; `numbers` of orders by key, as far as known."""
    lines = [texts.UNDER_WAY]
    if not unsettled:
        lines += ["", texts.NOTHING_UNDER_WAY]
    rows: list[markup.Row] = []
    for action in unsettled[:MOST_UNDER_WAY]:
        number = numbers.get(intents.order_of(action.intent) or "")
        lines += [
            "",
            f"<b>{cards.heading(action.intent, number)}</b>",
            cards.state_line(action),
            texts.CONFIRMED_AGO.format(ago=render.ago(action.created_at, when.now)),
        ]
        if number is not None:
            rows.append([markup.button(texts.B_ORDER.format(number=number), "order", number)])
    if len(unsettled) > MOST_UNDER_WAY:
        lines += ["", texts.MORE_UNDER_WAY.format(count=len(unsettled) - MOST_UNDER_WAY)]
    unique = list(dict.fromkeys(map(tuple, rows)))
    return markup.screen(
        lines,
        *unique,
        [markup.button(texts.B_REFRESH, "underway"), markup.button(texts.B_HOME, "home")],
    )
