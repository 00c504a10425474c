"""Over a real socket: what only a running server can show."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import telegram

from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import TOKEN, until


async def events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, object]]]:
    name = ""
    async for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


async def test_the_page_hears_of_every_change(address: str, standin: Telegram) -> None:
    """A snapshot, the chat, then each message as it comes, changes and goes; the stream ends on close."""
    async with (
        httpx.AsyncClient(base_url=address) as client,
        client.stream("GET", "/sandbox/events?user=1") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = events(response.aiter_lines())
        name, snapshot = await anext(stream)
        assert (name, snapshot) == ("snapshot", {"messages": standin.messages(1)})
        name, chat = await anext(stream)
        assert (name, chat["typing"]) == ("chat", False)
        url = f"/bot{TOKEN}"
        await client.post(f"{url}/sendMessage", json={"chat_id": 1, "text": "a"})
        assert (await anext(stream))[1]["text"] == "a"
        await client.post(f"{url}/editMessageText", json={"chat_id": 1, "message_id": 2, "text": "b"})
        name, message = await anext(stream)
        assert (name, message["id"], message["text"], message["edited"]) == ("message", 2, "b", True)
        await client.post(f"{url}/deleteMessage", json={"chat_id": 1, "message_id": 2})
        assert (await anext(stream))[1]["deleted"] is True
        await client.post(f"{url}/sendChatAction", json={"chat_id": 1, "action": "typing"})
        name, chat = await anext(stream)
        assert (name, chat["typing"]) == ("chat", True)
        standin.close()
        assert [event async for event in stream] == []


async def test_ptb_polls_and_answers(address: str, standin: Telegram) -> None:
    """A whole turn: a long poll, a card, a tap, its answer as a toast."""
    async with telegram.Bot(TOKEN, base_url=f"{address}/bot") as bot:
        (start,) = await bot.get_updates(timeout=5)
        async with asyncio.TaskGroup() as tasks:
            poll = tasks.create_task(bot.get_updates(start.update_id + 1, timeout=5))
            await until(lambda: standin.polled)
            markup = telegram.InlineKeyboardMarkup(
                [[telegram.InlineKeyboardButton("Yes", callback_data="y")]]
            )
            card = await bot.send_message(1, "Sure?", reply_markup=markup)
            tap = tasks.create_task(standin.tap(1, card.message_id, "Yes"))
            (update,) = await poll
            assert update.callback_query
            await update.callback_query.answer("Done")
        assert [(one.answered, one.text, one.alert) for one in tap.result()] == [(True, "Done", False)]


async def test_a_second_instance_is_noticed(address: str, standin: Telegram) -> None:
    """The first poller gets PTB's Conflict."""
    async with (
        telegram.Bot(TOKEN, base_url=f"{address}/bot") as first,
        telegram.Bot(TOKEN, base_url=f"{address}/bot") as second,
    ):
        (start,) = await first.get_updates()
        async with asyncio.TaskGroup() as tasks:
            poll = tasks.create_task(_conflict(first, start.update_id + 1))
            await until(lambda: standin.polled)
            await second.get_updates(start.update_id + 1)
        assert poll.result().startswith("Conflict: terminated by other getUpdates request")


async def _conflict(bot: telegram.Bot, offset: int) -> str:
    with pytest.raises(telegram.error.Conflict) as caught:
        await bot.get_updates(offset, timeout=5)
    return caught.value.message
