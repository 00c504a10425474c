"""editMessageText, editMessageCaption, editMessageReplyMarkup: only the bot's own, and only real changes."""

from typing import Any

from bot.sandbox.telegram import keyboards, refusals, views
from bot.sandbox.telegram.chats import Message
from bot.sandbox.telegram.methods import sending
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World


async def edit_message_text(world: World, params: Params) -> dict[str, Any]:
    text, found = sending.read_text(params)
    message = _own(world, params)
    if message.file_id:
        raise refusals.bad_request("there is no text in the message to edit")
    return _apply(world, params, message, text, found)


async def edit_message_caption(world: World, params: Params) -> dict[str, Any]:
    text, found = sending.read_caption(params)
    message = _own(world, params)
    if not message.file_id:
        raise refusals.bad_request("there is no caption in the message to edit")
    return _apply(world, params, message, text, found)


async def edit_message_reply_markup(world: World, params: Params) -> dict[str, Any]:
    message = _own(world, params)
    return _apply(world, params, message, message.text, message.entities)


def _own(world: World, params: Params) -> Message:
    chat = world.open_chat(params)
    message = world.message(chat, params, "message to edit not found")
    if message.sender_id != world.bot["id"]:
        raise refusals.bad_request("message can't be edited")
    return message


def _apply(
    world: World, params: Params, message: Message, text: str, found: list[dict[str, Any]]
) -> dict[str, Any]:
    rows = keyboards.read(params, inline_only=True).rows
    same_text = (text, found) == (message.text, message.entities)
    if same_text and rows == message.rows:
        raise refusals.not_modified()
    world.limits.take(message.chat_id)
    message.text, message.entities, message.rows = text, found, rows
    message.edited_at = world.now()
    message.text_edited = message.text_edited or not same_text
    world.chats.touch(message)
    return views.message_object(world, message)


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
}
