"""Logging to standard error, with everything that looks like a secret taken out of the finished text.

A signature and a private key are both 64 bytes in base58: nobody can tell them apart, so both are taken out.
To name a transaction in the log, log addresses.shorten(signature).
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import quote

REDACTED = "[redacted]"

_CHATTY = ("httpx", "httpcore", "aiosqlite", "sqlalchemy", "asyncio", "telegram", "alembic")
"""Heard from WARNING on. Below, they log URLs with the bot token, parameters and whole updates, or noise."""

_SHORTEST_KNOWN = 6
"""A known secret below this length would blank out ordinary words."""

_GAP = r"(?:\s|\\[nrt])"
"""Space, also as Python's repr escapes it."""

_SHAPES = re.compile(
    rf"""
      [0-9]+(?::|%3[Aa])[A-Za-z0-9_-]{{30,}}                      # a bot token
    | (?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{{86}}==                 # 64 bytes in base64
    | (?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{{43}}=(?!=)             # 32 bytes in base64
    | [0-9A-Za-z]{{64,}}                                          # 64 bytes in base58, 32 or more in hex
    | (?<![0-9.])[0-9]{{1,3}}(?:{_GAP}*,{_GAP}*[0-9]{{1,3}}){{31,}}   # 32 bytes or more as numbers
    | b'(?:[^'\\]|\\.){{32,}}' | b"(?:[^"\\]|\\.){{32,}}"         # 32 bytes or more as Python shows them
    | (?i:\b[a-z]{{3,8}}(?:(?:{_GAP}|[,;"'])+[a-z]{{3,8}}){{11,}}\b)  # 12 words or more, as a seed phrase has
    """,
    re.VERBOSE,
)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class Redactor:
    """Takes secrets out of text: those known by value, and everything that has the shape of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {
            form for text in secrets for form in (text, quote(text, safe="")) if len(form) >= _SHORTEST_KNOWN
        }
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __repr__(self) -> str:
        return "Redactor()"

    def redact(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        return _SHAPES.sub(REDACTED, text)


class ConsoleFormatter(logging.Formatter):
    """One line for a person: `2026-01-31 12:00:00 INFO    bot.app: Ready`."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self.converter = _utc
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object per line; what was passed as `extra` becomes fields of it."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = record.stack_info
        for name, value in vars(record).items():
            if name not in _STANDARD:
                entry.setdefault(name, value)
        # Redacted before the encoding, whose escapes would hide a shape.
        plain = {self._redactor.redact(name): self._plain(value) for name, value in entry.items()}
        return json.dumps(plain, ensure_ascii=False)

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._redactor.redact(str(value))


class RedactedHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream; a record that cannot be formatted is told without its contents."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """The standard one prints message and arguments as they are."""
        kind = getattr(sys.exc_info()[0], "__name__", "error")
        self.stream.write(f"A log record from {record.pathname}:{record.lineno} was lost: {kind}\n")


def setup(level: str = "info", style: str = "console", secrets: Iterable[str] = ()) -> None:
    """Send all logging to standard error through one redacting handler. Safe to repeat."""
    redactor = Redactor(secrets)
    handler = RedactedHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redactor) if style == "json" else ConsoleFormatter(redactor))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)


def _utc(seconds: float | None) -> Any:
    return datetime.fromtimestamp(seconds or 0, UTC).timetuple()
