"""/settings: one screen of what holds, screens to change it in place, and everything in one line."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot import errors, texts
from bot.chat import render, settings_screens
from bot.chat.context import Turn
from bot.chat.handlers import finding, telling
from bot.domain import amounts
from bot.services.finding import Wanted

_ROUTES = {"jupiter": "jupiter", "node": "rpc", "rpc": "rpc"}
"""What a person may write for each."""


async def command(turn: Turn) -> None:
    """`/settings`, `/settings zone Berlin`, `/settings quiet 22-7`; a word alone opens what it is about."""
    word, _, rest = turn.text.partition(" ")
    if not word:
        await show(turn)
        return
    about = word.casefold()
    if about not in _WORDS:
        raise errors.InvalidInput(texts.SETTINGS_FORMS)
    opens, take = _WORDS[about]
    if rest.strip():
        await take(turn, rest.strip())
    else:
        await opens(turn)


async def show(turn: Turn, note: str = "") -> None:
    people, muted = turn.services.people, await turn.services.orders.list_muted(turn.user_id)
    chosen = settings_screens.Chosen(
        money=people.preferences_of(turn.person.settings),
        wishes=people.wishes_of(turn.person),
        planned=await people.find_planned(turn.user_id),
        muted=len(muted),
    )
    await turn.show(settings_screens.build_settings(chosen, turn.when, note=note))


async def take_answer(turn: Turn, dialog: Mapping[str, Any]) -> None:
    """What was written while a screen of ours asked; what is not clear yet leaves the question open."""
    _, take = _WORDS[dialog["step"]]
    await take(turn, turn.text.strip())


async def _kept(turn: Turn, note: str = texts.SETTINGS_KEPT) -> None:
    """After something was written: the question is answered, and all that holds is shown."""
    await turn.end_dialog()
    await show(turn, note)


# --- money -----------------------------------------------------------------------------------------------


async def fee(turn: Turn) -> None:
    people = turn.services.people
    money = people.preferences_of(turn.person.settings)
    await turn.show(settings_screens.build_fee(money, people.operator))


async def ask_fee(turn: Turn) -> None:
    await turn.record_dialog("settings", step="fee")
    await turn.show(settings_screens.build_question(texts.SETTINGS_ASK_FEE))


async def fee_chosen(turn: Turn) -> None:
    turn.person = await turn.services.people.record_fee_cap(turn.user_id, turn.callback.number(0))
    await fee(turn)


async def _take_fee(turn: Turn, text: str) -> None:
    number = text.casefold().removesuffix("sol").strip()
    lamports = amounts.parse_amount(number, amounts.SOL_DECIMALS)
    turn.person = await turn.services.people.record_fee_cap(turn.user_id, lamports)
    await _kept(turn)


async def route(turn: Turn) -> None:
    await turn.show(settings_screens.build_route(turn.services.people.preferences_of(turn.person.settings)))


async def route_chosen(turn: Turn) -> None:
    turn.person = await turn.services.people.record_route(turn.user_id, turn.callback.text(0))
    await route(turn)


async def _take_route(turn: Turn, text: str) -> None:
    chosen = _ROUTES.get(text.casefold())
    if chosen is None:
        raise errors.InvalidInput(texts.SETTINGS_FORMS)
    turn.person = await turn.services.people.record_route(turn.user_id, chosen)
    await _kept(turn)


# --- when fills are told ---------------------------------------------------------------------------------


async def zone_chosen(turn: Turn) -> None:
    await telling.choose_zone(turn)
    await show(turn)


async def tell_now(turn: Turn) -> None:
    count = await turn.services.people.tell_planned(turn.user_id)
    await show(turn, texts.SETTINGS_TOLD_NOW if count else texts.SETTINGS_NOTHING_HELD)


async def _take_zone(turn: Turn, text: str) -> None:
    if await telling.take_zone(turn, text):
        await _kept(turn)


async def _take_fills(turn: Turn, text: str) -> None:
    if text.casefold() == "now":
        await turn.end_dialog()
        await tell_now(turn)
        return
    await telling.take_fills(turn, text)
    await _kept(turn)


async def _take_quiet(turn: Turn, text: str) -> None:
    await telling.take_quiet(turn, text)
    await _kept(turn)


# --- muted orders ----------------------------------------------------------------------------------------


async def muted(turn: Turn) -> None:
    await _show_muted(turn, turn.callback.number(0) if turn.callback.args else 0)


async def unmute(turn: Turn) -> None:
    """From the list of muted orders, which is one shorter then."""
    number = turn.callback.number(0)
    await turn.services.orders.record_muted(turn.user_id, number, muted=False)
    note = texts.SAID_OF_ORDER.format(number=number, said=texts.SAID_UNMUTED)
    await _show_muted(turn, turn.callback.number(1), note)


async def _show_muted(turn: Turn, page: int, note: str = "") -> None:
    numbers = await turn.services.orders.list_muted(turn.user_id)
    size = settings_screens.MUTED_PAGE
    page = min(page, max(0, len(numbers) - 1) // size)
    views = await turn.services.orders.list_some(turn.user_id, numbers[page * size : (page + 1) * size])
    await turn.show(settings_screens.build_muted(views, len(numbers), page, turn.when, note=note))


async def _mute(turn: Turn, text: str) -> None:
    await _record_muted(turn, text, muted=True)


async def _unmute(turn: Turn, text: str) -> None:
    await _record_muted(turn, text, muted=False)


async def _record_muted(turn: Turn, text: str, *, muted: bool) -> None:
    view = await finding.find_order(turn, text, Wanted.MUTE, "1" if muted else "0")
    if view is not None:
        await turn.services.orders.record_muted(turn.user_id, view.number, muted)
        said = texts.SAID_MUTED if muted else texts.SAID_UNMUTED
        await show(turn, render.escape(texts.SAID_OF_ORDER.format(number=view.number, said=said)))


Take = Callable[[Turn, str], Awaitable[None]]
_WORDS: dict[str, tuple[Callable[[Turn], Awaitable[None]], Take]] = {
    "zone": (telling.zone, _take_zone),
    "fills": (telling.fills, _take_fills),
    "quiet": (telling.quiet_hours, _take_quiet),
    "fee": (fee, _take_fee),
    "via": (route, _take_route),
    "mute": (muted, _mute),
    "muted": (muted, _mute),
    "unmute": (muted, _unmute),
}
"""What each word opens, and what it does with what comes after it."""
