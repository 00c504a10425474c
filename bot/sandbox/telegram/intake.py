"""Reading what the control API is sent; everything wrong with it becomes a 400 with one sentence.

Who may send anything at all is decided in front of every route, see bot.sandbox.guard.
"""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MAX_BODY_BYTES = 1024 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]


class BadInput(Exception):
    """Answered with 400 and `{"error": …}`."""


def answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with BadInput turned into its answer."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadInput as problem:
            return JSONResponse({"error": str(problem)}, 400)

    return answered


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object of a POST. Raises BadInput."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise BadInput("the content type must be application/json")
    raw = await request.body()
    if len(raw) > MAX_BODY_BYTES:
        raise BadInput("the body is too large")
    try:
        body = json.loads(raw)
    except ValueError:
        raise BadInput("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    if re.search(r"[\ud800-\udfff]", json.dumps(body, ensure_ascii=False)):
        raise BadInput("the body is not valid Unicode")
    return body


def user_of(request: Request) -> int:
    """`?user=N`; 1 without it. Raises BadInput."""
    return _number(request, "user", "1")


def group_of(request: Request) -> int | None:
    """`?group=N` is the group chat of the id -N; None without it. Raises BadInput."""
    return -_number(request, "group", "") if "group" in request.query_params else None


def _number(request: Request, name: str, default: str) -> int:
    text = request.query_params.get(name, default)
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**52:
        raise BadInput(f"{name} must be a positive number")
    return int(text)


def take(body: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    """A field of exactly that type. Raises BadInput; without a default the field is required."""
    value = body.get(name, default)
    if value is None:
        raise BadInput(f"{name} is required")
    if type(value) is not kind:
        raise BadInput(f"{name} must be of type {kind.__name__}")
    return value
