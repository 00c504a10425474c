"""What people do with their apps: write, tap, block; and the updates that the bot gets from it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import chats, entities, parsing, views
from bot.sandbox.telegram.chats import Chat, Message
from bot.sandbox.telegram.queries import Answer, Query
from bot.sandbox.telegram.world import World

MAX_TEXT = 4096
"""Apps split longer texts into several messages."""


class Impossible(Exception):
    """An app would not let a person do that."""


@dataclass(frozen=True, slots=True)
class Tap:
    """What came of one tap. `text` and `alert` say what the person saw."""

    query_id: str
    answered: bool
    text: str = ""
    alert: bool = False


class People:
    def __init__(self, world: World) -> None:
        self._world = world

    def send(
        self, user_id: int, text: str, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> list[Message]:
        """Write to the bot, or in a group. The first message opens the private chat. Raises Impossible."""
        if not text.strip():
            raise Impossible("an empty message cannot be sent")
        with self._world.store.unit():
            chat = self._writable(user_id, chat_id)
            if reply_to is not None and reply_to not in chat.messages:
                raise Impossible("the message to reply to is not in this chat")
            return [self._send_one(chat, user_id, part, reply_to) for part in _split(text.strip())]

    def open_tap(
        self,
        user_id: int,
        message_id: int,
        label: str,
        data: str | None = None,
        *,
        chat_id: int | None = None,
    ) -> Query:
        """Tap the first button with that label (and data, where labels repeat). Raises Impossible."""
        message = self._visible(user_id, message_id, chat_id)
        button = find_button(message, label, data)
        if "callback_data" not in button:
            raise Impossible(f"the button {label!r} sends nothing to the bot")
        return self._open(user_id, message, button["callback_data"])

    def forge_tap(self, user_id: int, data: str, message_id: int, *, chat_id: int | None = None) -> Query:
        """What a tampered app can do: send any data for any message of its chat, deleted ones included."""
        chat = self._chat(user_id, chat_id)
        message = chat.messages.get(message_id)
        if message is None:
            raise Impossible("there is no such message in this chat")
        return self._open(user_id, message, data)

    async def outcome(self, query: Query, wait_s: float) -> Tap:
        """Wait for the bot's answer to a tap, as the spinner on the button does."""
        try:
            async with asyncio.timeout(wait_s):
                await query.answered.wait()
        except TimeoutError:
            return Tap(query.id, answered=False)
        answer = query.answer or Answer()
        return Tap(query.id, answered=True, text=answer.text, alert=answer.alert)

    def redeliver(self, user_id: int) -> list[Query]:
        """Send every unanswered tap again, under new ids, as apps do after reconnecting."""
        again = []
        for query in self._world.queries.unanswered(user_id):
            self._world.queries.withdraw(query)
            again.append(self._open(user_id, query.message, query.data))
        return again

    def set_blocked(self, user_id: int, *, blocked: bool) -> None:
        """Block or unblock the bot; repeating it does nothing."""
        chat = self._world.chats.find(user_id)
        if chat is None:
            raise Impossible("this person has no chat with the bot yet")
        if chat.blocked != blocked:
            self._change_membership(chat, user_id, gone=blocked)

    def add_group(self, chat_id: int, members: set[int], title: str = "Sandbox group") -> Chat:
        """A group that the bot was added to by its first member."""
        chat = self._world.chats.open_group(chat_id, members, title)
        self._change_membership(chat, min(members), gone=False)
        return chat

    def join(self, user_id: int, chat_id: int) -> Chat:
        """A group with this person in it; the bot is there already, or comes with its first member."""
        chat = self._world.chats.find(chat_id)
        if chat is None:
            return self.add_group(chat_id, {user_id})
        self._world.chats.add_member(chat, user_id)
        return chat

    def _send_one(self, chat: Chat, user_id: int, text: str, reply_to: int | None) -> Message:
        found = entities.detect(text)
        message = self._world.chats.add(chat, user_id, text, entities=found, reply_to=reply_to)
        self._world.updates.add("message", views.message_object(self._world, message))
        return message

    def _open(self, user_id: int, message: Message, data: str) -> Query:
        query = self._world.queries.open(user_id, message, data)
        self._world.updates.add(
            "callback_query",
            {
                "id": query.id,
                "from": chats.user(user_id),
                "message": views.message_object(self._world, message),
                "chat_instance": str(message.chat_id * 7919),
                "data": data,
            },
        )
        return query

    def _writable(self, user_id: int, chat_id: int | None) -> Chat:
        if chat_id is None:
            chat = self._world.chats.open_private(user_id)
            if chat.blocked:
                raise Impossible("this person blocked the bot: unblock it first")
            return chat
        return self._chat(user_id, chat_id)

    def _chat(self, user_id: int, chat_id: int | None) -> Chat:
        chat = self._world.chats.find(user_id if chat_id is None else chat_id)
        if chat is None or user_id not in chat.members:
            raise Impossible("this person is in no such chat")
        return chat

    def _visible(self, user_id: int, message_id: int, chat_id: int | None) -> Message:
        message = self._chat(user_id, chat_id).messages.get(message_id)
        if message is None or message.deleted:
            raise Impossible("there is no such message in this chat")
        return message

    def _change_membership(self, chat: Chat, actor_id: int, *, gone: bool) -> None:
        member, away = ("member", "kicked") if chat.private else ("member", "left")
        states = [_member(self._world, member), _member(self._world, away)]
        old, new = states if gone else reversed(states)
        self._world.chats.set_blocked(chat, blocked=gone)
        self._world.updates.add(
            "my_chat_member",
            {
                "chat": views.chat_object(chat),
                "from": chats.user(actor_id),
                "date": int(self._world.now().timestamp()),
                "old_chat_member": old,
                "new_chat_member": new,
            },
        )


def find_button(message: Message, label: str, data: str | None = None) -> dict[str, Any]:
    """The first button with that label (and data). Raises Impossible when there is none."""
    buttons = [button for row in message.rows for button in row]
    for button in buttons:
        if button["text"] == label and data in {None, button.get("callback_data")}:
            return button
    labels = ", ".join(repr(button["text"]) for button in buttons) or "none"
    raise Impossible(f"no button {label!r} under message {message.id}; there: {labels}")


def _member(world: World, status: str) -> dict[str, Any]:
    sender = {name: world.bot[name] for name in ("id", "is_bot", "first_name", "username")}
    return {"user": sender, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def _split(text: str) -> list[str]:
    """Pieces of at most MAX_TEXT UTF-16 units."""
    if parsing.utf16_length(text) <= MAX_TEXT:
        return [text]
    pieces, piece, length = [], "", 0
    for char in text:
        width = parsing.utf16_length(char)
        if length + width > MAX_TEXT:
            pieces.append(piece)
            piece, length = "", 0
        piece += char
        length += width
    return [*pieces, piece]
