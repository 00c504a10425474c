"""Updates that are pushed: to this machine only, in order, and again until they are taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.sandbox.store import Store
from bot.sandbox.telegram import webhooks
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.webhooks import Courier, Webhook, Webhooks
from tests.fakes.telegram_sandbox import until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Receiver:
    """A bot's server that answers with what it is told to, in turn; then with 200."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.requests.append(head + await reader.readexactly(length))
        writer.write(self._answers.pop(0) if self._answers else b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()


@asynccontextmanager
async def listening(*answers: bytes) -> AsyncIterator[Receiver]:
    receiver = Receiver(*answers)
    async with await asyncio.start_server(receiver.serve, "127.0.0.1", 0) as server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=b"
        yield receiver


class Delivery:
    """A courier at work, whose pauses take no time."""

    def __init__(self, url: str) -> None:
        self.hooks, self.updates, self.pauses = Webhooks(), Updates(10, Store()), list[float]()
        self.hooks.replace(Webhook(url, "s3"))
        self._courier = Courier(self.hooks, self.updates, lambda: NOW, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def until_empty(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self._courier.run())
            await until(lambda: not self.updates.pending)
            running.cancel()


async def test_each_comes_once_in_order_with_the_secret() -> None:
    """A whole request that any server understands."""
    async with listening() as receiver:
        delivery = Delivery(receiver.url)
        for n in range(3):
            delivery.updates.add("message", {"text": f"é{n}"})
        await delivery.until_empty()
    heads, bodies = zip(*(request.split(b"\r\n\r\n") for request in receiver.requests), strict=True)
    assert list(bodies) == [
        b'{"update_id": %d, "message": {"text": "\\u00e9%d"}}' % (10 + n, n) for n in range(3)
    ]
    assert heads[0].startswith(b"POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"X-Telegram-Bot-Api-Secret-Token: s3" in heads[0]


async def test_what_is_not_taken_comes_again() -> None:
    """After an error, a redirect and a broken answer; with growing pauses, and the last reason to be read."""
    refused = (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", b"HTTP/1.1 302 Found\r\n\r\n", b"")
    async with listening(*refused) as receiver:
        delivery = Delivery(receiver.url)
        delivery.updates.add("message", {})
        await delivery.until_empty()
    assert len(receiver.requests) == 4
    assert len(set(receiver.requests)) == 1
    assert delivery.pauses == [0.5, 1.0, 2.0]
    assert (delivery.hooks.error, delivery.hooks.failed_at) == ("Connection closed", NOW)


async def test_nobody_listening_is_waited_for() -> None:
    """The reason is that of the system."""
    async with listening() as receiver:
        pass
    delivery = Delivery(receiver.url)
    delivery.updates.add("message", {})
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(delivery._courier.run())
        await until(lambda: len(delivery.pauses) > 1)
        running.cancel()
    assert delivery.hooks.error == "Connection refused"
    assert delivery.updates.pending == 1


@pytest.mark.parametrize("url", ["https://example.com/hook", "https://127.0.0.1/hook"])
async def test_nothing_leaves_for_another_machine(url: str) -> None:
    """What Telegram would reach is taken as Telegram takes it, and never called."""
    assert webhooks.check_url(url) == url
    with pytest.raises(webhooks.Undelivered, match="its own machine only"):
        await webhooks._post(Webhook(url), {})
