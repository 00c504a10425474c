"""Hours, spans and days as people write them, or a sentence that says what is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.chat import hours
from bot.chat.hours import FillsWish
from bot.domain import quiet
from bot.domain.quiet import Fills


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("9", 540), ("09", 540), ("9:30", 570), ("9.30", 570), ("0930", 570), ("23:59", 1439), ("0", 0),
        ("00:00", 0), ("9am", 540), ("9 PM", 1260), ("12am", 0), ("12pm", 720), ("12:15 am", 15),
        (" 7 ", 420),
    ],
)  # fmt: skip
def test_times_are_read(text: str, minutes: int) -> None:
    assert hours.parse_time(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "24", "25", "9:60", "-1", "9:", "13pm", "0am", "٩", "nine", "1:2:3", "9" * 99]
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="I read times like"):
        hours.parse_time(text)


@given(st.integers(0, quiet.DAY - 1))
def test_every_minute_comes_back(minutes: int) -> None:
    assert hours.parse_time(hours.show(minutes)) == minutes


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("22-7", (1320, 420)),
        ("22:30 – 6:45", (1350, 405)),
        ("from 10pm to 7am", (1320, 420)),
        ("between 1 and 5", (60, 300)),
        ("20-24", (1200, 0)),
        ("0-6", (0, 360)),
        ("2200-0700", (1320, 420)),
        ("OFF", None),
        ("none", None),
    ],
)
def test_spans_are_read(text: str, span: tuple[int, int] | None) -> None:
    assert hours.parse_span(text) == span


@pytest.mark.parametrize("text", ["", "22", "-", "22-", "-7", "22-25", "a-b", "24-7", "22-7-9", "💤"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="I read quiet hours like"):
        hours.parse_span(text)


@pytest.mark.parametrize("text", ["7-7", "0-24", "12am-12am", "7:30-7.30"])
def test_all_day_and_no_time_are_explained(text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="two different times"):
        hours.parse_span(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("each", FillsWish(Fills.EACH)),
        ("Silent", FillsWish(Fills.SILENT)),
        ("daily", FillsWish(Fills.DAILY)),
        ("digest at 9", FillsWish(Fills.DAILY, 540)),
        ("daily 9:30 pm", FillsWish(Fills.DAILY, 1290)),
        ("weekly", FillsWish(Fills.WEEKLY)),
        ("weekly monday 9", FillsWish(Fills.WEEKLY, 540, 0)),
        ("weekly on Sundays at 7 am", FillsWish(Fills.WEEKLY, 420, 6)),
        ("weekly 18 thu", FillsWish(Fills.WEEKLY, 1080, 3)),
    ],
)
def test_ways_to_be_told_are_read(text: str, wish: FillsWish) -> None:
    assert hours.parse_fills(text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "never",
        "each 9",
        "silent monday",
        "daily monday 9",
        "daily 25",
        "weekly monday tuesday",
        "weekly m 9",
        "🙂",
    ],
)
def test_other_ways_are_refused(text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="I read"):
        hours.parse_fills(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is ever raised; what is read can be kept."""
    for parse in (hours.parse_time, hours.parse_span, lambda text: hours.parse_fills(f"weekly {text}")):
        try:
            read = parse(text)
        except errors.InvalidInput:
            continue
        if isinstance(read, FillsWish):
            assert read.at is None or 0 <= read.at < quiet.DAY
            assert read.on is None or 0 <= read.on < quiet.WEEK
        elif isinstance(read, tuple):
            assert quiet.is_span(read)
