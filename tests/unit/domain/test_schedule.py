"""The schedule: every fill is looked for in time, few looks are in vain, and the lag is learned."""

import itertools
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import orders, schedule
from tests.fakes.clock import START
from tests.fakes.world import make_order

LAG = schedule.Lag()
HOUR = timedelta(hours=1)


def _watched(
    late: timedelta, *, cycle: timedelta = HOUR, bounded: bool = False, last: bool = True
) -> schedule.Watched:
    """An order whose fill is due this long before START."""
    order = make_order("owner", family=orders.Family.TIME, cycle=cycle, used=1, age=cycle * 3 + late)
    order = replace(order, min_out_raw=int(bounded))
    return schedule.Watched(order, order.created_at + cycle * 2.1 if last else None)


def _wait(*watched: schedule.Watched, now: datetime = START) -> timedelta:
    looks = schedule.next_looks(watched, now, LAG)
    ahead = [at for at in (looks.due_at, looks.spare_at) if at is not None]
    return min(ahead) - now


def _looks(item: schedule.Watched, until: timedelta) -> list[timedelta]:
    """How late the looks are that find nothing."""
    now, made = START, []
    while (now := now + _wait(item, now=now)) - START < until:
        made.append(now - START)
    return made


@given(
    late=st.timedeltas(timedelta(0), timedelta(days=30)),
    cycle=st.timedeltas(timedelta(seconds=30), timedelta(days=30)),
)
def test_the_next_look_is_always_ahead(late: timedelta, cycle: timedelta) -> None:
    """However late it is, and never more than a cycle and a little ahead while a fill may come."""
    for bounded in (False, True):
        wait = _wait(_watched(late, cycle=cycle, bounded=bounded))
        assert timedelta(0) < wait <= max(cycle, timedelta(minutes=10)) + LAG.wait * 2


def test_nothing_is_expected_of_no_orders() -> None:
    assert schedule.next_looks([], START, LAG) == schedule.Looks(None, None)
    over = make_order("owner", status=orders.Status.HISTORY)
    assert schedule.next_looks([schedule.Watched(over, None)], START, LAG) == schedule.Looks(None, None)


def test_a_late_fill_is_never_left_alone_for_more_than_ten_minutes() -> None:
    """Of an order that does not skip cycles; and yet the looks are few."""
    looks = _looks(_watched(timedelta(0), cycle=timedelta(days=1)), timedelta(hours=2))
    gaps = [after - before for before, after in itertools.pairwise(looks)]
    assert looks[:3] == [LAG.wait, LAG.wait * 2, LAG.wait * 4]
    assert max(gaps) <= timedelta(minutes=10)
    assert len(looks) < 20


@pytest.mark.parametrize(("cycle", "most"), [(HOUR, 3), (timedelta(days=1), 4), (timedelta(days=7), 5)])
def test_a_skipped_cycle_costs_little(cycle: timedelta, most: int) -> None:
    """Price-bounded orders skip as a matter of course."""
    assert len(_looks(_watched(timedelta(0), cycle=cycle, bounded=True), cycle)) <= most


@pytest.mark.parametrize("cycle", [HOUR, timedelta(days=1), timedelta(days=7)])
def test_that_a_cycle_was_skipped_is_seen_when_it_counts_as_late(cycle: timedelta) -> None:
    """Its person is told then, not when the next cycle comes."""
    looks = _looks(_watched(timedelta(0), cycle=cycle, bounded=True), cycle)
    late = [look for look in looks if look > orders.late_after(cycle)]
    assert late[0] - orders.late_after(cycle) <= timedelta(seconds=1)


def test_a_silent_order_of_short_cycles_is_not_looked_at_every_cycle() -> None:
    """Its price may be out of bounds for days."""
    item = _watched(timedelta(0), cycle=timedelta(minutes=1), bounded=True)
    assert len(_looks(item, timedelta(days=1))) < 300


def test_after_a_missed_cycle_the_next_one_is_awaited() -> None:
    now = START + HOUR - timedelta(minutes=1)
    assert _wait(_watched(timedelta(0), bounded=True), now=now) == timedelta(minutes=1) + LAG.wait * 2


@pytest.mark.parametrize("late", [timedelta(0), LAG.wait * 3, LAG.wait * 20, HOUR * 1.1])
def test_what_may_skip_keeps_nobody_waiting(late: timedelta) -> None:
    """A fill that is expected is due; one that may well have been skipped is worth a look that may wait."""
    for bounded in (False, True):
        looks = schedule.next_looks([_watched(late, bounded=bounded)], START, LAG)
        is_due = not bounded and late < HOUR
        assert (looks.due_at is not None, looks.spare_at is not None) == (is_due, not is_due)
    both = schedule.next_looks([_watched(-HOUR / 2), _watched(late, bounded=True)], START, LAG)
    assert both.due_at == START + HOUR / 2 + LAG.wait
    assert both.spare_at is not None


def test_one_look_is_for_all_orders() -> None:
    """The earliest decides; for several at once it comes a little earlier."""
    soon, later = _watched(-timedelta(minutes=5)), _watched(-timedelta(minutes=9))
    assert _wait(soon, later) == _wait(soon)
    assert _wait(soon, soon) < _wait(soon)
    assert _wait(soon, soon) > timedelta(minutes=5)


@pytest.mark.parametrize("median_s", [2, 8, 40])
def test_the_lag_is_learned_wherever_it_lies(median_s: float) -> None:
    """After a thousand fills about seven of eight first looks find theirs; index lag is learned, too."""
    luck, lag, hits = random.Random(1), schedule.Lag(), []
    for _ in range(3000):
        listed_after = timedelta(seconds=median_s * luck.lognormvariate(0, 0.6))
        hit = listed_after <= lag.wait
        hits.append(hit)
        lag = lag.learn(START, START + listed_after / 2, START - HOUR if hit else START + lag.wait)
    assert sum(hits[1000:]) / len(hits[1000:]) == pytest.approx(schedule.HITS, abs=0.03)


def test_a_look_for_something_else_teaches_nothing_of_the_lag() -> None:
    """Another order of the wallet was looked for right after this one was due."""
    early = LAG.learn(START, START + timedelta(seconds=5), START + timedelta(seconds=3))
    assert early.wait < LAG.wait
    assert LAG.learn(START, START + timedelta(seconds=5), START + LAG.wait).wait > LAG.wait


@given(lags=st.lists(st.timedeltas(timedelta(0), timedelta(days=2)), max_size=50))
def test_no_keeper_can_spoil_the_lag(lags: list[timedelta]) -> None:
    """An outage of keepers for days leaves looks within minutes."""
    lag = schedule.Lag()
    for late in lags:
        lag = lag.learn(START, START + late, None)
    assert timedelta(0) < lag.wait <= timedelta(minutes=5)


@given(wallets=st.integers(1, 10**6), rps=st.floats(0.1, 150))
def test_sweeps_stay_within_their_share(wallets: int, rps: float) -> None:
    every = schedule.sweep_every(wallets, rps)
    assert (
        wallets / every.total_seconds() <= rps * schedule.SWEEP_SHARE * 1.001
        or wallets <= rps * 6 + 1
        or (every == schedule.SHORTEST_SWEEP)
    )


def test_sweeps_are_spread() -> None:
    """Wallets that were looked at together are not swept together."""
    every = timedelta(hours=10)
    sweeps = [schedule.sweep_at(f"owner{n}", START, START, every) - START for n in range(1000)]
    assert every * 0.9 <= min(sweeps) < every * 0.91
    assert every * 0.99 < max(sweeps) <= every


def test_history_is_swept_for_though_fills_bring_looks_all_the_time() -> None:
    every = timedelta(hours=1)
    planned = schedule.sweep_at("owner", START + 2.9 * every, START, every)
    assert planned == schedule.read_history_at("owner", START, every)
    assert 2.6 * every < planned - START <= 3 * every


def test_history_that_is_to_be_read_is_swept_for_at_once() -> None:
    assert schedule.sweep_at("owner", START, None, HOUR) == START


def test_sweeps_that_fills_delay_are_no_gaps() -> None:
    """Even if each of them reads the history, which costs as much again: they get a tenth of the budget."""
    delayed = HOUR * 2 * schedule.SWEEP_SHARE / 0.1
    assert not schedule.is_gap(delayed, HOUR)
    assert schedule.is_gap(HOUR * 2.1, HOUR)


def test_a_fill_answers_the_due_time_before_it() -> None:
    order = make_order("owner", cycle=HOUR)
    assert schedule.due_of(order, order.created_at + 2.5 * HOUR) == order.created_at + 2 * HOUR
    assert schedule.due_of(order, order.created_at - HOUR) == order.created_at
