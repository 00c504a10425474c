"""sendMessage, sendPhoto, sendDocument, sendChatAction, getFile."""

from typing import Any

from bot.sandbox.telegram import entities, keyboards, parsing, refusals, views
from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024
"""Both in UTF-16 units after parsing: the stricter reading of "characters"."""

TYPING_S = 5.0
"""How long "typing…" stays, unless a message comes first."""

_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


async def send_message(world: World, params: Params) -> dict[str, Any]:
    text, found = read_text(params)
    chat = world.open_chat(params)
    return _send(world, params, chat, text, found)


async def send_photo(world: World, params: Params) -> dict[str, Any]:
    return await _send_file(world, params, "photo")


async def send_document(world: World, params: Params) -> dict[str, Any]:
    return await _send_file(world, params, "document")


async def send_chat_action(world: World, params: Params) -> bool:
    chat = world.open_chat(params)
    if params.text("action") not in _ACTIONS:
        raise refusals.bad_request("wrong parameter action in request")
    chat.typing_until = world.monotonic() + TYPING_S
    world.chats.touch()
    return True


async def get_file(world: World, params: Params) -> dict[str, Any]:
    file = world.files.find(params.text("file_id"))
    if file is None:
        raise refusals.bad_request("invalid file_id")
    return file.describe() | {"file_path": file.path}


def read_text(params: Params) -> tuple[str, list[entities.Entity]]:
    """The text of a message, checked."""
    if not params.text("text"):
        raise refusals.bad_request("message text is empty")
    text, found = entities.read(params, "text", "entities")
    if not text:
        raise refusals.bad_request("text must be non-empty")
    if parsing.utf16_length(text) > MAX_TEXT:
        raise refusals.bad_request("message is too long")
    return text, found


def read_caption(params: Params) -> tuple[str, list[entities.Entity]]:
    text, found = entities.read(params, "caption", "caption_entities")
    if parsing.utf16_length(text) > MAX_CAPTION:
        raise refusals.bad_request("message caption is too long")
    return text, found


async def _send_file(world: World, params: Params, kind: str) -> dict[str, Any]:
    chat = world.open_chat(params)
    text, found = read_caption(params)
    file = world.files.receive(params, kind, photo=kind == "photo")
    return _send(world, params, chat, text, found, file_id=file.id)


def _send(
    world: World, params: Params, chat: Chat, text: str, found: list[entities.Entity], **details: Any
) -> dict[str, Any]:
    markup = keyboards.read(params)
    reply_to = _reply_to(chat, params)
    world.limits.take(chat.id)
    chat.typing_until = 0.0
    message = world.chats.add(
        chat,
        world.bot["id"],
        text,
        entities=found,
        rows=markup.rows,
        force_reply=markup.force_reply,
        reply_to=reply_to,
        protected=params.flag("protect_content"),
        silent=params.flag("disable_notification"),
        **details,
    )
    return views.message_object(world, message)


def _reply_to(chat: Chat, params: Params) -> int | None:
    given = params.json("reply_parameters", "reply parameters")
    if not given:
        return None
    if not isinstance(given, dict) or "message_id" not in given:
        raise refusals.bad_request('can\'t find field "message_id"')
    message = chat.messages.get(int(given["message_id"]))
    if message and not message.deleted:
        return message.id
    if given.get("allow_sending_without_reply"):
        return None
    raise refusals.bad_request("message to be replied not found")


METHODS = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendChatAction": send_chat_action,
    "getFile": get_file,
}
