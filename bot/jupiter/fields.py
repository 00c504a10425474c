"""Reading single fields of untrusted JSON objects. No I/O here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.domain import amounts

_LONGEST_IDENTIFIER: Final = 128
_YEARS: Final = range(2000, 2200)


class Unreadable(ValueError):
    """A field is missing or unusable; the text names it."""


def clean(text: str, longest: int) -> str:
    """One line of storable text: no control characters, no lone surrogates, not too long.

    Nothing else is taken away: markup, look-alikes and reading direction are the concern of who shows it.
    """
    line = " ".join(text[: 4 * longest].encode("utf-8", "replace").decode().split())
    line = "".join(char for char in line if char >= " " and not "\x7f" <= char <= "\x9f")
    return line if len(line) <= longest else line[: longest - 1] + "…"


def identifier(item: Mapping[str, Any], name: str) -> str:
    """An address, a key or a signature: opaque here, checked before it is used in anything signed.

    The vendor's own example has ones that are not base58.
    """
    value = item.get(name)
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_IDENTIFIER and _is_plain(value):
        return value
    raise Unreadable(name)


def identifier_or_none(item: Mapping[str, Any], name: str) -> str | None:
    """As identifier; absent, null and empty are None."""
    return None if item.get(name) in (None, "") else identifier(item, name)


def integer(item: Mapping[str, Any], name: str, highest: int = amounts.U64_MAX) -> int:
    """A whole number from 0 to `highest`, given as a number or as decimal text."""
    value = item.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 40:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= highest:
        return value
    raise Unreadable(name)


def integer_or(item: Mapping[str, Any], name: str, default: int) -> int:
    """As integer; absent and null are the default."""
    return default if item.get(name) is None else integer(item, name)


def moment(item: Mapping[str, Any], name: str) -> datetime:
    """An ISO 8601 time, with or without fractions; one without a zone is UTC."""
    value = item.get(name)
    if not isinstance(value, str) or len(value) > 40:
        raise Unreadable(name)
    try:
        parsed = datetime.fromisoformat(value)
        utc = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise Unreadable(name) from exc
    if utc.year not in _YEARS:
        raise Unreadable(name)
    return utc


def moment_or_none(item: Mapping[str, Any], name: str) -> datetime | None:
    """As moment; absent, null and empty are None."""
    return None if item.get(name) in (None, "") else moment(item, name)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
