"""Amounts: exact both ways, and every refusal explains itself."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import amounts

_DECIMALS = st.integers(0, 18)
_RAW = st.integers(1, amounts.U64_MAX)


@given(raw=_RAW, decimals=_DECIMALS)
def test_what_is_shown_can_be_typed_back(raw: int, decimals: int) -> None:
    """Formatting loses nothing: parsing its text gives the same base units."""
    assert amounts.parse_amount(amounts.format_amount(raw, decimals), decimals) == raw


@given(raw=st.integers(-(2**70), 2**70), decimals=_DECIMALS)
def test_the_text_is_the_exact_number(raw: int, decimals: int) -> None:
    text = amounts.format_amount(raw, decimals)
    assert Decimal(text) == Decimal(raw).scaleb(-decimals)
    assert "e" not in text.lower()
    assert not ("." in text and text.endswith("0"))


@given(text=st.text(max_size=60), decimals=_DECIMALS)
def test_any_text_is_an_amount_or_refused(text: str, decimals: int) -> None:
    """Never another exception, never zero, never more than an account can hold."""
    try:
        raw = amounts.parse_amount(text, decimals)
    except errors.InvalidAmount:
        pass
    else:
        assert 0 < raw <= amounts.U64_MAX
        assert Decimal(raw).scaleb(-decimals) == Decimal(text.strip())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "type an amount"),
        ("0", "more than zero"),
        ("0.0", "more than zero"),
        (".", "not an amount"),
        ("-1", "negative"),
        ("+1", "not an amount"),
        ("1,000", "1000 or 1.000"),
        ("1.000,5", "10005 or 1000.5"),
        ("1'000", "1000"),
        ("1e9", "write the number out"),
        ("1.5.2", "152 or 15.2"),
        (" , ", "not an amount"),
        ("١٢", "not an amount"),
        ("NaN", "not an amount"),
        ("0x10", "not an amount"),
        ("1" * 41, "too long"),
        ("18446744073709.551616", "more than any token account"),
        ("0.0000001", "6 decimal places"),
        ("🙂", "not an amount"),
    ],
)
def test_what_is_refused_is_explained(text: str, words: str) -> None:
    with pytest.raises(errors.InvalidAmount) as caught:
        amounts.parse_amount(text, 6)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("12.5", amounts.Exactly(12_500_000)),
        (" .5 ", amounts.Exactly(500_000)),
        ("5.", amounts.Exactly(5_000_000)),
        ("1.50000000000", amounts.Exactly(1_500_000)),
        ("50%", amounts.Share(50)),
        ("100 %", amounts.Share(100)),
        ("MAX", amounts.Everything()),
        ("all", amounts.Everything()),
    ],
)
def test_quantities(text: str, quantity: amounts.Quantity) -> None:
    assert amounts.parse_quantity(text, 6) == quantity


@pytest.mark.parametrize("text", ["0%", "101%", "1.5%", "-5%", "%", "५%", "1000%"])
def test_odd_shares_are_refused(text: str) -> None:
    with pytest.raises(errors.InvalidAmount):
        amounts.parse_quantity(text, 6)


@given(total=_RAW, percent=st.integers(1, 100))
def test_a_share_is_never_more_than_its_part(total: int, percent: int) -> None:
    share = amounts.share_of(total, percent)
    assert share * 100 <= total * percent < (share + 1) * 100
