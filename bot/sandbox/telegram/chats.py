"""Who talks where, and every message ever written: the stand-in's memory."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.store import Store
from bot.sandbox.telegram.changes import Changes
from bot.sandbox.telegram.entities import Entity
from bot.sandbox.telegram.keyboards import Rows

_MESSAGES = "telegram messages"
_CHATS = "telegram chats"
_MOMENTS = ("sent_at", "edited_at")


@dataclass(slots=True, kw_only=True)
class Message:
    id: int
    chat_id: int
    sender_id: int
    sent_at: datetime
    text: str = field(default="", repr=False)
    """The text, or the caption where there is a file. Not in reprs: people paste keys into chats."""
    entities: list[Entity] = field(default_factory=list, repr=False)
    rows: Rows = field(default_factory=list, repr=False)
    file_id: str | None = None
    force_reply: dict[str, Any] | None = None
    reply_to: int | None = None
    protected: bool = False
    silent: bool = False
    edited_at: datetime | None = None
    text_edited: bool = False
    deleted: bool = False
    revision: int = 0
    """Grows with every change of anything, so that a page can ask for what is new."""


@dataclass(slots=True)
class Chat:
    id: int
    title: str = ""
    """Empty for private chats."""
    members: set[int] = field(default_factory=set)
    blocked: bool = False
    """The person blocked the bot; for a group: it was kicked."""
    typing_until: float = 0.0
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        return self.id > 0


class Chats:
    """What an earlier process kept in the store is there again."""

    def __init__(self, now: Callable[[], datetime], store: Store) -> None:
        self.changed = Changes()
        self.revision = 0
        self._now = now
        self._store = store
        self._last_message_id = 0
        self._chats: dict[int, Chat] = {}
        for kept in store.load(_CHATS).values():
            chat = Chat(kept["id"], kept["title"], set(kept["members"]), kept["blocked"])
            self._chats[chat.id] = chat
        for kept in store.load(_MESSAGES).values():
            message = _read(kept)
            self._chats[message.chat_id].messages[message.id] = message
            self._last_message_id = message.id

    def find(self, chat_id: int) -> Chat | None:
        return self._chats.get(chat_id)

    def open_private(self, user_id: int) -> Chat:
        """The chat with this person; exists from their first message on, as at Telegram."""
        if user_id <= 0:
            raise ValueError("a user id is a positive number")
        return self._chats.get(user_id) or self._open(Chat(user_id, members={user_id}))

    def open_group(self, chat_id: int, members: set[int], title: str) -> Chat:
        if chat_id >= 0:
            raise ValueError("a group's id is a negative number")
        return self._chats.get(chat_id) or self._open(Chat(chat_id, title, set(members)))

    def add_member(self, chat: Chat, user_id: int) -> None:
        """Repeating it is harmless."""
        if user_id not in chat.members:
            chat.members.add(user_id)
            self._keep_chat(chat)

    def set_blocked(self, chat: Chat, *, blocked: bool) -> None:
        chat.blocked = blocked
        self._keep_chat(chat)
        self.touch()

    def add(self, chat: Chat, sender_id: int, text: str, **details: Any) -> Message:
        self._last_message_id += 1
        message = Message(
            id=self._last_message_id,
            chat_id=chat.id,
            sender_id=sender_id,
            sent_at=self._now(),
            text=text,
            **details,
        )
        chat.messages[message.id] = message
        self.touch(message)
        return message

    def touch(self, message: Message | None = None) -> None:
        """Something changed: keep the message, tell the pages."""
        self.revision += 1
        if message:
            message.revision = self.revision
            self._store.put(_MESSAGES, f"{message.id:012}", _record(message))
        self.changed.notify()

    def of(self, user_id: int) -> list[Message]:
        """The private transcript, oldest first, deleted messages included."""
        chat = self._chats.get(user_id)
        return list(chat.messages.values()) if chat else []

    def _open(self, chat: Chat) -> Chat:
        self._chats[chat.id] = chat
        self._keep_chat(chat)
        return chat

    def _keep_chat(self, chat: Chat) -> None:
        kept = {
            "id": chat.id,
            "title": chat.title,
            "members": sorted(chat.members),
            "blocked": chat.blocked,
        }
        self._store.put(_CHATS, str(chat.id), kept)


def _record(message: Message) -> dict[str, Any]:
    moments = {name: at.isoformat() for name in _MOMENTS if (at := getattr(message, name))}
    return dataclasses.asdict(message) | {"edited_at": None, "revision": 0} | moments


def _read(kept: dict[str, Any]) -> Message:
    moments = {name: datetime.fromisoformat(kept[name]) for name in _MOMENTS if kept[name]}
    return Message(**kept | moments)


def user(user_id: int) -> dict[str, Any]:
    """A person as the Bot API describes them."""
    return {
        "id": user_id,
        "is_bot": False,
        "first_name": f"Person {user_id}",
        "username": f"person_{user_id}",
        "language_code": "en",
    }
