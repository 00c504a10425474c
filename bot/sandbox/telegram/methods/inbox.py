"""getUpdates, the webhook methods and answerCallbackQuery: what comes from people, and the answer to taps."""

import re
from typing import Any
from urllib import parse

from bot.sandbox.telegram import parsing, refusals
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.queries import Answer
from bot.sandbox.telegram.world import World

MAX_ANSWER = 200
MAX_SECRET = 256
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


async def get_updates(world: World, params: Params) -> list[dict[str, Any]]:
    if world.webhook:
        raise refusals.webhook_active()
    world.updates.allow(_allowed(params))
    return await world.updates.fetch(
        params.integer("offset"), params.integer("limit") or 0, float(params.integer("timeout") or 0)
    )


async def set_webhook(world: World, params: Params) -> bool:
    """Stored and reported; this stand-in delivers by getUpdates only."""
    url = params.text("url")
    if not url:
        return await delete_webhook(world, params)
    if parse.urlsplit(url).scheme != "https":
        raise refusals.bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if len(secret) > MAX_SECRET:
        raise refusals.bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise refusals.bad_request("secret token contains unallowed characters")
    world.updates.allow(_allowed(params))
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    world.webhook.update(
        url=url, secret_token=secret, max_connections=params.integer("max_connections") or 40
    )
    return True


async def delete_webhook(world: World, params: Params) -> bool:
    world.webhook.clear()
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    return True


async def get_webhook_info(world: World, params: Params) -> dict[str, Any]:
    info: dict[str, Any] = {
        "url": world.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending,
    }
    if world.webhook:
        info["max_connections"] = world.webhook["max_connections"]
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info


async def answer_callback_query(world: World, params: Params) -> bool:
    text = params.text("text")
    if parsing.utf16_length(text) > MAX_ANSWER:
        raise refusals.bad_request("MESSAGE_TOO_LONG")
    world.queries.answer(params.text("callback_query_id"), Answer(text, params.flag("show_alert")))
    return True


def _allowed(params: Params) -> list[str] | None:
    kinds = params.json("allowed_updates", "allowed updates")
    if kinds is None:
        return None
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise refusals.bad_request("expected an Array of update types")
    return kinds


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "answerCallbackQuery": answer_callback_query,
}
