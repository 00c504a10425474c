"""Has charts drawn in a process of their own, there when one may be wanted, gone when nobody wants any.

The libraries that draw would cost the bot 45 MiB and hold up everybody for as long as they draw.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import pickle
import sys
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bot import errors, texts
from bot.domain.charts import Chart
from bot.drawing import frames
from bot.drawing.frames import Kind

_LOG = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "bot.drawing.worker")
PATIENCE_S: Final = 30.0
"""For one picture, the start of the process included; then it is taken for hung."""
IDLE_S: Final = 60.0
"""After so long without work the process ends, and its memory is free."""
MOST_WAITING: Final = 20
KEPT_BYTES: Final = 4 * 1024 * 1024
"""Of pictures that may be wanted again."""


class WorkerPainter:
    """Implements ports.Painter. An `async with` resource of one event loop."""

    def __init__(
        self,
        *,
        command: Sequence[str] = COMMAND,
        patience_s: float = PATIENCE_S,
        idle_s: float = IDLE_S,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._command = command
        self._patience_s = patience_s
        self._idle_s = idle_s
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._worker: asyncio.subprocess.Process | None = None
        self._leaving: list[asyncio.subprocess.Process] = []
        """Told to end; not waited for yet."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return None if self._worker is None else self._worker.pid

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop_timer()
        self._dismiss(kill=True)
        await self._reap()

    async def prepare(self) -> None:
        """Start the process, which then loads what draws; while it works, there is nothing to be done."""
        if self._turn.locked():
            return
        async with self._turn:
            self._stop_timer()
            try:
                if self._worker is None:
                    self._worker = await self._start()
            except OSError as exc:
                _LOG.warning("the drawing process did not start: %s", exc)
            finally:
                self._start_timer()

    async def paint(self, chart: Chart) -> bytes:
        """A PNG. Raises DrawingFailed, with a sentence for the person."""
        request = await asyncio.to_thread(pickle.dumps, chart)
        name = hashlib.sha256(request).digest()
        if name not in self._kept:
            if self._waiting >= MOST_WAITING:
                raise errors.DrawingFailed(texts.DRAWING_BUSY)
            self._waiting += 1
            try:
                async with self._turn:
                    # Somebody else may have wanted the same one.
                    if name not in self._kept:
                        self._keep(name, await self._draw(request))
            finally:
                self._waiting -= 1
        self._kept.move_to_end(name)
        return self._kept[name]

    def _keep(self, name: bytes, picture: bytes) -> None:
        self._kept[name] = picture
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._kept_bytes:
            self._kept.popitem(last=False)

    async def _draw(self, request: bytes) -> bytes:
        self._stop_timer()
        try:
            async with asyncio.timeout(self._patience_s):
                kind, body = await self._ask(request)
        except TimeoutError as exc:
            _LOG.warning("the drawing process hung and was ended")
            raise errors.DrawingFailed from exc
        except (OSError, EOFError, frames.BrokenFrame) as exc:
            _LOG.warning("the drawing process died: %s", exc)
            raise errors.DrawingFailed from exc
        finally:
            self._start_timer()
        if kind is not Kind.PICTURE:
            _LOG.error("a chart could not be drawn: %s", body.decode(errors="replace"))
            raise errors.DrawingFailed
        return body

    async def _ask(self, request: bytes) -> tuple[Kind, bytes]:
        """One question and its answer. A process that died while it had nothing to do is replaced."""
        for fresh in (self._worker is None, True):
            try:
                return await self._exchange(request)
            except BaseException as exc:
                # Also when cancelled: nobody would read the answer, and the next question would get it.
                self._dismiss(kill=True)
                if fresh or not isinstance(exc, OSError | EOFError):
                    raise
        raise AssertionError("unreachable")  # the second turn returns or raises

    async def _exchange(self, request: bytes) -> tuple[Kind, bytes]:
        if self._worker is None:
            self._worker = await self._start()
        to, answers = self._worker.stdin, self._worker.stdout
        assert to is not None
        assert answers is not None
        to.write(frames.pack(Kind.CHART, request))
        await to.drain()
        kind, length = frames.read_header(await answers.readexactly(frames.HEADER.size))
        return kind, await answers.readexactly(length)

    async def _start(self) -> asyncio.subprocess.Process:
        await self._reap()
        return await asyncio.create_subprocess_exec(
            *self._command,
            env=_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    def _rest(self) -> None:
        """Nobody wants a picture: let the process end by itself."""
        if not self._turn.locked():
            self._dismiss(kill=False)

    def _dismiss(self, *, kill: bool) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._leaving.append(worker)
        if kill:
            _kill(worker)
        elif worker.stdin is not None:
            worker.stdin.close()

    async def _reap(self) -> None:
        """There is one process at a time: whatever was told to end has ended."""
        while self._leaving:
            _kill(self._leaving[-1])
            await self._leaving[-1].wait()
            self._leaving.pop()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._rest)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _kill(worker: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.kill()


def _environment() -> dict[str, str]:
    """What the process needs: where modules are, and where fonts may be remembered. None of our settings."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "HOME": _home(),
        "PATH": os.defpath,
        "MPLBACKEND": "agg",
        # One picture at a time needs no threads for arithmetic.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _home() -> str:
    try:
        return str(Path.home())
    except RuntimeError:
        return "/"
