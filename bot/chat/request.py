"""The HTTP request of the library, made to keep secrets out of logs and to say how long to wait.

The library's own classes log bodies that are no JSON, and warn whenever RetryAfter is created.
"""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from telegram.error import RetryAfter, TelegramError
from telegram.request import BaseRequest, HTTPXRequest, RequestData

_DEFAULT = BaseRequest.DEFAULT_NONE


class Flooded(RetryAfter):
    """429 with its waiting time."""

    def __init__(self, wait: timedelta) -> None:
        TelegramError.__init__(self, f"Too many requests: retry after {wait.total_seconds():.0f} s")
        self._retry_after = wait
        self.wait = wait


def retry_after_s(exc: RetryAfter) -> float:
    """Seconds to be silent, without the library's deprecation warning."""
    return exc.wait.total_seconds() if isinstance(exc, Flooded) else 1.0


def check_flood(code: int, payload: bytes) -> None:
    """Raises Flooded for a 429 answer."""
    if code != HTTPStatus.TOO_MANY_REQUESTS:
        return
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError):
        seconds = 1
    raise Flooded(timedelta(seconds=seconds if isinstance(seconds, int) and seconds > 0 else 1))


class ChatRequest(HTTPXRequest):
    """What the bot talks to the Bot API with."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library's, but a body that is no JSON is not logged: it may be an update."""
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = _DEFAULT,
        write_timeout: Any = _DEFAULT,
        connect_timeout: Any = _DEFAULT,
        pool_timeout: Any = _DEFAULT,
    ) -> tuple[int, bytes]:
        code, payload = await super().do_request(
            url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
        )
        check_flood(code, payload)
        return code, payload
