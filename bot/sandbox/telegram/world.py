"""Everything that one stand-in knows, handed to every method."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.store import Store
from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.chats import Chat, Chats, Message
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.limits import Limits
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.profile import Profile
from bot.sandbox.telegram.queries import Queries
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class World:
    bot: dict[str, Any]
    """The bot's own user."""
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    chats: Chats
    updates: Updates
    queries: Queries
    limits: Limits
    files: Files
    profile: Profile
    store: Store
    webhooks: Webhooks = field(default_factory=Webhooks)

    def chat(self, params: Params) -> Chat:
        """The chat of a call. Raises Refusal 400 for none and unknown ones."""
        given = params.text("chat_id").strip()
        if not given:
            raise refusals.bad_request("chat_id is empty")
        chat_id = params.integer("chat_id")
        chat = self.chats.find(chat_id) if chat_id is not None else None
        if chat is None:
            raise refusals.bad_request("chat not found")
        return chat

    def open_chat(self, params: Params) -> Chat:
        """As `chat`, for writing. Raises Refusal 403 as well."""
        chat = self.chat(params)
        if chat.blocked:
            raise refusals.blocked() if chat.private else refusals.kicked()
        return chat

    def message(self, chat: Chat, params: Params, missing: str) -> Message:
        message_id = params.integer("message_id")
        if message_id is None or message_id <= 0:
            raise refusals.bad_request("message identifier is not specified")
        message = chat.messages.get(message_id)
        if message is None or message.deleted:
            raise refusals.bad_request(missing)
        return message
