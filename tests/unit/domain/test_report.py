"""Reports: held against the market only where both were seen; skipped cycles counted as a person would."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import fills, market, orders, report
from tests.fakes.storage import SOL, USDC, build_fill, build_order

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def order(**changes: object) -> orders.Order:
    facts: dict[str, object] = {
        "family": orders.Family.TIME,
        "in_per_cycle_raw": 10_000_000,
        "cycle": DAY,
        "created_at": START,
        "updated_at": START + 99 * DAY,
    }
    return build_order("order", "owner", **(facts | changes))


def fill(days: float, *, paid: int = 10_000_000, bought: int = 100_000_000, fee: int = 100_000) -> fills.Fill:
    """10 USDC for 0.1 SOL less the fee, so many days after the start."""
    return build_fill(f"at {days}", in_raw=paid, out_raw=bought, fee_raw=fee, confirmed_at=START + days * DAY)


def quotes(*points: tuple[float, int], gap_before: tuple[float, ...] = ()) -> list[market.Sample]:
    """(days, price); a gap ends at each of the days of `gap_before`."""
    samples: list[market.Sample] = []
    for days, price in points:
        at = START + days * DAY
        joined = samples and days not in gap_before
        samples.append(market.Sample(at, Decimal(price), samples[-1].at if joined else at))
    return samples


def build(
    of: orders.Order, found: list[fills.Fill], seen: list[market.Sample] | None = None, days: float = 10
) -> report.Report:
    return report.build(of, found, seen or [], START + days * DAY, in_decimals=6, out_decimals=9)


OVER = {"status": orders.Status.HISTORY}


def test_a_report_sums_up() -> None:
    """Totals and averages are net; fees by the token they were taken in; best is what bought most."""
    cheap, dear = fill(1, bought=200_000_000), fill(2)
    done = build(order(**OVER), [cheap, dear])
    assert (done.start, done.end) == (START, START + 2 * DAY)
    assert done.totals.in_raw == 20_000_000
    assert done.average == Decimal(20) / Decimal("0.2998")
    assert done.fees == {SOL: 200_000}
    assert (done.best, done.worst) == (cheap, dear)


def test_fees_in_two_tokens_are_never_added_up() -> None:
    """They are different money; nothing taken is nothing said."""
    odd = build_fill("odd", fee_mint=USDC, fee_raw=7, confirmed_at=START + DAY)
    free = build_fill("free", fee_mint="else", fee_raw=0, confirmed_at=START + DAY)
    assert build(order(), [fill(1), odd, free]).fees == {SOL: 100_000, USDC: 7}


def test_the_market_is_averaged_over_what_was_watched() -> None:
    """Half of the ten days was watched; the fills of that half are what is compared with it."""
    seen = quotes((0, 100), (5, 200))
    found = [fill(1), fill(3), fill(7)]
    goes_on = build(order(), found, seen)
    assert goes_on.market.average == 150
    assert goes_on.market.share == 0.5
    assert goes_on.compared.count == 2
    assert goes_on.compared_average == Decimal(20) / Decimal("0.1998")
    assert goes_on.average == goes_on.compared_average, "all three cost the same"


def test_a_gap_is_not_held_against_anybody() -> None:
    """A fill in it counts in the totals, and not in the comparison."""
    seen = quotes((0, 100), (1, 100), (3, 200), (4, 200), gap_before=(3,))
    done = build(order(**OVER), [fill(0.5), fill(2), fill(4)], seen)
    assert done.market.span == 2 * DAY
    assert done.market.average == 150
    assert (done.totals.count, done.compared.count) == (3, 2)


def test_what_was_never_watched_is_compared_with_nothing() -> None:
    """No average of the market, and no comparison."""
    done = build(order(), [fill(1)])
    assert (done.market.average, done.compared_average, done.compared.count) == (None, None, 0)


def test_an_order_without_fills_has_a_report_too() -> None:
    """Nothing bought, nothing best; the period ends where Jupiter says that the order did."""
    never = build(order(**OVER), [])
    assert (never.average, never.best, never.worst, never.fees) == (None, None, None, {})
    assert never.end == START + 99 * DAY


def test_a_fill_that_brought_nothing_has_no_price() -> None:
    """It is neither best nor worst, and spoils nothing."""
    done = build(order(), [fill(1, bought=0, fee=0)])
    assert (done.best, done.worst, done.average) == (None, None, None)


def test_a_period_never_runs_backwards() -> None:
    """A start in the future, a fill before the start: whatever is listed."""
    future = build(order(start_at=START + 50 * DAY), [])
    assert (future.start, future.end) == (START, START + 10 * DAY)
    early = build(order(start_at=START + 5 * DAY, **OVER), [fill(4)])
    assert (early.start, early.end) == (START + 4 * DAY, START + 4 * DAY)


# --- skipped cycles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "now", "skipped"),
    [
        ([0.01, 1.01, 2.01], 2.5, 0),  # the first at the start
        ([1.01, 2.01, 3.01], 3.5, 0),  # the first one cycle later
        ([2.01, 3.01], 3.5, 1),
        ([0.01, 3.01], 3.5, 2),
        ([0.9, 1.9, 2.95], 3.5, 0),  # keepers that are late
        ([0.9, 2.1, 2.9], 3.5, 0),  # so late that it is the next cycle, with two
        ([0.01, 1.01], 1.9, 0),
        ([0.01, 1.01], 2.9, 0),  # the present cycle may still be filled
        ([0.01, 1.01], 5.9, 3),  # the second, third and fourth day passed without
        ([], 0.5, 0),
        ([], 1.5, 0),
        ([], 4.5, 3),
    ],
)
def test_cycles_without_a_fill_are_counted(days: list[float], now: float, skipped: int) -> None:
    """Of an order that goes on; the cycle that is running is never one of them."""
    assert build(order(), [fill(each) for each in days], days=now).skipped == skipped


def test_what_is_over_or_spent_skips_nothing_more() -> None:
    """After the last fill there is nothing to wait for; a cycle of no length is none."""
    found = [fill(0.01), fill(3.01)]
    assert build(order(**OVER), found, days=50).skipped == 2
    spent = order(in_deposited_raw=20, in_used_raw=20)
    assert build(spent, found, days=50).skipped == 2
    assert build(order(cycle=timedelta(0)), found).skipped == 0


@given(st.sets(st.integers(0, 60), min_size=1), st.floats(0.0, 0.9))
def test_as_many_cycles_are_skipped_as_are_missing(cycles: set[int], late: float) -> None:
    """Whatever the keepers' lag: fills and skipped cycles make up all cycles up to the last one."""
    found = [fill(cycle + late) for cycle in sorted(cycles)]
    done = build(order(**OVER), found)
    assert len(found) + done.skipped == max(cycles) + 1 - (1 if min(cycles) > 0 else 0)
