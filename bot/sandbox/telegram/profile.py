"""What the bot says about itself: commands by scope and language, menu button, descriptions."""

import re

from bot.sandbox.store import Store
from bot.sandbox.telegram import refusals

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
_SPACE = "telegram profile"
_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PLAIN_SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"},
)
_CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})

Command = dict[str, str]
Key = tuple[str, int, int, str]
"""Scope type, chat, user, language."""


class Profile:
    """What an earlier process kept in the store is there again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        kept = store.load(_SPACE)
        self._commands: dict[Key, list[Command]] = {
            (scope, chat, user, language): commands
            for scope, chat, user, language, commands in kept.get("commands", [])
        }
        self._menu_buttons: dict[int, str] = dict(kept.get("menu buttons", []))
        """Types by chat; 0 = the default one."""
        self._texts: dict[tuple[str, str], str] = {
            (kind, language): text for kind, language, text in kept.get("texts", [])
        }

    def commands(self, key: Key) -> list[Command]:
        return self._commands.get(key, [])

    def set_commands(self, key: Key, commands: list[Command]) -> None:
        """An empty list removes them."""
        self._commands[key] = commands
        if not commands:
            del self._commands[key]
        self._store.put(_SPACE, "commands", [[*key, value] for key, value in self._commands.items()])

    def menu_button(self, chat_id: int) -> str:
        return self._menu_buttons.get(chat_id, self._menu_buttons.get(0, "commands"))

    def set_menu_button(self, chat_id: int, kind: str) -> None:
        self._menu_buttons[chat_id] = kind
        self._store.put(_SPACE, "menu buttons", list(self._menu_buttons.items()))

    def text(self, kind: str, language: str = "") -> str:
        """Name, description or short description; empty = never set."""
        return self._texts.get((kind, language), "")

    def set_text(self, kind: str, language: str, text: str) -> None:
        self._texts[kind, language] = text
        self._store.put(_SPACE, "texts", [[*key, value] for key, value in self._texts.items()])

    def commands_for(self, user_id: int, language: str = "en") -> list[Command]:
        """What the menu of a private chat shows: the narrowest scope that has any."""
        scopes = (("chat", user_id), ("all_private_chats", 0), ("default", 0))
        for scope, chat_id in scopes:
            for code in (language, ""):
                found = self.commands((scope, chat_id, 0, code))
                if found:
                    return found
        return []


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
