"""getUpdates, the webhook methods and answerCallbackQuery: what comes from people, and the answer to taps."""

from typing import Any

from bot.sandbox.telegram import parsing, refusals, webhooks
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.queries import Answer
from bot.sandbox.telegram.world import World

MAX_ANSWER = 200


async def get_updates(world: World, params: Params) -> list[dict[str, Any]]:
    if world.webhooks.current:
        raise refusals.webhook_active()
    world.updates.allow(_allowed(params))
    return await world.updates.fetch(
        params.integer("offset"), params.integer("limit") or 0, float(params.integer("timeout") or 0)
    )


async def set_webhook(world: World, params: Params) -> bool:
    if not params.text("url"):
        return await delete_webhook(world, params)
    webhook = webhooks.Webhook(
        url=webhooks.check_url(params.text("url")),
        secret=webhooks.check_secret(params.text("secret_token")),
        max_connections=params.integer("max_connections") or 40,
    )
    world.updates.allow(_allowed(params))
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    world.webhooks.replace(webhook)
    world.updates.give_way()
    return True


async def delete_webhook(world: World, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    world.webhooks.replace(None)
    return True


async def get_webhook_info(world: World, params: Params) -> dict[str, Any]:
    found = world.webhooks
    info: dict[str, Any] = {
        "url": found.current.url if found.current else "",
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending,
    }
    if found.current:
        info["max_connections"] = found.current.max_connections
    if found.failed_at:
        info |= {"last_error_date": int(found.failed_at.timestamp()), "last_error_message": found.error}
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
