"""Read and write the little-endian fields that instruction data and accounts are made of.

Strict on purpose: data that is not exactly what `encode` would write is refused.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from solders.pubkey import Pubkey

Kind = Literal[
    "u8", "u32", "u64", "i64", "bool", "u64?", "i64?", "bool?", "pubkey", "pubkey?", "side", "string"
]
"""`?` is Borsh's option (one byte, then the value if it is there); `string` has a 64-bit length (bincode)."""

_NUMBERS = {
    "u8": struct.Struct("<B"),
    "u32": struct.Struct("<I"),
    "u64": struct.Struct("<Q"),
    "i64": struct.Struct("<q"),
}
_SIDES = ("In", "Out")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind


def encode(fields: Sequence[Field], values: Mapping[str, Any]) -> bytes:
    """The bytes of these values; every field must be given, and nothing else. Raises ValueError."""
    unknown = set(values) - {field.name for field in fields}
    if unknown:
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    parts = []
    for field in fields:
        if field.name not in values:
            raise ValueError(f"{field.name}: missing")
        try:
            parts.append(_encode(field.kind, values[field.name]))
        except (struct.error, TypeError, ValueError) as exc:
            raise ValueError(f"{field.name}: not a {field.kind}") from exc
    return b"".join(parts)


def decode(fields: Sequence[Field], data: bytes) -> dict[str, Any]:
    """The values in data. Raises ValueError unless data is exactly these fields, written canonically."""
    values: dict[str, Any] = {}
    offset = 0
    for field in fields:
        try:
            values[field.name], offset = _decode(field.kind, data, offset)
        except (struct.error, IndexError, UnicodeDecodeError) as exc:
            raise ValueError(f"{field.name}: not a {field.kind}") from exc
    if offset != len(data):
        raise ValueError(f"{len(data) - offset} bytes too many")
    return values


def _encode(kind: Kind, value: Any) -> bytes:
    if kind in _NUMBERS:
        return _NUMBERS[kind].pack(value)
    match kind:
        case "u64?" | "i64?" | "bool?" | "pubkey?":
            return b"\0" if value is None else b"\1" + _encode(_inner(kind), value)
        case "bool":
            return b"\1" if value else b"\0"
        case "side":
            return bytes([_SIDES.index(value)])
        case "string":
            text = value.encode()
            return _NUMBERS["u64"].pack(len(text)) + bytes(text)
    return bytes(value if isinstance(value, Pubkey) else Pubkey.from_string(value))


def _decode(kind: Kind, data: bytes, offset: int) -> tuple[Any, int]:
    number = _NUMBERS.get(kind)
    if number is not None:
        return number.unpack_from(data, offset)[0], offset + number.size
    if kind == "pubkey":
        return Pubkey(_take(data, offset, 32)), offset + 32
    if kind == "string":
        (length,) = _NUMBERS["u64"].unpack_from(data, offset)
        return _take(data, offset + 8, length).decode(), offset + 8 + length
    flag = data[offset]
    if flag > 1:
        raise ValueError(f"{flag} where 0 or 1 belongs")
    if kind == "bool":
        return bool(flag), offset + 1
    if kind == "side":
        return _SIDES[flag], offset + 1
    return _decode(_inner(kind), data, offset + 1) if flag else (None, offset + 1)


def _inner(kind: Kind) -> Kind:
    inner: dict[Kind, Kind] = {"u64?": "u64", "i64?": "i64", "bool?": "bool", "pubkey?": "pubkey"}
    return inner[kind]


def _take(data: bytes, offset: int, length: int) -> bytes:
    if offset + length > len(data):
        raise IndexError(offset)
    return data[offset : offset + length]
