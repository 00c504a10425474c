"""Breaks what the bot talks to, as the faults say: ASGI middleware in front of the stand-ins."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.faults import Fault, Faults, target_of

RETRY_AFTER_S = 2


class ConnectionBroken(Exception):
    """Stands for a broken connection where there is none to break (an app that is called in-process)."""


class Faulty:
    """ASGI middleware; outermost, because it has to get at the connection."""

    def __init__(
        self,
        app: ASGIApp,
        faults: Faults,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._faults = faults
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = target_of(scope["path"]) if scope["type"] == "http" else None
        if target is None:
            await self._app(scope, receive, send)
            return
        where, again = scope["path"], receive
        if target == "rpc" and self._faults.concern_methods():
            body = await _body(receive)
            where, again = _methods(body), _replay(body, receive)
        fault = self._faults.strike(target, where)
        match fault.kind if fault else None:
            case None:
                await self._app(scope, again, send)
            case "slow":
                assert fault is not None
                await self._sleep(fault.seconds)
                with contextlib.suppress(ClientDisconnect):  # who asked may have given up meanwhile
                    await self._app(scope, again, send)
            case "drop":
                await _break(receive)
            case "lost":
                await self._app(scope, again, _nowhere)
                await _break(receive)
            case kind:
                assert fault is not None
                if kind == "error_after":
                    await self._app(scope, again, _nowhere)
                await _answer(fault)(scope, receive, send)


def _answer(fault: Fault) -> Response:
    """What a faulty service says, in its own form."""
    if fault.kind == "malformed":
        return Response(b'{"half of an answ', 200, media_type="application/json")
    if fault.kind == "rate_limit":
        return _RATE_LIMITS[fault.target]()
    if fault.target == "telegram":
        words = {"ok": False, "error_code": fault.status, "description": "Bad Gateway"}
        return JSONResponse(words, fault.status)
    return Response("<html><body><h1>Bad gateway</h1></body></html>", fault.status, media_type="text/html")


def _telegram_limit() -> Response:
    words = {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {RETRY_AFTER_S}",
        "parameters": {"retry_after": RETRY_AFTER_S},
    }
    return JSONResponse(words, 429)


def _jupiter_limit() -> Response:
    words = {"code": 429, "message": "[API Gateway] Too many requests"}
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + RETRY_AFTER_S)}
    return JSONResponse(words, 429, headers)


def _rpc_limit() -> Response:
    error = {"code": 429, "message": "Too many requests for a specific RPC call"}
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return JSONResponse({"jsonrpc": "2.0", "error": error, "id": None}, 429, headers)


_RATE_LIMITS = {"telegram": _telegram_limit, "jupiter": _jupiter_limit, "rpc": _rpc_limit}


async def _break(receive: Receive) -> None:
    """Cut the connection: uvicorn's request knows its transport, and nothing official leads there."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionBroken
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nowhere(message: Message) -> None:
    """Where a lost answer goes."""


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """A request whose body was read already, as if it had not been."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _methods(body: bytes) -> str:
    """The names of the RPC methods that are called."""
    try:
        calls = json.loads(body)
    except ValueError:
        return ""
    named = calls if isinstance(calls, list) else [calls]
    return " ".join(str(call.get("method", "")) for call in named if isinstance(call, dict))
