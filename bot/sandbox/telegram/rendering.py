"""Entities -> HTML for the page. Everything is escaped; only the tags written here ever come out."""

import html
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.telegram.parsing import utf16_length

_PLAIN = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s"}
_QUOTES = ("blockquote", "expandable_blockquote")
_SAFE_SCHEMES = ("https://", "http://", "tg://", "mailto:")


def to_html(text: str, entities: list[dict[str, Any]]) -> str:
    """Well-formed for every set of entities, overlapping ones included: tags are closed and opened anew."""
    units = text.encode("utf-16-le", "surrogatepass")
    end = utf16_length(text)
    edges = {0, end}
    for entity in entities:
        edges |= {entity["offset"], min(end, entity["offset"] + entity["length"])}
    cuts = sorted(edges)
    out: list[str] = []
    stack: list[dict[str, Any]] = []
    for begin, stop in zip(cuts, [*cuts[1:], end], strict=True):
        while stack and any(_end(entity) <= begin for entity in stack):
            out.append(_tags(stack.pop(), units)[1])
        for entity in sorted(entities, key=_outermost_first):
            if entity["offset"] <= begin < _end(entity) and entity not in stack:
                stack.append(entity)
                out.append(_tags(entity, units)[0])
        out.append(html.escape(units[begin * 2 : stop * 2].decode("utf-16-le", "replace")))
    out.extend(_tags(entity, units)[1] for entity in reversed(stack))
    return "".join(out)


def _end(entity: dict[str, Any]) -> int:
    return int(entity["offset"] + entity["length"])


def _outermost_first(entity: dict[str, Any]) -> tuple[bool, int, int]:
    return entity["type"] not in _QUOTES, entity["offset"], -entity["length"]


def _tags(entity: dict[str, Any], units: bytes) -> tuple[str, str]:
    kind = entity["type"]
    inside = units[entity["offset"] * 2 : _end(entity) * 2].decode("utf-16-le", "replace")
    if kind in _PLAIN:
        return f"<{_PLAIN[kind]}>", f"</{_PLAIN[kind]}>"
    match kind:
        case "code":
            return '<code title="Tap to copy">', "</code>"
        case "pre":
            language = html.escape(str(entity.get("language", "")))
            return f'<pre data-language="{language}"><code>', "</code></pre>"
        case "spoiler":
            return '<span class="spoiler">', "</span>"
        case "blockquote":
            return "<blockquote>", "</blockquote>"
        case "expandable_blockquote":
            return '<blockquote class="expandable">', "</blockquote>"
        case "text_link" | "url" | "email":
            return _link(entity.get("url") or _address(kind, inside))
        case "bot_command":
            return f'<a class="command" data-command="{html.escape(inside)}">', "</a>"
        case "mention" | "hashtag" | "cashtag" | "text_mention" | "phone_number":
            return '<span class="tag">', "</span>"
        case "date_time":
            return _time(entity)
    return "<span>", "</span>"


def _address(kind: str, text: str) -> str:
    if kind == "email":
        return f"mailto:{text}"
    return text if "://" in text else f"http://{text}"


def _link(url: str) -> tuple[str, str]:
    if not url.lower().startswith(_SAFE_SCHEMES):
        return "<span>", "</span>"
    return f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">', "</a>"


def _time(entity: dict[str, Any]) -> tuple[str, str]:
    unix = int(entity["unix_time"])
    chosen = html.escape(str(entity.get("date_time_format", "")))
    instant = datetime.fromtimestamp(unix, UTC).isoformat()
    return f'<time datetime="{instant}" data-unix="{unix}" data-format="{chosen}">', "</time>"
