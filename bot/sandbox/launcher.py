"""`recurring-bot sandbox`: start the stand-ins and the bot, watch both, stop both.

The bot is the production program, unchanged, in a process and an environment of its own: nothing of the
real configuration reaches it, neither variables nor a `.env` file.
"""

import asyncio
import http.client
import json
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import typer

import bot
from bot.sandbox import address

Process = asyncio.subprocess.Process

HEALTHY_WITHIN_S = 30.0
BOT_WITHIN_S = 30.0
BOT_GRACE_S = 25.0
STANDINS_GRACE_S = 6.0
LOOK_S = 0.1
OPERATOR = 2
"""The person who hears of trouble. Not the one whose chat opens first: a newcomer who makes a server lie on
purpose would be told the same thing twice, once in words that are for somebody else."""


class Failed(Exception):
    """The sandbox cannot run; the text is the one line for the person."""


def launch(
    *, port: int, speed: float, data: Path | None, open_browser: bool, make_keyring: Callable[[Path], None]
) -> int:
    """Run until Ctrl-C, SIGTERM, or the end of either child. Returns the exit code."""
    with ExitStack() as stack:
        folder = data
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recurring-sandbox-")))
        try:
            listener = stack.enter_context(address.bind(port))
            folder = folder.absolute()
            _make_folders(folder)
            if not _keyring(folder).exists():
                make_keyring(_keyring(folder))
            return asyncio.run(_Launcher(listener, speed, folder).run(open_browser=open_browser))
        except (Failed, address.PortTaken) as exc:
            typer.echo(str(exc), err=True)
            return 1


def environment(port: int, folder: Path) -> dict[str, str]:
    """The bot's whole environment."""
    root = f"http://{address.HOST}:{port}"
    return _bare(folder) | {
        "TELEGRAM_BOT_TOKEN": address.TOKEN,
        "TELEGRAM_API_URL": root,
        "JUPITER_API_URL": root,
        "JUPITER_RPS": "20",
        "SOLANA_RPC_URL": f"{root}/rpc",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot' / 'bot.db'}",
        "KEYRING_FILE": str(_keyring(folder)),
        "ACCESS": "open",
        "ADMIN_USERS": str(OPERATOR),
        "ORDER_CLOCK": "chain",
        "EXPORT_DELAY_S": "10",
        "LOG_LEVEL": "warning",
    }


def _bare(folder: Path) -> dict[str, str]:
    """What any program needs, and nothing of what this one was started with.

    Home is the sandbox's own folder: whatever a library likes to remember there goes away with it.
    """
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(bot.__file__).parents[1]),
        "PYTHONUNBUFFERED": "1",
    }


def _keyring(folder: Path) -> Path:
    return folder / "keyring" / "keyring.json"


def _make_folders(folder: Path) -> None:
    for name in ("standins", "bot", "keyring"):
        try:
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as exc:
            raise Failed(f"--data: {folder} cannot be used ({exc.strerror}).") from exc


class _Launcher:
    def __init__(self, listener: socket.socket, speed: float, folder: Path) -> None:
        self._listener = listener
        self._port: int = listener.getsockname()[1]
        self._speed = speed
        self._folder = folder
        self._stop = asyncio.Event()

    async def run(self, *, open_browser: bool) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        standins = await self._start_standins()
        try:
            # The listener is there already: whatever the bot asks waits for the stand-ins.
            program = await self._start_bot()
            try:
                if not await self._wait_for(standins, "ok", HEALTHY_WITHIN_S):
                    return 0
                return await self._watch(standins, program, open_browser=open_browser)
            finally:
                await _end(program, BOT_GRACE_S)
        finally:
            await _end(standins, STANDINS_GRACE_S)

    async def _watch(self, standins: Process, program: Process, *, open_browser: bool) -> int:
        """Until the person or a child ends it."""
        if not await self._wait_for(program, "bot", BOT_WITHIN_S):
            return 0
        url = f"http://{address.HOST}:{self._port}/"
        typer.echo(f"Chat with the bot: {url}   (no real money; Ctrl-C stops it)")
        if open_browser:
            await asyncio.to_thread(webbrowser.open, url)
        names = {"stand-ins": standins, "bot": program}
        async with asyncio.TaskGroup() as group:
            ends = {group.create_task(child.wait()): name for name, child in names.items()}
            stopped = group.create_task(self._stop.wait())
            done, _ = await asyncio.wait({*ends, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for task in {*ends, stopped} - done:
                task.cancel()
        if self._stop.is_set():
            return 0
        told = ", ".join(
            f"the {ends[task]} ended with exit code {task.result()}" for task in done if task in ends
        )
        raise Failed(f"The sandbox stops: {told}.")

    async def _wait_for(self, child: Process, what: str, seconds: float) -> bool:
        """Until health says so; False when told to stop meanwhile. Raises Failed."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self._stop.is_set():
            if (await asyncio.to_thread(_health, self._port)).get(what):
                return True
            if child.returncode is not None:
                name = "bot" if what == "bot" else "stand-ins"
                raise Failed(f"The sandbox cannot start: the {name} ended with exit code {child.returncode}.")
            if asyncio.get_running_loop().time() > deadline:
                raise Failed(f"The sandbox cannot start: no sign of life within {seconds:g} seconds.")
            await asyncio.sleep(LOOK_S)
        return False

    async def _start_standins(self) -> Process:
        """They inherit the listener: it is theirs alone from here on, and closed when they end."""
        number = self._listener.fileno()
        arguments = ["--listener", str(number), "--speed", str(self._speed), "--parent", str(os.getpid())]
        with self._listener:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot.sandbox", *arguments, "--data", str(self._folder / "standins")),
                env=_bare(self._folder),
                cwd=self._folder / "standins",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[number],
            )

    async def _start_bot(self) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "run"),
            env=environment(self._port, self._folder),
            cwd=self._folder / "bot",
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )


def _health(port: int) -> dict[str, object]:
    """What the stand-ins say of themselves; nothing while they do not answer."""
    connection = http.client.HTTPConnection(address.HOST, port, timeout=2)
    try:
        connection.request("GET", "/sandbox/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


async def _end(child: Process, grace_s: float) -> None:
    """SIGTERM, and SIGKILL for what does not listen."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), grace_s)
    except TimeoutError:
        child.kill()
        await child.wait()
