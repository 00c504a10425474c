"""deleteMessage and deleteMessages: anything in a private chat, for 48 hours."""

from datetime import timedelta

from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.chats import Message
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World

DELETABLE_FOR = timedelta(hours=48)
MAX_AT_ONCE = 100


async def delete_message(world: World, params: Params) -> bool:
    message = world.message(world.chat(params), params, "message to delete not found")
    if not _deletable(world, message):
        raise refusals.bad_request("message can't be deleted")
    _delete(world, message)
    return True


async def delete_messages(world: World, params: Params) -> bool:
    """Skips what it cannot find or may not delete, as Telegram does."""
    chat = world.chat(params)
    ids = params.json("message_ids")
    if ids is None or ids == []:
        raise refusals.bad_request("message identifiers are not specified")
    if not isinstance(ids, list):
        raise refusals.bad_request("expected an Array of message identifiers")
    if len(ids) > MAX_AT_ONCE:
        raise refusals.bad_request("too many message identifiers specified")
    if not all(isinstance(message_id, int) and message_id > 0 for message_id in ids):
        raise refusals.bad_request("invalid message identifier specified")
    for message_id in ids:
        message = chat.messages.get(message_id)
        if message and not message.deleted and _deletable(world, message):
            _delete(world, message)
    return True


def _deletable(world: World, message: Message) -> bool:
    own = message.sender_id == world.bot["id"]
    return (own or message.chat_id > 0) and world.now() - message.sent_at < DELETABLE_FOR


def _delete(world: World, message: Message) -> None:
    message.deleted = True
    world.chats.touch(message)


METHODS = {"deleteMessage": delete_message, "deleteMessages": delete_messages}
