"""Who may use the control API: a page or a program on this machine, never another site in the browser.

The Host header stops names that a stranger pointed at 127.0.0.1, the Origin header stops other sites, and the
JSON content type stops forms, which need nobody's permission.
"""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib import parse

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_BODY_BYTES = 1024 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]


class BadInput(Exception):
    """Answered with 400 and `{"error": …}`."""


def local_only(endpoint: Endpoint) -> Endpoint:
    """Refuse strangers with 403, and turn BadInput into 400."""

    async def guarded(request: Request) -> Response:
        host = parse.urlsplit(f"//{request.headers.get('host', '')}")
        if host.hostname not in _LOCAL:
            return JSONResponse({"error": "this server answers only as 127.0.0.1 or localhost"}, 403)
        origin = request.headers.get("origin")
        if origin is not None and parse.urlsplit(origin).netloc != host.netloc:
            return JSONResponse({"error": "requests of other sites are refused"}, 403)
        try:
            return await endpoint(request)
        except BadInput as problem:
            return JSONResponse({"error": str(problem)}, 400)

    return guarded


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
    text = request.query_params.get("user", "1")
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**52:
        raise BadInput("user must be a positive number")
    return int(text)


def take(body: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    """A field of exactly that type. Raises BadInput; without a default the field is required."""
    value = body.get(name, default)
    if value is None:
        raise BadInput(f"{name} is required")
    if type(value) is not kind:
        raise BadInput(f"{name} must be of type {kind.__name__}")
    return value
