"""Updates pushed to a bot that asked for it, with the secret that it chose in a header.

Telegram wants HTTPS. A Bot API server of one's own, which this is, takes plain HTTP on its own machine, too;
that is where it delivers to. Nothing ever leaves for another machine.
"""

import asyncio
import errno
import json
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib import parse

from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.updates import Updates

ANSWER_WITHIN_S = 20.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
MAX_SECRET = 256
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Undelivered(Exception):
    """The text is what getWebhookInfo reports."""


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str
    secret: str = field(default="", repr=False)
    max_connections: int = 40


@dataclass(slots=True)
class Webhooks:
    """The one that is set, if any, and why the last delivery to it failed."""

    current: Webhook | None = None
    error: str = ""
    failed_at: datetime | None = None

    def replace(self, webhook: Webhook | None) -> None:
        self.current, self.error, self.failed_at = webhook, "", None


def check_url(url: str) -> str:
    """The URL, if updates may be sent there. Raises Refusal 400."""
    try:
        parts = parse.urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refusals.bad_request("bad webhook: invalid URL specified") from None
    if not host or re.search(r"[\s\x00-\x1f]", url):
        raise refusals.bad_request("bad webhook: invalid URL specified")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
        raise refusals.bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    return url


def check_secret(secret: str) -> str:
    if len(secret) > MAX_SECRET:
        raise refusals.bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise refusals.bad_request("secret token contains unallowed characters")
    return secret


class Courier:
    """Brings updates to the webhook, one at a time, each until it is taken."""

    def __init__(
        self,
        webhooks: Webhooks,
        updates: Updates,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._webhooks = webhooks
        self._updates = updates
        self._now = now
        self._sleep = sleep

    async def run(self) -> None:
        """For ever."""
        pause = FIRST_PAUSE_S
        while True:
            webhook, update = self._webhooks.current, self._updates.first
            if webhook is None or update is None:
                await self._updates.changed.wait(None)
                continue
            try:
                await _bring(webhook, update)
            except Undelivered as problem:
                self._webhooks.error, self._webhooks.failed_at = str(problem), self._now()
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                self._updates.confirm(update["update_id"] + 1)
                pause = FIRST_PAUSE_S


async def _bring(webhook: Webhook, update: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            status, reason = await _post(webhook, update)
    except TimeoutError:
        raise Undelivered("Read timeout expired") from None
    except OSError as problem:
        raise Undelivered(os.strerror(problem.errno or errno.ECONNRESET)) from problem
    if not 200 <= status < 300:
        raise Undelivered(f"Wrong response from the webhook: {status} {reason}")


async def _post(webhook: Webhook, update: dict[str, Any]) -> tuple[int, str]:
    """Status and reason of the answer. Raises Undelivered, OSError."""
    parts = parse.urlsplit(webhook.url)
    if parts.scheme != "http" or parts.hostname not in _LOCAL:
        raise Undelivered(
            "Failed to resolve host: the sandbox delivers by plain HTTP to its own machine only"
        )
    body = json.dumps(update).encode()
    target = parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = [
        f"POST {target} HTTP/1.1",
        f"Host: {parts.netloc.rpartition('@')[2]}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *([f"{SECRET_HEADER}: {webhook.secret}"] if webhook.secret else []),
    ]
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write("\r\n".join([*headers, "", ""]).encode("utf-8") + body)
        await writer.drain()
        answer = re.match(rb"HTTP/1\.[01] (\d{3})(?: (.*))?\r\n", await reader.readline())
    finally:
        writer.close()
    if answer is None:
        raise Undelivered("Connection closed")
    return int(answer[1]), (answer[2] or b"").decode("latin-1")
