"""Entities of a text: given ones checked, automatic ones found, all of them put in order."""

import re
from collections.abc import Iterable
from typing import Any

from bot.sandbox.telegram import links, parsing, refusals
from bot.sandbox.telegram.params import Params

Entity = dict[str, Any]

MAX_ENTITIES = 100
"""Telegram drops the rest without a word."""

_AUTOMATIC = {
    "bot_command": r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])",
    "mention": r"(?<![\w@/])@[A-Za-z0-9_]{4,32}\b",
    "hashtag": r"(?<![\w#/])#(?=\w*[^\W\d_])\w{1,256}",
    "cashtag": r"(?<![\w$])\$[A-Z]{1,8}(?!\w)",
    "email": r"(?<![\w.@+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b",
    "url": r"(?<![\w@./])(?:https?://[^\s<>\"'«»]+[^\s<>\"'«».,:;!?)]"
    r"|(?:[a-z0-9-]+\.)+(?:com|org|net|io|ag|app|dev|me|xyz|so)\b(?:/[^\s<>\"'«»]*[^\s<>\"'«».,:;!?)])?)",
}
_FINDERS = [(kind, re.compile(pattern)) for kind, pattern in _AUTOMATIC.items()]
_SOLID = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time", *_AUTOMATIC})
"""Cannot contain or be part of each other."""
_STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_EXTRA = {
    "text_link": "url",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
    "date_time": "unix_time",
}


def read(params: Params, field: str, entities_field: str) -> tuple[str, list[Entity]]:
    """The formatted text of a call: parsed by `parse_mode`, or with the entities given beside it."""
    source = params.text(field).replace("\r", "")
    mode = params.text("parse_mode").lower()
    if mode == "html":
        text, found = parsing.parse_html(source)
    elif mode in {"", "none"}:
        text, found = source, _check(source, params.json(entities_field) or [])
    else:  # Markdown exists at Telegram; nothing here speaks it
        raise refusals.bad_request("unsupported parse_mode")
    return finish(text, found)


def finish(text: str, found: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """Trim the text, move the entities along, add automatic ones, untangle."""
    trimmed = text.rstrip()
    lead = parsing.utf16_length(trimmed) - parsing.utf16_length(trimmed.lstrip())
    trimmed = trimmed.lstrip()
    end = parsing.utf16_length(trimmed)
    moved = []
    for entity in found:
        begin = max(0, entity["offset"] - lead)
        length = min(end, entity["offset"] + entity["length"] - lead) - begin
        if length > 0:
            moved.append(entity | {"offset": begin, "length": length})
    everything = _untangle(moved)
    everything += [auto for auto in detect(trimmed) if not any(_clash(auto, other) for other in everything)]
    everything.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return trimmed, everything[:MAX_ENTITIES]


def detect(text: str) -> list[Entity]:
    """Commands, mentions, tags, addresses and links, as Telegram finds them in any text."""
    found: list[Entity] = []
    for kind, pattern in _FINDERS:
        for match in pattern.finditer(text):
            entity = {
                "type": kind,
                "offset": parsing.utf16_length(text[: match.start()]),
                "length": parsing.utf16_length(match.group()),
            }
            if not any(_overlap(entity, other) for other in found):
                found.append(entity)
    return found


def _untangle(found: list[Entity]) -> list[Entity]:
    """Drop what Telegram does not nest: styles give way to code, inner quotes to outer ones."""
    solid: list[Entity] = []
    for entity in sorted(found, key=lambda e: (e["offset"], -e["length"])):
        rivals = solid if entity["type"] in _SOLID else [e for e in solid if e["type"] in _QUOTES]
        same = {"blockquote"} if entity["type"] in _QUOTES else set()
        if entity["type"] in _SOLID and any(_overlap(entity, e) for e in rivals if e["type"] in _SOLID):
            continue
        if same and any(_overlap(entity, e) for e in rivals):
            continue
        if entity["type"] in _SOLID | _QUOTES:
            solid.append(entity)
    hard = [entity for entity in solid if entity["type"] in {"code", "pre"}]
    styles = [part for entity in found if entity["type"] in _STYLES for part in _without(entity, hard)]
    return solid + styles


def _without(entity: Entity, holes: list[Entity]) -> list[Entity]:
    parts = [entity]
    for hole in holes:
        parts = [piece for part in parts for piece in _cut(part, hole)]
    return parts


def _cut(part: Entity, hole: Entity) -> list[Entity]:
    begin, end = part["offset"], part["offset"] + part["length"]
    hole_begin, hole_end = hole["offset"], hole["offset"] + hole["length"]
    pieces = [(begin, min(end, hole_begin)), (max(begin, hole_end), end)]
    return [part | {"offset": a, "length": b - a} for a, b in pieces if b > a]


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


def _clash(auto: Entity, other: Entity) -> bool:
    return other["type"] in _SOLID and _overlap(auto, other)


def _check(text: str, given: object) -> list[Entity]:
    if not isinstance(given, list):
        raise refusals.bad_request("expected an Array of MessageEntity")
    end = parsing.utf16_length(text)
    return [_check_one(entity, end) for entity in given]


def _check_one(entity: object, end: int) -> Entity:
    if not isinstance(entity, dict):
        raise refusals.bad_request("can't parse MessageEntity: expected an Object")
    kind, offset, length = entity.get("type"), entity.get("offset"), entity.get("length")
    if kind not in _SOLID | _STYLES | _QUOTES and kind != "phone_number":
        raise refusals.bad_request("can't parse MessageEntity: Unsupported type specified")
    needed = _EXTRA.get(kind)
    if needed and entity.get(needed) is None:
        raise refusals.bad_request(f"can't parse MessageEntity: Can't find field \"{needed}\"")
    if not isinstance(offset, int) or offset < 0:
        raise refusals.bad_request(f"receive an entity with incorrect offset {offset}")
    if not isinstance(length, int) or length < 0:
        raise refusals.bad_request(f"receive an entity with incorrect length {length}")
    if offset > end:
        raise refusals.bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if offset + length > end:
        raise refusals.bad_request(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
            f"at UTF-16 offset {offset + length}"
        )
    if kind == "text_link":
        return entity | {"url": links.require_entity(str(entity["url"]))}
    return dict(entity)
