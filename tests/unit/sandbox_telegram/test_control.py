"""The control API: shapes that scripts rely on, bad input answered, strangers kept out."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from bot.sandbox.telegram import Telegram, calls, params
from tests.fakes.telegram_sandbox import TOKEN, Call, StandingClock

OPENING = {
    "id": 1,
    "from": "user",
    "text": "/start",
    "html": '<a class="command" data-command="/start">/start</a>',
    "buttons": [],
    "deleted": False,
    "edited": False,
}


async def test_the_transcript_has_the_promised_shape(client: httpx.AsyncClient, call: Call) -> None:
    """Oldest first, each with these fields; more may be there."""
    rows = [[{"text": "Yes", "callback_data": "y"}]]
    await call("sendMessage", chat_id=1, text="a < b", reply_markup={"inline_keyboard": rows})
    messages = (await client.get("/sandbox/messages")).json()["messages"]
    assert [OPENING, messages[1]] == [{name: messages[0][name] for name in OPENING}, messages[1]]
    assert messages[1].items() >= {"id": 2, "from": "bot", "text": "a < b", "html": "a &lt; b"}.items()
    assert messages[1]["buttons"][0][0]["text"] == "Yes"


async def test_a_deleted_message_stays_in_the_transcript(client: httpx.AsyncClient, call: Call) -> None:
    """Marked, so that tests can see that it was there."""
    await call("deleteMessage", chat_id=1, message_id=1)
    messages = (await client.get("/sandbox/messages")).json()["messages"]
    assert [(message["text"], message["deleted"]) for message in messages] == [("/start", True)]


async def test_people_have_chats_of_their_own(client: httpx.AsyncClient) -> None:
    """?user=N; person 1 without it."""
    sent = await client.post("/sandbox/send?user=2", json={"text": "hello"})
    assert sent.json() == {"message_id": 2, "message_ids": [2]}
    mine = (await client.get("/sandbox/messages?user=1")).json()["messages"]
    theirs = (await client.get("/sandbox/messages?user=2")).json()["messages"]
    assert [message["text"] for message in mine + theirs] == ["/start", "hello"]
    assert (await client.get("/sandbox/messages?user=3")).json() == {"messages": []}


async def test_a_group_is_another_chat_of_its_members(client: httpx.AsyncClient, call: Call) -> None:
    """?group=N: opened by whoever writes there first; what is said and tapped there stays there."""
    await client.post("/sandbox/send?user=1&group=5", json={"text": "hello"})
    await client.post("/sandbox/send?user=2&group=5", json={"text": "hi"})
    rows = [[{"text": "Yes", "callback_data": "y"}]]
    sent = await call("sendMessage", chat_id=-5, text="x", reply_markup={"inline_keyboard": rows})
    tap = {"message_id": sent["result"]["message_id"], "label": "Yes", "wait": 0}
    assert (await client.post("/sandbox/tap?user=2&group=5", json=tap)).status_code == 200
    assert (await client.post("/sandbox/tap?user=3&group=5", json=tap)).status_code == 400
    assert (await client.get("/sandbox/messages?group=none")).status_code == 400
    said = (await client.get("/sandbox/messages?group=5")).json()["messages"]
    assert [(one["from"], one["text"]) for one in said] == [("user", "hello"), ("user", "hi"), ("bot", "x")]
    assert len((await client.get("/sandbox/messages?user=1")).json()["messages"]) == 1
    seen = [update for update in (await call("getUpdates"))["result"] if "callback_query" in update]
    assert [update["callback_query"]["message"]["chat"]["id"] for update in seen] == [-5]


async def test_a_tap_reports_what_the_person_saw(
    client: httpx.AsyncClient, call: Call, standin: Telegram
) -> None:
    """Nothing within the wait: said so. Data alone forges."""
    rows = [[{"text": "Yes", "callback_data": "y"}]]
    await call("sendMessage", chat_id=1, text="x", reply_markup={"inline_keyboard": rows})
    body = {"message_id": 2, "label": "Yes", "times": 2, "wait": 0}
    tapped = await client.post("/sandbox/tap", json=body)
    silence = {"answered": False, "text": "", "alert": False}
    assert tapped.json() == {"answered": False, "toasts": [], "alerts": [], "taps": [silence, silence]}
    await client.post("/sandbox/tap", json={"message_id": 2, "data": "forged", "wait": 0})
    queries = [u["callback_query"]["data"] for u in (await call("getUpdates"))["result"][1:]]
    assert queries == ["y", "y", "forged"]
    assert (await client.post("/sandbox/redeliver", json={})).json() == {"redelivered": 3}


async def test_the_call_log_tells_what_the_bot_did_and_when(
    client: httpx.AsyncClient, call: Call, clock: StandingClock
) -> None:
    """Method, chat, message, outcome and moment of every call, oldest first; nothing of what was said."""
    rows = [[{"text": "Yes", "callback_data": "y"}]]
    await call("sendMessage", chat_id=1, text="a secret", reply_markup={"inline_keyboard": rows})
    clock.advance(1.5)
    await client.post("/sandbox/tap", json={"message_id": 2, "label": "Yes", "wait": 0})
    query = (await call("getUpdates", offset=-1))["result"][0]["callback_query"]["id"]
    for _ in range(2):
        await call("ANSWERcallbackQuery", callback_query_id=query)
    answer = await client.get("/sandbox/calls")
    at, later = "2026-03-01T12:00:00.000+00:00", "2026-03-01T12:00:01.500+00:00"
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    tapped = {"method": "answerCallbackQuery", "chat": 1, "message": 2, "at": later}
    assert answer.json() == {
        "calls": [
            {"method": "sendMessage", "chat": 1, "message": 2, "ok": True, "error": "", "at": at},
            {"method": "getUpdates", "chat": None, "message": None, "ok": True, "error": "", "at": later},
            tapped | {"ok": True, "error": ""},
            tapped | {"ok": False, "error": too_old},
        ],
        "forgotten": 0,
    }
    assert "secret" not in answer.text
    assert TOKEN not in answer.text


async def test_the_call_log_of_one_chat(client: httpx.AsyncClient, call: Call, standin: Telegram) -> None:
    """?user=N: what was refused is there, too, and what is about no chat is not."""
    standin.send(2, "/start")
    await call("sendMessage", chat_id=1, text="one")
    await call("sendMessage", chat_id=2, text="")
    await call("deleteMessage", chat_id=2, message_id=1)
    await call("getMe")
    logged = (await client.get("/sandbox/calls?user=2")).json()["calls"]
    assert [(one["method"], one["message"], one["ok"]) for one in logged] == [
        ("sendMessage", None, False),
        ("deleteMessage", 1, False),
    ]
    assert (await client.get("/sandbox/calls?user=me")).status_code == 400


def test_the_call_log_forgets_the_oldest_and_says_so(standin: Telegram) -> None:
    """It is bounded, whatever goes on."""
    log = calls.CallLog(2)
    for number in range(5):
        log.record(standin.world, "getMe", params.Params({"number": number}), {}, "")
    assert [call.params["number"] for call in log.list_of()] == [3, 4]
    assert log.forgotten == 3


async def test_blocking_and_the_chat_around_the_messages(client: httpx.AsyncClient, call: Call) -> None:
    """Blocked, commands and description are what the page shows beside messages."""
    commands = [{"command": "start", "description": "Home"}]
    await call("setMyCommands", commands=commands)
    await call("setMyDescription", description="DCA")
    assert (await client.get("/sandbox/commands")).json() == {"commands": commands}
    assert (await client.post("/sandbox/block", json={"blocked": True})).json() == {"blocked": True}
    chat = (await client.get("/sandbox/chat")).json()
    assert (chat["blocked"], chat["commands"], chat["bot"]["description"]) == (True, commands, "DCA")


async def test_what_is_said_while_the_page_gets_its_snapshot_is_not_lost(standin: Telegram) -> None:
    """A page on a slow connection shows it, too, as soon as the snapshot has arrived."""
    told: list[str] = []
    arrived = asyncio.Event()

    async def send(message: Message) -> None:
        told.append(message.get("body", b"").decode())
        if "event: snapshot" in told[-1]:
            standin.send(1, "in between")
        elif "in between" in told[-1]:
            arrived.set()

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/sandbox/events", "query_string": b"", "headers": []}
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        stream = group.create_task(Starlette(routes=standin.routes())(scope, receive, send))
        await arrived.wait()
        stream.cancel()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/sandbox/send", {}, "text is required"),
        ("/sandbox/send", {"text": 5}, "text must be of type str"),
        ("/sandbox/send", {"text": " \n"}, "an empty message cannot be sent"),
        ("/sandbox/send", {"text": "x", "reply_to": 99}, "the message to reply to is not in this chat"),
        ("/sandbox/send", ["x"], "the body must be a JSON object"),
        ("/sandbox/send?user=0", {"text": "x"}, "user must be a positive number"),
        ("/sandbox/send?user=me", {"text": "x"}, "user must be a positive number"),
        ("/sandbox/tap", {"label": "x"}, "message_id is required"),
        ("/sandbox/tap", {"message_id": 1}, "label is required"),
        ("/sandbox/tap", {"message_id": 1, "label": "x"}, "no button 'x' under message 1; there: none"),
        ("/sandbox/tap", {"message_id": 99, "label": "x"}, "there is no such message in this chat"),
        ("/sandbox/tap", {"message_id": True, "label": "x"}, "message_id must be of type int"),
        ("/sandbox/tap", {"message_id": 1, "label": "x", "times": 0}, "times must be 1 to 200"),
        ("/sandbox/tap", {"message_id": 1, "label": "x", "wait": 61}, "wait must be 0 to 60 seconds"),
        ("/sandbox/block", {"blocked": "yes"}, "blocked must be of type bool"),
        ("/sandbox/block?user=9", {"blocked": True}, "this person has no chat with the bot yet"),
    ],
)
async def test_bad_input_is_answered(
    client: httpx.AsyncClient, standin: Telegram, path: str, body: Any, words: str
) -> None:
    """400, one sentence, and nothing happened."""
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": words})
    assert len(standin.messages(1)) == 1


async def test_broken_json_is_answered(client: httpx.AsyncClient) -> None:
    """Half an emoji included, which could not be sent on."""
    headers = {"content-type": "application/json"}
    for content, words in (
        (b"{", "the body is not JSON"),
        (rb'{"text":"\ud83d"}', "the body is not valid Unicode"),
    ):
        answer = await client.post("/sandbox/send", content=content, headers=headers)
        assert (answer.status_code, answer.json()) == (400, {"error": words})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8080"}, 200),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}, 200),
        ({"host": "[::1]:8080"}, 200),
        ({"host": "attacker.example"}, 403),
        ({"host": "127.0.0.1.attacker.example"}, 403),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:9090"}, 403),
        ({"host": "127.0.0.1:8080", "origin": "https://attacker.example"}, 403),
        ({"host": "127.0.0.1:8080", "origin": "null"}, 403),
    ],
)
async def test_other_sites_are_kept_out(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """By the name they call us by, and by where they come from."""
    for path in ("/sandbox/messages", "/", "/web/app.js"):
        assert (await client.get(path, headers=headers)).status_code == status
    sent = await client.post("/sandbox/send", json={"text": "x"}, headers=headers)
    assert sent.status_code == status


async def test_forms_cannot_post(client: httpx.AsyncClient, standin: Telegram) -> None:
    """A page elsewhere may post forms and plain text without asking: neither is taken."""
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await client.post(
            "/sandbox/send", content=b'{"text":"x"}', headers={"content-type": content_type}
        )
        assert answer.status_code == 415
    assert len(standin.messages(1)) == 1


async def test_files_cannot_run_in_the_page(client: httpx.AsyncClient) -> None:
    """A document is a download of bytes, whatever it calls itself."""
    upload = {"document": ('x".html', b"<script>alert(1)</script>", "text/html")}
    sent = await client.post(
        "/bot123456:sandbox-token-for-tests/sendDocument", data={"chat_id": "1"}, files=upload
    )
    assert sent.json()["ok"]
    url = (await client.get("/sandbox/messages")).json()["messages"][1]["document"]["url"]
    file = await client.get(url)
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"
