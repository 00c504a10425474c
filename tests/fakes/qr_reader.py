"""Reads a clean QR code from a picture, independently of whoever drew it: byte mode, versions 3 and 4.

Written from ISO/IEC 18004. It corrects no errors: a clean picture has none.
"""

import io
from collections.abc import Callable, Iterator

from PIL import Image

Modules = list[list[bool]]
"""Rows of squares; True = black."""

_MASKS: list[Callable[[int, int], bool]] = [
    lambda row, column: (row + column) % 2 == 0,
    lambda row, _: row % 2 == 0,
    lambda _, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
]
_BLOCKS = {
    (3, 0b01): [55],
    (3, 0b00): [44],
    (3, 0b11): [17, 17],
    (4, 0b01): [80],
    (4, 0b00): [32, 32],
    (4, 0b11): [24, 24],
}
"""Data codewords of each block, by version and the two bits of the level."""
_FORMAT_MASK = 0b101010000010010


def squares(png: bytes, quiet: int) -> tuple[Modules, int]:
    """The squares within the quiet zone, each of which has to be of one colour; and their size in pixels."""
    image = Image.open(io.BytesIO(png)).convert("L")
    width, height = image.size
    flat = image.tobytes()
    pixels = [flat[y * width : (y + 1) * width] for y in range(height)]
    assert set(flat) == {0, 255}
    assert width == height
    first = next(y for y, row in enumerate(pixels) if 0 in row)
    assert first % quiet == 0
    size = first // quiet
    count = width // size - 2 * quiet
    assert (count + 2 * quiet) * size == width
    around = [*pixels[:first], *pixels[-first:], *(row[:first] + row[-first:] for row in pixels)]
    assert {value for row in around for value in row} == {255}, "the quiet zone is not quiet"

    def square(row: int, column: int) -> bool:
        top, left = first + row * size, first + column * size
        seen = {value for line in pixels[top : top + size] for value in line[left : left + size]}
        assert len(seen) == 1, "a square of two colours"
        return seen == {0}

    return [[square(row, column) for column in range(count)] for row in range(count)], size


def read(modules: Modules) -> str:
    """The text of a code whose squares are these."""
    count = len(modules)
    version = (count - 17) // 4
    bits = [modules[8][column] for column in (0, 1, 2, 3, 4, 5, 7, 8)]
    bits += [modules[row][8] for row in (7, 5, 4, 3, 2, 1, 0)]
    said = _number(bits) ^ _FORMAT_MASK
    level, mask = said >> 13, _MASKS[said >> 10 & 0b111]
    stream = [modules[row][column] ^ mask(row, column) for row, column in _path(count)]
    words = [_number(stream[start : start + 8]) for start in range(0, len(stream) - 7, 8)]
    blocks = _BLOCKS[version, level]
    data = bytes(word for place in range(len(blocks)) for word in words[: sum(blocks)][place :: len(blocks)])
    text = [bool(byte >> place & 1) for byte in data for place in range(7, -1, -1)]
    assert _number(text[:4]) == 0b0100, "not in byte mode"
    length = _number(text[4:12])
    return bytes(_number(text[12 + 8 * n : 20 + 8 * n]) for n in range(length)).decode("ascii")


def _path(count: int) -> Iterator[tuple[int, int]]:
    """Squares of the data in the sequence of their bits: pairs of columns, up and down, from the right."""
    upwards = True
    for right in (*range(count - 1, 6, -2), *range(5, 0, -2)):
        for row in range(count - 1, -1, -1) if upwards else range(count):
            for column in (right, right - 1):
                if not _is_pattern(row, column, count):
                    yield row, column
        upwards = not upwards


def _is_pattern(row: int, column: int, count: int) -> bool:
    """Finders with their format bits, timing, and the one alignment pattern of these versions."""
    finder = (row < 9 and (column < 9 or column > count - 9)) or (row > count - 9 and column < 9)
    alignment = abs(row - (count - 7)) <= 2 and abs(column - (count - 7)) <= 2
    return finder or alignment or 6 in (row, column)


def _number(bits: list[bool]) -> int:
    return int("".join("1" if bit else "0" for bit in bits), 2)
