"""How an action ended, in sentences."""

import pytest

from bot import errors
from bot.domain import amounts, intents
from bot.domain.orders import Family, Side
from bot.services import outcomes, tokens

USDC, SOL, JUP = amounts.USDC_MINT, amounts.WSOL_MINT, "JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"


def _withdraw(side: Side) -> intents.Withdraw:
    return intents.Withdraw(user="u", order="o", input_mint=USDC, output_mint=SOL, amount_raw=None, side=side)


def test_nobody_is_said_to_be_told() -> None:
    """Where no admin is configured there is a line in the log and nothing else."""
    for text in (outcomes.mismatch(_withdraw(Side.IN)), outcomes.UNREADABLE_KEY):
        assert "It is recorded for the operator." in text
        assert "was told" not in text


@pytest.mark.parametrize(
    ("least", "crafted", "confirmed", "words"),
    [
        (
            True,
            310_000_000,
            250_000_000,
            "at least 0.31 SOL for each part, where you confirmed at least 0.25 SOL",
        ),
        (True, None, 250_000_000, "no minimum for each part, where you confirmed at least 0.25 SOL"),
        (False, 1, None, "at most 0.000000001 SOL for each part, where you confirmed no maximum"),
    ],
)
def test_another_price_range_is_told_with_its_numbers(
    least: bool, crafted: int | None, confirmed: int | None, words: str
) -> None:
    """Both as amounts of what is bought, so that a person can see which way it is wrong."""
    other = errors.OtherBounds("", least=least, crafted=crafted, confirmed=confirmed, instruction=5)
    assert words in outcomes.other_bounds(other, tokens.PINNED[SOL])
    nameless = outcomes.other_bounds(other, None)
    assert "base units" in nameless
    assert "nothing was signed" in nameless


@pytest.mark.parametrize(
    ("intent", "wrapped"),
    [
        (_withdraw(Side.IN), False),
        (_withdraw(Side.OUT), True),
        (
            intents.CancelOrder(family=Family.TIME, user="u", order="o", input_mint=SOL, output_mint=USDC),
            True,
        ),
        (
            intents.CancelOrder(family=Family.TIME, user="u", order="o", input_mint=USDC, output_mint=JUP),
            False,
        ),
    ],
)
def test_wrapped_sol_is_spoken_of_only_where_sol_comes_back(intent: intents.Intent, wrapped: bool) -> None:
    """Whoever gets USDC back has nothing to unwrap."""
    assert ("wrapped" in outcomes.landed(intent)) == wrapped
