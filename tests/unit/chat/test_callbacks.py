"""Callback data comes back as it was packed, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import callbacks

PARTS = st.text("abcXYZ019_-", min_size=1, max_size=12)


@given(PARTS, st.lists(PARTS | st.integers(0, 10**12), max_size=4))
def test_round_trip(verb: str, args: list[str | int]) -> None:
    """What fits is read back exactly; what does not fit is a programming error, never cut."""
    try:
        data = callbacks.pack(verb, *args)
    except ValueError:
        assert len(":".join([verb, *map(str, args)])) > 64
        return
    assert len(data.encode()) <= 64
    assert callbacks.parse(data) == callbacks.Callback(verb, tuple(str(arg) for arg in args))


@given(st.text(max_size=80) | st.none())
def test_garbage_is_none_or_repacks(data: str | None) -> None:
    """Anything may come back from a client; reading it never raises."""
    read = callbacks.parse(data)
    if read is not None:
        assert callbacks.pack(read.verb, *read.args, apart=read.apart) == data


@given(PARTS, st.lists(PARTS, max_size=2))
def test_buttons_of_records_say_so(verb: str, args: list[str]) -> None:
    """Whether the tapped message stays as it is comes back, too; the verb is the same either way."""
    read = callbacks.parse(callbacks.pack(verb, *args, apart=True))
    assert read == callbacks.Callback(verb, tuple(args), apart=True)


@pytest.mark.parametrize("part", ["", "a:b", "ü", "a b", "a\n"])
def test_separators_and_foreign_characters_are_refused(part: str) -> None:
    """An argument cannot smuggle in another one."""
    with pytest.raises(ValueError, match="representable"):
        callbacks.pack("verb", part)


@pytest.mark.parametrize("arg", ["x", "-1", "9" * 19])
def test_numbers_are_checked(arg: str) -> None:
    """An argument that is no number is refused before a handler uses it."""
    with pytest.raises(ValueError, match="number"):
        callbacks.Callback("verb", (arg,)).number(0)


def test_missing_argument() -> None:
    """Arguments that are not there raise the same error as unusable ones."""
    with pytest.raises(ValueError, match="missing"):
        callbacks.Callback("verb").number(0)
