"""Checking costs little: no reason to check less."""

import pytest

from tests.benchmarks import policy
from tests.fakes import solana


@pytest.mark.parametrize("case", solana.every(), ids=lambda case: case.name)
def test_decoding_and_checking_stay_below_their_budget(case: solana.Case) -> None:
    """CPU time, so that a busy machine proves nothing; measured it is a tenth of the budget."""
    assert policy.cost_us(lambda: policy.check(case), rounds=20) < policy.BUDGET_US
