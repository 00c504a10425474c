"""The part of /settings about when fills are told: time zone, digests, quiet hours."""

from dataclasses import replace

from bot.chat import hours, telling_screens
from bot.chat.context import Turn
from bot.domain import quiet, zones

# --- the time zone ---------------------------------------------------------------------------------------


async def zone(turn: Turn) -> None:
    await turn.record_dialog("settings", step="zone")
    await turn.show(telling_screens.build_zone(turn.when))


async def choose_zone(turn: Turn) -> None:
    """Raises ValueError for what no screen of ours offers."""
    name = "/".join(turn.callback.args)
    if zones.search(name) != [name]:
        raise ValueError("not a zone")
    turn.person = await turn.services.people.record_timezone(turn.user_id, name)


async def take_zone(turn: Turn, text: str) -> bool:
    """False = it may be any of several, which are shown to choose from. Raises InvalidInput."""
    found = zones.search(text)
    if len(found) > 1:
        await turn.record_dialog("settings", step="zone")
        await turn.show(telling_screens.build_zone_choice(found, turn.when))
        return False
    turn.person = await turn.services.people.record_timezone(turn.user_id, found[0])
    return True


# --- how fills are told ----------------------------------------------------------------------------------


async def fills(turn: Turn) -> None:
    await turn.record_dialog("settings", step="fills")
    await turn.show(telling_screens.build_fills(_wishes(turn), turn.when))


async def way_chosen(turn: Turn) -> None:
    await _record(turn, replace(_wishes(turn), fills=quiet.Fills(turn.callback.text(0))))
    await fills(turn)


async def hour_chosen(turn: Turn) -> None:
    await _record(turn, replace(_wishes(turn), digest_at=_below(turn, 0, quiet.DAY)))
    await fills(turn)


async def day_chosen(turn: Turn) -> None:
    await _record(turn, replace(_wishes(turn), digest_on=_below(turn, 0, quiet.WEEK)))
    await fills(turn)


async def take_fills(turn: Turn, text: str) -> None:
    """Day and hour of a digest stay as they are where they are not said. Raises InvalidInput."""
    wish, now = hours.parse_fills(text), _wishes(turn)
    at = now.digest_at if wish.at is None else wish.at
    on = now.digest_on if wish.on is None else wish.on
    await _record(turn, replace(now, fills=wish.fills, digest_at=at, digest_on=on))


# --- quiet hours -----------------------------------------------------------------------------------------


async def quiet_hours(turn: Turn) -> None:
    await turn.record_dialog("settings", step="quiet")
    await turn.show(telling_screens.build_quiet(_wishes(turn), turn.when))


async def ask_from(turn: Turn) -> None:
    await turn.record_dialog("settings", step="quiet")
    await turn.show(telling_screens.build_quiet_from(turn.when))


async def ask_to(turn: Turn) -> None:
    await turn.record_dialog("settings", step="quiet")
    await turn.show(telling_screens.build_quiet_to(_below(turn, 0, quiet.DAY), turn.when))


async def quiet_chosen(turn: Turn) -> None:
    off = turn.callback.text(0) == "off"
    span = None if off else (_below(turn, 0, quiet.DAY), _below(turn, 1, quiet.DAY))
    await _record(turn, replace(_wishes(turn), quiet=span))
    await quiet_hours(turn)


async def take_quiet(turn: Turn, text: str) -> None:
    """Raises InvalidInput."""
    await _record(turn, replace(_wishes(turn), quiet=hours.parse_span(text)))


# --- pieces ----------------------------------------------------------------------------------------------


def _wishes(turn: Turn) -> quiet.Wishes:
    return turn.services.people.wishes_of(turn.person)


async def _record(turn: Turn, wishes: quiet.Wishes) -> None:
    turn.person = await turn.services.people.record_wishes(turn.user_id, wishes)


def _below(turn: Turn, position: int, limit: int) -> int:
    """A number of the tapped button. Raises ValueError for one that no button of ours has."""
    number = turn.callback.number(position)
    if number >= limit:
        raise ValueError("out of range")
    return number
