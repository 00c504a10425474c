"""The strict stand-ins in a process of their own, with a few ways in for measuring.

`python -m tests.benchmarks.standin PORT` serves until SIGTERM.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.address import TOKEN
from bot.sandbox.standins import StandIns
from bot.sandbox.store import Store
from bot.sandbox.telegram import Telegram
from tests import harness

_PATIENCE_S = 30.0
_LOOK_S = 0.05


class Counting:
    """ASGI middleware that counts what was refused with 429."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.refused += message["status"] == HTTPStatus.TOO_MANY_REQUESTS
            await send(message)

        await self._app(scope, receive, count)


class Measured:
    """All stand-ins, and `/bench`: open chats, tap and take the time, say what arrived when."""

    def __init__(self) -> None:
        self.telegram = Telegram(TOKEN)
        self._inner = Counting(StandIns(Store(), welcome=False, telegram=self.telegram).app())

    def app(self) -> ASGIApp:
        return Starlette(
            routes=[
                Route("/bench/people", self._open, methods=["POST"]),
                Route("/bench/tap", self._tap, methods=["POST"]),
                Route("/bench/write", self._write, methods=["POST"]),
                Route("/bench/arrived", self._arrived),
                Mount("/", self._inner),
            ]
        )

    async def _open(self, request: Request) -> Response:
        """Everybody in `ids` has pressed Start before."""
        for user_id in (await request.json())["ids"]:
            self.telegram.world.chats.open_private(user_id)
        return JSONResponse({})

    async def _tap(self, request: Request) -> Response:
        """One after the other taps a button with that verb; seconds until the bot answered each query."""
        asked = await request.json()
        seconds = []
        for user_id in asked["users"]:
            message = self.telegram.world.chats.of(user_id)[-1]
            buttons = [button for row in message.rows for button in row]
            label = next(one["text"] for one in buttons if asked["verb"] in _words(one))
            query = self.telegram.people.open_tap(user_id, message.id, label)
            started = time.perf_counter()
            tap = await self.telegram.people.outcome(query, _PATIENCE_S)
            seconds.append(time.perf_counter() - started if tap.answered else None)
            await asyncio.sleep(asked["every_s"])
        return JSONResponse(seconds)

    async def _write(self, request: Request) -> Response:
        """One after the other writes a text; all of the bot's answers, when the last one is there."""
        asked = await request.json()
        chats = self.telegram.world.chats
        for user_id in asked["users"]:
            self.telegram.send(user_id, asked["text"])
            await asyncio.sleep(asked["every_s"])
        async with asyncio.timeout(_PATIENCE_S):
            while any(chats.of(user_id)[-1].sender_id == user_id for user_id in asked["users"]):  # noqa: ASYNC110 - no event
                await asyncio.sleep(_LOOK_S)
        return JSONResponse([self.telegram.messages(user_id)[-1] for user_id in asked["users"]])

    async def _arrived(self, _: Request) -> Response:
        """Every message of the bot in every chat: [chat, seconds since 1970]; how many calls met 429."""
        chats = self.telegram.world.chats
        bot_id = self.telegram.world.bot["id"]
        messages = [
            [message.chat_id, message.sent_at.timestamp()]
            for chat in list(chats._chats.values())
            for message in chat.messages.values()
            if message.sender_id == bot_id
        ]
        return JSONResponse({"messages": messages, "refused": self._inner.refused})


def _words(button: dict[str, Any]) -> list[str]:
    words: list[str] = button.get("callback_data", "").split(":")
    return words


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the stand-in received, in the order of arrival."""

    messages: list[tuple[int, float]]
    """Chat, and the moment in seconds."""
    refused: int
    """Calls that met 429."""

    @property
    def rate(self) -> float:
        """Messages per second from the first to the last."""
        return (len(self.messages) - 1) / (self.messages[-1][1] - self.messages[0][1])

    def most_within(self, seconds: float) -> int:
        """The most messages in any span of that length."""
        moments = [moment for _, moment in self.messages]
        most = first = 0
        for last, moment in enumerate(moments):
            while moment - moments[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def closest(self) -> float:
        """The least seconds between two messages to the same chat; infinite where nobody got two."""
        previous: dict[int, float] = {}
        gaps = [float("inf")]
        for chat, moment in self.messages:
            if chat in previous:
                gaps.append(moment - previous[chat])
            previous[chat] = moment
        return min(gaps)


@dataclass(frozen=True, slots=True)
class StandIn:
    """How to reach it. What is not async blocks: it is for when nothing is measured."""

    url: str

    def open_chats(self, ids: list[int]) -> None:
        httpx.post(f"{self.url}/bench/people", json={"ids": ids}, timeout=60).raise_for_status()

    def arrived(self) -> Arrived:
        answer = httpx.get(f"{self.url}/bench/arrived", timeout=60).raise_for_status().json()
        messages = sorted(((chat, moment) for chat, moment in answer["messages"]), key=lambda sent: sent[1])
        return Arrived(messages, answer["refused"])

    def transcript(self, user_id: int) -> list[dict[str, Any]]:
        """A person's chat as the page shows it, oldest first."""
        answer = httpx.get(f"{self.url}/sandbox/messages", params={"user": user_id}, timeout=60)
        listed: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
        return listed

    async def tap(self, users: Sequence[int], verb: str, every_s: float) -> list[float]:
        """Seconds from each one's tap on the button with that verb to the answer of the callback query."""
        seconds = await self._ask("tap", {"users": list(users), "verb": verb, "every_s": every_s})
        assert None not in seconds, "a tap was never answered"
        return [float(each) for each in seconds]

    async def write(self, users: Sequence[int], text: str, every_s: float) -> list[dict[str, Any]]:
        """What the bot answered to each, when everybody has an answer."""
        return await self._ask("write", {"users": list(users), "text": text, "every_s": every_s})

    async def _ask(self, what: str, body: dict[str, Any]) -> list[Any]:
        """In a thread: the loop under measurement is not to work for the measurement."""
        answer = await asyncio.to_thread(httpx.post, f"{self.url}/bench/{what}", json=body, timeout=600)
        answered: list[Any] = answer.raise_for_status().json()
        return answered


@contextmanager
def serve(folder: Path) -> Iterator[StandIn]:
    """A stand-in of its own, until the block ends."""
    port = harness.free_port()
    log = folder / "stand-in.log"
    with log.open("ab") as sink:
        command = [sys.executable, "-m", "tests.benchmarks.standin", str(port)]
        process = subprocess.Popen(
            command, cwd=harness.ROOT, stdout=sink, stderr=sink, env=harness.clean_env()
        )
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            return httpx.get(f"{url}/bench/arrived", timeout=2).is_success
        except httpx.HTTPError:
            return False

    try:
        harness.wait_until(ready, "the stand-in", harness.START_S)
        yield StandIn(url)
    finally:
        harness.stop(process)


def main() -> None:
    measured = Measured()

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            measured.telegram.close()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        measured.app(),
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    Server(config).run()


if __name__ == "__main__":
    main()
