"""How long a person is kept waiting for a service before they are told that it does not answer.

The adapters' own time-outs are longer: background work may wait for a slow service, a person should not.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from bot import errors

T = TypeVar("T")

LOOK_S: Final = 8.0
"""For what a person asked to see."""
EXTRA_S: Final = 2.0
"""For what a screen can do without."""


async def within(seconds: float, service: str, call: Awaitable[T]) -> T:
    """What the call returns. Raises GatewayUnavailable when that takes longer; the call is cancelled then."""
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError as exc:
        raise errors.GatewayUnavailable(service=service) from exc
