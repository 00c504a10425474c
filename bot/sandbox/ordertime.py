"""Order time: the clock of cycles, keepers and prices. It runs fast and can be pushed ahead.

It stands still while the stand-ins are not running, so that a sandbox kept for a week wakes up where it was.
"""

import time
from collections.abc import Callable

from bot.sandbox.store import Store


class OrderTime:
    """Unix seconds of order time: `speed` of them pass in one real second."""

    def __init__(
        self,
        store: Store,
        *,
        speed: float = 1.0,
        real: Callable[[], float] = time.monotonic,
        start: Callable[[], float] = time.time,
    ) -> None:
        self.speed = speed
        self._store = store
        self._real = real
        self._anchor = real()
        self._base = float(store.load("ordertime").get("now", 0.0)) or start()

    def now(self) -> float:
        return self._base + (self._real() - self._anchor) * self.speed

    def advance(self, seconds: float) -> float:
        """Push the clock ahead; returns the new now. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("time only goes forward")
        self._base += seconds
        self.keep()
        return self.now()

    def keep(self) -> None:
        """Remember now, to go on from there after a restart."""
        self._store.put("ordertime", "now", self.now())
