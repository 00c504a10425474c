"""Orders: what is left, how far they are, and when the next cycle is due."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import orders
from tests.fakes.clock import START
from tests.fakes.world import make_order

_CYCLES = st.timedeltas(min_value=timedelta(seconds=30), max_value=timedelta(days=400))
_RAW = st.integers(0, 2**64 - 1)


@given(cycle=_CYCLES, since=st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_the_next_fill_is_the_first_cycle_after_the_last_fill(cycle: timedelta, since: timedelta) -> None:
    """Start plus a whole number of cycles, later than the last fill, by at most one cycle."""
    order = make_order("owner", cycle=cycle)
    last = order.created_at + since
    due = orders.next_fill_at(order, last)
    assert due is not None
    assert last < due <= last + cycle
    assert (due - order.created_at) % cycle == timedelta(0)


@given(cycle=_CYCLES)
def test_without_a_fill_the_start_is_due(cycle: timedelta) -> None:
    order = replace(make_order("owner", cycle=cycle), start_at=START + timedelta(days=1))
    assert orders.next_fill_at(order, None) == order.start_at
    assert orders.next_fill_at(replace(order, start_at=None), None) == order.created_at


def test_nothing_is_due_of_what_is_over_or_used_up() -> None:
    assert orders.next_fill_at(make_order("owner", status=orders.Status.HISTORY), None) is None
    assert orders.next_fill_at(make_order("owner", deposited=5, used=5), None) is None
    assert orders.next_fill_at(make_order("owner", cycle=timedelta(0)), None) is None


@given(deposited=_RAW, used=_RAW, withdrawn=_RAW)
def test_what_is_left_is_never_negative(deposited: int, used: int, withdrawn: int) -> None:
    """Numbers of a lying or lagging list make no nonsense."""
    order = make_order("owner", deposited=deposited, used=used, withdrawn=withdrawn)
    assert order.in_left_raw == max(0, deposited - used - withdrawn)
    assert 0 <= order.percent <= 100
    assert (order.percent == 100) == (0 < deposited <= used)


@given(total=st.integers(1, 10**15), per_cycle=st.integers(1, 10**12), done=st.integers(0, 100))
def test_cycles_count_the_dust_cycle(total: int, per_cycle: int, done: int) -> None:
    used = min(total, done * per_cycle)
    order = make_order("owner", family=orders.Family.TIME, deposited=total, used=used)
    order = replace(order, in_per_cycle_raw=per_cycle)
    assert order.cycles_total is not None
    assert order.cycles_done is not None
    assert (order.cycles_total - 1) * per_cycle < total <= order.cycles_total * per_cycle
    assert order.cycles_done <= order.cycles_total
    assert (order.cycles_done == order.cycles_total) >= (used == total)


def test_price_orders_have_no_number_of_cycles() -> None:
    order = make_order("owner")
    assert (order.cycles_total, order.cycles_done) == (None, None)
