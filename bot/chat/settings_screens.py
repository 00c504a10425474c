"""The screens of /settings: all that holds on one, and one for each thing that can be chosen. Pure.

When fills are told has screens of its own, see telling_screens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import ports, texts
from bot.chat import markup, order_screens, render, telling_screens
from bot.chat.order_screens import Summary, When
from bot.domain import amounts, quiet
from bot.services import people

CAPS = (100_000, 500_000, 1_000_000)
"""Lamports that are offered as buttons, as far as the operator allows them."""
MUTED_PAGE = 6
_BACK = markup.button(texts.B_SETTINGS, "settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What holds for a person."""

    money: people.Preferences
    wishes: quiet.Wishes
    planned: ports.Planned
    muted: int


def build_settings(chosen: Chosen, when: When, *, note: str = "") -> markup.Screen:
    """What holds now, with one button for everything that can be chosen."""
    wishes = chosen.wishes
    span = telling_screens.span(wishes.quiet)
    held = telling_screens.held(chosen.planned, when)
    lines = [
        *([note, ""] if note else []),
        texts.SETTINGS,
        "",
        telling_screens.zone_is(when),
        texts.SETTINGS_FILLS_ARE.format(fills=telling_screens.told(wishes)),
        texts.SETTINGS_QUIET_IS.format(quiet=span or texts.NOBODY),
        texts.SETTINGS_MUTED_ARE.format(count=chosen.muted or texts.NOBODY),
        texts.SETTINGS_FEE_IS.format(fee=render.sol(chosen.money.priority_fee_cap)),
        texts.SETTINGS_ROUTE_IS.format(route=texts.ROUTES[chosen.money.submit_via]),
    ]
    if held:
        lines += ["", held]
    return markup.screen(
        lines,
        [markup.button(texts.B_TELL_NOW, "tellnow")] if held else [],
        [markup.button(texts.B_ZONE, "askzone"), markup.button(texts.B_FILLS_TOLD, "setfills")],
        [
            markup.button(texts.B_QUIET, "setquiet"),
            markup.button(texts.B_MUTED.format(count=chosen.muted), "muted", 0),
        ],
        [markup.button(texts.B_FEE, "setfee"), markup.button(texts.B_ROUTE, "setroute")],
        [markup.button(texts.B_HOME, "home")],
    )


# --- money -----------------------------------------------------------------------------------------------


def build_fee(money: people.Preferences, limit: people.Preferences) -> markup.Screen:
    """`limit` is the operator's."""
    buttons = [
        markup.choice(_sol(cap), cap == money.priority_fee_cap, "feecap", cap) for cap in offered(limit)
    ]
    return markup.screen(
        [
            texts.SETTINGS_FEE_IS.format(fee=render.sol(money.priority_fee_cap)),
            "",
            texts.SETTINGS_FEE.format(limit=render.sol(limit.priority_fee_cap)),
        ],
        buttons[:2],
        buttons[2:],
        [markup.button(texts.B_OTHER_FEE, "askfee")],
        [_BACK],
    )


def offered(limit: people.Preferences) -> list[int]:
    """Fee caps as buttons, the operator's limit last."""
    most = limit.priority_fee_cap
    return [*(cap for cap in CAPS if cap < most), most]


def build_route(money: people.Preferences) -> markup.Screen:
    return markup.screen(
        [
            texts.SETTINGS_ROUTE_IS.format(route=texts.ROUTES[money.submit_via]),
            "",
            texts.SETTINGS_ROUTE,
        ],
        [
            markup.choice(label, route == money.submit_via, "route", route)
            for route, label in texts.ROUTES.items()
        ],
        [_BACK],
    )


def build_question(text: str) -> markup.Screen:
    """What the next message of the person answers."""
    return markup.screen(text.split("\n"), [_BACK, markup.button(texts.B_STOP, "stop")])


# --- muted orders ----------------------------------------------------------------------------------------


def build_muted(
    views: Sequence[Summary], total: int, page: int, when: When, *, note: str = ""
) -> markup.Screen:
    """One page of MUTED_PAGE muted orders, each to be unmuted with one tap."""
    pages = markup.count_pages(total, MUTED_PAGE)
    lines = [texts.MUTED_ORDERS + (f" · {total}" if total else "")]
    lines += ["", *([note] if note else []), texts.MUTED_EXPLAINED if total else texts.MUTED_NONE]
    for view in views:
        lines += ["", *order_screens.summary(view, when)[:2]]
    buttons = [
        markup.button(texts.B_UNMUTE_ORDER.format(number=view.number), "unmute", view.number, page)
        for view in views
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    return markup.screen(lines, *rows, markup.turner(page, pages, "muted"), [_BACK])


# --- pieces ----------------------------------------------------------------------------------------------


def _sol(lamports: int) -> str:
    return f"{amounts.format_amount(lamports, amounts.SOL_DECIMALS)} SOL"
