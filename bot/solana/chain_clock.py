"""A clock that follows the cluster's: order time, where it may run faster than ours (the sandbox)."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import errors
from bot.solana.chain import RpcChain

_log = logging.getLogger(__name__)
_KEPT = 9


@dataclass(frozen=True, slots=True)
class _Sample:
    local: float
    """Seconds of the machine's monotonic clock."""
    cluster: int
    """Unix seconds."""


class ChainClock:
    """Implements ports.Clock: the last sample, carried on at the pace of the ones before it.

    Never goes back. A jump of the cluster's clock is followed, but not taken for its pace: of the older and
    the younger half of the samples the slower pace counts.
    """

    def __init__(
        self,
        chain: RpcChain,
        *,
        every: timedelta = timedelta(seconds=1),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._chain = chain
        self._every = every
        self._monotonic = monotonic
        self._sleep = sleep
        self._samples: deque[_Sample] = deque(maxlen=_KEPT)
        self._latest = 0.0

    async def sync(self) -> None:
        """Take one sample. Raises GatewayUnavailable, UnexpectedResponse."""
        cluster = await self._chain.fetch_block_time(await self._chain.fetch_slot())
        sample = _Sample(self._monotonic(), cluster)
        if not self._samples or sample.local > self._samples[-1].local:
            self._samples.append(sample)

    async def run(self) -> None:
        """Sample for ever; an outage leaves the clock running at the pace it had."""
        while True:
            try:
                await self.sync()
            except errors.GatewayError as exc:
                _log.debug("the cluster's clock could not be read: %s", exc)
            await self._sleep(self._every.total_seconds())

    def now(self) -> datetime:
        """The cluster's time; before the first sample the machine's."""
        if not self._samples:
            return datetime.now(UTC)
        last = self._samples[-1]
        carried = (self._monotonic() - last.local) * self._pace()
        self._latest = max(self._latest, last.cluster + carried)
        return datetime.fromtimestamp(self._latest, UTC)

    def _pace(self) -> float:
        """Cluster seconds per second. Block times are whole seconds, so several samples make one pace."""
        samples = list(self._samples)
        middle = len(samples) // 2
        halves = [(samples[0], samples[middle]), (samples[middle], samples[-1])]
        paces = [
            (new.cluster - old.cluster) / (new.local - old.local) for old, new in halves if new is not old
        ]
        return max(0.0, min(paces)) if paces else 1.0
