"""Pictures and files, sent by the bot's own sender to the stand-in: whole, captioned, or refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from telegram.request import HTTPXRequest

from bot import errors
from bot.chat import markup
from bot.chat.connection import BotConnection
from bot.chat.delivery import Sender
from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import BASE, PNG, TOKEN

PERSON = 1
CAPTION = markup.screen(["📈 <b>Chart</b> &amp; words"], [markup.opener("📄 Order #7", "order", 7)])
CSV = markup.Attachment("fills.csv", b"time,order\r\n" * 1_000)
PICTURE = markup.Attachment("order-7.png", PNG, picture=True)


@pytest.fixture
async def sender(standin: Telegram) -> AsyncIterator[Sender]:
    requests = [
        HTTPXRequest(httpx_kwargs={"transport": httpx.ASGITransport(Starlette(routes=standin.routes()))})
        for _ in range(2)
    ]
    async with BotConnection(TOKEN, BASE, request=requests[0], updates_request=requests[1]) as connection:
        yield connection.sender


async def newest(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = (await client.get("/sandbox/messages", params={"user": PERSON})).json()
    message: dict[str, Any] = answer["messages"][-1]
    return message


async def test_a_picture_arrives_whole_with_its_words(sender: Sender, client: httpx.AsyncClient) -> None:
    """Byte for byte, with entities and a button."""
    message_id = await sender.send_file(PERSON, PICTURE, CAPTION)
    message = await newest(client)
    assert message["id"] == message_id
    assert message["text"] == "📈 Chart & words"
    assert message["buttons"][0][0]["text"] == "📄 Order #7"
    photo = message["photo"]
    assert (photo["width"], photo["height"]) == (1, 1)
    assert (await client.get(photo["url"])).content == PNG


async def test_a_file_arrives_under_its_name(sender: Sender, client: httpx.AsyncClient) -> None:
    """As a document, not as a picture."""
    await sender.send_file(PERSON, CSV, CAPTION)
    message = await newest(client)
    document = message["document"]
    assert (document["name"], document["size"]) == (CSV.name, len(CSV.content))
    assert (await client.get(document["url"])).content == CSV.content
    assert message["text"] == "📈 Chart & words"


@pytest.mark.parametrize("attachment", [PICTURE, CSV], ids=["picture", "file"])
async def test_a_caption_that_is_refused_goes_out_plain(
    sender: Sender, client: httpx.AsyncClient, attachment: markup.Attachment
) -> None:
    """Broken markup, or more than a caption holds: the file still comes, with words that fit."""
    await sender.send_file(PERSON, attachment, markup.Screen("<b>open"))
    assert (await newest(client))["text"] == "open"
    await sender.send_file(PERSON, attachment, markup.Screen("<b>" + "ä" * 2_000 + "</b>"))
    assert (await newest(client))["text"] == "ä" * markup.CAPTION_LIMIT


async def test_what_is_no_picture_is_refused(sender: Sender, client: httpx.AsyncClient) -> None:
    """An error of ours, not a message without its picture."""
    before = await newest(client)
    broken = markup.Attachment("broken.png", b"no picture", picture=True)
    with pytest.raises(errors.DeliveryRejected):
        await sender.send_file(PERSON, broken, CAPTION)
    assert await newest(client) == before


async def test_files_fail_as_messages_do(sender: Sender, standin: Telegram) -> None:
    """Whoever blocked the bot is gone for pictures, too."""
    standin.block(PERSON)
    with pytest.raises(errors.ChatGone):
        await sender.send_file(PERSON, PICTURE, CAPTION)
    await sender.show_uploading(PERSON)


async def test_a_picture_on_its_way_is_shown(sender: Sender, standin: Telegram) -> None:
    """Until it comes."""
    chat = standin.world.chats.find(PERSON)
    assert chat is not None
    await sender.show_uploading(PERSON)
    assert chat.typing_until > 0
    await sender.send_file(PERSON, PICTURE, CAPTION)
    assert chat.typing_until == 0
