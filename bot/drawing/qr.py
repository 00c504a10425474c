"""QR codes of addresses: pictures that one phone reads off the screen of another."""

import io
from typing import Final

import segno

MODULE: Final = 16
"""Pixels of one square: large enough for a screen that shows the picture small."""
QUIET: Final = 4
"""Squares of white all around, as the standard asks for; dark themes begin right behind it."""


def draw_address(address: str) -> bytes:
    """A PNG, black on white, that says the bare address: every wallet reads that. Takes a few milliseconds.

    Error correction is the highest that costs no larger code: a quarter of it may be smudged.
    """
    code = segno.make(address, error="m", mode="byte", micro=False, boost_error=True)
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=MODULE, border=QUIET, dark="black", light="white")
    return picture.getvalue()
