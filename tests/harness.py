"""Drives a whole sandbox (stand-ins and the bot, each a real process) through its control API."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx

_T = TypeVar("_T")
ROOT = Path(__file__).resolve().parents[1]
START_S = 60.0
WAIT_S = 60.0
LOOK_S = 0.1
"""Every look costs whoever answers it, too."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_env(**more: str) -> dict[str, str]:
    """An environment with none of the bot's own names in it."""
    ours = os.environ  # noqa: TID251 - what a child process gets is built from what this one has
    kept = {name: ours[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in ours}
    return kept | {"PYTHONUNBUFFERED": "1"} | more


def wait_until(look: Callable[[], _T | None], what: str, timeout: float = WAIT_S) -> _T:
    """Look again and again, until there is something to see; fails with `what` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"waited {timeout:.0f} s for {what}"
        time.sleep(LOOK_S)


@dataclass
class Chat:
    """One person's chat with the bot, or in a group."""

    client: httpx.Client
    user: int
    group: int | None = None

    @property
    def place(self) -> dict[str, int]:
        """As the control API's parameters."""
        return {"user": self.user} | ({} if self.group is None else {"group": self.group})

    def messages(self) -> list[dict[str, Any]]:
        answer = self.client.get("/sandbox/messages", params=self.place)
        answer.raise_for_status()
        listed: list[dict[str, Any]] = answer.json()["messages"]
        return listed

    def shown(self) -> list[dict[str, Any]]:
        return [message for message in self.messages() if not message["deleted"]]

    def calls(self, message_id: int) -> list[dict[str, Any]]:
        """What the bot had Telegram do with a message: sending it, edits, answers to taps.

        Oldest first, so that it is all as long as it begins with the sending.
        """
        answer = self.client.get("/sandbox/calls", params=self.place).raise_for_status().json()
        return [call for call in answer["calls"] if call["message"] == message_id]

    def send(self, text: str) -> None:
        self.client.post("/sandbox/send", params=self.place, json={"text": text}).raise_for_status()

    def ask(self, text: str, timeout: float = WAIT_S) -> dict[str, Any]:
        """Send, and wait for the next message of the bot that can be acted upon or is plain text."""
        before = max((message["id"] for message in self.messages()), default=0)
        self.send(text)

        def answer() -> dict[str, Any] | None:
            new = [m for m in self.shown() if m["id"] > before and m["from"] == "bot"]
            return new[-1] if new else None

        return wait_until(answer, f"an answer to {text[:60]!r}", timeout)

    def tap(
        self, message: dict[str, Any], label: str, times: int = 1, *, wait: float = 20.0
    ) -> dict[str, Any]:
        """`wait` seconds for the answer to each tap, at most."""
        answer = self.client.post(
            "/sandbox/tap",
            params=self.place,
            json={"message_id": message["id"], "label": label, "times": times, "wait": wait},
            timeout=WAIT_S,
        )
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def forge_tap(self, message: dict[str, Any], data: str, *, wait: float = 20.0) -> dict[str, Any]:
        """What a tampered app can do: tap any data on any message of this chat."""
        answer = self.client.post(
            "/sandbox/tap",
            params=self.place,
            json={"message_id": message["id"], "data": data, "wait": wait},
            timeout=WAIT_S,
        )
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def find(self, *parts: str, by: str = "bot", after: int = 0) -> dict[str, Any] | None:
        """The newest visible message that contains all the parts (as text, any case)."""
        wanted = [part.casefold() for part in parts]
        fitting = [
            message
            for message in self.shown()
            if message["from"] == by
            and message["id"] > after
            and all(part in (message["text"] or "").casefold() for part in wanted)
        ]
        return fitting[-1] if fitting else None

    def wait(self, *parts: str, after: int = 0, timeout: float = WAIT_S) -> dict[str, Any]:
        try:
            return wait_until(lambda: self.find(*parts, after=after), f"a message with {parts}", timeout)
        except AssertionError as exc:
            tail = [(m["id"], m["from"], m["text"]) for m in self.messages()[-6:]]
            raise AssertionError(f"{exc}; the chat ends with {tail}") from None

    def wait_button(self, message_id: int, label: str, timeout: float = WAIT_S) -> dict[str, Any]:
        """The message, as soon as it has a button whose label contains `label`."""

        def look() -> dict[str, Any] | None:
            for message in self.shown():
                if message["id"] == message_id and any(
                    label.casefold() in button["text"].casefold()
                    for row in message["buttons"]
                    for button in row
                ):
                    return message
            return None

        return wait_until(look, f"a button {label!r} on message {message_id}", timeout)


def label(message: dict[str, Any], part: str) -> str:
    """The whole label of the first button whose label contains `part`."""
    for row in message["buttons"]:
        for button in row:
            if part.casefold() in button["text"].casefold():
                text: str = button["text"]
                return text
    raise AssertionError(f"no button {part!r} on {message['text']!r}: {message['buttons']}")


@dataclass
class Sandbox:
    """The stand-ins, and what can be asked of them."""

    port: int
    data: Path
    client: httpx.Client
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def chat(self, user: int) -> Chat:
        return Chat(self.client, user)

    def ledger(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get("/sandbox/ledger").raise_for_status().json()
        return answer

    def orders(self, owner: str) -> list[dict[str, Any]]:
        return [order for order in self.ledger()["orders"] if order["user"] == owner]

    def faults(self, *faults: dict[str, Any]) -> None:
        self.client.post("/sandbox/faults", json={"faults": list(faults)}).raise_for_status()

    def fault_hits(self) -> list[int]:
        """How many requests each of the present faults hit so far, in their order."""
        answer = self.client.get("/sandbox/faults").raise_for_status().json()
        return [fault["hits"] for fault in answer["faults"]]

    def fund(self, address: str, lamports: int = 0, tokens: dict[str, int] | None = None) -> None:
        body = {"address": address, "lamports": lamports, "tokens": tokens or {}}
        self.client.post("/sandbox/fund", json=body).raise_for_status()

    def advance(self, seconds: int) -> None:
        self.client.post("/sandbox/advance", json={"seconds": seconds}).raise_for_status()

    def healthy(self) -> dict[str, Any] | None:
        try:
            answer = self.client.get("/sandbox/health", timeout=2)
        except httpx.HTTPError:
            return None
        health: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
        return health or None


class Running(Protocol):
    """A process: subprocess.Popen, or what takes its place."""

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


def spawn(command: Sequence[str], log: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as sink:
        return subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, env=env)


def stop(process: Running, how: signal.Signals = signal.SIGTERM) -> int:
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(timeout=25)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@contextmanager
def whole(folder: Path, *options: str) -> Iterator[Sandbox]:
    """`recurring-bot sandbox` as a person starts it; yields when the bot answers."""
    port = free_port()
    log = folder / "sandbox.log"
    command = [sys.executable, "-m", "bot", "sandbox", "--port", str(port), "--no-browser", *options]
    process = spawn(command, log, clean_env())
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        box = Sandbox(port, folder, client, {"sandbox": process})
        try:

            def ready() -> bool:
                assert process.poll() is None, log.read_text()[-3000:]
                return bool((box.healthy() or {}).get("bot"))

            wait_until(ready, "the sandbox and its bot", START_S)
            yield box
        finally:
            stop(process)
