"""Recurring orders as Jupiter reports them, and what follows from their numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain import amounts, fills


class Family(StrEnum):
    TIME = "time"
    """Sells a fixed amount every cycle (Jupiter's DCA program)."""
    PRICE = "price"
    """Value average: open-ended, can be topped up and drawn down; deprecated for creation."""


class Status(StrEnum):
    ACTIVE = "active"
    HISTORY = "history"


class Side(StrEnum):
    IN = "In"
    OUT = "Out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. All `…_raw` are base units of the mint of that side."""

    family: Family
    status: Status
    key: str
    """The order account. Opaque while reading; checked before it is used in anything that is signed."""
    owner: str
    input_mint: str
    output_mint: str
    in_deposited_raw: int
    in_used_raw: int
    in_withdrawn_raw: int
    out_received_raw: int
    out_withdrawn_raw: int
    cycle: timedelta
    in_per_cycle_raw: int = 0
    """Time orders only; 0 otherwise."""
    min_out_raw: int = 0
    """Least output of a cycle for a fill to happen; 0 = no bound."""
    max_out_raw: int = 0
    """Most output of a cycle for a fill to happen; 0 = no bound."""
    increment_usd_raw: int = 0
    """Price orders only: USD value added each cycle, in base units of USDC (6 decimals)."""
    open_tx: str = ""
    close_tx: str | None = None
    user_closed: bool = False
    created_at: datetime
    updated_at: datetime
    start_at: datetime | None = None

    @property
    def in_left_raw(self) -> int:
        """Input still in the order."""
        return max(0, self.in_deposited_raw - self.in_used_raw - self.in_withdrawn_raw)

    @property
    def out_waiting_raw(self) -> int:
        """Output that was received but not yet paid out to the wallet."""
        return max(0, self.out_received_raw - self.out_withdrawn_raw)

    @property
    def cycles_total(self) -> int | None:
        """Number of fills of a time order from start to end (the last may be smaller); None if open-ended."""
        if self.family is not Family.TIME or self.in_per_cycle_raw <= 0:
            return None
        return -(-self.in_deposited_raw // self.in_per_cycle_raw)

    @property
    def cycles_done(self) -> int | None:
        """Number of cycles that the used input amounts to; None if open-ended."""
        if self.family is not Family.TIME or self.in_per_cycle_raw <= 0:
            return None
        return -(-self.in_used_raw // self.in_per_cycle_raw)

    @property
    def percent(self) -> int:
        """Share of the deposited input that was used, rounded down: 100 only when all of it was."""
        return min(100, self.in_used_raw * 100 // self.in_deposited_raw) if self.in_deposited_raw else 0

    @property
    def may_skip(self) -> bool:
        """Whether a cycle without a fill is part of the plan: out of its price range, or nothing missing to
        the value that a price order aims at."""
        return self.family is Family.PRICE or self.min_out_raw > 0 or self.max_out_raw > 0

    @property
    def active(self) -> bool:
        return self.status is Status.ACTIVE


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """An order together with the fills that came with it in one answer."""

    order: Order
    fills: tuple[fills.Fill, ...]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of orders: 10 at most."""

    orders: tuple[SeenOrder, ...]
    page: int
    total_pages: int
    quarantined: int = 0
    """Items of the answer that could not be read and were logged instead."""


def next_fill_at(order: Order, last_fill_at: datetime | None) -> datetime | None:
    """When the next cycle is due: start + k × cycle, k from 0, the first one after the last fill.

    Keepers come seconds to minutes later. Whether the first fill comes at the start or one cycle later is
    not documented, so without a fill this is the start itself. None for an order that is over or used up.
    """
    if not order.active or order.in_left_raw <= 0 or order.cycle <= timedelta(0):
        return None
    start = order.start_at or order.created_at
    if last_fill_at is None or last_fill_at < start:
        return start
    cycles = (last_fill_at - start) // order.cycle + 1
    return start + cycles * order.cycle


def overdue_since(order: Order, last_fill_at: datetime | None, now: datetime) -> datetime | None:
    """When the fill was due that did not come; None while it may still come in time.

    In time is `late_after` the due time, and for a first fill that may come at the start or a cycle later,
    after the latter. All three times are order time.
    """
    due_at = next_fill_at(order, last_fill_at or order.start_at or order.created_at)
    if due_at is None:
        return None
    return due_at if now - due_at > late_after(order.cycle) else None


def late_after(cycle: timedelta) -> timedelta:
    """A quarter of a cycle, but at least 5 minutes and at most an hour: keepers take their time."""
    return min(max(cycle / 4, timedelta(minutes=5)), timedelta(hours=1))


def would_fill(order: Order, market: Decimal | None, in_decimals: int, out_decimals: int) -> bool | None:
    """Whether the next cycle is within the order's price range at this price (input per one output).

    None = it has no range, or the price is not known. An estimate: a keeper's quote decides.
    """
    if market is None or market <= 0 or not order.in_per_cycle_raw:
        return None
    if not (order.min_out_raw or order.max_out_raw):
        return None
    whole = amounts.to_decimal(min(order.in_per_cycle_raw, order.in_left_raw), in_decimals) / market
    out_raw = int(whole.scaleb(out_decimals))
    return order.min_out_raw <= out_raw and (not order.max_out_raw or out_raw <= order.max_out_raw)
