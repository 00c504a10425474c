"""Things that go wrong on purpose, at a named call, before or after its effect."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Killed(BaseException):
    """Stands for `kill -9`: no `except Exception` may catch it."""


@dataclass(frozen=True, slots=True)
class Fault:
    error: BaseException
    after: bool = False
    """The effect happens, and its answer gets lost."""


class Faults:
    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)
        self.calls: Counter[str] = Counter()

    def plan(self, name: str, error: BaseException, *, after: bool = False, times: int = 1) -> None:
        """The next calls of this name fail like this."""
        self._planned[name].extend([Fault(error, after)] * times)

    def clear(self) -> None:
        self._planned.clear()

    def take(self, name: str) -> Fault | None:
        """Count a call of this name; what is to go wrong with it."""
        self.calls[name] += 1
        return self._planned[name].popleft() if self._planned[name] else None

    def call(self, name: str, effect: Callable[[], T]) -> T:
        """Do it, unless something else is planned."""
        fault = self.take(name)
        if fault is not None and not fault.after:
            raise fault.error
        result = effect()
        if fault is not None:
            raise fault.error
        return result
