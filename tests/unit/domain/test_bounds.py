"""Price ranges: typed in the pair's usual direction, sent as input per output, enforced in base units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import amounts, bounds

USDC = amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6)
SOL = amounts.Token(amounts.WSOL_MINT, "SOL", "Solana", 9)
BTC = amounts.Token("3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh", "WBTC", "Bitcoin", 8)
USDT = amounts.Token(amounts.USDT_MINT, "USDT", "Tether", 6)

_PRICES = st.decimals(min_value="0.01", max_value=100_000, places=2)


def test_the_known_mainnet_order_maps_as_its_front_end_did() -> None:
    """2500.000021 USDT in 25 parts for a Bitcoin of 8 decimals between 76,000 and 92,000."""
    per_cycle = 2_500_000_021 // 25
    found = bounds.build_bounds(USDT, BTC, per_cycle, "76000", "92000")
    assert (found.min_out_raw, found.max_out_raw) == (108_695, 131_578)


def test_buying_sol_the_range_is_sent_as_typed() -> None:
    found = bounds.build_bounds(USDC, SOL, 50_000_000, "100", "200")
    assert found == bounds.Bounds("100", "200", 250_000_000, 500_000_000)


def test_selling_sol_the_range_is_turned_over() -> None:
    """Sell a SOL for 100 to 200 USDC: at least 100 and at most 200 USDC come out."""
    found = bounds.build_bounds(SOL, USDC, 10**9, "100", "200")
    assert (found.min_price, found.max_price) == ("0.005", "0.01")
    assert (found.min_out_raw, found.max_out_raw) == (100_000_000, 200_000_000)


def test_no_bound_is_no_bound() -> None:
    assert bounds.build_bounds(USDC, SOL, 1, None, None) == bounds.Bounds(None, None, None, None)
    assert bounds.build_bounds(USDC, SOL, 50_000_000, None, "200").max_out_raw is None
    assert bounds.build_bounds(SOL, USDC, 10**9, None, "200").min_out_raw is None


@given(low=_PRICES, width=_PRICES, raw=st.integers(10**6, 10**13), sell=st.booleans())
def test_the_bounds_are_in_order_and_true_to_the_price(
    low: Decimal, width: Decimal, raw: int, *, sell: bool
) -> None:
    """A cycle at the typed price gives the bound, within one unit and the precision of a double."""
    source, target = (SOL, USDC) if sell else (USDC, SOL)
    found = bounds.build_bounds(source, target, raw, str(low), str(low + width))
    assert found.min_out_raw is not None
    assert found.max_out_raw is not None
    assert found.min_out_raw <= found.max_out_raw
    whole = amounts.to_decimal(raw, source.decimals)
    least = whole * low if sell else whole / (low + width)
    exact = least.scaleb(target.decimals)
    assert abs(found.min_out_raw - exact) <= 1 + exact * Decimal("1e-14")


@pytest.mark.parametrize("price", ["0", "0.0", "-1", "1,5", "1e3", "", ".", "x", "1" * 31, "٣"])
def test_odd_prices_are_refused(price: str) -> None:
    with pytest.raises(errors.InvalidAmount):
        bounds.build_bounds(USDC, SOL, 50_000_000, price, None)


def test_a_range_that_is_upside_down_is_refused() -> None:
    with pytest.raises(errors.InvalidAmount, match="above"):
        bounds.build_bounds(USDC, SOL, 50_000_000, "200", "100")


def test_prices_beyond_what_can_be_counted_are_refused() -> None:
    with pytest.raises(errors.InvalidAmount, match="nothing that can be counted"):
        bounds.build_bounds(USDC, USDT, 1, None, "1000000000")
    with pytest.raises(errors.InvalidAmount, match="too low"):
        bounds.build_bounds(USDC, SOL, 10**15, "0.0001", None)
