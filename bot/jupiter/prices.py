"""Price v3: what tokens are worth in USD. For estimates marked "≈", never for amounts that are sent.

One call answers for 50 tokens and costs as much of the request budget as one for a single token, so whatever
was wanted lately comes along in every call.
"""

from collections.abc import Callable, Collection, Mapping
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
"""So old a price may be that a person sees."""
BACKGROUND_TTL_S: Final = 120.0
"""And one by which a fill is valued: its look comes some time after it, too."""
ALONG_S: Final = 600.0
"""What was wanted in that time comes along."""
_LEAST: Final = Decimal("1e-24")
_MOST: Final = Decimal("1e15")

Heard = Callable[[Mapping[str, Decimal]], None]


def _nobody(usd: Mapping[str, Decimal]) -> None:
    """Nobody listens."""


class JupiterPrices:
    """The vendor's prices, as ports.PriceSource."""

    def __init__(self, connection: transport.JupiterTransport, heard: Heard = _nobody) -> None:
        """`heard` is told every answer once, when it comes."""
        self._connection = connection
        self._heard = heard
        self._kept: cache.Cache[Decimal] = cache.Cache(
            BACKGROUND_TTL_S, size=10_000, batch=MOST_IDS, along_s=ALONG_S
        )

    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON, fresh: bool = False
    ) -> dict[str, Decimal]:
        wanted = {mint for mint in mints if addresses.is_address(mint)}
        if not fresh:

            async def load(missing: list[str]) -> dict[str, Decimal]:
                return await self._ask(missing, priority)

            ttl_s = TTL_S if priority <= Priority.PERSON else BACKGROUND_TTL_S
            return await self._kept.get(wanted, priority, load, ttl_s)
        found = await self._ask(sorted(wanted), priority)
        for mint in wanted:
            self._kept.keep(mint, found.get(mint))
        return found

    async def _ask(self, mints: list[str], priority: Priority) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for start in range(0, len(mints), MOST_IDS):
            query = {"ids": ",".join(mints[start : start + MOST_IDS])}
            answer = await self._connection.get(PRICE, query, priority)
            prices = answers.read(answer, parse_prices, errors.UnexpectedResponse)
            self._heard(prices)
            found |= prices
        return found


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
