"""The tape: prices that anybody heard of, kept as samples of the tokens that matter, not too many of each.

Listening costs nobody anything: what is heard is remembered here, and written by whoever has the time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot import errors, ports
from bot.domain import market

LONGEST_GAP: Final = timedelta(minutes=15)
"""Two samples further apart than this, in order time, have a gap between them."""


class Tape:
    def __init__(self, history: ports.PriceHistory, order_clock: ports.Clock) -> None:
        self._history = history
        self._order_clock = order_clock
        self._spacing: Mapping[str, timedelta] = {}
        self._longest_gap = LONGEST_GAP
        self._heard: dict[str, tuple[datetime, Decimal]] = {}
        """Not written yet."""
        self._written: dict[str, datetime] = {}

    def want(self, spacing: Mapping[str, timedelta], longest_gap: timedelta = LONGEST_GAP) -> None:
        """From now on keep samples of these tokens, each no closer to the last than half its spacing."""
        self._spacing = spacing
        self._longest_gap = longest_gap
        self._written = {mint: at for mint, at in self._written.items() if mint in spacing}

    def hear(self, usd: Mapping[str, Decimal]) -> None:
        """Somebody was just told these prices. In memory; raises nothing."""
        now = self._order_clock.now()
        for mint, price in usd.items():
            if mint not in self._spacing:
                continue
            last = self.heard_at(mint)
            if last is None or now - last >= self._spacing[mint] / 2:
                self._heard[mint] = (now, price)

    def heard_at(self, mint: str) -> datetime | None:
        """When the newest sample was taken, as far as this run knows."""
        return self._heard[mint][0] if mint in self._heard else self._written.get(mint)

    async def write(self) -> int:
        """Make what was heard durable; returns how many samples. What cannot be stored is kept for later.

        Raises StorageError.
        """
        heard, self._heard = self._heard, {}
        try:
            unknown = heard.keys() - self._written.keys()
            # From before a restart: a short one is no gap.
            last = await self._history.find_last(unknown) if unknown else {}
            before = {mint: sample.at for mint, sample in last.items()} | self._written
            samples = {
                mint: market.Sample(at, price, self._since(before.get(mint), at))
                for mint, (at, price) in heard.items()
                if mint not in before or before[mint] < at
            }
            if samples:
                await self._history.record(samples)
        except errors.StorageError:
            self._heard = heard | self._heard
            raise
        self._written.update((mint, sample.at) for mint, sample in samples.items())
        return len(samples)

    def _since(self, before: datetime | None, at: datetime) -> datetime:
        return before if before is not None and at - before <= self._longest_gap else at
