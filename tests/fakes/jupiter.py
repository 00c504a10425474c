"""A Jupiter that answers as scripted, behind httpx's own test seam. Answers are per path."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

URL = "http://jupiter.test"
EPOCH = 1_700_000_000.0
"""Unix time at the event loop's 0."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. A `body` of bytes goes out as it is, anything else as JSON."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    """Seconds of the event loop's clock until it comes."""


Answer = Reply | Exception | Callable[[httpx.Request], Reply]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: httpx.Headers
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class FakeJupiter:
    """Answers in the scripted order; the last answer of a path stays. An unscripted path is 404.

    With `limit` it also keeps Jupiter's rate limit: so many calls in any 60 seconds, 429 beyond, and the
    `x-ratelimit-*` headers. `others` are times at which somebody else used the same bucket.
    """

    def __init__(self, *, limit: int | None = None) -> None:
        self.seen: list[Seen] = []
        self.refused = 0
        self.others: list[float] = []
        self.wire = httpx.MockTransport(self._handle)
        self._limit = limit
        self._counted: deque[float] = deque()
        self._scripts: dict[str, deque[Answer]] = defaultdict(deque)

    def on(self, path: str, *replies: Answer) -> None:
        """Answer calls of this path with these, from now on."""
        self._scripts[path] = deque(replies)

    @staticmethod
    def wall() -> float:
        """Unix time, as this server and its clients have it."""
        return EPOCH + asyncio.get_running_loop().time()

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        url = request.url
        self.seen.append(
            Seen(now, request.method, url.path, dict(url.params), request.headers, request.content)
        )
        limited, allowed = self._count(now)
        if not allowed:
            self.refused += 1
            return httpx.Response(
                429, json={"code": 429, "message": "[API Gateway] Too many requests"}, headers=limited
            )
        script = self._scripts[url.path]
        reply = (script.popleft() if len(script) > 1 else script[0]) if script else Reply({}, 404)
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(request)
        if reply.after_s:
            await asyncio.sleep(reply.after_s)
        headers = limited | dict(reply.headers)
        if isinstance(reply.body, bytes):
            return httpx.Response(reply.status, content=reply.body, headers=headers)
        return httpx.Response(reply.status, json=reply.body, headers=headers)

    def _count(self, now: float) -> tuple[dict[str, str], bool]:
        if self._limit is None:
            return {}, True
        calls = sorted([*self._counted, *(other for other in self.others if other <= now)])
        calls = [call for call in calls if call > now - 60]
        allowed = len(calls) < self._limit
        if allowed:
            self._counted.append(now)
            calls.append(now)
        return {
            "x-ratelimit-remaining": str(self._limit - len(calls)),
            "x-ratelimit-current": str(len(calls)),
            # Whole seconds, rounded up: a slot is surely free then.
            "x-ratelimit-reset": str(int(EPOCH + min(calls) + 60) + 1),
        }, allowed
