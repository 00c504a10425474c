"""Driven by a second library, aiogram: what two clients understand alike is hardly a quirk of either.

Its models keep every field that they do not know: none may be left over in any answer.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiogram
import pytest
from aiogram import exceptions, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from pydantic import BaseModel

from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import PNG, TOKEN, until

SECRET = "s_-3"
CARD = types.InlineKeyboardMarkup(
    inline_keyboard=[
        [
            types.InlineKeyboardButton(text="Yes", callback_data="y", style="success"),
            types.InlineKeyboardButton(text="Copy", copy_text=types.CopyTextButton(text="abc")),
        ],
        [types.InlineKeyboardButton(text="Solscan", url="https://solscan.io/tx/1")],
    ]
)


def strange_fields(value: object) -> list[str]:
    """Names of the fields that the library did not know, anywhere inside."""
    if isinstance(value, BaseModel):
        inside = [part for name in type(value).model_fields for part in strange_fields(getattr(value, name))]
        return [*(value.model_extra or {}), *inside]
    if isinstance(value, list):
        return [name for part in value for name in strange_fields(part)]
    return []


def keys(message: types.Message) -> dict[str, Any]:
    """The buttons under a message; models that came by different ways are not equal."""
    assert message.reply_markup
    return message.reply_markup.model_dump()


class Session(AiohttpSession):
    """The library's own; every answer that fits its models must have nothing else in it.

    Without the quarter of a second that the library gives to TLS when it closes.
    """

    async def make_request(
        self, bot: aiogram.Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        result = await super().make_request(bot, method, timeout)
        assert strange_fields(result) == [], method
        return result

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


@pytest.fixture
async def bot(address: str) -> AsyncIterator[aiogram.Bot]:
    async with aiogram.Bot(TOKEN, session=Session(api=TelegramAPIServer.from_base(address))) as bot:
        yield bot


async def test_messages_are_sent_edited_and_deleted(bot: aiogram.Bot, standin: Telegram) -> None:
    """Text, entities, buttons of every kind, replies and ForceReply come back as they were sent."""
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "recurring_sandbox_bot")
    text = '<b>a</b> <code>c</code> <tg-time unix="1700000000" format="r">soon</tg-time>'
    sent = await bot.send_message(
        1, text, parse_mode="HTML", reply_markup=CARD, reply_parameters=types.ReplyParameters(message_id=1)
    )
    assert [entity.type for entity in sent.entities or []] == ["bold", "code", "date_time"]
    assert keys(sent) == CARD.model_dump()
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "/start"
    edited = await sent.edit_text("b", reply_markup=CARD)
    assert isinstance(edited, types.Message)
    assert (edited.message_id, edited.text) == (sent.message_id, "b")
    with pytest.raises(exceptions.TelegramBadRequest, match="message is not modified"):
        await sent.edit_text("b", reply_markup=CARD)
    await bot.edit_message_reply_markup(chat_id=1, message_id=sent.message_id)
    asked = await bot.send_message(
        1, "How much?", reply_markup=types.ForceReply(input_field_placeholder="70")
    )
    await bot.send_chat_action(1, "typing")
    await bot.delete_messages(1, [sent.message_id, asked.message_id])
    with pytest.raises(exceptions.TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(1, sent.message_id)
    assert [message["deleted"] for message in standin.messages(1)] == [False, True, True]


async def test_photos_and_documents(bot: aiogram.Bot, standin: Telegram) -> None:
    """Uploaded as parts of a form beside their captions, described, edited, and downloaded again."""
    photo = await bot.send_photo(
        1,
        types.BufferedInputFile(PNG, "chart.png"),
        caption="<i>A chart</i>",
        parse_mode="HTML",
        reply_markup=CARD,
    )
    assert photo.photo
    assert (photo.photo[0].width, photo.photo[0].height, photo.caption) == (1, 1, "A chart")
    assert keys(photo) == CARD.model_dump()
    edited = await bot.edit_message_caption(chat_id=1, message_id=photo.message_id, caption="d")
    assert isinstance(edited, types.Message)
    assert edited.caption == "d"
    assert (await bot.send_photo(1, photo.photo[0].file_id)).photo == photo.photo
    rows = b"time,order\n2026-11-20,7\n"
    document = await bot.send_document(1, types.BufferedInputFile(rows, "fills é.csv"), caption="All fills")
    assert document.document
    assert (document.document.file_name, document.document.file_size) == ("fills é.csv", len(rows))
    for file_id, content in ((photo.photo[0].file_id, PNG), (document.document.file_id, rows)):
        found = await bot.get_file(file_id)
        assert found.file_path
        read = await bot.download_file(found.file_path)
        assert read
        assert read.read() == content
    shown = standin.messages(1)
    assert (shown[1]["photo"]["width"], shown[-1]["document"]["name"]) == (1, "fills é.csv")
    with pytest.raises(exceptions.TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(1, types.BufferedInputFile(b"no picture", "chart.png"))


async def test_refusals_are_the_librarys_own_exceptions(bot: aiogram.Bot, standin: Telegram) -> None:
    """400, 401, 403, 404 and 429 are told apart by code, and the waiting time is found."""
    with pytest.raises(exceptions.TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(1, "<b>", parse_mode="HTML")
    with pytest.raises(exceptions.TelegramBadRequest, match="message is too long"):
        await bot.send_message(1, "x" * 4097)
    with pytest.raises(exceptions.TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("1")
    with pytest.raises(exceptions.TelegramNotFound, match="method not found"):
        await bot(aiogram.methods.LogOut())
    stranger = aiogram.Bot("123456:another-token", session=bot.session)
    with pytest.raises(exceptions.TelegramUnauthorizedError):
        await stranger.get_me()
    standin.send(2, "/start")
    standin.block(2)
    with pytest.raises(exceptions.TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(2, "x")
    standin.people.add_group(-5, {1})
    for _ in range(20):
        await bot.send_message(-5, "x")
    with pytest.raises(exceptions.TelegramRetryAfter) as halted:
        await bot.send_message(-5, "x")
    assert halted.value.retry_after == 3


async def test_the_profile(bot: aiogram.Bot) -> None:
    """Commands, menu button, descriptions and the chat itself."""
    commands = [types.BotCommand(command="start", description="Home")]
    everyone = types.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands(commands, everyone)
    assert [(one.command, one.description) for one in await bot.get_my_commands(everyone)] == [
        ("start", "Home")
    ]
    await bot.delete_my_commands(everyone)
    assert await bot.get_my_commands(everyone) == []
    await bot.set_chat_menu_button(1, types.MenuButtonCommands())
    assert isinstance(await bot.get_chat_menu_button(1), types.MenuButtonCommands)
    await bot.set_my_description("What I do")
    await bot.set_my_short_description("DCA")
    assert (await bot.get_my_description()).description == "What I do"
    assert (await bot.get_my_short_description()).short_description == "DCA"
    assert (await bot.get_chat(1)).type == "private"


def _talker() -> aiogram.Dispatcher:
    """A small bot of its own: shows a card, and answers the tap on it."""
    dispatcher = aiogram.Dispatcher()

    @dispatcher.message()
    async def ask(message: types.Message) -> None:
        assert strange_fields(message) == []
        await message.answer("Sure?", reply_markup=CARD)

    @dispatcher.callback_query()
    async def answer(query: types.CallbackQuery) -> None:
        assert strange_fields(query) == []
        await query.answer(f"{query.data} it is", show_alert=True)

    @dispatcher.my_chat_member()
    async def note(change: types.ChatMemberUpdated) -> None:
        assert strange_fields(change) == []

    return dispatcher


async def _converse(standin: Telegram) -> None:
    await until(lambda: len(standin.messages(1)) == 2)
    (tap,) = await standin.tap(1, 2, "Yes")
    assert (tap.answered, tap.text, tap.alert) == (True, "y it is", True)
    standin.block(1)
    await until(lambda: standin.world.updates.pending == 0)


async def test_a_bot_that_polls(bot: aiogram.Bot, standin: Telegram) -> None:
    """The library's own loop and dispatcher take a message, a tap and a membership change to their end."""
    dispatcher = _talker()
    async with asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(
            dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=5)
        )
        await _converse(standin)
        await dispatcher.stop_polling()
        await polling


async def test_a_bot_with_a_webhook(bot: aiogram.Bot, standin: Telegram) -> None:
    """Updates are pushed with the secret, each until it is taken; the library refuses them without it."""
    hook = web.Application()
    SimpleRequestHandler(_talker(), bot, handle_in_background=False, secret_token=SECRET).register(
        hook, "/hook"
    )
    runner = web.AppRunner(hook, handle_signals=False)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
    async with asyncio.TaskGroup() as tasks:
        courier = tasks.create_task(standin.run())
        await bot.set_webhook(url, secret_token="another")
        await until(lambda: standin.world.webhooks.failed_at is not None)
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (url, 1)
        assert info.last_error_message == "Wrong response from the webhook: 401 Unauthorized"
        await bot.set_webhook(url, secret_token=SECRET)
        await _converse(standin)
        info = await bot.get_webhook_info()
        assert (info.pending_update_count, info.last_error_message) == (0, None)
        with pytest.raises(exceptions.TelegramConflictError, match="while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == []
        courier.cancel()
    await runner.cleanup()


async def test_a_webhook_ends_the_poll_that_waits(bot: aiogram.Bot, standin: Telegram) -> None:
    """The poller is told by whom."""
    (start,) = await bot.get_updates()
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(_conflict(bot, start.update_id + 1))
        await until(lambda: standin.polled)
        await bot.set_webhook("https://example.com/hook")
    assert poll.result().endswith("Conflict: terminated by setWebhook request")


async def _conflict(bot: aiogram.Bot, offset: int) -> str:
    with pytest.raises(exceptions.TelegramConflictError) as caught:
        await bot.get_updates(offset, timeout=5)
    return caught.value.message
