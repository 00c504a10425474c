"""Answers kept for a while, and asked for once when many want them at the same time. In memory only."""

import asyncio
import itertools
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot import errors
from bot.ports import Priority

V = TypeVar("V")
Load = Callable[[list[str]], Awaitable[dict[str, V]]]


@dataclass(slots=True, eq=False)
class _Flight:
    """One load that others may wait for."""

    priority: Priority
    landed: asyncio.Event = field(default_factory=asyncio.Event)
    error: errors.GatewayError | None = None


class Cache(Generic[V]):
    """Values by key for `ttl_s` seconds of the event loop's clock; at most `size`, the oldest go first.

    That a key has no value is remembered as well. Where one load may take a `batch` of keys, those that
    somebody wanted in the last `along_s` seconds come along with what is missing.
    """

    def __init__(self, ttl_s: float, size: int, *, batch: int = 1, along_s: float = 0.0) -> None:
        self._ttl_s = ttl_s
        self._size = size
        self._batch = batch
        self._along_s = along_s
        self._wanted: OrderedDict[str, float] = OrderedDict()
        """When each was last wanted, the latest last."""
        self._kept: OrderedDict[str, tuple[float, V | None]] = OrderedDict()
        self._flights: dict[str, _Flight] = {}

    async def get(
        self, keys: Collection[str], priority: Priority, load: Load[V], ttl_s: float = math.inf
    ) -> dict[str, V]:
        """The values of these keys, absent where there is none; `load` is asked for what is not kept.

        `ttl_s`: how old a value may be, if not as old as values are kept.
        Waits for a load under way instead of a second one, unless that one is of less urgent priority. An
        error of the load is everybody's who waited; a cancelled load is taken over by the next.
        """
        found: dict[str, V] = {}
        missing = set(keys)
        self._want(keys)
        while missing:
            missing -= self._take(missing, found, ttl_s)
            waiting = {key for key in missing if (one := self._flights.get(key)) and one.priority <= priority}
            own = sorted(missing - waiting)
            if own:
                loaded = await self._load(own, priority, load)
                found.update((key, loaded[key]) for key in own if key in loaded)
                missing.difference_update(own)
            elif waiting:
                flight = self._flights[min(waiting)]
                await flight.landed.wait()
                if flight.error:
                    raise flight.error
        return found

    def keep(self, key: str, value: V | None) -> None:
        """Remember a value that came along with something else."""
        self._kept[key] = (asyncio.get_running_loop().time(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def _take(self, keys: set[str], found: dict[str, V], ttl_s: float) -> set[str]:
        """Move what is kept and fresh into `found`; returns those keys, without a value included."""
        oldest = asyncio.get_running_loop().time() - min(self._ttl_s, ttl_s)
        fresh = {key: self._kept[key][1] for key in keys if key in self._kept and self._kept[key][0] > oldest}
        found.update((key, value) for key, value in fresh.items() if value is not None)
        return set(fresh)

    def _want(self, keys: Collection[str]) -> None:
        if not self._along_s:
            return
        now = asyncio.get_running_loop().time()
        for key in keys:
            self._wanted[key] = now
            self._wanted.move_to_end(key)
        while self._wanted and now - next(iter(self._wanted.values())) > self._along_s:
            self._wanted.popitem(last=False)

    async def _load(self, missing: list[str], priority: Priority, load: Load[V]) -> dict[str, V]:
        others = (key for key in reversed(self._wanted) if key not in self._flights and key not in missing)
        along = list(itertools.islice(others, -len(missing) % self._batch))
        keys = [*missing, *along]
        flight = _Flight(priority)
        self._flights.update(dict.fromkeys(keys, flight))
        try:
            loaded = await load(keys)
            for key in keys:
                self.keep(key, loaded.get(key))
        except errors.GatewayError as exc:
            flight.error = exc
            # Should it be because of one of them, then only once.
            for key in along:
                self._wanted.pop(key, None)
            raise
        else:
            return loaded
        finally:
            for key in keys:
                if self._flights.get(key) is flight:
                    del self._flights[key]
            flight.landed.set()
