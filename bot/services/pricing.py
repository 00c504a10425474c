"""USD estimates, best effort: an unknown price is an absent one, and no reason to fail."""

import logging
from collections.abc import Collection
from decimal import Decimal

from bot import errors, ports
from bot.domain import amounts
from bot.ports import Priority
from bot.services import patience

_LOG = logging.getLogger(__name__)


class Prices:
    def __init__(self, source: ports.PriceSource) -> None:
        self._source = source

    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, Decimal]:
        """USD per whole token of those mints whose price is known now. Raises nothing."""
        if not mints:
            return {}
        try:
            asking = self._source.fetch_usd(mints, priority=priority)
            if priority > Priority.PERSON:
                return await asking
            return await patience.within(patience.EXTRA_S, "Jupiter", asking)
        except errors.GatewayError as exc:
            _LOG.debug("no prices: %s", exc)
            return {}


def value(raw: int, token: amounts.Token, usd: Decimal | None) -> Decimal | None:
    """What an amount is worth at a price per whole token; None stays None."""
    return None if usd is None else amounts.to_decimal(raw, token.decimals) * usd
