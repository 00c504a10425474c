"""The people's side: what their apps can do, and what the bot hears of it."""

import asyncio
from typing import Any

import pytest

from bot.sandbox.telegram import Impossible, Tap, Telegram
from bot.sandbox.telegram.people import MAX_TEXT
from tests.fakes.telegram_sandbox import Call, StandingClock


async def card(call: Call, *labels: str, chat_id: int = 1) -> int:
    """A message with one button per label; its id. The data is the label in lower case."""
    rows = [[{"text": label, "callback_data": label.lower()}] for label in labels]
    sent = await call("sendMessage", chat_id=chat_id, text="card", reply_markup={"inline_keyboard": rows})
    message_id: int = sent["result"]["message_id"]
    return message_id


async def updates(call: Call) -> list[dict[str, Any]]:
    """What waits for the bot, confirmed at once."""
    found: list[dict[str, Any]] = (await call("getUpdates"))["result"]
    if found:
        await call("getUpdates", offset=found[-1]["update_id"] + 1)
    return found


async def test_a_stranger_cannot_be_written_to(call: Call, standin: Telegram) -> None:
    """The chat exists from the person's first message on."""
    assert (await call("sendMessage", chat_id=2, text="x"))["description"] == "Bad Request: chat not found"
    standin.send(2, "hi")
    assert (await call("sendMessage", chat_id=2, text="x"))["ok"]


async def test_long_texts_are_split_as_apps_do(call: Call, standin: Telegram) -> None:
    """No message is longer than Telegram allows, and nothing is lost."""
    await updates(call)
    standin.send(1, "🟢" * 3000)
    parts = [update["message"]["text"] for update in await updates(call)]
    assert [len(part.encode("utf-16-le")) // 2 for part in parts] == [MAX_TEXT, 6000 - MAX_TEXT]
    assert "".join(parts) == "🟢" * 3000


async def test_taps_at_once_are_separate_queries(call: Call, standin: Telegram) -> None:
    """Ten taps are ten updates with ids of their own, all waiting before the first answer."""
    message_id = await card(call, "Confirm")
    await updates(call)
    async with asyncio.TaskGroup() as tasks:
        taps = tasks.create_task(standin.tap(1, message_id, "Confirm", times=10))
        await asyncio.sleep(0)
        queries = [update["callback_query"] for update in await updates(call)]
        assert len({query["id"] for query in queries}) == 10
        assert {query["data"] for query in queries} == {"confirm"}
        for n, query in enumerate(queries):
            text = "Checking…" if n == 0 else ""
            await call("answerCallbackQuery", callback_query_id=query["id"], text=text, show_alert=n == 0)
    assert taps.result()[0] == Tap(queries[0]["id"], answered=True, text="Checking…", alert=True)
    assert all(tap.answered and not tap.text for tap in taps.result()[1:])


async def test_a_tap_without_answer_says_so(call: Call, standin: Telegram) -> None:
    """After waiting as long as asked."""
    message_id = await card(call, "Confirm")
    (tap,) = await standin.tap(1, message_id, "Confirm", wait_s=0)
    assert not tap.answered


async def test_a_query_is_answered_once_and_soon(call: Call, standin: Telegram, clock: StandingClock) -> None:
    """Later answers, and second ones, are refused in the same words."""
    message_id = await card(call, "Confirm")
    first, second = (standin.people.open_tap(1, message_id, "Confirm") for _ in range(2))
    assert (await call("answerCallbackQuery", callback_query_id=first.id))["ok"]
    words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert (await call("answerCallbackQuery", callback_query_id=first.id))["description"] == words
    clock.advance(15.1)
    assert (await call("answerCallbackQuery", callback_query_id=second.id))["description"] == words


async def test_unanswered_taps_come_again_under_new_ids(call: Call, standin: Telegram) -> None:
    """As apps do after reconnecting: neither the update id nor the query id repeats, the data does."""
    message_id = await card(call, "Confirm")
    given_up = standin.people.open_tap(1, message_id, "Confirm")
    answered = standin.people.open_tap(1, message_id, "Confirm")
    await call("answerCallbackQuery", callback_query_id=answered.id)
    before = [update for update in await updates(call) if "callback_query" in update]
    assert standin.redeliver(1) == 1
    (after,) = await updates(call)
    assert after["update_id"] > before[-1]["update_id"]
    assert after["callback_query"]["id"] not in {update["callback_query"]["id"] for update in before}
    assert after["callback_query"]["data"] == "confirm"
    assert not (await call("answerCallbackQuery", callback_query_id=given_up.id))["ok"]
    assert (await call("answerCallbackQuery", callback_query_id=after["callback_query"]["id"]))["ok"]


async def test_only_what_is_there_can_be_tapped(call: Call, standin: Telegram) -> None:
    """The label must be on the message as it is now, in a chat of that person."""
    message_id = await card(call, "Confirm", "Cancel")
    standin.send(2, "/start")
    with pytest.raises(Impossible, match="no button 'Confrim' under message 2; there: 'Confirm', 'Cancel'"):
        standin.people.open_tap(1, message_id, "Confrim")
    with pytest.raises(Impossible, match="no such message"):
        standin.people.open_tap(2, message_id, "Confirm")
    await call("editMessageText", chat_id=1, message_id=message_id, text="done")
    with pytest.raises(Impossible, match="there: none"):
        standin.people.open_tap(1, message_id, "Confirm")
    await call("deleteMessage", chat_id=1, message_id=message_id)
    with pytest.raises(Impossible, match="no such message"):
        standin.people.open_tap(1, message_id, "Confirm")


async def test_repeated_labels_are_told_apart_by_data(call: Call, standin: Telegram) -> None:
    """Two "Detail" buttons are two buttons."""
    rows = [[{"text": "Detail", "callback_data": data}] for data in ("a", "b")]
    sent = await call("sendMessage", chat_id=1, text="x", reply_markup={"inline_keyboard": rows})
    message_id = sent["result"]["message_id"]
    assert standin.people.open_tap(1, message_id, "Detail").data == "a"
    assert standin.people.open_tap(1, message_id, "Detail", "b").data == "b"


async def test_a_tampered_app_can_send_any_data(call: Call, standin: Telegram) -> None:
    """But only for messages of its own chat: the update names that chat."""
    await card(call, "Confirm")
    own = standin.send(2, "/start")
    await updates(call)
    standin.people.forge_tap(2, "confirm", own)
    (update,) = await updates(call)
    assert update["callback_query"]["from"]["id"] == 2
    assert update["callback_query"]["message"]["chat"]["id"] == 2


async def test_blocking_is_told_once(call: Call, standin: Telegram) -> None:
    """my_chat_member goes member → kicked → member; blocking twice tells nothing new."""
    await updates(call)
    standin.block(1)
    standin.block(1)
    with pytest.raises(Impossible, match="unblock"):
        standin.send(1, "hi")
    standin.unblock(1)
    changes = [update["my_chat_member"] for update in await updates(call)]
    statuses = [(c["old_chat_member"]["status"], c["new_chat_member"]["status"]) for c in changes]
    assert statuses == [("member", "kicked"), ("kicked", "member")]


async def test_groups(call: Call, standin: Telegram) -> None:
    """The chat is the group, the sender is the person; the private transcript stays clean."""
    standin.people.add_group(-100, {1, 2}, "Friends")
    standin.send(2, "/orders@recurring_sandbox_bot", chat_id=-100)
    message_id = await card(call, "Confirm", chat_id=-100)
    standin.people.open_tap(1, message_id, "Confirm", chat_id=-100)
    _, joined, message, tap = await updates(call)
    assert joined["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert message["message"]["chat"]["type"] == "group"
    assert message["message"]["from"]["id"] == 2
    assert tap["callback_query"]["from"]["id"] == 1
    assert [shown["text"] for shown in standin.messages(1)] == ["/start"]
    with pytest.raises(Impossible, match="in no such chat"):
        standin.send(3, "hi", chat_id=-100)
    refused = await call("deleteMessage", chat_id=-100, message_id=message["message"]["message_id"])
    assert refused["description"] == "Bad Request: message can't be deleted"


def test_update_ids_grow_over_restarts(clock: StandingClock) -> None:
    """A bot that remembers ids must not take new updates for old ones."""
    first = Telegram("1:aaaaaaaaaaaa", now=clock.now)
    first.send(1, "a")
    clock.advance(2)
    second = Telegram("1:aaaaaaaaaaaa", now=clock.now)
    assert second.world.updates.next_id > first.world.updates.next_id - 1
