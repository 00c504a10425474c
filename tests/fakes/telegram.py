"""A Bot API in memory, at the library's request seam: strict where Telegram is; it remembers everything."""

import asyncio
import html
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.chat import request

BOT_ID = 42
TOKEN = "42:TEST"
API_URL = "http://telegram.invalid"
_TAG = re.compile(r"<(/?)([a-z-]+)((?: [a-z-]+=\"[^\"<>]*\")*)>")
_TAGS = {"b", "i", "u", "s", "code", "pre", "a", "tg-spoiler", "tg-time", "blockquote"}
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


class BrokenHtml(Exception):
    """Telegram would refuse this text."""


def parse_html(text: str) -> str:
    """The visible text. Raises BrokenHtml as strictly as Telegram."""
    opened: list[str] = []
    out: list[str] = []
    place = 0
    while place < len(text):
        char = text[place]
        if char == "<":
            match = _TAG.match(text, place)
            if match is None or match[2] not in _TAGS:
                raise BrokenHtml(f"unsupported tag at {place}: {text[place : place + 30]}")
            if match[1]:
                if not opened or opened.pop() != match[2]:
                    raise BrokenHtml(f"unexpected </{match[2]}>")
            else:
                opened.append(match[2])
            place = match.end()
            continue
        if char == ">":
            raise BrokenHtml(f"bare > at {place}")
        if char == "&":
            match = _ENTITY.match(text, place)
            if match is None:
                raise BrokenHtml(f"bare & at {place}")
            out.append(html.unescape(match[0]))
            place = match.end()
            continue
        out.append(char)
        place += 1
    if opened:
        raise BrokenHtml(f"not closed: {opened}")
    return "".join(out)


@dataclass(slots=True)
class Call:
    method: str
    params: dict[str, Any]


@dataclass(slots=True)
class Sent:
    """A message as the person sees it now."""

    chat_id: int
    id: int
    text: str
    html: str
    keyboard: list[list[dict[str, Any]]]
    deleted: bool = False
    protected: bool = False
    file: tuple[str, bytes] | None = None
    """Name and content of a document."""
    picture: bytes = b""
    versions: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]

    def data(self, part: str) -> str:
        """Callback data of the first button whose label contains `part`."""
        for row in self.keyboard:
            for button in row:
                if part in button["text"] and "callback_data" in button:
                    data: str = button["callback_data"]
                    return data
        raise AssertionError(f"no button {part!r} among {self.labels}")


class FakeTelegram(BaseRequest):
    """`fail_next(method, failure)`: an (http status, body) to answer, or an exception to raise."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.refusals: list[str] = []
        self.sent: dict[int, Sent] = {}
        self.failures: dict[str, deque[Any]] = {}
        self.undeletable: set[int] = set()
        self.description = ""
        self.batches: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.offsets: list[int | None] = []
        self.polls_end = True
        """Whether a long poll without news comes back when its time is up, as Telegram's do."""
        self.opened = 0
        self._next_id = 1000

    # --- the library's seam ---

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        self.opened += 1

    async def shutdown(self) -> None:
        return None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        name = urlsplit(url).path.rsplit("/", 1)[-1]
        params: dict[str, Any] = dict(request_data.parameters) if request_data else {}
        uploads = (request_data.multipart_data or {}) if request_data else {}
        params |= {name: content for name, (_, content, _) in uploads.items()}
        params |= {f"{name} name": file_name for name, (file_name, _, _) in uploads.items()}
        self.calls.append(Call(name, params))
        await asyncio.sleep(0)
        waiting = self.failures.get(name)
        if waiting:
            failure = waiting.popleft()
            if isinstance(failure, BaseException):
                raise failure
            code, body = failure
            payload = json.dumps(body).encode() if isinstance(body, dict) else body
            request.check_flood(code, payload)
            return code, payload
        answer: Callable[[dict[str, Any]], Any] | None = getattr(self, f"_on_{name}", None)
        if name == "getUpdates":
            return await self._get_updates(params)
        if answer is None:
            return 404, b'{"ok":false,"error_code":404,"description":"Not Found"}'
        try:
            return 200, json.dumps({"ok": True, "result": answer(params)}).encode()
        except BrokenHtml as exc:
            return self._refuse(f"Bad Request: can't parse entities: {exc}")
        except LookupError as exc:
            return self._refuse(f"Bad Request: {exc.args[0]}")

    def _refuse(self, why: str) -> tuple[int, bytes]:
        self.refusals.append(why)
        return 400, json.dumps({"ok": False, "error_code": 400, "description": why}).encode()

    # --- methods ---

    def _on_getMe(self, _: dict[str, Any]) -> Any:  # noqa: N802 - the Bot API's own name
        return {"id": BOT_ID, "is_bot": True, "first_name": "Bot", "username": "test_bot"}

    def _on_deleteWebhook(self, _: dict[str, Any]) -> Any:  # noqa: N802 - as above
        return True

    def _on_setMyCommands(self, _: dict[str, Any]) -> Any:  # noqa: N802 - as above
        return True

    def _on_getMyDescription(self, _: dict[str, Any]) -> Any:  # noqa: N802 - as above
        return {"description": self.description}

    def _on_setMyDescription(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        self.description = params["description"]
        return True

    def _on_answerCallbackQuery(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        assert len(params.get("text", "")) <= 200
        return True

    def _on_sendChatAction(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        return True

    def _on_sendMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        self._next_id += 1
        message = Sent(int(params["chat_id"]), self._next_id, "", "", [])
        self._write(message, params)
        message.protected = bool(params.get("protect_content"))
        self.sent[message.id] = message
        return _message(message)

    def _on_sendPhoto(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        self._next_id += 1
        message = Sent(int(params["chat_id"]), self._next_id, "", "", [])
        self._write(message, params | {"text": params["caption"]}, longest=1024)
        message.picture = params["photo"]
        self.sent[message.id] = message
        return _message(message)

    def _on_sendDocument(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        self._next_id += 1
        message = Sent(int(params["chat_id"]), self._next_id, "", "", [])
        self._write(message, params | {"text": params["caption"]}, longest=1024)
        message.file = params["document name"], params["document"]
        self.sent[message.id] = message
        return _message(message)

    def _on_editMessageText(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        message = self.sent.get(int(params["message_id"]))
        if message is None or message.deleted:
            raise LookupError("message to edit not found")
        before = (message.html, message.keyboard)
        draft = Sent(message.chat_id, message.id, "", "", [])
        self._write(draft, params)
        if (draft.html, draft.keyboard) == before:
            raise LookupError(
                "message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message"
            )
        message.text, message.html, message.keyboard = draft.text, draft.html, draft.keyboard
        message.versions.append(draft.html)
        return _message(message)

    def _on_deleteMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802 - as above
        message_id = int(params["message_id"])
        if message_id in self.undeletable:
            raise LookupError("message can't be deleted")
        if message_id in self.sent:
            self.sent[message_id].deleted = True
        return True

    def _write(self, message: Sent, params: dict[str, Any], longest: int = 4096) -> None:
        text = params["text"]
        message.html = text
        message.text = parse_html(text) if params.get("parse_mode") == "HTML" else text
        if not message.text.strip():
            raise LookupError("message text is empty")
        if len(text) > longest:
            raise LookupError("message is too long")
        message.versions.append(text)
        markup = params.get("reply_markup")
        parsed = json.loads(markup) if isinstance(markup, str) else markup
        message.keyboard = parsed["inline_keyboard"] if parsed else []
        for row in message.keyboard:
            for button in row:
                assert button["text"].strip(), "a button without a label"
                assert len(button["text"]) <= 20, button["text"]
                assert len(button.get("callback_data", "x").encode()) <= 64

    async def _get_updates(self, params: dict[str, Any]) -> tuple[int, bytes]:
        offset = params.get("offset")
        self.offsets.append(None if offset is None else int(offset))
        try:
            async with asyncio.timeout(float(params.get("timeout") or 0) if self.polls_end else None):
                batch = await self.batches.get()
        except TimeoutError:
            batch = []
        return 200, json.dumps({"ok": True, "result": batch}).encode()

    # --- for tests ---

    def fail_next(self, method: str, *failures: Any) -> None:
        self.failures.setdefault(method, deque()).extend(failures)

    def called(self, method: str) -> list[dict[str, Any]]:
        return [call.params for call in self.calls if call.method == method]

    def in_chat(self, chat_id: int) -> list[Sent]:
        """What a person sees, oldest first."""
        return [sent for sent in self.sent.values() if sent.chat_id == chat_id and not sent.deleted]


def refused(code: int, description: str, **parameters: int) -> tuple[int, dict[str, Any]]:
    """A failure as the Bot API words it."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return code, body | ({"parameters": parameters} if parameters else {})


class ConnectError(Exception):
    """Named as httpx names it; the chat goes by the name."""


def not_sent() -> NetworkError:
    failure = NetworkError("httpx.ConnectError: refused")
    failure.__cause__ = ConnectError()
    return failure


def answer_lost() -> TimedOut:
    return TimedOut()


def _message(message: Sent) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "date": 1_790_000_000,
        "chat": {"id": message.chat_id, "type": "private"},
        "text": message.text,
    }
