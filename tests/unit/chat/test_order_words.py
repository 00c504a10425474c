"""One line that names an order and an amount."""

import pytest

from bot import errors
from bot.chat import order_words

NAMES = ("Wallet 2", "My Savings")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "")),
        ("7", ("7", "")),
        ("7 10", ("7", "10")),
        ("#7 10", ("#7", "10")),
        ("# 7 10", ("#7", "10")),
        ("7 1 000", ("7", "1 000")),
        ("7 nonsense", ("7", "nonsense")),
        ("sol", ("sol", "")),
        ("sol 10", ("sol", "10")),
        ("usdc sol 50%", ("usdc sol", "50%")),
        ("USDC → SOL .5", ("USDC → SOL", ".5")),
        ("USDC→SOL max", ("USDC→SOL", "max")),
        ("sol -5", ("sol", "-5")),
        ("EpTs 1,000", ("EpTs", "1,000")),
        ("7Ytt 10", ("7Ytt", "10")),
        ("wallet 3", ("wallet", "3")),
        ("wallet 2", ("wallet 2", "")),
        ("wallet 2 10", ("wallet 2", "10")),
        ("my  savings ALL", ("my savings", "ALL")),
        ("max", ("max", "")),
    ],
)
def test_order_and_amount(text: str, expected: tuple[str, str]) -> None:
    """The whole name of a wallet is no amount, whatever it ends in."""
    assert order_words.split(text, NAMES) == expected


@pytest.mark.parametrize("amount", ["10", "0.5", ".5", "50%", "max", "ALL", "9" * 30])
def test_amounts_are_carried_on(amount: str) -> None:
    assert order_words.carry(amount) == (amount.casefold(),)


@pytest.mark.parametrize("amount", ["1,000", "-5", "1e9", "ten", "9" * 31, "½", "1 000", "10:20", "0x10"])
def test_what_is_no_amount_is_refused_before_anything_is_asked(amount: str) -> None:
    """Whichever order it would be, that is no amount of it."""
    with pytest.raises(errors.InvalidAmount):
        order_words.carry(amount)


def test_nothing_is_carried_on_for_no_amount() -> None:
    assert order_words.carry("") == ()
