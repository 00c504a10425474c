"""Addresses: one canonical text for 32 bytes, and nothing else passes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import addresses


@given(data=st.binary(max_size=64))
def test_base58_goes_both_ways(data: bytes) -> None:
    assert addresses.decode_base58(addresses.encode_base58(data)) == data


@given(data=st.binary(min_size=32, max_size=32))
def test_thirty_two_bytes_are_an_address(data: bytes) -> None:
    text = addresses.encode_base58(data)
    assert addresses.is_address(text)
    assert addresses.parse_address(f"  {text}\n") == text


@given(data=st.binary(max_size=64).filter(lambda data: len(data) != 32))
def test_any_other_length_is_none(data: bytes) -> None:
    assert not addresses.is_address(addresses.encode_base58(data))


@given(text=st.text(max_size=200))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with contextlib.suppress(errors.InvalidAddress):
        assert addresses.is_address(addresses.parse_address(text))


@pytest.mark.parametrize(
    ("text", "words"), [("0x52908400098527886E0F7030069857D2E4169EE7", "Ethereum"), ("l0O", "32 to 44")]
)
def test_typical_mistakes_are_named(text: str, words: str) -> None:
    with pytest.raises(errors.InvalidAddress, match=words):
        addresses.parse_address(text)


def test_an_extra_leading_one_is_another_text_and_refused() -> None:
    """Thirty-three bytes, however zero the first."""
    text = addresses.encode_base58(b"\x07" * 32)
    assert not addresses.is_address("1" + text)


def test_shortening_keeps_what_people_compare() -> None:
    assert addresses.shorten("So11111111111111111111111111111111111111112") == "So11…1112"
    assert addresses.shorten("short") == "short"
