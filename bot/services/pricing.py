"""USD estimates, best effort: an unknown price is an absent one, and no reason to fail."""

import asyncio
import logging
import math
from collections.abc import Collection
from decimal import Decimal
from typing import Final

from bot import errors, ports
from bot.domain import amounts
from bot.ports import Priority
from bot.services import patience

_LOG = logging.getLogger(__name__)


QUIET_S: Final = 10.0
"""After a person waited for prices in vain, nobody else does for so long."""


class Prices:
    def __init__(self, source: ports.PriceSource) -> None:
        self._source = source
        self._not_before = -math.inf

    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, Decimal]:
        """USD per whole token of those mints whose price is known now. Raises nothing."""
        if not mints:
            return {}
        try:
            if priority > Priority.PERSON:
                return await self._source.fetch_usd(mints, priority=priority)
            return await self._fetch_soon(mints, priority)
        except errors.GatewayError as exc:
            _LOG.debug("no prices: %s", exc)
            return {}

    async def _fetch_soon(self, mints: Collection[str], priority: Priority) -> dict[str, Decimal]:
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            return {}
        try:
            async with asyncio.timeout(patience.EXTRA_S):
                return await self._source.fetch_usd(mints, priority=priority)
        except TimeoutError:
            self._not_before = loop.time() + QUIET_S
            return {}


def value(raw: int, token: amounts.Token, usd: Decimal | None) -> Decimal | None:
    """What an amount is worth at a price per whole token; None stays None."""
    return None if usd is None else amounts.to_decimal(raw, token.decimals) * usd
