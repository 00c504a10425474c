"""What the bot says about itself: commands by scope and language, menu button, descriptions."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram import refusals

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PLAIN_SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"},
)
_CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})

Command = dict[str, str]
Key = tuple[str, int, int, str]
"""Scope type, chat, user, language."""


@dataclass(slots=True)
class Profile:
    commands: dict[Key, list[Command]] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By chat; 0 = the default one."""
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """Name, description and short description, by kind and language."""

    def commands_for(self, user_id: int, language: str = "en") -> list[Command]:
        """What the menu of a private chat shows: the narrowest scope that has any."""
        scopes = (("chat", user_id), ("all_private_chats", 0), ("default", 0))
        for scope, chat_id in scopes:
            for code in (language, ""):
                found = self.commands.get((scope, chat_id, 0, code))
                if found:
                    return found
        return []

    def menu_button(self, chat_id: int) -> dict[str, Any]:
        fallback = self.menu_buttons.get(0, {"type": "commands"})
        return self.menu_buttons.get(chat_id, fallback)


def scope_key(scope: object, language: str) -> Key:
    if scope is None:
        scope = {"type": "default"}
    if not isinstance(scope, dict):
        raise refusals.bad_request("can't parse BotCommandScope: Expected an Object")
    if language and not _LANGUAGE.fullmatch(language):
        raise refusals.bad_request("invalid language code specified")
    kind = scope.get("type")
    if kind in _PLAIN_SCOPES:
        return kind, 0, 0, language
    if kind in _CHAT_SCOPES:
        try:
            return kind, int(scope["chat_id"]), int(scope.get("user_id", 0)), language
        except (KeyError, TypeError, ValueError):
            raise refusals.bad_request("chat not found") from None
    raise refusals.bad_request("can't parse BotCommandScope: Unsupported type specified")


def check_commands(given: object) -> list[Command]:
    if not isinstance(given, list):
        raise refusals.bad_request("expected an Array of BotCommand")
    if len(given) > MAX_COMMANDS:
        raise refusals.bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_check_command(command) for command in given]


def _check_command(given: object) -> Command:
    if not isinstance(given, dict):
        raise refusals.bad_request("expected an Object as BotCommand")
    name = str(given.get("command", "")).removeprefix("/")
    description = str(given.get("description", "")).strip()
    if not _NAME.fullmatch(name):
        raise refusals.bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= MAX_COMMAND_DESCRIPTION:
        raise refusals.bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
