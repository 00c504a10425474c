"""The same message for two readers: the bot (Bot API objects) and the page."""

from typing import Any

from bot.sandbox.telegram import chats, rendering
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.chats import Chat, Message
from bot.sandbox.telegram.files import File
from bot.sandbox.telegram.world import World


def chat_object(chat: Chat) -> dict[str, Any]:
    if not chat.private:
        return {"id": chat.id, "type": "group", "title": chat.title}
    person = chats.user(chat.id)
    return {
        "id": chat.id,
        "type": "private",
        "first_name": person["first_name"],
        "username": person["username"],
    }


def message_object(world: World, message: Message, *, with_reply: bool = True) -> dict[str, Any]:
    """As in the Bot API; dates are Unix seconds."""
    chat = world.chats.find(message.chat_id)
    if chat is None or message.deleted:
        # what a tap on a message that is gone carries: InaccessibleMessage
        place = chat_object(chat) if chat else {"id": message.chat_id, "type": "private"}
        return {"message_id": message.id, "date": 0, "chat": place}
    from_bot = message.sender_id == world.bot["id"]
    answer: dict[str, Any] = {
        "message_id": message.id,
        "from": _bot_as_sender(world) if from_bot else chats.user(message.sender_id),
        "chat": chat_object(chat),
        "date": int(message.sent_at.timestamp()),
    }
    file = world.files.find(message.file_id) if message.file_id else None
    answer |= _content(message, file)
    if message.edited_at:
        answer["edit_date"] = int(message.edited_at.timestamp())
    if message.protected:
        answer["has_protected_content"] = True
    if message.rows:
        answer["reply_markup"] = {"inline_keyboard": message.rows}
    replied = chat.messages.get(message.reply_to) if message.reply_to and with_reply else None
    if replied and not replied.deleted:
        answer["reply_to_message"] = message_object(world, replied, with_reply=False)
    return answer


def _bot_as_sender(world: World) -> dict[str, Any]:
    return {name: world.bot[name] for name in ("id", "is_bot", "first_name", "username")}


def _content(message: Message, file: File | None) -> dict[str, Any]:
    if file is None:
        return {"text": message.text} | ({"entities": message.entities} if message.entities else {})
    content: dict[str, Any] = {}
    if file.size:
        content["photo"] = [file.describe() | {"width": file.size[0], "height": file.size[1]}]
    else:
        content["document"] = file.describe() | {"file_name": file.name, "mime_type": file.content_type}
    if message.text:
        content["caption"] = message.text
        if message.entities:
            content["caption_entities"] = message.entities
    return content


def logged_call(call: Call) -> dict[str, Any]:
    """A line of the call log, as the control API tells it; times are UTC."""
    return {
        "method": call.method,
        "chat": call.chat_id,
        "message": call.message_id,
        "ok": call.ok,
        "error": call.description,
        "at": call.at.isoformat(timespec="milliseconds"),
    }


def page_message(world: World, message: Message) -> dict[str, Any]:
    """As the control API and the page know it."""
    view: dict[str, Any] = {
        "id": message.id,
        "from": "bot" if message.sender_id == world.bot["id"] else "user",
        "text": message.text,
        "html": rendering.to_html(message.text, message.entities),
        "buttons": [[_page_button(button) for button in row] for row in message.rows],
        "deleted": message.deleted,
        "edited": message.text_edited,
        "date": int(message.sent_at.timestamp()),
        "protected": message.protected,
        "silent": message.silent,
    }
    if message.reply_to:
        view["reply_to"] = message.reply_to
    if message.force_reply is not None:
        view["force_reply"] = {"placeholder": str(message.force_reply.get("input_field_placeholder", ""))}
    file = world.files.find(message.file_id) if message.file_id else None
    if file:
        url = f"/sandbox/file/{file.id}"
        if file.size:
            view["photo"] = {"url": url, "width": file.size[0], "height": file.size[1]}
        else:
            view["document"] = {"url": url, "name": file.name, "size": len(file.content)}
    return view


def _page_button(button: dict[str, Any]) -> dict[str, Any]:
    view: dict[str, Any] = {name: button[name] for name in ("text", "style", "url") if name in button}
    if "copy_text" in button:
        view["copy_text"] = button["copy_text"]["text"]
    if "callback_data" in button:
        view["data"] = button["callback_data"]
    return view
