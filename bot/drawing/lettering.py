"""Letters and digits that a chart can show. Pure; knows no library that draws."""

import math
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_LONGEST: Final = 60
_PLAIN: Final = (Decimal("1e-6"), Decimal("1e9"))
"""Outside of this a number has more noughts than anybody counts."""
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_OURS: Final = frozenset("→·–—…≈×⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Beyond ASCII, what we write ourselves; the font has it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """By what values are multiplied to be read easily, and how that is said."""

    power: int = 0

    @property
    def factor(self) -> Decimal:
        return Decimal(1).scaleb(self.power)

    @property
    def words(self) -> str:
        return f" (× 10{str(-self.power).translate(_SUPERSCRIPT)})" if self.power else ""


def scale(values: Collection[Decimal]) -> Scale:
    """Plain numbers wherever possible; tiny and huge ones in steps of a thousand."""
    largest = max((abs(value) for value in values), default=Decimal(0))
    if not largest or _PLAIN[0] <= largest < _PLAIN[1]:
        return Scale()
    return Scale(-(largest.adjusted() // 3) * 3)


def plain(text: str) -> str:
    """One line of letters that the font has; what a stranger wrote in others shows as `?`."""
    kept: list[str] = []
    for char in text[: _LONGEST * 4]:
        if char in _OURS or (char.isascii() and char.isprintable()):
            kept.append(char)
        elif char.isspace():
            kept.append(" ")
        elif unicodedata.category(char)[0] not in "CM":
            kept.append("?")
    line = " ".join("".join(kept).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def number(value: float, step: float, prefix: str = "") -> str:
    """Plain digits, as many decimals as a step of the axis needs; thousands are grouped with a prefix."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 2
    grouped = "," if prefix else ""
    text = f"{abs(value):{grouped}.{decimals}f}"
    negative = value < 0 and any(digit in text for digit in "123456789")
    return f"{'-' if negative else ''}{prefix}{text}"


def tag(value: float, step: float, prefix: str = "") -> str:
    """A single value: dollars to the cent, prices with two decimals or four digits; finer on a finer axis."""
    if not value:
        return number(0, 1, prefix)
    if prefix:
        usual = 1.0 if abs(value) >= 1_000 else 0.01
    else:
        usual = 0.01 if abs(value) >= 1 else 10.0 ** (math.floor(math.log10(abs(value))) - 3)
    return number(value, min(usual, step / 10) if step < usual else usual, prefix)
