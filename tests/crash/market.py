"""A market in which some order fills several times a second, all of it decided beforehand by a seed.

What Jupiter would list at a moment is a function of that moment, so that the stand-in, which serves it, and
the count at the end cannot disagree. A fill is listed some time after it was confirmed, while the order's
sums know it at once; an order leaves the active list with its last fill, listed or not.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from solders.pubkey import Pubkey
from solders.signature import Signature

from bot.sandbox import listing, orderstate, tokens
from bot.sandbox.book import Entry, Trade
from bot.sandbox.recurring import PAGE
from bot.solana.programs import accounts

PER_SECOND: Final = 8.0
"""Fills of all orders together."""
STEADY_CYCLE_S: Final = 8
_BEFORE_S: Final = 60
"""Price orders began up to so long before anybody could watch."""
_LONGEST_S: Final = 4 * 3600.0
_CYCLES_S: Final = (3, 5, 8)
_LENGTHS_S: Final = (120, 150)
_BEGUN_S: Final = 30
"""Of a time order. One that comes and goes within less than two sweeps is found at the next look at the
history, minutes later: no matter of crashes."""
_LAG_S: Final = 0.3
_UNLISTED_S: Final = 0.4
LONG_UNLISTED_S: Final = 4.0
_SPREAD: Final = 0.6
_RAW: Final = 10_000_000
_RAW_OUT: Final = 58_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """One order with everything that will become of it. Times are unix seconds."""

    opened: Entry
    trades: tuple[Trade, ...]
    listed_at: tuple[float, ...]
    """When each of the trades shows."""
    cycles: int
    """With the last of so many trades, a time order is over."""

    def until(self, end: float) -> "Order":
        """The same with no fill after that moment; it stays open then."""
        count = sum(trade.at <= end for trade in self.trades)
        return replace(self, trades=self.trades[:count], listed_at=self.listed_at[:count])

    def seen(self, now: float) -> tuple[Entry, list[Trade]]:
        """The order and its trades as they are listed at that moment."""
        done = [trade for trade in self.trades if trade.at <= now]
        used, bought = sum(trade.in_raw for trade in done), sum(trade.out_raw for trade in done)
        state = replace(self.opened.state, in_used=used, out_received=bought, out_withdrawn=bought)
        if isinstance(state, accounts.ValueAverage):
            state = replace(state, in_left=state.in_left - used)
        entry = replace(self.opened, state=state)
        if done:
            entry = replace(entry, updated_at=done[-1].at)
        if isinstance(state, accounts.Dca) and len(done) == self.cycles:
            entry = replace(entry, close_tx=done[-1].tx)
        shown = [trade for trade, at in zip(self.trades, self.listed_at, strict=True) if at <= now]
        return entry, shown


class Market:
    """Price orders that go on and on; and from `begin` on short time orders, too, until its end."""

    def __init__(
        self,
        seed: int,
        wallets: int,
        born_at: float,
        *,
        cycle_s: int = STEADY_CYCLE_S,
        slow_s: float = LONG_UNLISTED_S,
    ) -> None:
        """`slow_s`: the usual time, in seconds, until one fill in twenty is listed."""
        self._luck = random.Random(seed)
        self._slow_s = slow_s
        self.ends_at = born_at + _LONGEST_S
        """Nothing happens later, but for some lag."""
        self.wallets = [Pubkey.from_bytes(self._luck.randbytes(32)) for _ in range(wallets)]
        self.orders = [self._steady(wallet, born_at, cycle_s) for wallet in self.wallets]

    def begin(self, fills: int, epoch: float) -> None:
        """So many fills from then on, at about PER_SECOND; then it is over."""
        self.end(epoch + fills / PER_SECOND)
        while sum(trade.at > epoch for order in self.orders for trade in order.trades) < fills:
            # One has more orders than fit on a page.
            wallet = self.wallets[0] if self._luck.random() < 0.4 else self._luck.choice(self.wallets)
            self.orders.append(self._short(wallet, epoch).until(self.ends_at))

    def end(self, at: float) -> None:
        """No fill is confirmed later."""
        self.ends_at = at
        self.orders = [order.until(at) for order in self.orders]

    @property
    def fills(self) -> dict[str, list[str]]:
        """Order -> its fills by transaction, oldest first; those to come included."""
        return {order.opened.key: [trade.tx for trade in order.trades] for order in self.orders}

    def page(self, user: str, status: str, page: int, now: float) -> dict[str, object]:
        """The answer of getRecurringOrders for all families."""
        seen = [order.seen(now) for order in self.orders if order.opened.user == user]
        there = [(entry, trades) for entry, trades in seen if entry.state.created_at <= now]
        wanted = [(entry, trades) for entry, trades in there if entry.active is (status == "active")]
        wanted.sort(key=lambda item: (-item[0].state.created_at, item[0].key))
        shown = wanted[(page - 1) * PAGE : page * PAGE]
        return {
            "user": user,
            "orderStatus": status,
            "time": [],
            "price": [],
            "all": [listing.show_order(entry, trades, with_type=True) for entry, trades in shown],
            "totalPages": max(1, -(-len(wanted) // PAGE)),
            "page": page,
        }

    def _steady(self, wallet: Pubkey, born_at: float, cycle_s: int) -> Order:
        opened_at = born_at - self._luck.randrange(max(_BEFORE_S, cycle_s))
        cycles = int((self.ends_at - opened_at) // cycle_s)
        state = accounts.ValueAverage(
            idx=int(opened_at),
            bump=255,
            user=wallet,
            input_mint=tokens.USDC.mint,
            output_mint=tokens.SOL.mint,
            increment_usdc_value=_RAW,
            order_interval=cycle_s,
            input_vault=wallet,
            output_vault=wallet,
            created_at=int(opened_at),
            in_deposited=10 * cycles * _RAW,
            in_left=10 * cycles * _RAW,
            in_used=0,
            in_withdrawn=0,
            out_received=0,
            out_withdrawn=0,
            supposed_usdc_value=0,
            next_order_at=int(opened_at),
        )
        return self._fill(state, [_RAW - self._luck.randrange(1000) for _ in range(cycles)], cycle_s)

    def _short(self, wallet: Pubkey, epoch: float) -> Order:
        """A time order that is over soon; its last cycle is smaller."""
        cycle_s, length_s = self._luck.choice(_CYCLES_S), self._luck.randint(*_LENGTHS_S)
        cycles, first = length_s // cycle_s, epoch - _BEGUN_S
        opened_at = int(self._luck.uniform(first, max(first, self.ends_at - length_s)))
        spent = [_RAW] * (cycles - 1) + [self._luck.randint(1, _RAW)]
        state = accounts.Dca(
            user=wallet,
            input_mint=tokens.USDC.mint,
            output_mint=tokens.SOL.mint,
            idx=opened_at,
            next_cycle_at=opened_at,
            in_deposited=sum(spent),
            in_withdrawn=0,
            out_withdrawn=0,
            in_used=0,
            out_received=0,
            in_amount_per_cycle=_RAW,
            cycle_frequency=cycle_s,
            next_cycle_amount_left=_RAW,
            in_account=wallet,
            out_account=wallet,
            min_out_amount=0,
            max_out_amount=0,
            created_at=opened_at,
            bump=255,
        )
        return self._fill(state, spent, cycle_s)

    def _fill(self, state: orderstate.State, spent: Sequence[int], cycle_s: int) -> Order:
        key = str(Pubkey.from_bytes(self._luck.randbytes(32)))
        trades: list[Trade] = []
        listed_at: list[float] = []
        for number, in_raw in enumerate(spent):
            lag_s = min(self._luck.lognormvariate(math.log(_LAG_S), _SPREAD), cycle_s * 0.9)
            # As the API tells it: in milliseconds.
            at = round(state.created_at + number * cycle_s + lag_s, 3)
            out_raw = _RAW_OUT * in_raw // _RAW + self._luck.randrange(1000)
            trades.append(
                Trade(
                    order=key,
                    user=str(state.user),
                    keeper=str(state.user),
                    input_mint=str(state.input_mint),
                    output_mint=str(state.output_mint),
                    in_raw=in_raw,
                    out_raw=out_raw,
                    fee_raw=out_raw // 1000,
                    tx=self._signature(),
                    at=at,
                )
            )
            median_s = self._slow_s if self._luck.random() < 0.05 else _UNLISTED_S
            shown_at = at + self._luck.lognormvariate(math.log(median_s), _SPREAD)
            listed_at.append(max([shown_at, *listed_at[-1:]]))
        opened = Entry(key=key, state=state, open_tx=self._signature(), updated_at=state.created_at)
        return Order(opened, tuple(trades), tuple(listed_at), len(trades))

    def _signature(self) -> str:
        return str(Signature.from_bytes(self._luck.randbytes(64)))
