"""Reading bodies of any origin."""

import contextlib
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.jupiter import answers

DOCUMENTED = [
    ({"code": 400, "error": "Failed to deserialize", "status": "Bad Request"}, "Failed to deserialize"),
    ({"code": 400, "message": "Failed to deserialize", "status": "Bad Request"}, "Failed to deserialize"),
    ({"error": "No such token"}, "No such token"),
    (
        {"error": "Invalid", "details": {"amount": "too small", "user": "unknown"}},
        "Invalid (amount: too small; user: unknown)",
    ),
    ({"code": 429, "message": "[API Gateway] Too many requests"}, "[API Gateway] Too many requests"),
    ({"error": {"code": 7, "message": "nested"}}, "nested"),
    ({"code": 400, "status": "Bad Request"}, "Bad Request"),
    ("plain", "plain"),
    ({}, ""),
    ([], ""),
    (None, ""),
    ({"error": 5, "message": None, "details": []}, ""),
]


@pytest.mark.parametrize(("body", "words"), DOCUMENTED)
def test_the_vendors_words_are_found_in_every_shape(body: object, words: str) -> None:
    """The five documented shapes of an error body, and what resembles them."""
    assert answers.find_words(body) == words


def test_words_are_one_short_line() -> None:
    """What goes into logs and chats cannot forge lines, nor fill screens."""
    words = answers.find_words({"error": "a\nERROR forged\x1b[31m\x00 " + "b" * 10_000})
    assert words.startswith("a ERROR forged[31m b")
    assert len(words) == 300
    assert words.isprintable()


def test_html_has_no_words() -> None:
    """A gateway's HTML page is not shown to anybody."""
    assert answers.Answer(502, b"<html>Bad Gateway</html>").words() == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(),
        lambda of: (
            st.lists(of)
            | st.dictionaries(st.sampled_from(["error", "message", "details", "status", "x"]), of)
        ),
    )
)
def test_words_of_anything_are_text(body: object) -> None:
    """No JSON makes reading an error fail, or a log line two."""
    words = answers.find_words(body)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in words)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_json_or_unexpected(body: bytes) -> None:
    """Nothing but UnexpectedResponse comes out of reading bytes."""
    with contextlib.suppress(errors.UnexpectedResponse):
        answers.parse_json(body)


def test_absurd_numbers_spoil_only_themselves() -> None:
    """NaN, infinities, and numbers of thousands of digits become null; fractions stay exact."""
    body = b"[NaN, Infinity, -Infinity, 1e999999999999999999999, %s, 0.%s, 0.1, 18446744073709551615]"
    read = answers.parse_json(body % (b"9" * 5_000, b"1" * 5_000))
    assert read == [None, None, None, None, None, None, Decimal("0.1"), 2**64 - 1]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe\xfa", b"[" * 200_000])
def test_what_is_no_json_is_unexpected(body: bytes) -> None:
    """Empty, HTML, cut off, binary, nested without end."""
    with pytest.raises(errors.UnexpectedResponse):
        answers.parse_json(body)
