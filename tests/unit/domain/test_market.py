"""Sampled prices: what lies in a gap is never invented, and thinning never changes what was watched."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import market
from bot.domain.market import Sample

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=366)

prices = st.decimals(min_value=Decimal("1e-12"), max_value=Decimal("1e9"), places=12)


@st.composite
def series(draw: st.DrawFn) -> list[Sample]:
    """Moments of a day, some of them after a gap."""
    seconds = sorted(draw(st.sets(st.integers(0, 86_400), max_size=30)))
    samples: list[Sample] = []
    for second in seconds:
        at = START + timedelta(seconds=second)
        joined = bool(samples) and draw(st.booleans())
        samples.append(Sample(at, draw(prices), samples[-1].at if joined else at))
    return samples


def at(minute: float) -> datetime:
    return START + minute * MINUTE


def line(*points: tuple[float, float | None]) -> list[Sample]:
    """(minute, price); a price of None is a gap."""
    samples: list[Sample] = []
    joined = False
    for minute, price in points:
        if price is None:
            joined = False
            continue
        since = samples[-1].at if joined else at(minute)
        samples.append(Sample(at(minute), Decimal(str(price)), since))
        joined = True
    return samples


def covered(samples: list[Sample]) -> list[tuple[datetime, datetime]]:
    """From when to when somebody watched."""
    return [(each[0].at, each[-1].at) for each in market.stretches(samples)]


# --- one price -------------------------------------------------------------------------------------------


def test_between_two_samples_the_price_moves_in_a_line() -> None:
    """As a chart draws it; at a sample it is that sample's."""
    samples = line((0, 100), (10, 200))
    assert market.price_at(samples, at(0)) == 100
    assert market.price_at(samples, at(2.5)) == 125
    assert market.price_at(samples, at(10)) == 200


def test_nobody_knows_a_price_that_was_not_watched() -> None:
    """Before, after and in a gap."""
    samples = line((0, 100), (10, 200), (11, None), (30, 300))
    assert market.price_at(samples, at(-1)) is None
    assert market.price_at(samples, at(20)) is None
    assert market.price_at(samples, at(30)) == 300
    assert market.price_at(samples, at(31)) is None
    assert market.price_at([], at(0)) is None


# --- pairs -----------------------------------------------------------------------------------------------


def test_a_pair_is_what_one_costs_in_the_other() -> None:
    """At every moment at which either was sampled."""
    usdc, sol = line((0, 1), (10, 2)), line((0, 100), (5, 150), (10, 200))
    quotes = market.pair(usdc, sol)
    assert [(quote.at, quote.price) for quote in quotes] == [
        (at(0), Decimal(100)),
        (at(5), Decimal(100)),
        (at(10), Decimal(100)),
    ]
    assert covered(quotes) == [(at(0), at(10))]


def test_a_gap_of_either_is_a_gap_of_the_pair() -> None:
    """Also when the other one was watched throughout."""
    usdc = line((0, 1), (5, 1), (10, 1), (15, 1), (20, 1))
    sol = line((0, 100), (5, 100), (6, None), (15, 100), (20, 100))
    assert covered(market.pair(usdc, sol)) == [(at(0), at(5)), (at(15), at(20))]
    assert covered(market.pair(sol, usdc)) == [(at(0), at(5)), (at(15), at(20))]


def test_moments_apart_still_make_a_pair() -> None:
    """Two calls a second apart: the pair is known while both are."""
    usdc, sol = line((0, 1), (10, 1)), line((1, 100), (11, 110))
    assert covered(market.pair(usdc, sol)) == [(at(1), at(10))]


def test_a_token_that_is_worth_nothing_buys_nothing() -> None:
    """No price, rather than a division by zero."""
    assert market.pair(line((0, 0), (1, 0)), line((0, 1), (1, 1))) == []


@given(series(), series())
def test_a_pair_is_watched_when_both_are(paid: list[Sample], bought: list[Sample]) -> None:
    """Never more than either of them."""
    quotes = market.pair(paid, bought)
    both = market.watch(quotes, START, START + YEAR).span
    assert both <= market.watch(paid, START, START + YEAR).span
    assert both <= market.watch(bought, START, START + YEAR).span
    for start, end in covered(quotes):
        for samples in (paid, bought):
            assert market.watch(samples, start, end).span == end - start


# --- averages --------------------------------------------------------------------------------------------


def test_an_average_is_by_time() -> None:
    """A price that held for nine minutes counts nine times one that held for one."""
    watched = market.watch(line((0, 10), (9, 10), (9.000001, 20), (10, 20)), at(0), at(10))
    assert watched.average is not None
    assert abs(watched.average - 11) < Decimal("0.001")
    assert watched.share == 1


def test_an_average_says_how_much_it_covers() -> None:
    """Half of the period was watched; what was outside of it does not count."""
    samples = line((0, 50), (5, 50), (6, None), (10, 70), (15, 70))
    watched = market.watch(samples, at(0), at(20))
    assert (watched.average, watched.span, watched.share) == (Decimal(60), 10 * MINUTE, 0.5)
    assert market.watch(samples, at(2), at(4)) == market.Watched(Decimal(50), 2 * MINUTE, 1.0)
    assert market.watch(samples, at(6), at(9)) == market.Watched(None, timedelta(0), 0.0)
    assert market.watch(samples, at(3), at(3)).average is None
    assert market.watch([], at(0), at(9)).average is None


def test_a_period_may_begin_between_two_samples() -> None:
    """The line between them is cut there: 100 → 200 over ten minutes is 150 → 200 over the last five."""
    assert market.watch(line((0, 100), (10, 200)), at(5), at(99)).average == 175


@given(series(), st.integers(0, 86_400), st.integers(0, 86_400), st.integers(0, 86_400))
def test_the_parts_make_the_whole(samples: list[Sample], one: int, two: int, three: int) -> None:
    """Time and area of two halves add up to those of the period; averages lie within what was seen."""
    start, middle, end = (START + timedelta(seconds=second) for second in sorted((one, two, three)))
    whole = market.watch(samples, start, end)
    halves = [market.watch(samples, start, middle), market.watch(samples, middle, end)]
    assert whole.span == sum((half.span for half in halves), timedelta(0))
    assert 0 <= whole.share <= 1
    if whole.average is not None:
        tick = MINUTE.resolution
        area = sum(((half.average or Decimal(0)) * (half.span // tick) for half in halves), Decimal(0))
        assert abs(whole.average * (whole.span // tick) - area) <= abs(area) * Decimal("1e-20")
        seen = [sample.price for sample in samples]
        slack = max(seen) * Decimal("1e-20")
        assert min(seen) - slack <= whole.average <= max(seen) + slack


@given(series(), prices)
def test_a_price_that_stands_still_is_its_own_average(samples: list[Sample], price: Decimal) -> None:
    """Whatever the gaps."""
    still = [Sample(sample.at, price, sample.since) for sample in samples]
    average = market.watch(still, START, START + YEAR).average
    assert average is None or abs(average - price) <= price * Decimal("1e-20")


# --- thinning --------------------------------------------------------------------------------------------


@given(series(), st.sampled_from([1, 60, 3_600, 86_400]))
def test_thinning_keeps_what_was_watched(samples: list[Sample], spacing_s: int) -> None:
    """To the microsecond; nothing new appears, and doing it twice changes nothing more."""
    spacing = timedelta(seconds=spacing_s)
    kept = market.thin(samples, spacing)
    assert covered(kept) == covered(samples)
    assert {(sample.at, sample.price) for sample in kept} <= {(each.at, each.price) for each in samples}
    assert market.thin(kept, spacing) == kept
    for before, after in pairwise(kept):
        assert after.since in (before.at, after.at)


def test_thinning_leaves_about_one_in_each_spacing() -> None:
    """A day of five-minute samples becomes 25 hourly ones: both ends, and one an hour in between."""
    samples = line(*((5 * place, 1) for place in range(289)))
    assert len(market.thin(samples, timedelta(hours=1))) == 25
