"""How the bot and its drawing process talk: a kind and a length, then so many bytes. Pure."""

import struct
from enum import IntEnum
from typing import Final

HEADER: Final = struct.Struct(">BI")
LONGEST: Final = 16 * 1024 * 1024


class Kind(IntEnum):
    CHART = 1
    """A pickled charts.Chart, to be drawn."""
    PICTURE = 2
    """A PNG."""
    FAILED = 3
    """A traceback as text: it could not be drawn, and the process is ready for the next."""


class BrokenFrame(Exception):
    """What arrived is no frame."""


def pack(kind: Kind, body: bytes) -> bytes:
    return HEADER.pack(kind, len(body)) + body


def read_header(header: bytes) -> tuple[Kind, int]:
    """Raises BrokenFrame."""
    number, length = HEADER.unpack(header)
    if length > LONGEST or number not in set(Kind):
        raise BrokenFrame(f"kind {number}, {length} bytes")
    return Kind(number), length
