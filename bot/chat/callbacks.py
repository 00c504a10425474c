"""Callback data: a verb and its arguments in at most 64 bytes. No I/O here.

A button only says what was meant; what it means now is read again when it is tapped.
"""

import re
from dataclasses import dataclass

LONGEST = 64
"""Bytes; Telegram's limit for callback_data."""
_APART = "apart"

_PART = re.compile(r"[A-Za-z0-9_.%-]+\Z")


@dataclass(frozen=True, slots=True)
class Callback:
    """What a tapped button asks for."""

    verb: str
    args: tuple[str, ...] = ()
    apart: bool = False
    """Whether the answer is a message of its own, because the tapped one is a record that has to stay."""

    def number(self, position: int) -> int:
        """The argument at a position as a number. Raises ValueError if there is none."""
        if position >= len(self.args):
            raise ValueError("missing argument")
        text = self.args[position]
        if not text.isdigit() or len(text) > 18:
            raise ValueError("not a number")
        return int(text)

    def rest(self, position: int) -> tuple[int, ...]:
        """The numbers from a position on, if any. Raises ValueError for what is no number."""
        return tuple(self.number(place) for place in range(position, len(self.args)))

    def text(self, position: int) -> str:
        """Raises ValueError if there is no such argument."""
        if position >= len(self.args):
            raise ValueError("missing argument")
        return self.args[position]


def pack(verb: str, *args: int | str, apart: bool = False) -> str:
    """Raises ValueError for what would not come back the same: a programming error."""
    parts = [*([_APART] if apart else []), verb, *(str(arg) for arg in args)]
    if not all(_PART.match(part) for part in parts):
        raise ValueError(f"not representable as callback data: {verb}")
    data = ":".join(parts)
    if len(data) > LONGEST:
        raise ValueError(f"callback data of {len(data)} bytes: {verb}")
    return data


def parse(data: str | None) -> Callback | None:
    """None for anything that `pack` did not write."""
    if not data or len(data) > LONGEST:
        return None
    parts = data.split(":")
    if not all(_PART.match(part) for part in parts):
        return None
    apart = parts[0] == _APART and len(parts) > 1
    verb, *args = parts[1:] if apart else parts
    return Callback(verb, tuple(args), apart)
