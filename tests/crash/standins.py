"""The sandbox's stand-ins with the brisk market in place of their own, and a witness of what was answered.

`python -m tests.crash.standins PORT SEED WALLETS BORN_AT SLOW_S` serves until SIGTERM.
"""

import asyncio
import contextlib
import json
import sys
import time
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox import recurring
from bot.sandbox.faulty import Faulty
from bot.sandbox.service import Service, Window
from bot.sandbox.standins import StandIns
from bot.sandbox.store import Store
from tests.crash.market import Market

RPS = 50.0
LIST = f"{recurring.PREFIX}/getRecurringOrders"


class Witness:
    """ASGI middleware around everything: it sees what really went out, whatever the faults did to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.counts = dict.fromkeys(("asked", "listed", "sending", "sent"), 0)
        """Calls for updates and with messages that came in; lists of orders and answers that are out."""
        self._counted = asyncio.Condition()
        self.answered: list[tuple[int, int, float]] = []
        """Chat, message and moment of every sent message of which the bot was told."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].casefold() if scope["type"] == "http" else ""
        if path.endswith("/getupdates"):
            await self._count("asked")
        elif path == LIST.casefold():
            await self._app(scope, receive, send)
            await self._count("listed")
            return
        elif path.endswith("/sendmessage"):
            await self._count("sending")
            await self._app(scope, receive, self._watching(send))
            await self._count("sent")
            return
        await self._app(scope, receive, send)

    async def more_than(self, beyond: int, what: str) -> None:
        """Return when there were more of that kind."""
        async with self._counted:
            await self._counted.wait_for(lambda: self.counts[what] > beyond)

    async def _count(self, what: str) -> None:
        async with self._counted:
            self.counts[what] += 1
            self._counted.notify_all()

    def _watching(self, send: Send) -> Send:
        status, body = 0, b""

        async def watch(message: Message) -> None:
            nonlocal status, body
            await send(message)
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if status == HTTPStatus.OK and not message.get("more_body", False):
                    self._note(body)

        return watch

    def _note(self, body: bytes) -> None:
        try:
            sent = json.loads(body)["result"]
        except ValueError:
            return  # an answer that no bot can read
        self.answered.append((sent["chat"]["id"], sent["message_id"], time.time()))


class Brisk:
    """All of it, as one app."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self.standins = StandIns(Store(), welcome=False, jupiter_rps=RPS)
        listed = Service(Window(RPS)).endpoint(self._list)
        inner = Faulty(Starlette(routes=[Route(LIST, listed)]), self.standins.faults)
        self._witness = Witness(Starlette(routes=[Route(LIST, inner), Mount("/", self.standins.app())]))

    def app(self) -> ASGIApp:
        own = [
            Route("/crash/begin", self._begin, methods=["POST"]),
            Route("/crash/counts", self._tell_counts),
            Route("/crash/answered", self._tell_answered),
        ]
        return Starlette(routes=[*own, Mount("/", self._witness)])

    async def _list(self, request: Request) -> dict[str, object]:
        query = request.query_params
        return self._market.page(query["user"], query["orderStatus"], int(query["page"]), time.time())

    async def _begin(self, request: Request) -> Response:
        asked = await request.json()
        self._market.begin(asked["fills"], asked["epoch"])
        return JSONResponse({})

    async def _tell_counts(self, request: Request) -> Response:
        """At once, or within `timeout_s` as soon as there are more than `beyond` of `what`."""
        query = request.query_params
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(float(query["timeout_s"])):
                await self._witness.more_than(int(query["beyond"]), query["what"])
        return JSONResponse(self._witness.counts)

    async def _tell_answered(self, _: Request) -> Response:
        return JSONResponse(self._witness.answered)


def main() -> None:
    port, seed, wallets, born_at, slow_s = sys.argv[1:]
    brisk = Brisk(Market(int(seed), int(wallets), float(born_at), slow_s=float(slow_s)))

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            brisk.standins.telegram.close()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        brisk.app(),
        port=int(port),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    Server(config).run()


if __name__ == "__main__":
    main()
