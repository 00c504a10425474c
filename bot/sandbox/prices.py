"""Prices that wander: a pure function of a seed, a token and order time, so that any moment can be asked."""

import math
import random
from decimal import ROUND_DOWN, Context, Decimal
from functools import lru_cache

from solders.pubkey import Pubkey

from bot.sandbox import tokens

DAY_S = 86_400
_WAVES = ((600, 0.12), (7_200, 0.2), (DAY_S, 0.28), (9 * DAY_S, 0.4))
"""Seconds between two turning points, and how much of the swing they make up."""
_EIGHT_DIGITS = Context(prec=8, rounding=ROUND_DOWN)


class Prices:
    def __init__(self, seed: str) -> None:
        self._seed = seed

    def usd(self, mint: Pubkey, at: float) -> Decimal | None:
        """USD for one whole token at a moment of order time; None where there is no reliable price."""
        token = tokens.BY_MINT.get(str(mint))
        if token is None or token.usd is None:
            return None
        wander = sum(share * self._wave(token.symbol, period, at) for period, share in _WAVES)
        return _EIGHT_DIGITS.multiply(token.usd, Decimal(1) + token.swing * Decimal(repr(wander)))

    def change_24h(self, mint: Pubkey, at: float) -> Decimal | None:
        """Per cent since a day of order time ago."""
        now, then = self.usd(mint, at), self.usd(mint, at - DAY_S)
        if now is None or then is None:
            return None
        return ((now / then - 1) * 100).quantize(Decimal("0.001"))

    def quote(self, input_mint: Pubkey, output_mint: Pubkey, amount: int, at: float) -> int:
        """Base units of the output that an amount of the input buys, before the fee; 0 without a price."""
        paid, bought = self.usd(input_mint, at), self.usd(output_mint, at)
        if paid is None or bought is None:
            return 0
        value = Decimal(amount).scaleb(-decimals(input_mint)) * paid
        return int((value / bought).scaleb(decimals(output_mint)))

    def value(self, mint: Pubkey, amount: int, at: float) -> Decimal:
        """USD that base units are worth; 0 without a price."""
        return Decimal(amount).scaleb(-decimals(mint)) * (self.usd(mint, at) or Decimal(0))

    def _wave(self, symbol: str, period: int, at: float) -> float:
        """Between -1 and 1, smooth, with a turning point at every multiple of the period."""
        left, part = divmod(at / period, 1)
        ease = (1 - math.cos(math.pi * part)) / 2
        here = _point(self._seed, symbol, period, int(left))
        there = _point(self._seed, symbol, period, int(left) + 1)
        return here + (there - here) * ease


def decimals(mint: Pubkey) -> int:
    return tokens.BY_MINT[str(mint)].decimals


@lru_cache(maxsize=8192)
def _point(seed: str, symbol: str, period: int, index: int) -> float:
    return random.Random(f"{seed}:{symbol}:{period}:{index}").uniform(-1, 1)
