"""An event loop in which waiting costs nothing: when all tasks wait, the clock jumps to the next timer.

Work in threads takes no time at all: while one of them is busy, a database's or any other, the clock stands.
"""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar, TypeVarTuple

from bot.storage import database

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_THREAD_PATIENCE_S = 10.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` begins at 0 and moves by timers only. Waiting for something that no timer brings fails."""

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._in_threads = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self._virtual_now

    def jump(self, seconds: float) -> None:
        self._virtual_now += seconds

    @property
    def is_working(self) -> bool:
        """Some thread is about to bring a result."""
        return self._in_threads > 0 or any(
            task.get_name() == database.WORK for task in asyncio.all_tasks(self)
        )

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._in_threads += 1
        future.add_done_callback(self._left_thread)
        return future

    async def shutdown_default_executor(self) -> None:
        self._in_threads += 1
        await super().shutdown_default_executor()
        self._in_threads -= 1

    def _left_thread(self, _: asyncio.Future[Any]) -> None:
        self._in_threads -= 1


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout != 0 and self._loop.is_working:
            return super().select(_THREAD_PATIENCE_S)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits, and no timer will ever wake one")
            self._loop.jump(max(0.0, timeout))
        return ready


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make an async test a plain one that runs in virtual time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
