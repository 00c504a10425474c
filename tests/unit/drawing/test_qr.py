"""A QR code says the address and nothing else, and a phone can read it off a screen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import addresses
from bot.drawing import qr
from tests.fakes import qr_reader

KEYS = st.binary(min_size=32, max_size=32).map(addresses.encode_base58)


@settings(max_examples=10, deadline=None)
@given(KEYS)
def test_what_is_drawn_is_what_is_read(address: str) -> None:
    modules, _ = qr_reader.squares(qr.draw_address(address), qr.QUIET)
    assert qr_reader.read(modules) == address


@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32])
def test_the_shortest_and_the_longest_address(key: bytes) -> None:
    """32 and 44 characters."""
    address = addresses.encode_base58(key)
    modules, size = qr_reader.squares(qr.draw_address(address), qr.QUIET)
    assert qr_reader.read(modules) == address
    assert size == qr.MODULE >= 10
    assert qr.QUIET >= 4, "what the standard asks for"


def test_the_reader_would_notice() -> None:
    """One square of another colour is another text, or none."""
    address = addresses.encode_base58(b"\x07" * 32)
    modules, _ = qr_reader.squares(qr.draw_address(address), qr.QUIET)
    modules[-1][-6] = not modules[-1][-6]
    assert qr_reader.read(modules) != address
