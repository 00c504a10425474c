"""The whole production program in virtual time: real services, SQL and clients; fakes beyond every socket.

Whoever uses it is `in_virtual_time`. What happens at Jupiter is `jupiter.on(…)`, or a Market.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from pydantic import SecretStr

from bot import app, settings, storage
from bot.chat.connection import BotConnection
from bot.drawing.painter import WorkerPainter
from bot.jupiter.budget import RateBudget
from bot.jupiter.transport import JupiterTransport
from bot.keys.vault import Vault
from bot.services.orders import Orders
from bot.storage.instance import InstanceLock
from tests.fakes import jupiter, telegram
from tests.fakes.chat_services import LoopClock
from tests.fakes.reports import FakePainter
from tests.fakes.rpc import FakeRpc
from tests.fakes.vault import FakeVault


@dataclass(frozen=True, slots=True)
class Running:
    """Nothing of `program` runs by itself: a test starts the parts that it is about."""

    program: app.Program
    edges: app.Edges
    orders: Orders


@asynccontextmanager
async def open_program(
    stores: storage.Storage,
    at_jupiter: jupiter.FakeJupiter,
    at_telegram: telegram.FakeTelegram,
    *,
    rps: float = 1.0,
    idle_s: float = 0.0,
) -> AsyncIterator[Running]:
    """As after a start: whatever an earlier one left is in `stores`.

    `idle_s`: no pause of polling and delivery is shorter; hours without events pass the faster.
    """

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(max(seconds, idle_s))

    config = settings.Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings' own argument
        telegram_bot_token=SecretStr(telegram.TOKEN),
        jupiter_rps=rps,
        access="open",
    )
    clock = LoopClock()
    budget = RateBudget(rps, wall=at_jupiter.wall)
    connection = BotConnection(
        telegram.TOKEN, telegram.API_URL, request=at_telegram, updates_request=at_telegram
    )
    transport = JupiterTransport(jupiter.URL, budget=budget, wire=at_jupiter.wire)
    async with connection, transport:
        edges = app.Edges(
            lock=InstanceLock(),
            stores=stores,
            vault=cast("Vault", FakeVault()),
            jupiter=transport,
            chain=FakeRpc().chain(),
            telegram=connection,
            painter=cast("WorkerPainter", FakePainter()),
            clock=clock,
            order_clock=clock,
        )
        built = app.build(config, edges)
        built.polling._sleep = built.delivery._sleep = sleep
        yield Running(built, edges, built.chat._dispatcher._services.orders)
