"""The stand-in behind ASGI, in this process: no ports, and a clock that only tests move."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import telegram
import uvicorn
from starlette.applications import Starlette
from telegram.request import HTTPXRequest

from bot.sandbox.guard import LocalOnly
from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import BASE, TOKEN, Answer, Call, StandingClock, until


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def standin(clock: StandingClock) -> Telegram:
    """Person 1 has pressed Start."""
    standin = Telegram(TOKEN, chat_burst=1000, overall_per_s=1000, now=clock.now, monotonic=clock.monotonic)
    standin.send(1, "/start")
    return standin


class Server(uvicorn.Server):
    """Leaves the signal handlers of the test run alone."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own is a bare generator
        yield


@pytest.fixture
async def client(standin: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    """As the sandbox serves it: behind the guard."""
    transport = httpx.ASGITransport(LocalOnly(Starlette(routes=standin.routes())))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def call(client: httpx.AsyncClient) -> Call:
    """Call a Bot API method with a JSON body; the whole answer."""

    async def call(method: str, **params: Any) -> Answer:
        response = await client.post(f"/bot{TOKEN}/{method}", json=params)
        answer: Answer = response.json()
        assert response.status_code == answer.get("error_code", 200)
        return answer

    return call


@pytest.fixture
async def bot(standin: Telegram) -> AsyncIterator[telegram.Bot]:
    """python-telegram-bot itself, talking to the stand-in."""
    transport = httpx.ASGITransport(Starlette(routes=standin.routes()))
    requests = [HTTPXRequest(httpx_kwargs={"transport": transport}) for _ in range(2)]
    bot = telegram.Bot(
        TOKEN,
        base_url=f"{BASE}/bot",
        base_file_url=f"{BASE}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    async with bot:
        yield bot


@pytest.fixture
async def address(standin: Telegram) -> AsyncIterator[str]:
    """The stand-in, served on a free port."""
    app = Starlette(routes=standin.routes())
    server = Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        standin.close()
        server.should_exit = True
