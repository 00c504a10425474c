"""The production program in this process, with nothing real outside, as one person uses it.

What is counted of each step is ours alone: CPU time of this process, and statements that the database ran.
"""

import itertools
import pickle
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from telegram import Update
from telegram.ext import ExtBot

from bot import app, storage
from bot.chat.connection import BotConnection
from bot.chat.delivery import Bot, Sender
from bot.domain.charts import Chart
from bot.drawing.painter import WorkerPainter
from bot.jupiter.transport import JupiterTransport
from bot.keys import keyring
from bot.keys.vault import Vault
from bot.solana.chain import RpcChain
from tests.benchmarks import busy, rig
from tests.fakes import jupiter, telegram
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import FakeTelegram, Sent

USER: Final = 7
_LATER_S: Final = 60
"""Passes between two steps: whatever a screen asks Jupiter is asked anew."""


class Unhurried(BotConnection):
    """Without the pace that Telegram wants: waiting for it is no work of ours."""

    def __init__(self, api: FakeTelegram) -> None:
        super().__init__(telegram.TOKEN, telegram.API_URL, request=api, updates_request=api)
        bot: Bot = ExtBot(telegram.TOKEN, request=api, get_updates_request=api)  # type: ignore[assignment]  # its types want a rate limiter
        self.bot = bot
        self.sender = Sender(self.bot)


class Clocked(FakeTelegram):
    """Notes what this process had spent when it answered first."""

    def __init__(self) -> None:
        super().__init__()
        self.answered_s: float | None = None

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        if self.answered_s is None and url.endswith(("/sendMessage", "/editMessageText")):
            self.answered_s = time.process_time()
        return await super().do_request(url, *args, **kwargs)


class QuickPainter(WorkerPainter):
    """What it costs to have a chart drawn is measured elsewhere."""

    async def prepare(self) -> None: ...

    async def paint(self, chart: Chart) -> bytes:
        return pickle.dumps(chart)


@dataclass(frozen=True, slots=True)
class Step:
    """What one command or tap cost, and what the person saw then."""

    did: str
    cpu_s: float
    """To the last answer."""
    first_s: float
    """To the first."""
    statements: int
    shown: tuple[Sent, ...]
    """New and edited messages, oldest first."""


class Desk:
    def __init__(
        self, program: app.Program, edges: app.Edges, api: Clocked, clock: FakeClock, estate: busy.Estate
    ) -> None:
        self.program = program
        self.edges = edges
        self.api = api
        self.estate = estate
        self._clock = clock
        self._ids = itertools.count(1)
        self._statements = 0
        engine = edges.stores.database._engine.sync_engine
        sa.event.listen(engine, "before_cursor_execute", self._count)

    async def write(self, text: str) -> Step:
        body = self._message(next(self._ids)) | {"text": text, "from": _PERSON}
        return await self._step(text, {"message": body})

    async def tap(self, message: Sent, data: str) -> Step:
        query = {"id": "1", "from": _PERSON, "chat_instance": "1", "data": data}
        query["message"] = self._message(message.id) | {"text": message.text}
        return await self._step(data, {"callback_query": query})

    async def _step(self, did: str, update: dict[str, Any]) -> Step:
        self._clock.advance(_LATER_S)
        before = {number: len(sent.versions) for number, sent in self.api.sent.items()}
        parsed = Update.de_json(update | {"update_id": next(self._ids)}, self.edges.telegram.bot)
        statements, self.api.answered_s, started = self._statements, None, time.process_time()
        await self.program.chat.application.process_update(parsed)
        ended = time.process_time()
        first = self.api.answered_s or ended
        shown = [sent for number, sent in self.api.sent.items() if len(sent.versions) > before.get(number, 0)]
        counted = self._statements - statements
        return Step(did, ended - started, first - started, counted, tuple(shown))

    def _message(self, message_id: int) -> dict[str, Any]:
        return {"message_id": message_id, "date": 1_790_000_000, "chat": {"id": USER, "type": "private"}}

    def _count(self, *_: object) -> None:
        self._statements += 1


_PERSON: Final = {"id": USER, "is_bot": False, "first_name": "Someone"}


@asynccontextmanager
async def open_desk(folder: Path, seed: int, size: busy.Size = busy.BUSY) -> AsyncIterator[Desk]:
    """The person's wallets, the last of which is only watched, have been looked at: everything is stored."""
    config = rig.configure(folder, "http://nobody.invalid")
    ring = keyring.init(config.keyring_file, database_folder=config.database_folder)
    vault, clock, api = Vault(ring), FakeClock(), Clocked()
    sealed = [vault.create(USER) for _ in range(size.wallets)]
    estate = busy.build(seed, clock.now(), [address for address, _ in sealed], size)
    async with (
        storage.acquire_instance_lock(config.database_url) as lock,
        storage.Storage.open(config.database_url) as stores,
        JupiterTransport(jupiter.URL, rps=1_000, wire=estate.jupiter.wire) as transport,
        estate.node.client() as client,
        Unhurried(api) as connection,
    ):
        edges = app.Edges(
            lock=lock,
            stores=stores,
            vault=vault,
            jupiter=transport,
            chain=RpcChain(client),
            telegram=connection,
            painter=QuickPainter(),
            clock=clock,
            order_clock=clock,
        )
        await stores.people.record_seen(USER, USER)
        for (address, name), (_, seal) in zip(estate.wallets, sealed, strict=True):
            owned = None if len(sealed) > 1 and address == sealed[-1][0] else seal
            await stores.wallets.add(USER, address, name, owned, clock.now(), size.wallets)
        program = app.build(config, edges)
        await program.chat.application.initialize()
        desk = Desk(program, edges, api, clock, estate)
        await desk.write("/orders")
        await desk.write("/export all")
        yield desk
        await program.chat.application.shutdown()
