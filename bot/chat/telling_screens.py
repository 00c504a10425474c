"""The screens of /settings about when fills are told: time zone, digests, quiet hours. Pure.

Hours are written as those of the person's zone, and not as times that an app shows in the zone of the phone.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta

from bot import ports, texts
from bot.chat import hours, markup, render
from bot.chat.order_screens import When
from bot.domain import quiet, zones

COMMON_ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Africa/Lagos",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
MOST_ZONES = 12
"""That are offered as buttons for what was written."""
SPANS = ((22 * 60, 7 * 60), (23 * 60, 8 * 60), (0, 7 * 60), (21 * 60, 6 * 60))
_IN_A_ROW = 4
"""Hours or days: more would break their labels, with a tick, on a phone."""
_NEAR = timedelta(hours=20)
_BACK = markup.button(texts.B_SETTINGS, "settings")
_BACK_OR_ZONE = (_BACK, markup.button(texts.B_ZONE, "askzone"))


# --- the time zone ---------------------------------------------------------------------------------------


def build_zone(when: When) -> markup.Screen:
    """Zones in which many people live, as buttons; all others can be written."""
    lines = [zone_is(when), "", texts.SETTINGS_ASK_ZONE]
    buttons = [_zone_button(name, when) for name in (zones.UTC, *COMMON_ZONES)]
    return markup.screen(lines, *_rows(buttons, 3), [_BACK, markup.button(texts.B_STOP, "stop")])


def build_zone_choice(names: Sequence[str], when: When) -> markup.Screen:
    """What was written may be any of these."""
    shown = names[:MOST_ZONES]
    lines = [texts.ZONE_CHOOSE]
    lines += [f"{render.escape(name)} · {_hour(When(when.now, when.order_now, name))}" for name in shown]
    if len(names) > len(shown):
        lines.append(texts.ZONE_MORE.format(count=len(names) - len(shown)))
    buttons = [_zone_button(name, when) for name in shown]
    return markup.screen(lines, *_rows(buttons, 2), [_BACK, markup.button(texts.B_STOP, "stop")])


def _zone_button(name: str, when: When) -> markup.Button:
    """A slash is not for callback data: the parts of a name are arguments."""
    return markup.choice(zones.city(name), name == when.zone, "zone", *name.split("/"))


# --- how fills are told ----------------------------------------------------------------------------------


def build_fills(wishes: quiet.Wishes, when: When) -> markup.Screen:
    """The four ways, and day and hour of a digest."""
    lines = [texts.SETTINGS_FILLS_ARE.format(fills=told(wishes)), "", texts.FILLS_EXPLAINED, ""]
    ways = [
        markup.choice(label, wishes.fills == way, "tell", way)
        for way, label in texts.FILLS_TOLD_SHORT.items()
    ]
    rows = _rows(ways, 2)
    if wishes.fills is quiet.Fills.WEEKLY:
        days = enumerate(texts.WEEKDAYS_SHORT)
        rows += _rows(
            [markup.choice(name, day == wishes.digest_on, "tellon", day) for day, name in days], _IN_A_ROW
        )
    if wishes.digest:
        rows += _hour_rows("tellat", chosen=wishes.digest_at)
        lines += [_zone_line(when), texts.FILLS_LINE, texts.FILLS_ASK_HOUR]
    else:
        lines.append(texts.FILLS_ASK)
    return markup.screen(lines, *rows, _BACK_OR_ZONE if wishes.digest else [_BACK])


def told(wishes: quiet.Wishes) -> str:
    at, day = hours.show(wishes.digest_at), texts.WEEKDAYS[wishes.digest_on]
    return texts.FILLS_TOLD[wishes.fills].format(at=at, day=day)


# --- quiet hours -----------------------------------------------------------------------------------------


def build_quiet(wishes: quiet.Wishes, when: When) -> markup.Screen:
    lines = [
        texts.SETTINGS_QUIET_IS.format(quiet=span(wishes.quiet) or texts.NOBODY),
        "",
        texts.QUIET_ASK,
        texts.QUIET_LINE,
        _zone_line(when),
    ]
    offered = [markup.choice(span(each), each == wishes.quiet, "quiet", *each) for each in SPANS]
    return markup.screen(
        lines,
        *_rows(offered, 2),
        [markup.choice(texts.B_QUIET_OFF, wishes.quiet is None, "quiet", "off")],
        [markup.button(texts.B_OTHER_HOURS, "quietfrom")],
        _BACK_OR_ZONE,
    )


def build_quiet_from(when: When) -> markup.Screen:
    lines = [texts.QUIET_ASK_FROM, texts.QUIET_LINE, _zone_line(when)]
    return markup.screen(lines, *_hour_rows("quietto"), [markup.button(texts.B_BACK, "setquiet")])


def build_quiet_to(begin: int, when: When) -> markup.Screen:
    lines = [texts.QUIET_ASK_TO.format(begin=hours.show(begin)), texts.QUIET_LINE, _zone_line(when)]
    rows = _hour_rows("quiet", begin, without=begin)
    return markup.screen(lines, *rows, [markup.button(texts.B_BACK, "quietfrom")])


def span(quiet_hours: tuple[int, int] | None) -> str:
    """`22:00–07:00`; empty for none."""
    if quiet_hours is None:
        return ""
    begin, end = quiet_hours
    return texts.QUIET_SPAN.format(begin=hours.show(begin), end=hours.show(end))


# --- what is held back -----------------------------------------------------------------------------------


def held(planned: ports.Planned, when: When) -> str:
    """How much, and when it is told; empty when nothing is held, or it is on its way."""
    at = planned.first_at
    if at is None or at <= when.now:
        return ""
    count = texts.ONE_HELD if planned.count == 1 else texts.MANY_HELD.format(count=planned.count)
    local = at.astimezone(render.zone(when.zone) or UTC)
    form = texts.HELD_AT if at - when.now < _NEAR else texts.HELD_ON
    day, moment = local.strftime("%Y-%m-%d"), local.strftime("%H:%M")
    said = form.format(day=day, time=moment, span=render.duration(at - when.now))
    return texts.SETTINGS_HELD.format(count=count, when=said)


# --- pieces ----------------------------------------------------------------------------------------------


def zone_is(when: When) -> str:
    return texts.SETTINGS_ZONE_IS.format(zone=render.escape(when.zone), hour=_hour(when))


def _hour(when: When) -> str:
    """What the clock shows where the person is."""
    return when.now.astimezone(render.zone(when.zone) or UTC).strftime("%H:%M")


def _zone_line(when: When) -> str:
    return texts.HOURS_OF.format(zone=render.escape(when.zone), hour=_hour(when))


def _hour_rows(
    verb: str, *args: int, chosen: int | None = None, without: int | None = None
) -> list[Sequence[markup.Button]]:
    """The hours of a day, in their data as minutes."""
    buttons = [
        markup.choice(f"{minutes // 60:02}", minutes == chosen, verb, *args, minutes)
        for minutes in range(0, quiet.DAY, 60)
        if minutes != without
    ]
    return _rows(buttons, _IN_A_ROW)


def _rows(buttons: Iterable[markup.Button], width: int) -> list[Sequence[markup.Button]]:
    listed = list(buttons)
    return [listed[start : start + width] for start in range(0, len(listed), width)]
