"""What was paid and what it is worth: exact sums, and no value for a time whose prices nobody saw."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import invested
from bot.domain.invested import Purchase
from bot.domain.market import Sample

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def bought(day: float, usd: int, mint: str = "sol", amount: str = "1") -> Purchase:
    return Purchase(START + day * DAY, Decimal(usd), mint, Decimal(amount))


def watched(*points: tuple[float, int]) -> list[Sample]:
    """Without a gap."""
    times = [START + day * DAY for day, _ in points]
    return [
        Sample(at, Decimal(price), before)
        for at, before, (_, price) in zip(times, [times[0], *times], points, strict=False)
    ]


def test_what_was_paid_adds_up() -> None:
    """Purchase by purchase, whatever sequence they are named in."""
    course = invested.follow([bought(2, 30), bought(0, 50)], {}, START + 9 * DAY)
    assert course.paid == ((START, Decimal(50)), (START + 2 * DAY, Decimal(80)))
    assert course.worth == ()


def test_worth_follows_prices_and_purchases() -> None:
    """One token at 100 that rises to 200; a second one is bought on the way."""
    prices = {"sol": watched((0, 100), (2, 200))}
    course = invested.follow([bought(0, 100), bought(1, 150)], prices, START + 2 * DAY, moments=4)
    (worth,) = course.worth
    assert worth == (
        (START, Decimal(100)),
        (START + DAY / 2, Decimal(125)),
        (START + DAY, Decimal(300)),
        (START + 1.5 * DAY, Decimal(350)),
        (START + 2 * DAY, Decimal(400)),
    )


def test_one_unknown_price_is_a_gap_of_the_whole() -> None:
    """Only from when that token is held; a part of the value would look like a loss."""
    prices = {"sol": watched((0, 100), (4, 100)), "jup": watched((3, 1), (4, 1))}
    purchases = [bought(0, 100), bought(1, 5, "jup", "5")]
    course = invested.follow(purchases, prices, START + 4 * DAY, moments=8)
    days = [[(at - START) / DAY for at, _ in stretch] for stretch in course.worth]
    assert days == [[0, 0.5], [3, 3.5, 4]]
    assert course.share == 1.5 / 4
    assert course.worth[-1][-1][1] == 105


def test_nothing_bought_is_nothing_to_show() -> None:
    """And a purchase at this very moment is a single point."""
    assert invested.follow([], {}, START) == invested.Course((), ())
    course = invested.follow([bought(0, 9)], {"sol": watched((0, 9))}, START)
    assert course.paid == ((START, Decimal(9)),)
    assert course.share == 1
    assert {value for stretch in course.worth for _, value in stretch} == {Decimal(9)}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 1_000), st.sampled_from("abc")), min_size=1))
def test_sums_are_exact(facts: list[tuple[int, int, str]]) -> None:
    """All that was paid and all that is held, to the last digit; the end is worth what is held."""
    purchases = [bought(day, usd, mint, f"0.{usd:09}") for day, usd, mint in facts]
    prices = {mint: watched((0, 3), (40, 3)) for mint in "abc"}
    course = invested.follow(purchases, prices, START + 40 * DAY)
    assert course.paid[-1][1] == sum(usd for _, usd, _ in facts)
    held = invested.held(purchases)
    assert sum(held.values()) == sum(each.amount for each in purchases)
    assert course.worth[-1][-1] == (START + 40 * DAY, 3 * sum(held.values(), Decimal(0)))
