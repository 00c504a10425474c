"""Screens: HTML text and a keyboard, as values. No I/O and no Telegram library here."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import texts
from bot.chat import callbacks

TEXT_LIMIT = 4096
"""Characters of one message. We hold the markup to it, too, which is stricter than Telegram."""
CAPTION_LIMIT = 1024
"""Characters under a picture or a file."""
LABEL_LIMIT = 20

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_TAG = re.compile(r"</?[a-z-]+(?: [^<>]*)?>")


class Style(StrEnum):
    """Colours of buttons (Bot API 9.4); the words on them say the same."""

    DANGER = "danger"
    SUCCESS = "success"
    PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class Button:
    """Exactly one of data, url and copy is set."""

    label: str
    data: str = ""
    url: str = ""
    copy: str = ""
    style: Style | None = None


Row = Sequence[Button]


@dataclass(frozen=True, slots=True)
class Screen:
    html: str
    keyboard: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a file, sent with a screen as its caption."""

    name: str
    content: bytes
    picture: bool = False


def label(text: str) -> str:
    """Cut to what a phone shows of a button."""
    return cut(text, LABEL_LIMIT)


def cut(text: str, limit: int) -> str:
    """At most so many characters; what is isolated as right-to-left text stays isolated."""
    if len(text) <= limit:
        return text
    isolated = _ISOLATE in text
    kept = text[: limit - 1 - isolated].rstrip()
    return f"{kept}…{_END_ISOLATE * (kept.count(_ISOLATE) - kept.count(_END_ISOLATE))}"


def button(text: str, verb: str, *args: int | str, style: Style | None = None) -> Button:
    return Button(label(text), data=callbacks.pack(verb, *args), style=style)


def choice(text: str, chosen: bool, verb: str, *args: int | str) -> Button:
    """One of several that can be chosen; the one that holds is ticked."""
    return button(texts.CHOSEN.format(label=text) if chosen else text, verb, *args)


def opener(text: str, verb: str, *args: int | str, style: Style | None = None) -> Button:
    """A button on a record (a card that is over, a notice): what it opens leaves the record as it is."""
    return Button(label(text), data=callbacks.pack(verb, *args, apart=True), style=style)


def link(text: str, url: str) -> Button:
    return Button(label(text), url=url)


def copy(text: str, value: str) -> Button:
    """A button that copies up to 256 characters."""
    return Button(label(text), copy=value)


def count_pages(items: int, size: int) -> int:
    """At least one."""
    return max(1, -(-items // size))


def turner(
    page: int, pages: int, verb: str, *args: int | str, after: Sequence[int | str] = ()
) -> list[Button]:
    """Buttons to the pages before and after, which count from 0; in their data the page follows `args`."""

    def to(label: str, other: int) -> Button:
        return button(label.format(page=other + 1), verb, *args, other, *after)

    back = [to(texts.B_PAGE_BACK, page - 1)] if page > 0 else []
    return [*back, to(texts.B_PAGE_ON, page + 1)] if page + 1 < pages else back


def screen(lines: Iterable[str], *rows: Row) -> Screen:
    """Lines of finished HTML, each valid by itself, cut as whole lines to what one message holds."""
    return Screen(fit(lines), tuple(tuple(row) for row in rows if row))


def fit(lines: Iterable[str], *, limit: int = TEXT_LIMIT) -> str:
    """Join lines as far as one message holds them, and say how many are left out."""
    whole = [line if len(line) <= TEXT_LIMIT // 2 else _shorten(line) for line in lines]
    text = "\n".join(whole)
    kept = len(whole)
    while len(text) > limit:
        kept -= 1
        text = "\n".join([*whole[:kept], texts.MORE_LINES.format(count=len(whole) - kept)])
    return text


def plain(text: str) -> str:
    """The text without its markup, for a message whose markup Telegram refused."""
    return html.unescape(_TAG.sub("", text))


def _shorten(line: str) -> str:
    """Too long a line loses its markup, never its validity."""
    return html.escape(cut(plain(line), TEXT_LIMIT // 8), quote=False)
