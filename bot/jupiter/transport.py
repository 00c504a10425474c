"""The one connection to Jupiter: key, budget, time-outs, retries of reads, and what a failure means.

The line that matters is drawn here: "nothing was sent" (GatewayUnavailable) or "signed bytes may have left"
(OutcomeUnknown). Only a connection that was never made sent nothing.
"""

import asyncio
import logging
import math
import random
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, NoReturn, Self

import httpx

from bot import errors, texts
from bot.jupiter import answers, fields
from bot.jupiter.budget import RateBudget
from bot.ports import Priority

_LOG = logging.getLogger(__name__)

SERVICE: Final = "Jupiter"
RPS_KEYLESS: Final = 0.5
RPS_WITH_KEY: Final = 1.0
"""What the vendor allows without a key and on the free plan, calls per second over a minute."""

TIMEOUT: Final = httpx.Timeout(15.0, connect=5.0, pool=5.0)
READ_DEADLINE_S: Final = 15.0
DEADLINE_S: Final = 30.0
"""For one call from connecting to the last byte; httpx itself bounds only each step of it."""
LIMITS: Final = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0)
LARGEST_ANSWER: Final = 32 * 1024 * 1024

ATTEMPTS: Final = 3
FIRST_BACKOFF_S: Final = 0.5
RETRY_FOR_S: Final = 10.0
"""No read is tried again this long after its first failure."""

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class JupiterTransport:
    """An `async with` resource; all gateways share one, and with it the budget.

    `url` is the root, e.g. `https://api.jup.ag`; an empty `key` means keyless; `rps` None means what that
    allows. `wire` replaces the network in tests.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        rps: float | None = None,
        *,
        budget: RateBudget | None = None,
        wire: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.budget = budget or RateBudget(rps or (RPS_WITH_KEY if key else RPS_KEYLESS))
        self._url = url
        self._key_refused = False
        self._client = httpx.AsyncClient(
            base_url=_checked_url(url),
            headers={"accept": "application/json"} | _key_header(key),
            timeout=TIMEOUT,
            limits=LIMITS,
            transport=wire,
            # The environment is read in one place, and that is not here.
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"JupiterTransport({self._url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, query: Mapping[str, str], priority: Priority) -> answers.Answer:
        """Read; tried again within bounds while the service is down or asks to wait.

        Returns an answer of 2xx, or 4xx with the vendor's words. Raises GatewayUnavailable, RateLimited,
        UnexpectedResponse.
        """
        request = self._client.build_request("GET", path, params=query)
        attempt, give_up_at = 1, math.inf
        while True:
            try:
                answer = await self._exchange(request, priority, errors.GatewayUnavailable, READ_DEADLINE_S)
            except errors.RateLimited:
                raise  # our own budget's word: it has waited as long as it makes sense
            except errors.GatewayUnavailable:
                if attempt == ATTEMPTS or _now() > give_up_at:
                    raise
            else:
                if not answer.temporary or attempt == ATTEMPTS or _now() > give_up_at:
                    return self._judge(answer, path)
            give_up_at = min(give_up_at, _now() + RETRY_FOR_S)
            # After a 429 the budget keeps the next attempt back until the service's reset, too.
            jitter = random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, protects nothing
            await asyncio.sleep(FIRST_BACKOFF_S * 2 ** (attempt - 1) * jitter)
            attempt += 1

    async def craft(self, path: str, body: Mapping[str, Any]) -> answers.Answer:
        """Ask for an unsigned transaction, once. Returns and raises as `get`."""
        request = self._client.build_request("POST", path, json=body)
        return self._judge(await self._exchange(request, Priority.ACTION, errors.GatewayUnavailable), path)

    async def execute(self, path: str, body: Mapping[str, Any]) -> answers.Answer:
        """Hand signed bytes in, once. Returns an answer of 2xx that is JSON.

        Raises GatewayUnavailable (RateLimited) when no byte has left; OutcomeUnknown for every other failure,
        4xx included: what an intermediary refuses with one answer it may have passed on with another.
        """
        request = self._client.build_request("POST", path, json=body)
        answer = await self._exchange(request, Priority.ACTION, errors.OutcomeUnknown)
        try:
            if self._judge(answer, path).ok:
                answer.json()
                return answer
        except errors.GatewayError as exc:
            raise errors.OutcomeUnknown from exc
        raise errors.OutcomeUnknown

    async def _exchange(
        self,
        request: httpx.Request,
        priority: Priority,
        lost: type[errors.GatewayError],
        deadline_s: float = DEADLINE_S,
    ) -> answers.Answer:
        """One call within the budget. Raises GatewayUnavailable if nothing left, else `lost`."""
        path = request.url.path
        async with self.budget.call(priority) as turn:
            try:
                async with asyncio.timeout(deadline_s):
                    response = await self._client.send(request, stream=True)
                    try:
                        body = await _read(response)
                    finally:
                        await response.aclose()
            except _NOT_SENT as exc:
                _LOG.info("%s: no connection (%s)", path, type(exc).__name__)
                raise errors.GatewayUnavailable(service=SERVICE) from exc
            except (httpx.HTTPError, httpx.StreamError, TimeoutError, OSError) as exc:
                _LOG.info("%s: no answer (%s)", path, type(exc).__name__)
                raise _lost(lost) from exc
            turn.observe(response.status_code, response.headers)
        request_id = fields.clean(response.headers.get("x-api-gateway-request-id", ""), 80)
        answer = answers.Answer(response.status_code, body, request_id)
        if not answer.ok:
            _LOG.info("%s: HTTP %d, request %s: %s", path, answer.status, request_id or "-", answer.words())
        return answer

    def _judge(self, answer: answers.Answer, path: str) -> answers.Answer:
        """Return what the caller can use: success, or a refusal of what was asked."""
        if answer.refused_key:
            self._raise_refused_key(answer)
        if answer.status == 429:
            raise errors.RateLimited(service=SERVICE, retry_after=self.budget.pause())
        if answer.temporary:
            raise errors.GatewayUnavailable(service=SERVICE)
        if not answer.ok and answer.status < 400:
            _LOG.warning("%s: HTTP %d is no answer to it; check JUPITER_API_URL", path, answer.status)
            raise errors.UnexpectedResponse
        self._key_refused = False
        return answer

    def _raise_refused_key(self, answer: answers.Answer) -> NoReturn:
        if not self._key_refused:
            self._key_refused = True
            _LOG.error(
                "Jupiter refuses this bot (HTTP %d, request %s): check JUPITER_API_KEY. It says: %s",
                answer.status,
                answer.request_id or "-",
                answer.words() or "nothing",
            )
        raise errors.GatewayUnavailable(
            texts.JUPITER_LOCKED_OUT,
            service=SERVICE,
        )


async def _read(response: httpx.Response) -> bytes:
    """The body, as long as it is not absurd (compressed zeros would fill the memory)."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise httpx.DecodingError("answer too large", request=response.request)
    return bytes(body)


def _lost(kind: type[errors.GatewayError]) -> errors.GatewayError:
    return kind(service=SERVICE) if issubclass(kind, errors.GatewayUnavailable) else kind()


def _checked_url(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise errors.ConfigurationError("JUPITER_API_URL: not a URL") from exc
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise errors.ConfigurationError("JUPITER_API_URL: must begin with https:// (or http://) and a host")
    return url.rstrip("/")


def _key_header(key: str) -> dict[str, str]:
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()) or " " in key:
        # httpx would refuse it with an error that quotes it.
        raise errors.ConfigurationError("JUPITER_API_KEY: contains characters that no key has")
    return {"x-api-key": key}


def _now() -> float:
    return asyncio.get_running_loop().time()
