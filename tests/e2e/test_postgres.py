"""The whole program with its data in PostgreSQL: a second one is refused, a restart goes on from there."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.sandbox import launcher
from tests import harness
from tests.e2e import steps
from tests.fakes import storage as databases


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with databases.fresh_url("postgres", tmp_path) as fresh:
        yield "postgresql+asyncpg://" + fresh.partition("://")[2]


@contextmanager
def standins(folder: Path) -> Iterator[harness.Sandbox]:
    port = harness.free_port()
    command = [sys.executable, "-m", "bot.sandbox", "--port", str(port)]
    process = harness.spawn(command, folder / "stand-ins.log", harness.clean_env())
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        box = harness.Sandbox(port, folder, client)
        try:
            harness.wait_until(lambda: box.healthy() is not None, "the stand-ins", harness.START_S)
            yield box
        finally:
            harness.stop(process)


@contextmanager
def bot(box: harness.Sandbox, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The bot, once it asks for updates; it has to end well when it is told to."""
    process = harness.spawn([sys.executable, "-m", "bot", "run"], box.data / "bot.log", env)
    try:
        harness.wait_until(lambda: (box.healthy() or {}).get("bot"), "the bot", harness.START_S)
        yield process
        assert harness.stop(process) == 0
    finally:
        harness.stop(process, signal.SIGKILL)


def test_the_main_path_on_postgresql(url: str, tmp_path: Path) -> None:
    """Create, deposit, restart, deposit again: what was stored is there, and the order has both amounts."""
    with standins(tmp_path) as box:
        env = launcher.environment(box.port, tmp_path) | {"DATABASE_URL": url}
        init = [sys.executable, "-m", "bot", "keys", "init"]
        subprocess.run(init, env=env, cwd=harness.ROOT, check=True, capture_output=True)
        with bot(box, env):
            (person,) = steps.move_in(box, [box.chat(1)])
            before = steps.holdings(person)
            card = steps.offer(person, f"/deposit {person.price} 2")
            card.confirm()
            card.done()
            second = subprocess.run(
                [sys.executable, "-m", "bot", "run"],
                env=env,
                cwd=harness.ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert second.returncode == 1
            assert "The bot already runs on this database" in second.stderr
        with bot(box, env):
            card = steps.offer(person, f"/deposit {person.price} 3")
            card.confirm()
            card.done()
            steps.moved(before, person, kinds=["price_deposit"] * 2, deposited=5_000_000)
        verified = [sys.executable, "-m", "bot", "keys", "verify"]
        said = subprocess.run(verified, env=env, cwd=harness.ROOT, check=True, capture_output=True, text=True)
        assert said.stdout == "Opened all 1 wallets.\n"
