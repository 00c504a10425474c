"""/settings: time zone, the most that a priority fee may be, and who sends transactions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot import errors, texts
from bot.chat import settings_screens
from bot.chat.context import Turn
from bot.domain import amounts, zones

_ROUTES = {"jupiter": "jupiter", "node": "rpc", "rpc": "rpc"}
"""What a person may write for each."""


async def command(turn: Turn) -> None:
    """`/settings`, `/settings zone Europe/Zurich`, `/settings fee 0.0005`, `/settings via node`."""
    word, _, rest = turn.text.partition(" ")
    if not word:
        await show(turn)
        return
    take = _WORDS.get(word.casefold())
    if take is None or not rest.strip():
        raise errors.InvalidInput(texts.SETTINGS_FORMS)
    await take(turn, rest.strip())


async def show(turn: Turn, note: str = "") -> None:
    people = turn.services.people
    chosen = people.preferences_of(turn.person.settings)
    await turn.show(settings_screens.build_settings(chosen, people.operator, turn.when, note=note))


async def fee_chosen(turn: Turn) -> None:
    await _record_fee(turn, turn.callback.number(0))


async def route_chosen(turn: Turn) -> None:
    turn.person = await turn.services.people.record_route(turn.user_id, turn.callback.text(0))
    await show(turn)


async def ask_fee(turn: Turn) -> None:
    await turn.record_dialog("settings", step="fee")
    await turn.show(settings_screens.build_question(texts.SETTINGS_ASK_FEE))


async def ask_zone(turn: Turn) -> None:
    await turn.record_dialog("settings", step="zone")
    await turn.show(settings_screens.build_question(texts.SETTINGS_ASK_ZONE))


async def take(turn: Turn, dialog: Mapping[str, Any]) -> None:
    await _WORDS[dialog["step"]](turn, turn.text.strip())
    await turn.end_dialog()


async def _take_fee(turn: Turn, text: str) -> None:
    number = text.casefold().removesuffix("sol").strip()
    await _record_fee(turn, amounts.parse_amount(number, amounts.SOL_DECIMALS))


async def _take_zone(turn: Turn, text: str) -> None:
    turn.person = await turn.services.people.record_timezone(turn.user_id, zones.parse(text))
    await show(turn, texts.SETTINGS_KEPT)


async def _take_route(turn: Turn, text: str) -> None:
    route = _ROUTES.get(text.casefold())
    if route is None:
        raise errors.InvalidInput(texts.SETTINGS_FORMS)
    turn.person = await turn.services.people.record_route(turn.user_id, route)
    await show(turn, texts.SETTINGS_KEPT)


async def _record_fee(turn: Turn, lamports: int) -> None:
    turn.person = await turn.services.people.record_fee_cap(turn.user_id, lamports)
    await show(turn, "" if turn.tapped else texts.SETTINGS_KEPT)


_WORDS: dict[str, Callable[[Turn, str], Awaitable[None]]] = {
    "fee": _take_fee,
    "zone": _take_zone,
    "via": _take_route,
}
