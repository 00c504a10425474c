"""Wallets whose orders are filled by an imagined keeper, and an API that lists a fill some time later.

Seconds of order time since `START`. Deterministic by seed.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain import addresses, amounts, fills, orders

START: Final = datetime(2026, 11, 20, tzinfo=UTC)
HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S
WEEK_S: Final = 7 * DAY_S
CYCLES_S: Final = ((HOUR_S, 5), (DAY_S, 65), (WEEK_S, 30))
"""Cycle and its percentage of the wallets."""
MEDIAN_LAG_S: Final = 8.0
LAG_SPREAD: Final = 0.6
SKIPS: Final = 0.5
"""Share of its cycles that a price-bounded order skips."""
_OTHERS: Final = tuple(addresses.encode_base58(bytes([number]) * 32) for number in range(1, 7))
INPUTS: Final = (amounts.USDC_MINT,) * 16 + (amounts.WSOL_MINT,) * 6 + _OTHERS
"""What orders sell, as often as it stands here: each kind needs a price of its own."""


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seconds(at: datetime) -> float:
    return (at - START).total_seconds()


@dataclass(slots=True)
class Standing:
    """One order and its next fill. Time moves on when the fill was seen."""

    order: orders.Order
    luck: random.Random
    bounded: bool
    due_s: float
    median_lag_s: float
    last_fill_at: datetime | None = None
    visible_s: float = field(init=False)
    confirmed_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._draw()

    def see(self) -> tuple[float, datetime]:
        """The next fill, as listed: when it became visible, and its `confirmed_at`."""
        visible_s, self.last_fill_at = self.visible_s, moment(self.confirmed_s)
        self.due_s += self.order.cycle.total_seconds()
        self._draw()
        return visible_s, self.last_fill_at

    def fill(self) -> fills.Fill:
        """The last one, as listed."""
        at = self.last_fill_at or START
        return fills.Fill(
            order_key=self.order.key,
            signature=f"{self.order.key} {at.isoformat()}",
            input_mint=self.order.input_mint,
            output_mint=self.order.output_mint,
            in_raw=self.order.in_per_cycle_raw,
            out_raw=1,
            fee_mint=self.order.output_mint,
            fee_raw=0,
            confirmed_at=at,
        )

    def _draw(self) -> None:
        while self.bounded and self.luck.random() < SKIPS:
            self.due_s += self.order.cycle.total_seconds()
        lag_s = self.luck.lognormvariate(math.log(self.median_lag_s), LAG_SPREAD)
        self.visible_s = self.due_s + lag_s
        self.confirmed_s = self.due_s + lag_s * self.luck.uniform(0.5, 1.0)


@dataclass(slots=True)
class Wallet:
    owner: str
    orders: list[Standing]

    def next_visible_s(self) -> float:
        return min(standing.visible_s for standing in self.orders)


def make_wallets(
    count: int, seed: int, *, herd: bool = False, median_lag_s: float = MEDIAN_LAG_S
) -> list[Wallet]:
    """A twentieth is bounded, a tenth has three orders; with a `herd` half the starts are on the full hour.

    Every order has filled before the first second.
    """
    luck = random.Random(f"{seed}:{count}:{herd}")
    cycles = [cycle for cycle, percent in CYCLES_S for _ in range(-(-count * percent // 100))]
    luck.shuffle(cycles)
    made: list[Wallet] = []
    opened = 0
    for number in range(count):
        owner = f"wallet{seed}.{number}"
        cycle_s = cycles[number]
        standing = []
        for _ in range(3 if number % 10 == 0 else 1):
            standing.append(_make_order(luck, owner, opened, cycle_s, herd=herd, median_lag_s=median_lag_s))
            opened += 1
        made.append(Wallet(owner, standing))
    return made


def _make_order(
    luck: random.Random, owner: str, number: int, cycle_s: float, *, herd: bool, median_lag_s: float
) -> Standing:
    bounded = number % 20 == 0
    first_s = luck.uniform(0, cycle_s)
    if herd and luck.random() < 0.5:
        first_s = luck.randrange(round(cycle_s / HOUR_S)) * HOUR_S
    start = moment(first_s - 2 * cycle_s)
    order = orders.Order(
        family=orders.Family.TIME,
        status=orders.Status.ACTIVE,
        key=f"order{number}",
        owner=owner,
        input_mint=luck.choice(INPUTS),
        output_mint="out",
        in_deposited_raw=10**12,
        in_used_raw=0,
        in_withdrawn_raw=0,
        out_received_raw=0,
        out_withdrawn_raw=0,
        cycle=timedelta(seconds=cycle_s),
        in_per_cycle_raw=10**6,
        min_out_raw=1 if bounded else 0,
        created_at=start,
        updated_at=start,
        start_at=start,
    )
    return Standing(
        order,
        random.Random(luck.random()),
        bounded,
        due_s=first_s,
        median_lag_s=median_lag_s,
        last_fill_at=moment(first_s - cycle_s + 1),
    )
