"""The drawing process: lazy, replaced when it dies, gone when idle, and never in the way of the bot."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot import errors, texts
from bot.drawing import painter
from bot.drawing.painter import WorkerPainter
from tests import harness
from tests.fakes.charts import build_chart, stand_in

CHART = build_chart()


def pid_of(paint: WorkerPainter) -> int | None:
    return paint.pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    """Wait until the process is no more."""
    await asyncio.to_thread(harness.wait_until, lambda: not is_running(pid), f"the end of process {pid}")


async def test_a_chart_becomes_a_picture() -> None:
    """In the real process; the second one is quicker than the first, and the bot itself loads nothing."""
    async with WorkerPainter() as paint:
        assert pid_of(paint) is None, "nothing is started before it is needed"
        picture = await paint.paint(CHART)
        assert picture.startswith(b"\x89PNG")
        pid = pid_of(paint)
        assert pid is not None
        assert (await paint.paint(build_chart(9)))[:4] == b"\x89PNG"
        assert pid_of(paint) == pid, "one process draws them all"
    assert not is_running(pid)


def test_the_bot_never_loads_what_draws() -> None:
    """Not by being imported, and not by having a picture drawn: it stays as small as it is."""
    script = """
import asyncio, sys
import bot.app
from bot.drawing.painter import WorkerPainter
from tests.fakes.charts import build_chart
async def main():
    async with WorkerPainter() as painter:
        assert len(await painter.paint(build_chart())) > 10_000
asyncio.run(main())
heavy = {name.partition(".")[0] for name in sys.modules} & {"matplotlib", "numpy", "PIL", "contourpy"}
assert not heavy, heavy
"""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_nothing_of_the_bots_settings_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a stranger's token name can do to a font library: there is no secret to be had."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:SECRET")
    async with WorkerPainter(command=stand_in()) as paint:
        await paint.paint(CHART)
        environment = Path(f"/proc/{pid_of(paint)}/environ")
        assert b"SECRET" not in await asyncio.to_thread(environment.read_bytes)


async def test_the_same_chart_is_drawn_once() -> None:
    """Also when several want it at the same moment; another one is another picture."""
    counting = "import itertools; n = globals().setdefault('n', itertools.count()); body = b'%d' % next(n)"
    async with WorkerPainter(command=stand_in(counting)) as paint:
        pictures = await asyncio.gather(*(paint.paint(CHART) for _ in range(10)))
        assert set(pictures) == {b"drawn 0"}
        assert await paint.paint(replace(CHART, title="another")) == b"drawn 1"
        assert await paint.paint(CHART) == b"drawn 0"


async def test_what_is_kept_is_bounded() -> None:
    """By bytes; what was wanted last stays."""
    async with WorkerPainter(command=stand_in("body = b'x' * 1000"), kept_bytes=100) as paint:
        for number in range(50):
            await paint.paint(replace(CHART, title=str(number)))
        assert sum(map(len, paint._kept.values())) <= 100
        assert len(paint._kept) == 3


async def test_a_process_that_died_is_replaced_unnoticed() -> None:
    """Killed while it had nothing to do: the next picture comes all the same."""
    async with WorkerPainter(command=stand_in()) as paint:
        await paint.paint(CHART)
        first = pid_of(paint)
        assert first is not None
        os.kill(first, 9)
        await gone(first)
        assert await paint.paint(replace(CHART, title="next"))
        assert pid_of(paint) not in (None, first)


async def test_a_process_that_dies_of_a_chart_is_said_and_replaced() -> None:
    """One attempt, one sentence; the next chart gets a new process."""
    dying = "import os; b'fatal' in body and os._exit(11)"
    async with WorkerPainter(command=stand_in(dying)) as paint:
        with pytest.raises(errors.DrawingFailed, match="try again"):
            await paint.paint(replace(CHART, title="fatal"))
        assert pid_of(paint) is None
        assert await paint.paint(CHART)


async def test_a_process_that_hangs_is_ended_and_replaced() -> None:
    """Nobody waits longer than the patience, and nothing is left behind."""
    hanging = "import time; b'hang' in body and time.sleep(600)"
    async with WorkerPainter(command=stand_in(hanging), patience_s=5.0) as paint:
        await paint.paint(CHART)
        pid = pid_of(paint)
        assert pid is not None
        paint._patience_s = 0.2
        with pytest.raises(errors.DrawingFailed):
            await paint.paint(replace(CHART, title="hang"))
        paint._patience_s = 5.0
        assert await paint.paint(replace(CHART, title="next"))
        assert not is_running(pid)


async def test_whoever_stops_waiting_leaves_no_answer_behind() -> None:
    """A cancelled wait must not hand its picture to the next person."""
    slow = "import time; b'slow' in body and time.sleep(0.5)"
    async with WorkerPainter(command=stand_in(slow)) as paint:
        await paint.paint(CHART)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(paint.paint(replace(CHART, title="slow")))
            await asyncio.sleep(0.1)
            waiting.cancel()
        another = replace(CHART, title="another")
        assert b"slow" not in await paint.paint(another)


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "print('x' * 99)")])
async def test_what_is_no_drawing_process_is_said(command: Sequence[str]) -> None:
    """It cannot be started, or says something else: a sentence, and nothing is left running."""
    async with WorkerPainter(command=command) as paint:
        with pytest.raises(errors.DrawingFailed):
            await paint.paint(CHART)
        assert pid_of(paint) is None


async def test_a_chart_that_cannot_be_drawn_keeps_the_process(caplog: pytest.LogCaptureFixture) -> None:
    """The log says why; the next one is drawn by the same process."""
    broken = replace(CHART, zone="no zone")  # type: ignore[arg-type] # on purpose
    async with WorkerPainter() as paint:
        with pytest.raises(errors.DrawingFailed):
            await paint.paint(broken)
        assert "Traceback" in caplog.text
        pid = pid_of(paint)
        assert await paint.paint(CHART)
        assert pid_of(paint) == pid


async def test_an_idle_process_ends_and_another_one_starts() -> None:
    """Its memory is free again; the next picture starts anew, also at that very moment."""
    async with WorkerPainter(command=stand_in(), idle_s=0.05) as paint:
        for number in range(3):
            await paint.paint(replace(CHART, title=str(number)))
            pid = pid_of(paint)
            assert pid is not None
            await gone(pid)
            assert pid_of(paint) is None


async def test_it_is_made_ready_before_it_is_needed() -> None:
    """What draws is loaded while somebody still reads; the same process draws, whoever else prepares it."""
    async with WorkerPainter() as paint:
        await asyncio.gather(*(paint.prepare() for _ in range(5)))
        pid = pid_of(paint)
        assert pid is not None
        maps = Path(f"/proc/{pid}/maps")
        await asyncio.to_thread(
            harness.wait_until, lambda: "_backend_agg" in maps.read_text(), "the libraries that draw"
        )
        await paint.prepare()
        assert await paint.paint(CHART)
        assert pid_of(paint) == pid


async def test_what_was_prepared_in_vain_ends() -> None:
    """Nobody wanted a chart after all."""
    async with WorkerPainter(command=stand_in(), idle_s=0.05) as paint:
        await paint.prepare()
        pid = pid_of(paint)
        assert pid is not None
        await gone(pid)
        assert pid_of(paint) is None


async def test_preparing_waits_for_no_picture_and_fails_nobody() -> None:
    """While one is drawn the process is there; where there is none to be had, the picture says so."""
    slow = stand_in("import time; time.sleep(0.3)")
    async with WorkerPainter(command=slow) as paint, asyncio.TaskGroup() as tasks:
        drawing = tasks.create_task(paint.paint(CHART))
        await asyncio.to_thread(harness.wait_until, lambda: pid_of(paint) is not None, "the process")
        await paint.prepare()
        assert not drawing.done()
    async with WorkerPainter(command=("/no/such/program",)) as paint:
        await paint.prepare()
        with pytest.raises(errors.DrawingFailed):
            await paint.paint(CHART)


async def test_too_many_at_once_are_told_so() -> None:
    """A queue that nobody would wait out is refused, and those before are served."""
    slow = "import time; time.sleep(0.01)"
    async with WorkerPainter(command=stand_in(slow)) as paint:
        charts = [replace(CHART, title=str(number)) for number in range(painter.MOST_WAITING + 5)]
        results = await asyncio.gather(*map(paint.paint, charts), return_exceptions=True)
        refused = [each for each in results if isinstance(each, errors.DrawingFailed)]
        assert [each.message for each in refused] == [texts.DRAWING_BUSY] * 5
        assert sum(isinstance(each, bytes) for each in results) == painter.MOST_WAITING


async def test_the_process_ends_with_the_bot() -> None:
    """`kill -9` closes the pipe: nobody is left waiting for charts."""
    script = """
import asyncio
from bot.drawing.painter import WorkerPainter
from tests.fakes.charts import build_chart
async def main():
    async with WorkerPainter() as painter:
        await painter.paint(build_chart())
        print(painter.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=harness.ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await gone(child)
