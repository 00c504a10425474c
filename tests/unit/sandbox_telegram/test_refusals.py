"""Every refusal with its words: clients match on them, so they are part of the interface."""

from typing import Any

import httpx
import pytest

from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import TOKEN, Call, StandingClock

KEYBOARD = "can't parse inline keyboard button: "


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x"} | button]]}


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 77, "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": 1}, "message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": "  \n"}, "text must be non-empty"),
        ("sendMessage", {"chat_id": 1, "text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ("sendMessage", {"chat_id": 1, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 1, "text": "x", "parse_mode": "Word"}, "unsupported parse_mode"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a<b", "parse_mode": "HTML"},
            "can't parse entities: Unclosed start tag at byte offset 1",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_parameters": {"message_id": 99}},
            "message to be replied not found",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_parameters": {"quote": "y"}},
            'can\'t find field "message_id"',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "hello", "entities": [{"type": "bold", "offset": 100, "length": 1}]},
            "entity begins after the end of the text at UTF-16 offset 100",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "hello", "entities": [{"type": "bold", "offset": 0, "length": 100}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "hello", "entities": [{"type": "bold", "offset": -1, "length": 1}]},
            "receive an entity with incorrect offset -1",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "hello", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "hello", "entities": [{"type": "text_link", "offset": 0, "length": 1}]},
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": "["},
            "can't parse reply keyboard markup JSON object",
        ),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": [1]}, "object expected as reply markup"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": "bad"}},
            'field "inline_keyboard" must be of type Array',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": {"force_reply": "yes"}},
            'field "force_reply" must be of type Boolean',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"callback_data": "x"}]]}},
            KEYBOARD + 'Can\'t find field "text"',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(callback_data="")},
            KEYBOARD + "Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(callback_data="é" * 33)},
            "BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(copy_text={"text": "x" * 257})},
            "BUTTON_COPY_TEXT_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(copy_text={"text": ""})},
            "BUTTON_COPY_TEXT_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(pay=True)},
            "BUTTON_TYPE_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(url="http://localhost:80")},
            "inline keyboard button URL 'http://localhost:80' is invalid: Wrong HTTP URL",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(url="ftp://example.com")},
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(callback_data="x", style="loud")},
            KEYBOARD + "Invalid button style specified",
        ),
        (
            "sendMessage",
            {
                "chat_id": 1,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]] * 101},
            },
            "REPLY_MARKUP_TOO_LONG",
        ),
        ("editMessageText", {"chat_id": 1, "text": "x"}, "message identifier is not specified"),
        ("editMessageText", {"chat_id": 1, "message_id": 99, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"chat_id": 1, "message_id": 1, "text": "x"}, "message can't be edited"),
        (
            "editMessageText",
            {"chat_id": 1, "message_id": 2, "text": "x", "reply_markup": {"force_reply": True}},
            "inline keyboard expected",
        ),
        (
            "editMessageCaption",
            {"chat_id": 1, "message_id": 2, "caption": "x"},
            "there is no caption in the message to edit",
        ),
        ("deleteMessage", {"chat_id": 1, "message_id": 99}, "message to delete not found"),
        ("deleteMessages", {"chat_id": 1}, "message identifiers are not specified"),
        ("deleteMessages", {"chat_id": 1, "message_ids": 5}, "expected an Array of message identifiers"),
        ("deleteMessages", {"chat_id": 1, "message_ids": [0]}, "invalid message identifier specified"),
        (
            "deleteMessages",
            {"chat_id": 1, "message_ids": list(range(1, 102))},
            "too many message identifiers specified",
        ),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
        ("sendChatAction", {"chat_id": 1, "action": "dance"}, "wrong parameter action in request"),
        ("sendPhoto", {"chat_id": 1}, "there is no photo in the request"),
        (
            "sendPhoto",
            {"chat_id": 1, "photo": "https://a.io/x.png"},
            "wrong file identifier/HTTP URL specified",
        ),
        ("getFile", {"file_id": "nope"}, "invalid file_id"),
        ("setMyCommands", {"commands": [{"command": "Bad-Name", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        (
            "setMyCommands",
            {"commands": [{"command": "ok", "description": ""}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": f"c{n}", "description": "x"} for n in range(101)]},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        ("setMyCommands", {"commands": [], "language_code": "english"}, "invalid language code specified"),
        ("setWebhook", {"url": "http://a.io"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "ftp://127.0.0.1/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "https://a.io/ b"}, "bad webhook: invalid URL specified"),
        ("setWebhook", {"url": "https://[a"}, "bad webhook: invalid URL specified"),
        (
            "setWebhook",
            {"url": "https://a.io", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
        ("setWebhook", {"url": "https://a.io", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_bad_requests_are_refused_in_telegrams_words(
    call: Call, standin: Telegram, method: str, params: dict[str, Any], words: str
) -> None:
    """400, these words, and nothing changed."""
    await call("sendMessage", chat_id=1, text="the bot's own message")
    before = standin.messages(1)
    answer = await call(method, **params)
    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}
    assert standin.messages(1) == before


async def test_the_limits_themselves_are_allowed(call: Call) -> None:
    """Off by one in neither direction."""
    assert (await call("sendMessage", chat_id=1, text="x" * 4096))["ok"]
    assert (await call("sendMessage", chat_id=1, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML"))["ok"]
    assert (await call("sendMessage", chat_id=1, text="x", reply_markup=keyboard(callback_data="é" * 32)))[
        "ok"
    ]
    hundred = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 5] * 20}
    assert (await call("sendMessage", chat_id=1, text="x", reply_markup=hundred))["ok"]
    assert (await call("sendMessage", chat_id=1, text="x" * 4097, parse_mode="HTML"))["error_code"] == 400


async def test_an_edit_must_change_something(call: Call) -> None:
    """Same text, entities and keyboard: refused; any of them different: done."""
    sent = await call(
        "sendMessage", chat_id=1, text="<b>x</b>", parse_mode="HTML", reply_markup=keyboard(callback_data="1")
    )
    place = {"chat_id": 1, "message_id": sent["result"]["message_id"]}
    same = {"text": "<strong>x</strong>", "parse_mode": "HTML", "reply_markup": keyboard(callback_data="1")}
    refused = await call("editMessageText", **place, **same)
    assert refused["description"] == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    assert (await call("editMessageText", **place, text="x"))["ok"]
    assert "reply_markup" not in (await call("editMessageText", **place, text="y"))["result"]
    assert (await call("editMessageReplyMarkup", **place))["error_code"] == 400


async def test_a_deleted_message_is_gone(call: Call) -> None:
    """It can be neither edited nor deleted again nor replied to."""
    place = {
        "chat_id": 1,
        "message_id": (await call("sendMessage", chat_id=1, text="x"))["result"]["message_id"],
    }
    assert (await call("deleteMessage", **place))["ok"]
    assert (await call("deleteMessage", **place))["description"] == "Bad Request: message to delete not found"
    edited = await call("editMessageText", **place, text="y")
    assert edited["description"] == "Bad Request: message to edit not found"


async def test_messages_can_be_deleted_for_two_days(
    call: Call, standin: Telegram, clock: StandingClock
) -> None:
    """The bot's and the person's alike; then no more."""
    own = (await call("sendMessage", chat_id=1, text="x"))["result"]["message_id"]
    assert (await call("deleteMessage", chat_id=1, message_id=1))["ok"]
    clock.advance(48 * 3600)
    refused = await call("deleteMessage", chat_id=1, message_id=own)
    assert refused["description"] == "Bad Request: message can't be deleted"
    assert (await call("deleteMessages", chat_id=1, message_ids=[own, 999]))["ok"]
    assert [message["deleted"] for message in standin.messages(1)] == [True, False]


async def test_a_blocked_bot_is_forbidden_to_write(call: Call, standin: Telegram) -> None:
    """403 until the person is back."""
    standin.block(1)
    answer = await call("sendMessage", chat_id=1, text="x")
    assert answer == {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    standin.unblock(1)
    assert (await call("sendMessage", chat_id=1, text="x"))["ok"]


async def test_only_the_right_token_and_known_methods(client: httpx.AsyncClient) -> None:
    """401 for another token, 404 for what is none, 404 for an unknown method."""
    other = await client.post("/bot654321:another-token-entirely/getMe")
    assert other.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    malformed = await client.post("/botx/getMe")
    assert malformed.json() == {"ok": False, "error_code": 404, "description": "Not Found"}
    unknown = await client.post(f"/bot{TOKEN}/getRich")
    assert unknown.json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    assert unknown.status_code == 404
    assert (await client.get("/file/bot654321:another-token-entirely/documents/1")).status_code == 401


async def test_three_encodings_and_any_case(client: httpx.AsyncClient, standin: Telegram) -> None:
    """Query string, form with JSON inside, multipart and JSON say the same; method names in any case."""
    url = f"/bot{TOKEN}/SENDmessage"
    markup = '{"inline_keyboard": [[{"text": "x", "callback_data": "y"}]]}'
    fields = {"chat_id": "1", "text": "hello", "reply_markup": markup}
    answers = [
        await client.get(url, params=fields),
        await client.post(url, data=fields),
        await client.post(url, data=fields, files={"extra": b"x"}),
        await client.post(url, json=fields | {"chat_id": 1, "reply_markup": keyboard(callback_data="y")}),
    ]
    assert all(answer.json()["ok"] for answer in answers)
    shown = [message["buttons"] for message in standin.messages(1)[1:]]
    assert shown == [[[{"text": "x", "data": "y"}]]] * 4
    broken = await client.post(url, content=b"{", headers={"content-type": "application/json"})
    assert broken.json()["description"] == "Bad Request: can't parse JSON object"
    half = await client.post(
        url, content=rb'{"chat_id":1,"text":"\ud83d"}', headers={"content-type": "application/json"}
    )
    assert half.json()["description"] == "Bad Request: strings must be encoded in UTF-8"
