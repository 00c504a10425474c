"""The control API for the chat page and for tests: `/sandbox/…`, all JSON.

`?user=N` says who it is. With `?group=N` it happens in a group, which that person joins by writing there.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.sandbox.telegram import intake, people, views
from bot.sandbox.telegram.calls import CallLog
from bot.sandbox.telegram.intake import BadInput
from bot.sandbox.telegram.people import People
from bot.sandbox.telegram.queries import Query
from bot.sandbox.telegram.world import World

MAX_TAPS = 200
DEFAULT_WAIT_S = 5.0
MAX_WAIT_S = 60.0
HEARTBEAT_S = 15.0


class Control:
    def __init__(self, world: World, persons: People, calls: CallLog) -> None:
        self._world = world
        self._people = persons
        self._calls = calls
        self._closed = False

    def routes(self) -> list[BaseRoute]:
        return [
            Route(path, intake.answering(endpoint), methods=[method])
            for path, method, endpoint in (
                ("/sandbox/messages", "GET", self._messages),
                ("/sandbox/calls", "GET", self._list_calls),
                ("/sandbox/commands", "GET", self._commands),
                ("/sandbox/chat", "GET", self._chat),
                ("/sandbox/events", "GET", self._events),
                ("/sandbox/file/{file_id}", "GET", self._file),
                ("/sandbox/send", "POST", self._send),
                ("/sandbox/tap", "POST", self._tap),
                ("/sandbox/redeliver", "POST", self._redeliver),
                ("/sandbox/block", "POST", self._block),
            )
        ]

    def close(self) -> None:
        """End every event stream, so that a server can stop."""
        self._closed = True
        self._world.chats.changed.notify()

    def messages(self, chat_id: int) -> list[dict[str, Any]]:
        return [views.page_message(self._world, message) for message in self._world.chats.of(chat_id)]

    def chat(self, user_id: int) -> dict[str, Any]:
        """Everything about the chat that is not a message."""
        chat = self._world.chats.find(user_id)
        profile = self._world.profile
        return {
            "bot": {
                "name": profile.text("name") or self._world.bot["first_name"],
                "username": self._world.bot["username"],
                "description": profile.text("description"),
            },
            "user": user_id,
            "blocked": bool(chat and chat.blocked),
            "typing": bool(chat and chat.typing_until > self._world.monotonic()),
            "commands": profile.commands_for(user_id),
        }

    async def _messages(self, request: Request) -> Response:
        user_id, group_id = intake.user_of(request), intake.group_of(request)
        return JSONResponse({"messages": self.messages(user_id if group_id is None else group_id)})

    async def _list_calls(self, request: Request) -> Response:
        """`{"calls": [{"method", "chat", "message", "ok", "error", "at"}], "forgotten"}`, oldest first.

        Of everybody, or of the chat of `?user=N` or `?group=N`. No parameters, no token. `forgotten` = how
        many older ones (of everybody) are not in the log any more: only with 0 it holds all since the start.
        """
        chat_id = intake.group_of(request)
        if chat_id is None and "user" in request.query_params:
            chat_id = intake.user_of(request)
        calls = [views.logged_call(call) for call in self._calls.list_of(chat_id)]
        return JSONResponse({"calls": calls, "forgotten": self._calls.forgotten})

    async def _commands(self, request: Request) -> Response:
        commands = self._world.profile.commands_for(intake.user_of(request))
        return JSONResponse({"commands": commands})

    async def _chat(self, request: Request) -> Response:
        return JSONResponse(self.chat(intake.user_of(request)))

    async def _send(self, request: Request) -> Response:
        user_id, body = intake.user_of(request), await intake.json_body(request)
        text, group_id = intake.take(body, "text", str), intake.group_of(request)
        reply_to = intake.take(body, "reply_to", int) if "reply_to" in body else None
        try:
            if group_id is not None:
                self._people.join(user_id, group_id)
            sent = self._people.send(user_id, text, chat_id=group_id, reply_to=reply_to)
        except people.Impossible as problem:
            raise BadInput(str(problem)) from problem
        return JSONResponse({"message_id": sent[0].id, "message_ids": [message.id for message in sent]})

    async def _tap(self, request: Request) -> Response:
        user_id, body = intake.user_of(request), await intake.json_body(request)
        message_id, group_id = intake.take(body, "message_id", int), intake.group_of(request)
        times = intake.take(body, "times", int, 1)
        wait_s = body.get("wait", DEFAULT_WAIT_S)
        if not 1 <= times <= MAX_TAPS:
            raise BadInput(f"times must be 1 to {MAX_TAPS}")
        if not isinstance(wait_s, int | float) or not 0 <= wait_s <= MAX_WAIT_S:
            raise BadInput(f"wait must be 0 to {MAX_WAIT_S:g} seconds")
        try:
            queries = [self._open_tap(user_id, group_id, message_id, body) for _ in range(times)]
        except people.Impossible as problem:
            raise BadInput(str(problem)) from problem
        return JSONResponse(_taps([await self._people.outcome(query, wait_s) for query in queries]))

    def _open_tap(self, user_id: int, group_id: int | None, message_id: int, body: dict[str, Any]) -> Query:
        """By label as a person; by data alone as a tampered app."""
        data = intake.take(body, "data", str) if "data" in body else None
        if data is not None and "label" not in body:
            return self._people.forge_tap(user_id, data, message_id, chat_id=group_id)
        label = intake.take(body, "label", str)
        return self._people.open_tap(user_id, message_id, label, data, chat_id=group_id)

    async def _redeliver(self, request: Request) -> Response:
        user_id = intake.user_of(request)
        await intake.json_body(request)
        return JSONResponse({"redelivered": len(self._people.redeliver(user_id))})

    async def _block(self, request: Request) -> Response:
        user_id, body = intake.user_of(request), await intake.json_body(request)
        try:
            self._people.set_blocked(user_id, blocked=intake.take(body, "blocked", bool))
        except people.Impossible as problem:
            raise BadInput(str(problem)) from problem
        return JSONResponse({"blocked": body["blocked"]})

    async def _file(self, request: Request) -> Response:
        file = self._world.files.find(request.path_params["file_id"])
        if file is None:
            return JSONResponse({"error": "no such file"}, 404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        if file.size:
            return Response(file.content, media_type=file.content_type, headers=headers)
        safe_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in file.name)
        headers["Content-Disposition"] = f'attachment; filename="{safe_name}"'
        return Response(file.content, media_type="application/octet-stream", headers=headers)

    async def _events(self, request: Request) -> Response:
        stream = self._stream(intake.user_of(request))
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _stream(self, user_id: int) -> AsyncIterator[str]:
        """First everything, then every message that changes, and the rest of the chat when it does."""
        # As of before it is sent: what changes while it is on its way is told after it.
        seen, last_chat = self._world.chats.revision, None
        yield _event("snapshot", {"messages": self.messages(user_id)})
        while not self._closed:
            chat = self.chat(user_id)
            if chat != last_chat:
                last_chat = chat
                yield _event("chat", chat)
            changed = [message for message in self._world.chats.of(user_id) if message.revision > seen]
            seen = self._world.chats.revision
            for message in sorted(changed, key=lambda message: message.revision):
                yield _event("message", views.page_message(self._world, message))
            if seen != self._world.chats.revision:
                continue
            pause_s = 1.0 if chat["typing"] else HEARTBEAT_S
            if not await self._world.chats.changed.wait(pause_s):
                yield ": still here\n\n"


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _taps(taps: list[people.Tap]) -> dict[str, Any]:
    return {
        "answered": all(tap.answered for tap in taps),
        "toasts": [tap.text for tap in taps if tap.text and not tap.alert],
        "alerts": [tap.text for tap in taps if tap.text and tap.alert],
        "taps": [{"answered": tap.answered, "text": tap.text, "alert": tap.alert} for tap in taps],
    }
