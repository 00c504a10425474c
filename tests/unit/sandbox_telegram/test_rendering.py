"""Entities on the page: complete, well-formed, and never a way in for somebody's markup."""

from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram import rendering
from bot.sandbox.telegram.parsing import utf16_length

KINDS = [
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "code",
    "pre",
    "blockquote",
    "expandable_blockquote",
    "text_link",
    "url",
    "bot_command",
    "hashtag",
    "date_time",
    "custom_emoji",
]
ALLOWED = {"b", "i", "u", "s", "code", "pre", "span", "blockquote", "a", "time"}


class Reader(HTMLParser):
    """Collects the text, and checks that tags match."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(source: str) -> Reader:
    reader = Reader()
    reader.feed(source)
    reader.close()
    assert reader.open == []
    return reader


@st.composite
def formatted(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    text = draw(st.text(alphabet="ab<>&\"'/🟢é ", max_size=20))
    spans = draw(
        st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 20), st.integers(1, 20)), max_size=6)
    )
    end = utf16_length(text)
    return text, [
        {
            "type": kind,
            "offset": offset,
            "length": length,
            "url": "https://a.io/?<\"'&",
            "unix_time": 1,
            "date_time_format": "r",
        }
        for kind, offset, length in spans
        if offset + length <= end
    ]


@given(formatted())
def test_every_text_survives_and_only_known_tags_appear(message: tuple[str, list[dict[str, Any]]]) -> None:
    """Whatever entities overlap, the page shows exactly the text, in matching tags."""
    text, entities = message
    reader = read(rendering.to_html(text, entities))
    if all(_whole(text, entity) for entity in entities):
        assert reader.text == text
    assert set(reader.tags) <= ALLOWED


def _whole(text: str, entity: dict[str, Any]) -> bool:
    """The entity does not cut a surrogate pair in two."""
    units = text.encode("utf-16-le")
    edges = (entity["offset"], entity["offset"] + entity["length"])
    return not any(0xDC <= units[edge * 2 + 1] <= 0xDF for edge in edges if edge * 2 < len(units))


def test_markup_in_texts_is_only_text() -> None:
    """A token named like a script tag is shown, not run."""
    assert rendering.to_html("<script>alert('1')</script>", []) == (
        "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;"
    )


def test_links_keep_to_safe_schemes() -> None:
    """Even an entity that got past every check cannot carry a script."""
    entity = {"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"}
    assert read(rendering.to_html("x", [entity])).links == []
    entity = {"type": "text_link", "offset": 0, "length": 1, "url": 'https://a.io/"onclick="x'}
    assert read(rendering.to_html("x", [entity])).links == ['https://a.io/"onclick="x']


def test_links_open_elsewhere() -> None:
    """The chat stays, and the other page learns nothing of it."""
    html = rendering.to_html("a.io", [{"type": "url", "offset": 0, "length": 4}])
    assert html == '<a href="http://a.io" target="_blank" rel="noopener noreferrer">a.io</a>'


def test_times_carry_their_instant() -> None:
    """The page shows them in the reader's zone; the text is the fallback."""
    entity = {"type": "date_time", "offset": 0, "length": 4, "unix_time": 0, "date_time_format": "t"}
    assert rendering.to_html("noon", [entity]) == (
        '<time datetime="1970-01-01T00:00:00+00:00" data-unix="0" data-format="t">noon</time>'
    )
