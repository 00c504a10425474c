"""getMe, getChat, and what the bot says about itself: commands, menu button, name and descriptions."""

from typing import Any

from bot.sandbox.telegram import profile, refusals, views
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World

_LIMITS = {"name": 64, "description": 512, "short_description": 120}
_MENU_TYPES = frozenset({"commands", "default"})


async def get_me(world: World, params: Params) -> dict[str, Any]:
    return world.bot


async def get_chat(world: World, params: Params) -> dict[str, Any]:
    chat = world.chat(params)
    return views.chat_object(chat) | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            chat.private,
        ),
    }


async def set_my_commands(world: World, params: Params) -> bool:
    key = profile.scope_key(params.json("scope"), params.text("language_code"))
    world.profile.set_commands(key, profile.check_commands(params.json("commands")))
    world.chats.touch()
    return True


async def get_my_commands(world: World, params: Params) -> list[dict[str, str]]:
    key = profile.scope_key(params.json("scope"), params.text("language_code"))
    return world.profile.commands(key)


async def delete_my_commands(world: World, params: Params) -> bool:
    key = profile.scope_key(params.json("scope"), params.text("language_code"))
    world.profile.set_commands(key, [])
    world.chats.touch()
    return True


async def set_chat_menu_button(world: World, params: Params) -> bool:
    chat_id = world.chat(params).id if params.text("chat_id") else 0
    button = params.json("menu_button", "menu button") or {"type": "default"}
    kind = str(button.get("type")) if isinstance(button, dict) else ""
    if kind not in _MENU_TYPES:
        raise refusals.bad_request("can't parse menu button: Unsupported type specified")
    world.profile.set_menu_button(chat_id, kind)
    world.chats.touch()
    return True


async def get_chat_menu_button(world: World, params: Params) -> dict[str, Any]:
    chat_id = world.chat(params).id if params.text("chat_id") else 0
    return {"type": world.profile.menu_button(chat_id)}


def _setter(kind: str) -> Any:
    async def set_text(world: World, params: Params) -> bool:
        text = params.text(kind)
        if len(text) > _LIMITS[kind]:
            raise refusals.bad_request(f"{kind.replace('_', ' ')} is too long")
        world.profile.set_text(kind, params.text("language_code"), text)
        world.chats.touch()
        return True

    return set_text


def _getter(kind: str) -> Any:
    async def get_text(world: World, params: Params) -> dict[str, str]:
        fallback = world.bot["first_name"] if kind == "name" else ""
        return {kind: world.profile.text(kind, params.text("language_code")) or fallback}

    return get_text


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
}
