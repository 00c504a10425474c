"""The stand-in behind ASGI, in this process: no ports, and a clock that only tests move."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import telegram
from starlette.applications import Starlette
from telegram.request import HTTPXRequest

from bot.sandbox.guard import LocalOnly
from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import BASE, TOKEN, Answer, Call, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def standin(clock: StandingClock) -> Telegram:
    """Person 1 has pressed Start."""
    standin = Telegram(TOKEN, chat_burst=1000, overall_per_s=1000, now=clock.now, monotonic=clock.monotonic)
    standin.send(1, "/start")
    return standin


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
