"""The keeper: fills orders that are due, late by a random lag, and closes those that are used up.

A fill is a real transaction of the treasury's: the input leaves the order's vault, the output less 0.1 %
arrives in the person's wallet. Both families pay out at once; SOL is paid as SOL.
"""

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from bot.sandbox import orderstate, steps
from bot.sandbox.book import Book, Entry, Trade
from bot.sandbox.chain import Chain
from bot.sandbox.prices import Prices, decimals
from bot.sandbox.treasury import Treasury
from bot.solana import programs
from bot.solana.programs import accounts

log = logging.getLogger(__name__)

MEDIAN_LAG_S = 8.0
LAG_SPREAD = 0.6
FEE_PER_MILLE = 1
USD_DECIMALS = 6


class Keeper:
    def __init__(self, chain: Chain, book: Book, prices: Prices, treasury: Treasury, seed: str) -> None:
        self._chain = chain
        self._book = book
        self._prices = prices
        self._treasury = treasury
        self._seed = seed

    def due_at(self, entry: Entry) -> float:
        """Order time at which the keeper gets to this order: when it is due, and the lag of this cycle."""
        state = entry.state
        planned = state.next_cycle_at if isinstance(state, accounts.Dca) else state.next_order_at
        return planned + _lag(self._seed, entry.key, planned)

    def run_due(self, now: float | None = None, *, orders: Sequence[str] = (), limit: int = 200) -> int:
        """Work through what is due, earliest first; returns how many cycles were handled, at most `limit`.

        `orders` restricts it to some; `now` defaults to order time.
        """
        until = self._chain.time.now() if now is None else now
        done = 0
        while done < limit:
            entries = [entry for entry in self._book.active() if not orders or entry.key in orders]
            due = [(self.due_at(entry), entry.key) for entry in entries]
            first = min(due, default=None)
            if first is None or first[0] > until:
                break
            self._cycle(self._book.orders[first[1]], first[0], until)
            done += 1
        return done

    def _cycle(self, entry: Entry, at: float, until: float) -> None:
        try:
            if isinstance(entry.state, accounts.Dca):
                self._time_cycle(entry, entry.state, at)
            else:
                self._price_cycle(entry, entry.state, at, until)
        except RuntimeError:
            log.exception("keeper: cycle of order %s", entry.key)
            self._skip(entry, 1)

    def _time_cycle(self, entry: Entry, state: accounts.Dca, at: float) -> None:
        spend = min(state.next_cycle_amount_left or state.in_amount_per_cycle, orderstate.in_left(state))
        bought = self._prices.quote(state.input_mint, state.output_mint, spend, at)
        if not spend or not bought or not _within(state, spend, bought):
            self._skip(entry, 1)
            return
        left = orderstate.in_left(state) - spend
        filled = replace(
            state,
            next_cycle_at=state.next_cycle_at + state.cycle_frequency,
            next_cycle_amount_left=min(state.in_amount_per_cycle, left),
            in_used=state.in_used + spend,
            out_received=state.out_received + bought,
            out_withdrawn=state.out_withdrawn + bought,
        )
        self._fill(entry, filled, spend, bought, at, finished=not left)

    def _price_cycle(self, entry: Entry, state: accounts.ValueAverage, at: float, until: float) -> None:
        """Value averaging: buy what is missing to the value that there should be by now."""
        supposed = state.supposed_usdc_value + state.increment_usdc_value
        value = self._prices.value(state.output_mint, state.out_received, at)
        missing = Decimal(supposed).scaleb(-USD_DECIMALS) - value
        price = self._prices.usd(state.input_mint, at)
        if not state.in_left or not price:
            self._skip(entry, max(1, math.ceil((until - state.next_order_at) / state.order_interval)))
            return
        spend = min(state.in_left, int((max(missing, Decimal(0)) / price).scaleb(decimals(state.input_mint))))
        bought = self._prices.quote(state.input_mint, state.output_mint, spend, at)
        later = replace(
            state,
            next_order_at=state.next_order_at + state.order_interval,
            supposed_usdc_value=supposed,
        )
        if not spend or not bought:
            self._amend(entry, later)
            return
        filled = replace(
            later,
            in_left=state.in_left - spend,
            in_used=state.in_used + spend,
            out_received=state.out_received + bought,
            out_withdrawn=state.out_withdrawn + bought,
        )
        spent_usd = int(self._prices.value(state.input_mint, spend, at).scaleb(USD_DECIMALS))
        self._fill(entry, filled, spend, bought, at, spent_usd_raw=spent_usd)

    def _fill(
        self,
        entry: Entry,
        filled: orderstate.State,
        spend: int,
        bought: int,
        at: float,
        *,
        finished: bool = False,
        spent_usd_raw: int = 0,
    ) -> None:
        order, user, keeper = Pubkey.from_string(entry.key), filled.user, self._treasury
        vault = programs.ata(order, filled.input_mint)
        fee = bought * FEE_PER_MILLE // 1000
        with self._chain.store.unit():
            landed = self._chain.execute(
                [
                    keeper.stamp("fill"),
                    steps.move(vault, keeper.vault(filled.input_mint), order, spend),
                    *keeper.pay(user, filled.output_mint, bought - fee),
                    *(self._close_vaults(order, filled) if finished else []),
                ],
                keeper.keypair,
                kind="fill",
                authorities=[order],
                effects=[orderstate.Effect(order, filled, closed=finished)],
            )
            trade = Trade(
                order=entry.key,
                user=entry.user,
                keeper=str(keeper.address),
                input_mint=str(filled.input_mint),
                output_mint=str(filled.output_mint),
                in_raw=spend,
                out_raw=bought,
                fee_raw=fee,
                tx=landed.signature,
                at=at,
            )
            self._book.add_trade(trade, spent_usd_raw=spent_usd_raw)

    def _close_vaults(self, order: Pubkey, state: orderstate.State) -> list[Instruction]:
        vaults = [programs.ata(order, mint) for mint in (state.input_mint, state.output_mint)]
        return [steps.close(vault, state.user, order) for vault in vaults]

    def _skip(self, entry: Entry, cycles: int) -> None:
        """Let cycles pass without a fill."""
        state = entry.state
        if isinstance(state, accounts.Dca):
            self._amend(
                entry, replace(state, next_cycle_at=state.next_cycle_at + cycles * state.cycle_frequency)
            )
        else:
            self._amend(
                entry, replace(state, next_order_at=state.next_order_at + cycles * state.order_interval)
            )

    def _amend(self, entry: Entry, state: orderstate.State) -> None:
        """Move an order's own schedule on; no money, no transaction."""
        with self._chain.store.unit():
            self._chain.amend(orderstate.Effect(Pubkey.from_string(entry.key), state))
            self._book.put(replace(entry, state=state))


@lru_cache(maxsize=8192)
def _lag(seed: str, order: str, planned: int) -> float:
    """Seconds; drawn anew for every cycle, and the same again after a restart."""
    luck = random.Random(f"{seed}:{order}:{planned}")
    return luck.lognormvariate(math.log(MEDIAN_LAG_S), LAG_SPREAD)


def _within(state: accounts.Dca, spend: int, bought: int) -> bool:
    """Whether a cycle's output is inside the order's bounds, which are meant for a whole cycle."""
    least = state.min_out_amount * spend // state.in_amount_per_cycle
    most = state.max_out_amount * spend // state.in_amount_per_cycle
    return bought >= least and (not state.max_out_amount or bought <= most)
