"""What is common to all of Jupiter's endpoints: the rate limit, the headers, the shape of refusals."""

import json
import math
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Any]]

WINDOW_S = 60.0


class Refusal(Exception):
    """A 4xx in the vendor's words. Its older endpoints call the words `message`, the others `error`."""

    def __init__(self, words: str, status: int = 400, *, word: str = "error") -> None:
        super().__init__(words)
        self.status = status
        self.word = word

    def answer(self) -> Response:
        phrase = HTTPStatus(self.status).phrase
        return JSONResponse({"code": self.status, self.word: str(self), "status": phrase}, self.status)


class Window:
    """A sliding window of 60 seconds, one for everything, as the vendor's plans describe it."""

    def __init__(
        self,
        per_second: float,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.capacity = max(1, round(per_second * WINDOW_S))
        self._monotonic = monotonic
        self._wall = wall
        self._taken: deque[float] = deque()

    def take(self) -> bool:
        """Count a request in, if there is room. A refused one is not counted: no penalty."""
        now = self._monotonic()
        while self._taken and self._taken[0] <= now - WINDOW_S:
            self._taken.popleft()
        if len(self._taken) >= self.capacity:
            return False
        self._taken.append(now)
        return True

    def headers(self) -> dict[str, str]:
        free_in = self._taken[0] + WINDOW_S - self._monotonic() if self._taken else 0.0
        return {
            "x-ratelimit-remaining": str(self.capacity - len(self._taken)),
            "x-ratelimit-current": str(len(self._taken)),
            "x-ratelimit-reset": str(math.ceil(self._wall() + free_in)),
        }


class Service:
    """Wraps endpoints that return JSON values or raise Refusal."""

    def __init__(self, window: Window, keys: frozenset[str] | None = None) -> None:
        """`keys` None = every key is good. No key at all is always good: that is keyless access."""
        self._window = window
        self._keys = keys

    def endpoint(self, call: Endpoint, *, free: bool = False, word: str = "error") -> Endpoint:
        async def answer(request: Request) -> Response:
            response = await self._answer(request, call, free=free, word=word)
            response.headers["x-api-gateway-request-id"] = secrets.token_hex(16)
            return response

        return answer

    async def _answer(self, request: Request, call: Endpoint, *, free: bool, word: str) -> Response:
        key = request.headers.get("x-api-key")
        if key is not None and self._keys is not None and key not in self._keys:
            return JSONResponse({"code": 401, "message": "Unauthorized"}, 401)
        if not free and not self._window.take():
            refused = {"code": 429, "message": "[API Gateway] Too many requests"}
            return JSONResponse(refused, 429, self._window.headers())
        try:
            return JSONResponse(await call(request), 200, self._window.headers())
        except Refusal as refusal:
            refusal.word = word
            return refusal.answer()


async def body_of(request: Request) -> Json:
    """The JSON object of a POST; numbers with a point stay exact. Raises Refusal."""
    try:
        body = json.loads(await request.body(), parse_float=Decimal)
    except ValueError as exc:
        raise Refusal(f"Failed to parse the request body as JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise Refusal(_unfit("invalid type, expected an object"), 422)
    return body


def field(body: Json, name: str, kind: type, *, required: bool = True) -> Any:
    """A field of exactly that type; None where it may be absent. Raises Refusal."""
    value = body.get(name)
    if value is None:
        if required:
            raise Refusal(_unfit(f"missing field `{name}`"), 422)
        return None
    if type(value) is not kind:
        wanted = {str: "a string", int: "u64", dict: "an object"}[kind]
        raise Refusal(_unfit(f"{name}: invalid type, expected {wanted}"), 422)
    return value


def whole(body: Json, name: str, *, required: bool = True) -> int | None:
    """An unsigned 64-bit integer. Raises Refusal."""
    value: int | None = field(body, name, int, required=required)
    if value is not None and not 0 <= value < 2**64:
        raise Refusal(_unfit(f"{name}: invalid value: integer `{value}`, expected u64"), 422)
    return value


def _unfit(words: str) -> str:
    return f"Failed to deserialize the JSON body into the target type: {words}"
