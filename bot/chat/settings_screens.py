"""The screens of /settings. Pure."""

from datetime import UTC

from bot import texts
from bot.chat import markup, render
from bot.chat.order_screens import When
from bot.domain import amounts
from bot.services import people

CAPS = (100_000, 500_000, 1_000_000)
"""Lamports that are offered as buttons, as far as the operator allows them."""
_ROUTES = {"jupiter": "Jupiter", "rpc": "Our own node"}


def build_settings(
    chosen: people.Preferences, limit: people.Preferences, when: When, *, note: str = ""
) -> markup.Screen:
    """What holds now, with one button for everything that can be chosen; `limit` is the operator's."""
    hour = when.now.astimezone(render.zone(when.zone) or UTC).strftime("%H:%M")
    lines = [
        *([note, ""] if note else []),
        texts.SETTINGS,
        "",
        f"Time zone: <b>{render.escape(when.zone)}</b>, where it is {hour}",
        f"Priority fee: at most <b>{render.sol(chosen.priority_fee_cap)}</b> a transaction",
        f"Sent through: <b>{_ROUTES[chosen.submit_via]}</b>",
        "",
        texts.SETTINGS_FEE.format(limit=render.sol(limit.priority_fee_cap)),
        texts.SETTINGS_ROUTE,
    ]
    buttons = [_choice(_sol(cap), cap == chosen.priority_fee_cap, "feecap", cap) for cap in offered(limit)]
    return markup.screen(
        lines,
        buttons[:2],
        buttons[2:],
        [markup.button("✏️ Another fee", "askfee"), markup.button("🕒 Time zone", "askzone")],
        [_choice(label, route == chosen.submit_via, "route", route) for route, label in _ROUTES.items()],
        [markup.button("🏠 Home", "home")],
    )


def offered(limit: people.Preferences) -> list[int]:
    """Fee caps as buttons, the operator's limit last."""
    most = limit.priority_fee_cap
    return [*(cap for cap in CAPS if cap < most), most]


def build_question(text: str) -> markup.Screen:
    """What the next message of the person answers."""
    return markup.screen(
        text.split("\n"), [markup.button("‹ Back", "settings"), markup.button("✖️ Stop", "stop")]
    )


def _choice(label: str, chosen: bool, verb: str, *args: int | str) -> markup.Button:
    return markup.button(f"✓ {label}" if chosen else label, verb, *args)


def _sol(lamports: int) -> str:
    return f"{amounts.format_amount(lamports, amounts.SOL_DECIMALS)} SOL"
