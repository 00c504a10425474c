"""All stand-ins together: one ledger, one market, and everything that speaks for them over HTTP."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.sandbox.address import TOKEN
from bot.sandbox.book import Book
from bot.sandbox.chain import Chain
from bot.sandbox.control import Control
from bot.sandbox.crafts import Crafts
from bot.sandbox.directory import Directory
from bot.sandbox.faults import Faults
from bot.sandbox.faulty import Faulty
from bot.sandbox.guard import LocalOnly
from bot.sandbox.keeper import Keeper
from bot.sandbox.newcomer import Newcomers
from bot.sandbox.ordertime import OrderTime
from bot.sandbox.prices import Prices
from bot.sandbox.recurring import Recurring
from bot.sandbox.rpc import Rpc
from bot.sandbox.rpcparams import PARSE_ERROR, RpcError
from bot.sandbox.service import Service, Window
from bot.sandbox.slots import SECONDS_PER_SLOT, Slots
from bot.sandbox.store import Store
from bot.sandbox.telegram import Telegram
from bot.sandbox.treasury import Treasury

log = logging.getLogger(__name__)

TICK_S = 0.25
POLLER_MISSED_AFTER_S = 3.0


class StandIns:
    """Compose everything over one store. `app` is what to serve, `run` moves the market on."""

    def __init__(
        self,
        store: Store,
        *,
        speed: float = 10.0,
        seed: str | None = None,
        welcome: bool = True,
        jupiter_rps: float = 20.0,
        finality: int = 4,
        slot_s: float = SECONDS_PER_SLOT,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        telegram: Telegram | None = None,
    ) -> None:
        self.store = store
        self._monotonic = monotonic
        self._sleep = sleep
        kept = store.load("market")
        self.seed = kept.get("seed") or seed or secrets.token_hex(8)
        store.put("market", "seed", self.seed)
        self.time = OrderTime(store, speed=speed, real=monotonic, start=wall)
        self.chain = Chain(store, Slots(store, real=wall, finality=finality, slot_s=slot_s), self.time)
        self.treasury = Treasury(self.chain)
        self.book = Book(self.chain)
        self.prices = Prices(self.seed)
        self.keeper = Keeper(self.chain, self.book, self.prices, self.treasury, self.seed)
        self.newcomers = Newcomers(self.chain, self.book, self.keeper, self.treasury, welcome=welcome)
        self.faults = Faults()
        self.telegram = telegram or Telegram(TOKEN, store=store)
        self.crafts = Crafts(self.chain, self.faults, sleep)
        self.recurring = Recurring(
            self.chain,
            self.book,
            self.prices,
            self.crafts,
            self.faults,
            on_owner=self.newcomers.meet,
            foreign=self.newcomers.foreign,
        )
        self.directory = Directory(self.chain, self.prices, self.faults)
        self.rpc = Rpc(self.chain, on_owner=self.newcomers.meet)
        self.control = Control(
            self.chain, self.book, self.keeper, self.treasury, self.faults, self._bot_is_there
        )
        self._service = Service(Window(jupiter_rps, monotonic, wall))
        self._polled_at = -POLLER_MISSED_AFTER_S - 1

    def app(self) -> ASGIApp:
        routes = [
            *self.recurring.routes(self._service),
            *self.directory.routes(self._service),
            Route("/rpc", self._rpc, methods=["POST"]),
            *self.control.routes(),
            *self.telegram.routes(),
        ]
        return Faulty(LocalOnly(Starlette(routes=routes)), self.faults, self._sleep)

    async def run(self) -> None:
        """Move the market on, and push what is to be pushed, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.telegram.run())
            while True:
                self.tick()
                await self._sleep(TICK_S)

    def tick(self) -> None:
        """One turn: orders that are due are filled, and the time is remembered."""
        with self.store.unit():
            self.keeper.run_due()
            self.time.keep()
        self._bot_is_there()

    def _bot_is_there(self) -> bool:
        """Whether the bot asked for updates just now."""
        if self.telegram.polled:
            self._polled_at = self._monotonic()
        return self._monotonic() - self._polled_at < POLLER_MISSED_AFTER_S

    async def _rpc(self, request: Request) -> Response:
        try:
            call = await request.json()
        except ValueError:
            error = RpcError(PARSE_ERROR, "Parse error").body()
            return JSONResponse({"jsonrpc": "2.0", "error": error, "id": None})
        return JSONResponse(self.rpc.answer(call))
