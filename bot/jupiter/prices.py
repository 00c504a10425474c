"""Price v3: what tokens are worth in USD. For estimates marked "≈", never for amounts that are sent."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from bot import errors
from bot.domain import addresses
from bot.jupiter import answers, cache, transport
from bot.ports import Priority

PRICE: Final = "/price/v3"
MOST_IDS: Final = 50
"""Ids in one call, as documented."""
TTL_S: Final = 20.0
_LEAST: Final = Decimal("1e-24")
_MOST: Final = Decimal("1e15")


class JupiterPrices:
    """The vendor's prices, as ports.PriceSource."""

    def __init__(self, connection: transport.JupiterTransport) -> None:
        self._connection = connection
        self._kept: cache.Cache[Decimal] = cache.Cache(TTL_S, size=10_000)

    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, Decimal]:
        async def load(missing: list[str]) -> dict[str, Decimal]:
            found: dict[str, Decimal] = {}
            for start in range(0, len(missing), MOST_IDS):
                query = {"ids": ",".join(missing[start : start + MOST_IDS])}
                answer = await self._connection.get(PRICE, query, priority)
                found |= answers.read(answer, parse_prices, errors.UnexpectedResponse)
            return found

        return await self._kept.get({mint for mint in mints if addresses.is_address(mint)}, priority, load)


def parse_prices(body: object) -> dict[str, Decimal]:
    """Read `{mint: {usdPrice, …}}`; what has no sane price is absent. Raises UnexpectedResponse."""
    if not isinstance(body, Mapping):
        raise errors.UnexpectedResponse
    prices: dict[str, Decimal] = {}
    for mint, item in body.items():
        price = item.get("usdPrice") if isinstance(item, Mapping) else None
        if isinstance(price, int) and not isinstance(price, bool):
            price = Decimal(price)
        if isinstance(price, Decimal) and price.is_finite() and _LEAST <= price <= _MOST:
            prices[mint] = price
    return prices
