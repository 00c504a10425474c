"""The keeper fills what is due, late, to the last base unit, and never outside an order's bounds."""

import math
import statistics
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from bot.sandbox import keeper, orderstate, tokens
from bot.sandbox.prices import DAY_S, Prices
from bot.solana import programs
from bot.solana.programs import accounts, ids
from tests.fakes.sandbox import SOL, START, Harness


def test_a_time_order_is_filled_to_the_last_base_unit() -> None:
    """Ten cycles, ten trades, everything used, everything bought arrives but the fee, and rent comes back."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.time_order(user)
    sol, keeper_of_it = harness.chain.lamports(user.pubkey()), harness.standins.keeper
    harness.standins.time.advance(3_600)
    assert keeper_of_it.run_due() == 10
    done, trades = harness.book.orders[entry.key], harness.book.trades[entry.key]
    assert not done.active
    assert not done.user_closed
    assert sum(trade.in_raw for trade in trades) == 500_000_000 == done.state.in_used
    assert all(trade.fee_raw == trade.out_raw // 1000 for trade in trades)
    arrived = sum(trade.out_raw - trade.fee_raw for trade in trades)
    assert harness.chain.lamports(user.pubkey()) - sol == arrived + 6_980_880
    assert done.close_tx == trades[-1].tx
    assert keeper_of_it.run_due() == 0


@settings(max_examples=15, deadline=None)
@given(amount=st.integers(100_000_000, 900_000_000), number=st.integers(2, 9))
def test_every_division_is_used_up(amount: int, number: int) -> None:
    """A remainder becomes one more, smaller cycle; no base unit stays behind."""
    harness = Harness()
    user = harness.wallet().pubkey()
    now = int(harness.chain.time.now())
    opened = harness.standins.newcomers._open_time(user, tokens.JUP.mint, amount, number, 60, now, now)
    harness.standins.time.advance(DAY_S)
    harness.standins.keeper.run_due()
    trades = harness.book.trades[opened.key]
    assert sum(trade.in_raw for trade in trades) == amount
    assert len(trades) == -(-amount // (amount // number))
    assert not harness.book.orders[opened.key].active
    assert harness.chain.account(Pubkey.from_string(opened.key)) is None


def test_fills_come_at_their_times_even_when_many_are_due() -> None:
    """After a jump, each trade has the moment at which it would have happened, late by its own lag."""
    harness = Harness()
    entry = harness.time_order(harness.wallet(), in_s=60)
    harness.standins.time.advance(3_600)
    harness.standins.keeper.run_due()
    lags = [trade.at - (START + 60 + 60 * k) for k, trade in enumerate(harness.book.trades[entry.key])]
    assert all(lag > 0 for lag in lags)
    assert len(set(lags)) == 10


def test_lags_are_log_normal_around_eight_seconds() -> None:
    """Half of them below eight seconds, two thirds within a factor of e^0.6."""
    logs = [math.log(keeper._lag("seed", "order", planned)) for planned in range(2_000)]
    assert statistics.median(logs) == pytest.approx(math.log(8), abs=0.06)
    assert statistics.stdev(logs) == pytest.approx(0.6, abs=0.04)


def test_nothing_is_filled_before_it_is_due() -> None:
    """Not a second early."""
    harness = Harness()
    entry = harness.time_order(harness.wallet(), in_s=60)
    due = harness.standins.keeper.due_at(entry)
    assert harness.standins.keeper.run_due(now=due - 0.001) == 0
    assert harness.standins.keeper.run_due(now=due) == 1


@pytest.mark.parametrize(
    ("bounds", "fills"), [((0, 10**15), 10), ((10**15, 0), 0), ((0, 1), 0), ((1, 0), 10)]
)
def test_bounds_skip_cycles(bounds: tuple[int, int], fills: int) -> None:
    """An output outside the bounds is no fill; the cycle passes and the funds stay."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.time_order(user, in_s=0)
    state = entry.state
    assert isinstance(state, accounts.Dca)
    bounded = replace(state, min_out_amount=bounds[0], max_out_amount=bounds[1])
    harness.chain.amend(orderstate.Effect(Pubkey.from_string(entry.key), bounded))
    harness.book.put(replace(entry, state=bounded))
    harness.standins.time.advance(700)
    harness.standins.keeper.run_due()
    assert len(harness.book.trades[entry.key]) == fills
    kept = harness.book.orders[entry.key]
    assert kept.state.in_used == fills * 50_000_000
    assert kept.active is (fills == 0)


def test_a_price_order_buys_what_is_missing_to_its_value() -> None:
    """After each cycle the bought SOL is worth about what the plan says, whatever the price did."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    for day in range(1, 5):
        harness.standins.time.advance(DAY_S)
        harness.standins.keeper.run_due()
        state = harness.book.orders[entry.key].state
        assert isinstance(state, accounts.ValueAverage)
        trade = harness.book.trades[entry.key][-1]
        worth = harness.standins.prices.value(tokens.SOL.mint, state.out_received, trade.at)
        planned = Decimal(25) * (day + 1)
        assert state.supposed_usdc_value == 25_000_000 * (day + 1)
        assert worth == pytest.approx(planned, rel=Decimal("0.001")) or worth > planned


def test_a_price_order_without_funds_waits_for_a_deposit() -> None:
    """It stays open, nothing is filled, and its schedule stays ahead of the clock."""
    harness = Harness()
    entry = harness.price_order(harness.wallet())
    harness.standins.time.advance(60 * DAY_S)
    harness.standins.keeper.run_due()
    state = harness.book.orders[entry.key].state
    assert isinstance(state, accounts.ValueAverage)
    assert state.in_left == 0
    assert state.in_used == 250_000_000
    assert harness.book.orders[entry.key].active
    assert state.next_order_at > harness.chain.time.now() - DAY_S


def test_output_goes_to_the_wallet_at_once() -> None:
    """SOL natively, tokens into the wallet's own account, which the keeper pays for if it is missing."""
    harness = Harness()
    user = harness.wallet(sol=SOL)
    now = int(harness.chain.time.now())
    harness.standins.newcomers._open_time(user.pubkey(), tokens.BONK.mint, 200_000_000, 2, 60, now, now)
    harness.standins.time.advance(30)
    assert harness.standins.keeper.run_due() == 1
    (trade,) = next(iter(harness.book.trades.values()))
    bonk = programs.ata(user.pubkey(), tokens.BONK.mint)
    assert harness.chain.tokens(bonk) == trade.out_raw - trade.fee_raw > 0
    assert harness.chain.lamports(user.pubkey()) == SOL


def test_prices_wander_around_their_anchor_and_repeat_by_seed() -> None:
    """Within the swing, never standing still, the same again for the same seed."""
    one, same, other = Prices("a"), Prices("a"), Prices("b")
    moments = [START + 900 * step for step in range(400)]
    walk = [one.usd(tokens.SOL.mint, at) for at in moments]
    assert walk == [same.usd(tokens.SOL.mint, at) for at in moments]
    assert walk != [other.usd(tokens.SOL.mint, at) for at in moments]
    assert tokens.SOL.usd is not None
    assert all(abs(price / tokens.SOL.usd - 1) <= tokens.SOL.swing for price in walk if price)
    assert len(set(walk)) > 390
    assert one.usd(tokens.LOOKALIKE.mint, START) is None
    assert one.usd(ids.TOKEN, START) is None
