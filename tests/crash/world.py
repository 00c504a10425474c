"""Stand-ins that stay up, a bot that is killed again and again, and people who go on using it."""

import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from solders.keypair import Keypair

from bot.domain import amounts
from bot.sandbox import launcher
from bot.sandbox.slots import SECONDS_PER_SLOT
from tests import harness
from tests.crash import nursery

RECEIVER = str(Keypair.from_seed(bytes(range(32))).pubkey())
FINAL = ("Done", "Failed on chain", "Not done", "Refused", "Expired", "Not confirmed")

FAULTS: tuple[dict[str, Any], ...] = (
    {"target": "jupiter", "kind": "drop", "probability": 0.1},
    {"target": "jupiter", "kind": "lost", "probability": 0.1},
    {"target": "jupiter", "kind": "error", "probability": 0.1},
    {"target": "jupiter", "kind": "error_after", "probability": 0.1},
    {"target": "jupiter", "kind": "slow", "seconds": 0.4, "probability": 0.2},
    {"target": "rpc", "kind": "drop", "probability": 0.05},
    {"target": "rpc", "kind": "slow", "seconds": 0.4, "probability": 0.1},
    {"target": "rpc", "kind": "lost", "probability": 0.1},
    {"target": "rpc", "kind": "error_after", "probability": 0.1},
    {"target": "telegram", "match": "sendMessage", "kind": "lost", "probability": 0.1},
    {"target": "telegram", "match": "sendMessage", "kind": "error_after", "probability": 0.1},
    {"target": "telegram", "kind": "slow", "seconds": 0.2, "probability": 0.2},
    {"target": "telegram", "match": "getUpdates", "kind": "slow", "seconds": 0},
)
"""The last one harms nothing: its hits tell that the bot is up."""
UP_WITHIN_S = 60.0


@dataclass
class World:
    """One set of stand-ins, one database, one bot process at a time."""

    box: harness.Sandbox
    folder: Path
    env: dict[str, str]
    bot: harness.Running | None = None
    kills: int = 0
    exits: list[int] = field(default_factory=list)

    def start(self, *, ordinary: bool = False) -> None:
        """By the nursery, or as anybody starts it."""
        log = self.folder / "bot.log"
        if not ordinary:
            self.bot = nursery.Forked(self.folder, log, self.env)
            return
        with log.open("ab") as sink:
            self.bot = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self.folder,
                env=self.env,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    def kill(self, *, stopping: bool = False) -> None:
        """`kill -9`, at whatever it is doing. One that is `stopping` may have ended by itself, with 0."""
        assert self.bot is not None
        code = self.bot.poll()
        if code is not None and not (stopping and code == 0):
            self.exits.append(code)
        self.bot.send_signal(signal.SIGKILL)
        self.bot.wait()
        self.kills += 1

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def world(
    folder: Path, *, speed: float = 20, submit_via: str = "jupiter", slot_s: float = SECONDS_PER_SLOT
) -> Iterator[World]:
    """The sandbox's own stand-ins."""
    port = harness.free_port()
    module = ["bot.sandbox", "--port", str(port), "--speed", str(speed), "--slot", str(slot_s)]
    with among(folder, port, module, SUBMIT_VIA=submit_via, JUPITER_RPS="50") as made:
        yield made


@contextmanager
def among(folder: Path, port: int, module: Sequence[str], **settings: str) -> Iterator[World]:
    """Start a module that serves stand-ins at that port, and the bot with these settings beside its usual."""
    url = f"http://127.0.0.1:{port}"
    with (folder / "stand-ins.log").open("ab") as sink:
        standins = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=harness.ROOT,
            env=harness.clean_env(),
            stdout=sink,
            stderr=sink,
        )
    # Nobody is to be told who never comes: what is counted in the end has all left.
    env = launcher.environment(port, folder) | {"ADMIN_USERS": ""} | settings
    env["PATH"] = harness.clean_env()["PATH"]
    with httpx.Client(base_url=url, timeout=20) as client:
        made = World(harness.Sandbox(port, folder, client), folder, env)
        try:
            harness.wait_until(lambda: made.box.healthy() is not None, "the stand-ins", harness.START_S)
            done = made.command("keys", "init")
            assert done.returncode == 0, done.stderr
            made.start(ordinary=True)
            yield made
        finally:
            if made.bot is not None:
                harness.stop(made.bot)
            harness.stop(standins)


KINDS = ("price_deposit", "price_withdraw", "time_create", "time_cancel", "send")
"""What is confirmed, by the ledger's names."""


@dataclass
class Customer:
    """Someone with a wallet and a price order, who goes on confirming whatever the bot offers."""

    chat: harness.Chat
    box: harness.Sandbox
    dice: random.Random
    pubkey: str = ""
    number: int = 0
    """Of the price order."""
    since: str = ""
    """Order time, in text that sorts, at which the wallet was surely there: later fills are news."""
    confirmed: dict[int, str] = field(default_factory=dict)
    """Message id of every card whose Confirm was tapped, and what it was about."""

    def arrive(self) -> None:
        start = self.chat.ask("/start", timeout=60)
        self.chat.tap(start, harness.label(start, "Create"))
        made = self.chat.wait("wallet created", timeout=60)
        self.since = str(self.box.ledger()["now"])
        self.number = harness.wait_until(
            lambda: self._find_number("price"), "the price order in the chat", 60
        )
        known = {order["user"] for order in self.box.ledger()["orders"]}
        self.pubkey = next(key for key in known if key in made["text"])
        funds = {"address": self.pubkey, "lamports": 20 * 10**9, "tokens": {amounts.USDC_MINT: 10**11}}
        self.box.client.post("/sandbox/fund", json=funds).raise_for_status()

    def _find_number(self, family: str) -> int | None:
        message = self.chat.ask("/orders", timeout=60)
        found = re.findall(rf"#(\d+) [^#]*? {family}", message["text"])
        return int(self.dice.choice(found)) if found else None

    def act(self, count: int, kind: str = "") -> None:
        """Ask for something and tap Confirm as soon as there is one; the bot may die at any time."""
        kind = kind or self.dice.choice(KINDS)
        text = self._line(kind, count)
        if text is None:
            return
        after = max((m["id"] for m in self.chat.messages()), default=0)
        self.chat.send(text)
        end = time.monotonic() + 15
        while time.monotonic() < end:
            for message in self.chat.shown():
                if message["id"] > after and message["from"] == "bot" and self._tap(message):
                    self.confirmed[message["id"]] = kind
                    return
            time.sleep(0.1)

    def _line(self, kind: str, count: int) -> str | None:
        """One command; amounts differ from each other by base units."""
        match kind:
            case "price_deposit":
                return f"/deposit {self.number} 2.{count:06d}"
            case "price_withdraw":
                return f"/withdraw {self.number} 1.{count:06d}"
            case "send":
                return f"/send 0.{count:06d} USDC {RECEIVER}"
            case "time_create":
                return f"/new 120.{2 * count:06d} USDC to SOL in 2 every 1d"
            case _:
                orders = self.box.ledger()["orders"]
                mine = [o for o in orders if o["user"] == self.pubkey and o["family"] == "time"]
                active = [o["order"] for o in mine if o["status"] == "active"]
                return f"/cancel {self.dice.choice(active)}" if active else None

    def _tap(self, message: dict[str, Any]) -> bool:
        """Twice at once, as impatient people do. A tap that nobody answered still counts as one."""
        if not any("Confirm" in button["text"] for row in message["buttons"] for button in row):
            return False
        try:
            self.chat.tap(message, harness.label(message, "Confirm"), times=2)
        except httpx.TimeoutException:
            return True
        except httpx.HTTPStatusError:
            return False
        return True


class Enough(Protocol):
    @property
    def stuck(self) -> bool: ...

    def __call__(self) -> bool: ...


class Killer(threading.Thread):
    """Kills the bot at random moments and starts it again, until enough has happened."""

    def __init__(self, made: World, enough: Enough, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self._world, self._enough, self._dice = made, enough, dice
        self._start_s = 2.0
        """How long a start took last: half a second or, on a busy machine, five."""

    def run(self) -> None:
        while not (self._enough() or self._enough.stuck):
            # Most kills fall into work, some into the start; a slow machine gets as much done between two.
            if self._dice.random() < 0.8:
                self._await_up(self._heard())
            time.sleep(self._dice.uniform(0.05, 2.0) * self._start_s)
            self._world.kill()
            self._world.start()

    def _await_up(self, before: int) -> None:
        began = time.monotonic()
        harness.wait_until(lambda: self._heard() > before, "the bot to be up", UP_WITHIN_S)
        self._start_s = max(1.0, time.monotonic() - began)

    def _heard(self) -> int:
        """How often the bot asked Telegram for news."""
        return self._world.box.fault_hits()[-1]
