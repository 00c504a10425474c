"""Telegram's HTML dialect: marked-up text -> plain text and entities, or the refusal that Telegram gives.

Offsets in refusals are bytes of the UTF-8 input, offsets of entities are UTF-16 units of the output.
The dialect: https://core.telegram.org/bots/api#html-style
"""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram import links, refusals

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
}
_TAGS = frozenset(_STYLES) | {"a", "pre", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-zA-Z]+));?")
_SPACE = " \t\r\n\0\x0b"
_DATE_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities. Raises Refusal 400 "can't parse entities: …"."""
    return _Parser(source).parse()


@dataclass(slots=True)
class _Open:
    tag: str
    offset: int
    begin: int
    """Index into the output, to cut the tag's text."""
    attributes: dict[str, str] = field(default_factory=dict)


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._out: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[dict[str, Any]] = []

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        while self._at < len(self._source):
            char = self._source[self._at]
            if char == "&":
                self._emit(self._reference())
            elif char != "<":
                self._emit(char)
                self._at += 1
            elif self._source.startswith("</", self._at):
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return "".join(self._out), sorted(self._entities, key=lambda e: (e["offset"], -e["length"]))

    def _emit(self, text: str) -> None:
        self._out.append(text)
        self._length += utf16_length(text)

    def _reference(self) -> str:
        """One `&…;`, decoded if it is one that Telegram knows; else the ampersand itself."""
        match = _REFERENCE.match(self._source, self._at)
        if match:
            hexadecimal, decimal, name = match.groups()
            code = int(hexadecimal, 16) if hexadecimal else int(decimal) if decimal else 0
            if 0xD800 <= code <= 0xDFFF:
                raise _broken(
                    "Text contains invalid Unicode characters after decoding HTML entities, "
                    "check for unmatched surrogate code units"
                )
            text = chr(code) if 0 < code <= 0x10FFFF else _NAMED.get(name or "")
            if text:
                self._at = match.end()
                return text
        self._at += 1
        return "&"

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._run(_SPACE + ">").lower()
        if self._ended:
            raise _broken(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        if tag not in _TAGS:
            raise _broken(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        opened = _Open(tag, self._length, len(self._out))
        while True:
            self._skip_space()
            if self._ended:
                raise _broken(f"Unclosed start tag at byte offset {self._bytes(begin)}")
            if self._source[self._at] == ">":
                break
            name, value = self._attribute(tag, begin)
            opened.attributes[name] = value
        self._at += 1
        if tag == "span" and opened.attributes.get("class") != "tg-spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self._open.append(opened)

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._run(_SPACE + "=>").lower()
        if not name:
            raise _broken(f'Empty attribute name in the tag "{tag}" at byte offset {self._bytes(begin)}')
        self._skip_space()
        if self._ended or self._source[self._at] != "=":
            if tag == "blockquote" and name == "expandable":
                return name, ""
            raise _broken(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" '
                f"at byte offset {self._bytes(begin)}"
            )
        self._at += 1
        self._skip_space()
        if self._ended:
            raise _broken(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
        quote = self._source[self._at]
        if quote in "'\"":
            return name, self._quoted(quote, begin)
        value_begin = self._at
        match = re.compile(r"[A-Za-z0-9.\-]*").match(self._source, self._at)
        self._at = match.end() if match else self._at
        if not self._ended and self._source[self._at] not in _SPACE + ">":
            raise _broken(f"Unexpected end of name token at byte offset {self._bytes(value_begin)}")
        return name, self._source[value_begin : self._at].lower()

    def _quoted(self, quote: str, begin: int) -> str:
        self._at += 1
        parts: list[str] = []
        while not self._ended and self._source[self._at] != quote:
            if self._source[self._at] == "&":
                parts.append(self._reference())
            else:
                parts.append(self._source[self._at])
                self._at += 1
        if self._ended:
            raise _broken(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        self._at += 1
        return "".join(parts)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise _broken(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        self._at += 2
        tag = self._run(_SPACE + ">").lower()
        self._skip_space()
        if self._ended or self._source[self._at] != ">":
            raise _broken(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        self._at += 1
        opened = self._open.pop()
        if tag and tag != opened.tag:
            raise _broken(
                f"Unmatched end tag at byte offset {self._bytes(begin)}, "
                f'expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self._length > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: dict[str, Any] = {"offset": opened.offset, "length": self._length - opened.offset}
        details = self._details(opened, entity)
        if details:
            self._entities.append(details | entity)

    def _details(self, opened: _Open, span: dict[str, int]) -> dict[str, Any] | None:
        """What the tag means; None = nothing (a link that is none is dropped silently)."""
        attributes = opened.attributes
        match opened.tag:
            case "a":
                text = "".join(self._out[opened.begin :])
                url = links.check(attributes.get("href") or text)
                return {"type": "text_link", "url": url} if url else None
            case "blockquote":
                kind = "expandable_blockquote" if "expandable" in attributes else "blockquote"
                return {"type": kind}
            case "tg-emoji":
                emoji = attributes.get("emoji-id", "")
                if not emoji.isdecimal() or not 0 < int(emoji) < 2**63:
                    raise _broken("Invalid custom emoji identifier specified")
                return {"type": "custom_emoji", "custom_emoji_id": emoji}
            case "tg-time":
                return _date_time(attributes)
            case "pre":
                last = self._entities[-1] if self._entities else {}
                same = {"offset": last.get("offset"), "length": last.get("length")} == span
                language = self._entities.pop().get("language") if same and last["type"] == "code" else None
                return {"type": "pre"} | ({"language": language} if language else {})
            case "code":
                name = attributes.get("class", "")
                language = name.removeprefix("language-") if name.startswith("language-") else ""
                inside_pre = bool(self._open) and self._open[-1].tag == "pre"
                return {"type": "code"} | ({"language": language} if language and inside_pre else {})
        return {"type": _STYLES[opened.tag]}

    @property
    def _ended(self) -> bool:
        return self._at >= len(self._source)

    def _run(self, stop: str) -> str:
        begin = self._at
        while not self._ended and self._source[self._at] not in stop:
            self._at += 1
        return self._source[begin : self._at]

    def _skip_space(self) -> None:
        while not self._ended and self._source[self._at] in _SPACE:
            self._at += 1

    def _bytes(self, index: int) -> int:
        return len(self._source[:index].encode("utf-8", "surrogatepass"))


def _date_time(attributes: dict[str, str]) -> dict[str, Any]:
    unix = attributes.get("unix", "")
    if not unix.isdecimal() or not 0 < int(unix) < 2**31:
        raise _broken("Invalid Unix time specified")
    chosen = attributes.get("format", "")
    if not _DATE_TIME_FORMAT.fullmatch(chosen):
        raise _broken("Invalid date-time format specified")
    return {"type": "date_time", "unix_time": int(unix)} | ({"date_time_format": chosen} if chosen else {})


def _broken(words: str) -> refusals.Refusal:
    return refusals.bad_request(f"can't parse entities: {words}")
