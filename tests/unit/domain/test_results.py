"""What an order would come to now, and when it is late: exact, and honest about what is not known."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import fills, orders, results
from tests.fakes.clock import START
from tests.fakes.world import make_order

RAW = st.integers(1, 2**64 - 1)
DECIMALS = st.integers(0, 18) | st.just(255)
PRICES = st.decimals(min_value=Decimal("1e-24"), max_value=Decimal("1e15"), allow_nan=False)


def totals(in_raw: int, out_raw: int) -> fills.Totals:
    return fills.Totals(1, in_raw, out_raw, 0)


@pytest.mark.parametrize(
    ("market", "worth", "gain", "percent"),
    [
        # 30 USDC bought 0.174 SOL.
        ("200", 34_800_000, 4_800_000, "16"),
        ("100", 17_400_000, -12_600_000, "-42"),
        ("172.4137931034482758620689655172413793103448", 29_999_999, -1, "-0.000003333"),
    ],
)
def test_what_was_bought_at_todays_price(market: str, worth: int, gain: int, percent: str) -> None:
    """In the token that was paid with, rounded down: never a base unit more than it would be."""
    result = results.if_sold_now(totals(30_000_000, 174_000_000), Decimal(market), 6, 9)
    assert result is not None
    assert (result.worth_raw, result.gain_raw) == (worth, gain)
    assert abs(result.percent - Decimal(percent)) < Decimal("1e-8")


@pytest.mark.parametrize(
    ("in_raw", "out_raw", "market"),
    [(0, 1, "1"), (1, 0, "1"), (0, 0, "1"), (1, 1, None), (1, 1, "0"), (1, 1, "-1")],
)
def test_nothing_bought_or_no_price_is_no_result(in_raw: int, out_raw: int, market: str | None) -> None:
    price = None if market is None else Decimal(market)
    assert results.if_sold_now(totals(in_raw, out_raw), price, 6, 9) is None


@given(RAW, RAW, PRICES, DECIMALS, DECIMALS)
def test_gain_and_paid_are_what_it_is_worth(
    paid: int, bought: int, market: Decimal, in_decimals: int, out_decimals: int
) -> None:
    """To the base unit, for any size, any price and any decimals that a mint may claim."""
    result = results.if_sold_now(totals(paid, bought), market, in_decimals, out_decimals)
    assert result is not None
    assert result.gain_raw + paid == result.worth_raw >= 0
    exact = Fraction(market) * bought * 10**in_decimals // 10**out_decimals
    assert result.worth_raw == exact
    assert (result.percent > 0, result.percent < 0) == (result.gain_raw > 0, result.gain_raw < 0)


# --- late ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cycle", "late", "overdue"),
    [
        (timedelta(minutes=1), timedelta(minutes=5), False),
        (timedelta(minutes=1), timedelta(minutes=5, seconds=1), True),
        (timedelta(hours=1), timedelta(minutes=15), False),
        (timedelta(hours=1), timedelta(minutes=15, seconds=1), True),
        (timedelta(days=7), timedelta(hours=1), False),
        (timedelta(days=7), timedelta(hours=1, seconds=1), True),
    ],
)
def test_keepers_have_a_while(cycle: timedelta, late: timedelta, overdue: bool) -> None:
    """A quarter of the cycle, from 5 minutes to an hour; then it is told since when."""
    order = make_order("owner", cycle=cycle, age=timedelta(0))
    last = START + timedelta(seconds=1)
    since = orders.overdue_since(order, last, START + cycle + late)
    assert since == (START + cycle if overdue else None)


def test_a_first_fill_may_come_at_the_start_or_a_cycle_later() -> None:
    """Which of the two is not documented: it is overdue after the later one."""
    hour = timedelta(hours=1)
    order = make_order("owner", cycle=hour, age=timedelta(0))
    assert orders.overdue_since(order, None, START + hour + hour / 4) is None
    assert orders.overdue_since(order, None, START + hour + hour / 3) == START + hour
    later = replace(order, start_at=START + 5 * hour)
    assert orders.overdue_since(later, None, START + 6 * hour) is None
    assert orders.overdue_since(later, None, START + 7 * hour) == START + 6 * hour


@pytest.mark.parametrize(
    ("family", "low", "high", "may"),
    [
        (orders.Family.TIME, 0, 0, False),
        (orders.Family.TIME, 1, 0, True),
        (orders.Family.TIME, 0, 1, True),
        (orders.Family.PRICE, 0, 0, True),
    ],
)
def test_which_orders_let_cycles_pass(family: orders.Family, low: int, high: int, may: bool) -> None:
    assert replace(make_order("o", family=family), min_out_raw=low, max_out_raw=high).may_skip is may


def test_what_is_over_is_not_overdue() -> None:
    later = START + timedelta(days=400)
    assert orders.overdue_since(make_order("owner", status=orders.Status.HISTORY), None, later) is None
    assert orders.overdue_since(make_order("owner", deposited=5, used=5), None, later) is None


@pytest.mark.parametrize(
    ("low", "high", "market", "fills_now"),
    [
        # 10 USDC a cycle; at 200 they buy 0.05 SOL.
        (0, 0, "200", None),
        (40_000_000, 0, None, None),
        (50_000_000, 0, "200", True),
        (50_000_001, 0, "200", False),
        (0, 50_000_000, "200", True),
        (0, 49_999_999, "200", False),
        (40_000_000, 60_000_000, "200", True),
        (40_000_000, 60_000_000, "260", False),
        (40_000_000, 60_000_000, "160", False),
    ],
)
def test_a_price_range_tells_whether_a_cycle_would_fill(
    low: int, high: int, market: str | None, fills_now: bool | None
) -> None:
    order = make_order("owner", family=orders.Family.TIME)
    order = replace(order, min_out_raw=low, max_out_raw=high)
    price = None if market is None else Decimal(market)
    assert orders.would_fill(order, price, 6, 9) is fills_now
