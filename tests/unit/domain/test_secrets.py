"""Secrets: a pasted key or phrase is recognised in any surroundings; ordinary text is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import addresses, secrets

_KEYS = st.binary(min_size=64, max_size=64).filter(lambda key: key[0] > 0)


@given(key=_KEYS, around=st.sampled_from(["{}", "my key: {} ok?", "\n{}\n", '"{}"']))
def test_a_key_is_recognised_in_every_form(key: bytes, around: str) -> None:
    forms = (
        addresses.encode_base58(key),
        json.dumps(list(key)),
        json.dumps(list(key), separators=(",", ":")),
        json.dumps(list(key[:32])),
        key.hex(),
        "0x" + key.hex(),
    )
    for form in forms:
        assert secrets.looks_secret(around.format(form))


@pytest.mark.parametrize("count", [12, 15, 18, 21, 24])
def test_a_seed_phrase_is_recognised(count: int) -> None:
    words = ["abandon", "zoo", "legal", "winner"] * 6
    assert secrets.looks_secret(" ".join(words[:count]))
    assert secrets.looks_secret(", ".join(word.capitalize() for word in words[:count]))


@given(data=st.binary(min_size=32, max_size=32))
def test_an_address_is_no_secret(data: bytes) -> None:
    assert not secrets.looks_secret(addresses.encode_base58(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/deposit 7 10",
        "/new 500 USDC to SOL in 10 every 1d",
        "hello there, how are you today?",
        "[1, 2, 3]",
    ],
)
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert not secrets.looks_secret(text)


@pytest.mark.parametrize("noise", ["x" * 4096, "9" * 3900, "0" * 200, "ab" * 500])
def test_noise_is_no_key(noise: str) -> None:
    """Whoever leans on a key is told that the text is too long, not that it exposed a secret."""
    assert not secrets.looks_secret(noise)


def test_a_key_inside_a_longer_run_is_seen() -> None:
    """However it was pasted together with other text."""
    key = addresses.encode_base58(bytes(range(64)))
    assert secrets.looks_secret("key" + key + "xyz")
    assert secrets.looks_secret("0x" + bytes(range(64)).hex() + "00")
