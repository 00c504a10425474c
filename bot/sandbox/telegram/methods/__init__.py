"""The Bot API's methods, by name in lower case: Telegram does not care about case."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.sandbox.telegram.methods import deleting, editing, inbox, presence, sending
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World

Method = Callable[[World, Params], Awaitable[Any]]

_PARTS = (sending.METHODS, editing.METHODS, deleting.METHODS, inbox.METHODS, presence.METHODS)

METHODS: Mapping[str, Method] = {name.lower(): method for part in _PARTS for name, method in part.items()}
NAMES: Mapping[str, str] = {name.lower(): name for part in _PARTS for name in part}
"""How the Bot API spells them."""
