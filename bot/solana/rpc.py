"""JSON-RPC over HTTP: one client, bounded retries for reads, and the not-sent / outcome-unknown split.

What the answers mean is for `chain` to say; here they are only known to be JSON-RPC results.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

import httpx

from bot import errors

SERVICE: Final = "Solana"

_log = logging.getLogger(__name__)
_ATTEMPTS = 4
_PAUSES_S = (0.3, 0.8, 2.0)
_LONGEST_PAUSE_S = 10.0
_RETRY_FOR_S = 6.0
"""No read is tried again this long after it began: whoever waits for it is told."""
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_BEHIND = frozenset({-32004, -32005, -32014, -32016})
"""The node is unhealthy or behind the slot we asked for: another try may reach a better one."""


class RpcError(errors.UnexpectedResponse):
    """Solana's RPC refused a call."""

    service = SERVICE

    def __init__(self, method: str, code: int, text: str) -> None:
        super().__init__(f"Solana's RPC refused {method}: {text[:200]} ({code})")
        self.code = code


class Rpc:
    """One JSON-RPC endpoint. An async context manager, which owns the connections.

    The URL may contain a provider's key, so it has no representation and is in no error.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: timedelta = timedelta(seconds=10),
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._sleep = sleep
        self._client = httpx.AsyncClient(timeout=timeout.total_seconds(), transport=transport)
        self._id = 0

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._client.__aexit__(kind, value, traceback)

    async def read(self, method: str, *params: Any) -> Any:
        """The result of a call that changes nothing. Retries by itself, for a few seconds at most.

        Raises GatewayUnavailable, RateLimited, UnexpectedResponse.
        """
        give_up_at = asyncio.get_running_loop().time() + _RETRY_FOR_S
        for attempt in range(_ATTEMPTS):
            try:
                return await self._post(method, params)
            except errors.GatewayUnavailable as exc:
                if attempt == _ATTEMPTS - 1 or asyncio.get_running_loop().time() > give_up_at:
                    raise
                pause = _PAUSES_S[attempt] * random.uniform(0.5, 1.5)  # noqa: S311 - jitter is no secret
                asked = exc.retry_after if isinstance(exc, errors.RateLimited) else None
                if asked is not None:
                    if asked.total_seconds() > _LONGEST_PAUSE_S:
                        raise
                    pause = max(pause, asked.total_seconds())
                _log.debug("%s is repeated in %.1f s: %s", method, pause, exc)
                await self._sleep(pause)
        raise AssertionError  # the last attempt returned or raised

    async def send(self, method: str, *params: Any) -> Any:
        """The result of a call that may have an effect: one try.

        Raises GatewayUnavailable when no connection was made, OutcomeUnknown for everything else.
        """
        try:
            return await self._post(method, params)
        except errors.GatewayUnavailable as exc:
            if isinstance(exc.__cause__, _NOT_SENT):
                raise
            raise errors.OutcomeUnknown(f"{SERVICE}: {method} got no answer to rely on") from exc
        except errors.UnexpectedResponse as exc:
            raise errors.OutcomeUnknown(str(exc)) from exc

    async def _post(self, method: str, params: tuple[Any, ...]) -> Any:
        self._id += 1
        request_id = self._id  # kept: other calls count on while this one waits
        body = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": list(params)}
        try:
            response = await self._client.post(self._url, json=body)
        except (httpx.TransportError, httpx.DecodingError) as exc:
            raise errors.GatewayUnavailable(service=SERVICE) from exc
        except httpx.HTTPError as exc:
            raise errors.UnexpectedResponse(f"{SERVICE}: {type(exc).__name__}") from exc
        if response.status_code == 429:
            raise errors.RateLimited(service=SERVICE, retry_after=_retry_after(response))
        if response.status_code >= 500:
            raise errors.GatewayUnavailable(service=SERVICE)
        return _result(method, request_id, response)


def _result(method: str, request_id: int, response: httpx.Response) -> Any:
    try:
        answer = response.json()
    except ValueError as exc:
        if response.status_code >= 400:
            raise errors.UnexpectedResponse(
                f"Solana's RPC refused {method}: HTTP {response.status_code}"
            ) from exc
        raise errors.UnexpectedResponse(
            f"Solana's RPC answered {method} with something else than JSON"
        ) from exc
    if not isinstance(answer, dict):
        raise errors.UnexpectedResponse(f"Solana's RPC answered {method} with something else than an object")
    error = answer.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        code = code if isinstance(code, int) else 0
        if code in _BEHIND:
            raise errors.GatewayUnavailable(service=SERVICE)
        if code == 429:
            raise errors.RateLimited(service=SERVICE, retry_after=_retry_after(response))
        raise RpcError(method, code, str(error.get("message", "")))
    if "result" not in answer or answer.get("id") != request_id:
        raise errors.UnexpectedResponse(f"Solana's RPC answered {method} with an unknown shape")
    return answer["result"]


def _retry_after(response: httpx.Response) -> timedelta | None:
    text = response.headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else None
