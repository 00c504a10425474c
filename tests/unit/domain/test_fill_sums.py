"""Fills: sums are net and exact, and what was not seen is noticed."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import amounts, fills, funding, orders
from tests.fakes.world import make_fill, make_order

_INPUTS = st.lists(st.integers(1, 10**15), max_size=20)


@given(inputs=_INPUTS)
def test_conservation_holds_for_all_fills_and_breaks_for_any_missing(inputs: list[int]) -> None:
    known = [make_fill("order", number, in_raw=raw) for number, raw in enumerate(inputs)]
    assert fills.unseen_input_raw(sum(inputs), fills.totals(known)) == 0
    for number, raw in enumerate(inputs):
        others = fills.totals(known[:number] + known[number + 1 :])
        assert fills.unseen_input_raw(sum(inputs), others) == raw


@given(inputs=_INPUTS)
def test_totals_are_net_of_the_fee_in_the_output(inputs: list[int]) -> None:
    known = [make_fill("order", number, in_raw=raw) for number, raw in enumerate(inputs)]
    totals = fills.totals(known)
    assert totals.count == len(inputs)
    assert totals.in_raw == sum(inputs)
    assert totals.out_raw == sum(raw * 7 - raw // 1000 for raw in inputs)
    assert totals.out_raw + totals.fee_raw == sum(fill.out_raw for fill in known)


def test_a_fee_in_another_token_takes_nothing_from_the_output() -> None:
    fill = replace(make_fill("order", 1), fee_mint=amounts.USDC_MINT)
    assert fill.net_out_raw == fill.out_raw


def test_the_price_is_input_per_output_after_decimals() -> None:
    assert fills.price(10_000_000, 58_000_000, 6, 9) == Decimal(10) / Decimal("0.058")
    assert fills.price(1, 0, 6, 9) is None


_USDC = amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6)


def test_low_is_less_than_one_more_cycle() -> None:
    """Ten dollars a cycle: 10 USDC is enough, a base unit less is not."""
    needed = funding.next_cycle_raw(make_order("owner"), _USDC, Decimal(1), None)
    assert needed == 10_000_000
    assert not funding.is_low(make_order("owner", deposited=10_000_000), needed)
    assert funding.is_low(make_order("owner", deposited=9_999_999), needed)


def test_without_a_price_the_last_fill_tells() -> None:
    assert funding.next_cycle_raw(make_order("owner"), _USDC, None, 5) == 5
    assert funding.next_cycle_raw(make_order("owner"), None, Decimal(1), None) is None
    assert not funding.is_low(make_order("owner"), None)
    assert funding.is_low(make_order("owner", deposited=0), None)


def test_only_active_price_orders_can_be_low() -> None:
    assert not funding.is_low(make_order("owner", family=orders.Family.TIME, deposited=0), 5)
    assert not funding.is_low(make_order("owner", status=orders.Status.HISTORY, deposited=0), 5)
