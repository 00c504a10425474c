"""Telegram's HTML dialect. The refusals are those of Telegram's own parser for the same input."""

import contextlib
import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram import entities, parsing, refusals

SURROGATES = (
    "Text contains invalid Unicode characters after decoding HTML entities, "
    "check for unmatched surrogate code units"
)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("&#57311;", SURROGATES),
        ("&#xDFDF", SURROGATES),
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
        ("🏟 🏟&lt;<abac>", 'Unsupported start tag "abac" at byte offset 13'),
        ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
        (
            "🏟 🏟&lt;<i    aba>",
            'Expected equal sign in declaration of an attribute of the tag "i" at byte offset 13',
        ),
        ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
        ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<i    aba  =  '&lt;&gt;&quot;>", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
        ("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        (
            "🏟 🏟&lt;<i>a</em   >",
            'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"',
        ),
        ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("<b>unclosed", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("line<br>", 'Unsupported start tag "br" at byte offset 4'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            '<tg-emoji emoji-id="9999999999999999999">x</tg-emoji>',
            "Invalid custom emoji identifier specified",
        ),
        ('<tg-time unix="soon">x</tg-time>', "Invalid Unix time specified"),
        ('<tg-time unix="1" format="rt">x</tg-time>', "Invalid date-time format specified"),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(source: str, words: str) -> None:
    """A bot that sends this would get exactly this from Telegram."""
    with pytest.raises(refusals.Refusal) as caught:
        parsing.parse_html(source)
    assert caught.value.code == 400
    assert caught.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("&lt;&gt;&amp;&quot;&laquo;&#12345678;", '<>&"&laquo;&#12345678;', []),
        ("➡️<b>x</b>", "➡️x", [{"type": "bold", "offset": 2, "length": 1}]),
        ("🟢<i>x</i>", "🟢x", [{"type": "italic", "offset": 2, "length": 1}]),
        ("<b></b>", "", []),
        ("<STRONG>x</strong>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
        (
            "<u><s>x</s></u>",
            "x",
            [
                {"type": "strikethrough", "offset": 0, "length": 1},
                {"type": "underline", "offset": 0, "length": 1},
            ],
        ),
        ('<span class="tg-spoiler">x</span>', "x", [{"type": "spoiler", "offset": 0, "length": 1}]),
        (
            "<a href='https://a.io/?q=1&amp;r=2'>x</a>",
            "x",
            [{"type": "text_link", "url": "https://a.io/?q=1&r=2", "offset": 0, "length": 1}],
        ),
        ('<a href="http://localhost:8080/">x</a>', "x", []),
        ('<a href="javascript:alert(1)">x</a>', "x", []),
        (
            '<pre><code class="language-py">x</code></pre>',
            "x",
            [{"type": "pre", "language": "py", "offset": 0, "length": 1}],
        ),
        (
            "<blockquote expandable>x</blockquote>",
            "x",
            [{"type": "expandable_blockquote", "offset": 0, "length": 1}],
        ),
        (
            '<tg-time unix="1700000000" format="wDT">x</tg-time>',
            "x",
            [
                {
                    "type": "date_time",
                    "unix_time": 1700000000,
                    "date_time_format": "wDT",
                    "offset": 0,
                    "length": 1,
                }
            ],
        ),
    ],
)
def test_markup_becomes_entities(source: str, text: str, found: list[dict[str, Any]]) -> None:
    """Offsets count UTF-16 units, and links that Telegram would not take are dropped silently."""
    assert parsing.parse_html(source) == (text, found)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_arrives_as_it_was(text: str) -> None:
    """html.escape is enough to send any text."""
    assert parsing.parse_html(html.escape(text, quote=False)) == (text, [])


@given(st.text(alphabet="<>/&;=\"' abius-🟢"))
def test_anything_is_parsed_or_refused(source: str) -> None:
    """No input makes the parser fail in another way."""
    with contextlib.suppress(refusals.Refusal):
        text, found = parsing.parse_html(source)
        end = parsing.utf16_length(text)
        assert all(entity["offset"] + entity["length"] <= end for entity in found)


def test_surrounding_space_is_trimmed_and_entities_follow() -> None:
    """As Telegram does with every message."""
    text, found = entities.finish(*parsing.parse_html("\n <b> x</b> y \n"))
    assert text == "x y"
    assert found == [{"type": "bold", "offset": 0, "length": 1}]


def test_styles_give_way_to_code() -> None:
    """Code cannot be bold at Telegram, whatever the markup says."""
    _, found = entities.finish(*parsing.parse_html("<b>a<code>b</code>c</b>"))
    assert [(e["type"], e["offset"]) for e in found] == [("bold", 0), ("code", 1), ("bold", 2)]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/start abc", ["bot_command"]),
        ("/start@some_bot", ["bot_command"]),
        ("1/2 and/or", []),
        ("see https://solscan.io/tx/1.", ["url"]),
        ("solscan.io $SOL #dca @someone", ["url", "cashtag", "hashtag", "mention"]),
        ("me@example.com", ["email"]),
    ],
)
def test_automatic_entities(text: str, kinds: list[str]) -> None:
    """Commands above all: bots see commands only where Telegram marked them."""
    assert [entity["type"] for entity in entities.finish(text, [])[1]] == kinds


def test_at_most_a_hundred_entities_survive() -> None:
    """Telegram drops the rest without a word."""
    _, found = entities.finish(*parsing.parse_html("<b>x</b> " * 101))
    assert len(found) == 100
