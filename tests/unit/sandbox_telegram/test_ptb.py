"""Driven by python-telegram-bot itself: what it sends is understood, and what it gets is what it expects.

`api_kwargs` collects every field that the library does not know: empty means that no answer has strange ones.
"""

from collections.abc import Iterable
from typing import Any

import pytest
import telegram
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MenuButtonCommands,
    MessageEntity,
    ReplyParameters,
    TelegramObject,
)
from telegram.constants import ChatAction, KeyboardButtonStyle, ParseMode

from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import PNG, TOKEN


def strange_fields(value: object) -> list[str]:
    """Names of the fields that the library did not know, anywhere inside."""
    if isinstance(value, TelegramObject):
        inside: Iterable[Any] = (getattr(value, name) for name in value.__slots__ if name != "api_kwargs")
        slots = [name for part in inside for name in strange_fields(part)]
        return [*value.api_kwargs, *slots]
    if isinstance(value, tuple):
        return [name for part in value for name in strange_fields(part)]
    return []


def button(text: str = "x", data: str = "x") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=data)]])


async def test_who_the_bot_is(bot: telegram.Bot) -> None:
    """getMe is complete: PTB's own properties work."""
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (123456, True, "recurring_sandbox_bot")
    assert strange_fields(me) == []


async def test_a_message_with_everything_on_it(bot: telegram.Bot, standin: Telegram) -> None:
    """Entities, styles, copy and link buttons, protection and a reply come back as they were sent."""
    markup = InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("Confirm", callback_data="c", style=KeyboardButtonStyle.SUCCESS),
                InlineKeyboardButton("Cancel", callback_data="n", style=KeyboardButtonStyle.DANGER),
            ],
            [
                InlineKeyboardButton("Copy", copy_text=CopyTextButton("abc")),
                InlineKeyboardButton("Solscan", url="https://solscan.io/tx/1"),
            ],
        ]
    )
    text = (
        "<b>Deposit</b> <code>7xKX</code> <tg-spoiler>s</tg-spoiler>\n<blockquote expandable>q</blockquote>\n"
        '<tg-time unix="1700000000" format="r">soon</tg-time> <a href="https://a.io/">link</a>'
    )
    message = await bot.send_message(
        1,
        text,
        ParseMode.HTML,
        reply_markup=markup,
        protect_content=True,
        disable_notification=True,
        reply_parameters=ReplyParameters(1),
    )
    assert strange_fields(message) == []
    assert message.text_html == text.replace("<tg-spoiler>", '<span class="tg-spoiler">').replace(
        "</tg-spoiler>", "</span>"
    )
    assert message.reply_markup == markup
    assert message.has_protected_content
    assert message.reply_to_message
    assert message.reply_to_message.text == "/start"
    shown = standin.messages(1)[-1]
    assert shown["from"] == "bot"
    assert shown["buttons"] == [
        [
            {"text": "Confirm", "style": "success", "data": "c"},
            {"text": "Cancel", "style": "danger", "data": "n"},
        ],
        [{"text": "Copy", "copy_text": "abc"}, {"text": "Solscan", "url": "https://solscan.io/tx/1"}],
    ]
    assert (shown["protected"], shown["silent"], shown["reply_to"]) == (True, True, 1)


async def test_entities_given_beside_the_text(bot: telegram.Bot, standin: Telegram) -> None:
    """The other way to format, with offsets in UTF-16 units."""
    entity = MessageEntity(MessageEntity.BOLD, offset=3, length=2)
    message = await bot.send_message(1, "🟢 ok", entities=[entity])
    assert message.entities == (entity,)
    assert standin.messages(1)[-1]["html"] == "🟢 <b>ok</b>"


async def test_a_reply_that_the_bot_asks_for(bot: telegram.Bot, standin: Telegram) -> None:
    """ForceReply reaches the page, and is not echoed to the bot."""
    message = await bot.send_message(
        1, "How much?", reply_markup=ForceReply(input_field_placeholder="70 or 50%")
    )
    assert message.reply_markup is None
    assert standin.messages(1)[-1]["force_reply"] == {"placeholder": "70 or 50%"}


async def test_edits_happen_in_place(bot: telegram.Bot, standin: Telegram) -> None:
    """Same message, new text; a new keyboard alone does not make it "edited"."""
    message = await bot.send_message(1, "a")
    await bot.edit_message_reply_markup(1, message.message_id, reply_markup=button())
    assert standin.messages(1)[-1]["edited"] is False
    edited = await bot.edit_message_text("b", 1, message.message_id)
    assert isinstance(edited, telegram.Message)
    assert edited.edit_date
    assert strange_fields(edited) == []
    shown = standin.messages(1)
    assert len(shown) == 2
    assert (shown[-1]["text"], shown[-1]["edited"], shown[-1]["buttons"]) == ("b", True, [])


async def test_photos_and_documents(bot: telegram.Bot, standin: Telegram) -> None:
    """Uploaded, described, edited, sent again by id, and downloaded as they were."""
    photo = await bot.send_photo(1, PNG, caption="<b>c</b>", parse_mode=ParseMode.HTML)
    assert strange_fields(photo) == []
    assert (photo.photo[0].width, photo.photo[0].height, photo.caption) == (1, 1, "c")
    edited = await bot.edit_message_caption(1, photo.message_id, caption="d")
    assert isinstance(edited, telegram.Message)
    assert edited.caption == "d"
    with pytest.raises(telegram.error.BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("x", 1, photo.message_id)
    again = await bot.send_photo(1, photo.photo[0].file_id)
    assert again.photo == photo.photo
    document = await bot.send_document(1, b"time,order\n", filename="fills.csv")
    assert document.document
    assert (document.document.file_name, document.document.file_size) == ("fills.csv", 11)
    file = await bot.get_file(document.document.file_id)
    assert file.file_path == f"http://127.0.0.1/file/bot{TOKEN}/documents/{document.document.file_id}"
    assert bytes(await file.download_as_bytearray()) == b"time,order\n"
    assert standin.messages(1)[-1]["document"]["name"] == "fills.csv"
    await bot.send_photo(1, PNG, caption="x" * 1024)
    with pytest.raises(telegram.error.BadRequest, match="Message caption is too long"):
        await bot.send_photo(1, PNG, caption="x" * 1025)
    with pytest.raises(telegram.error.BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(1, b"not a picture")


async def test_updates_are_whole(bot: telegram.Bot, standin: Telegram) -> None:
    """Messages, taps and membership changes parse into PTB's objects without a strange field."""
    sent = await bot.send_message(1, "card", reply_markup=button("Confirm", "yes"))
    standin.send(1, "/deposit 7 70")
    standin.people.open_tap(1, sent.message_id, "Confirm")
    standin.block(1)
    updates = await bot.get_updates()
    assert [strange_fields(update) for update in updates] == [[]] * 4
    start, deposit, tap, blocked = updates
    assert start.message
    assert start.message.text == "/start"
    assert deposit.message
    assert deposit.message.parse_entities([MessageEntity.BOT_COMMAND]) == {
        MessageEntity(MessageEntity.BOT_COMMAND, 0, 8): "/deposit"
    }
    assert tap.callback_query
    assert (tap.callback_query.data, tap.callback_query.from_user.id) == ("yes", 1)
    assert tap.callback_query.message == sent
    assert blocked.my_chat_member
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert await bot.get_updates(offset=updates[-1].update_id + 1) == ()


async def test_a_tap_on_a_deleted_message_is_inaccessible(bot: telegram.Bot, standin: Telegram) -> None:
    """The bot learns only where it was (PTB hands out a Message all the same, with a date of zero)."""
    sent = await bot.send_message(1, "card", reply_markup=button())
    await bot.delete_message(1, sent.message_id)
    standin.people.forge_tap(1, "anything", sent.message_id)
    (_, update) = await bot.get_updates()
    assert update.callback_query
    assert update.callback_query.message
    assert not update.callback_query.message.is_accessible
    assert update.callback_query.message.message_id == sent.message_id


async def test_the_profile(bot: telegram.Bot, standin: Telegram) -> None:
    """Commands by scope, menu button, name and descriptions are kept and given back."""
    everyone = [BotCommand("start", "Home"), BotCommand("orders", "Your orders")]
    admin = [BotCommand("status", "Health")]
    await bot.set_my_commands(everyone, BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(admin, BotCommandScopeChat(2))
    assert await bot.get_my_commands(BotCommandScopeAllPrivateChats()) == tuple(everyone)
    assert await bot.get_my_commands() == ()
    assert standin.world.profile.commands_for(1) == [command.to_dict() for command in everyone]
    assert standin.world.profile.commands_for(2) == [command.to_dict() for command in admin]
    await bot.delete_my_commands(BotCommandScopeChat(2))
    assert standin.world.profile.commands_for(2) == [command.to_dict() for command in everyone]
    await bot.set_chat_menu_button(1, MenuButtonCommands())
    assert await bot.get_chat_menu_button(1) == MenuButtonCommands()
    await bot.set_my_description("What I do")
    await bot.set_my_short_description("DCA")
    await bot.set_my_name("Other name")
    assert (await bot.get_my_description()).description == "What I do"
    assert (await bot.get_my_short_description()).short_description == "DCA"
    assert (await bot.get_my_name()).name == "Other name"


async def test_chats_and_chat_actions(bot: telegram.Bot, standin: Telegram) -> None:
    """getChat is complete enough for PTB, and "typing…" is shown."""
    chat = await bot.get_chat(1)
    assert (chat.id, chat.type) == (1, "private")
    assert strange_fields(chat) == []
    await bot.send_chat_action(1, ChatAction.TYPING)
    assert standin.world.chats.open_private(1).typing_until > 0


async def test_webhooks_are_stored_and_stop_polling(bot: telegram.Bot) -> None:
    """getUpdates is refused while one is set; deleting it can drop what waits."""
    await bot.set_webhook("https://example.com/hook", secret_token="s_-3", allowed_updates=["message"])
    info = await bot.get_webhook_info()
    assert strange_fields(info) == []
    assert (info.url, info.pending_update_count, info.allowed_updates) == (
        "https://example.com/hook",
        1,
        ("message",),
    )
    with pytest.raises(telegram.error.Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.get_updates() == ()


async def test_errors_arrive_as_ptbs_own(bot: telegram.Bot, standin: Telegram) -> None:
    """Forbidden, BadRequest and InvalidToken, as the program will see them from Telegram."""
    standin.block(1)
    with pytest.raises(telegram.error.Forbidden, match="bot was blocked by the user"):
        await bot.send_message(1, "x")
    with pytest.raises(telegram.error.BadRequest, match="Chat not found"):
        await bot.send_message(99, "x")
    with pytest.raises(telegram.error.EndPointNotFound):
        await bot.do_api_request("getRich")


async def test_the_log_tells_every_call(bot: telegram.Bot, standin: Telegram) -> None:
    """In order, with parameters and outcome; texts are not in its repr."""
    await bot.send_message(1, "a secret")
    with pytest.raises(telegram.error.BadRequest):
        await bot.send_message(1, "<b>", ParseMode.HTML)
    sent, refused = standin.call_log[-2:]
    assert (sent.method, sent.params["text"], sent.ok) == ("sendMessage", "a secret", True)
    assert refused.description.startswith("Bad Request: can't parse entities")
    assert "secret" not in repr(sent)
