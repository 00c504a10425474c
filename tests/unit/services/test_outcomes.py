"""How an action ended, in sentences."""

import pytest

from bot.domain import amounts, intents
from bot.domain.orders import Family, Side
from bot.services import outcomes

USDC, SOL, JUP = amounts.USDC_MINT, amounts.WSOL_MINT, "JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"


def _withdraw(side: Side) -> intents.Withdraw:
    return intents.Withdraw(user="u", order="o", input_mint=USDC, output_mint=SOL, amount_raw=None, side=side)


def test_nobody_is_said_to_be_told() -> None:
    """Where no admin is configured there is a line in the log and nothing else."""
    for text in (outcomes.mismatch(_withdraw(Side.IN)), outcomes.UNREADABLE_KEY):
        assert "It is recorded for the operator." in text
        assert "was told" not in text


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
