"""Tokens v2 and Price v3 over the sandbox's tokens and its market."""

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from bot.domain import addresses
from bot.sandbox import tokens
from bot.sandbox.chain import Chain
from bot.sandbox.faults import Faults
from bot.sandbox.prices import Prices
from bot.sandbox.service import Json, Refusal, Service
from bot.sandbox.tokens import Listed

MOST_MINTS = 100
MOST_FOUND = 20
MOST_PRICES = 50
WRONG_BY = 3
"""Decimals that a lying directory adds."""
_LISTED_AT = "2024-06-05T08:55:25.527Z"


class Directory:
    def __init__(self, chain: Chain, prices: Prices, faults: Faults) -> None:
        self._chain = chain
        self._prices = prices
        self._faults = faults

    def routes(self, service: Service) -> list[BaseRoute]:
        return [
            Route("/tokens/v2/search", service.endpoint(self._search), methods=["GET"]),
            Route("/tokens/v2/tag", service.endpoint(self._tag), methods=["GET"]),
            Route("/price/v3", service.endpoint(self._price), methods=["GET"]),
        ]

    async def _search(self, request: Request) -> list[Json]:
        query = request.query_params.get("query", "").strip()
        if not query:
            raise Refusal("query is required")
        wanted = [part.strip() for part in query.split(",")]
        if all(addresses.is_address(part) for part in wanted):
            if len(wanted) > MOST_MINTS:
                raise Refusal(f"query is limited to {MOST_MINTS} mint addresses")
            found = [tokens.BY_MINT[mint] for mint in dict.fromkeys(wanted) if mint in tokens.BY_MINT]
        else:
            word = query.casefold()
            matches = [token for token in tokens.ALL if _matches(token, word)]
            found = sorted(matches, key=lambda token: (token.symbol.casefold() != word, not token.verified))
        return self._show(request, found[:MOST_FOUND] if len(wanted) == 1 else found)

    async def _tag(self, request: Request) -> list[Json]:
        tag = request.query_params.get("query")
        if tag not in {"verified", "lst", "stocks"}:
            raise Refusal("query must be one of lst, verified, stocks")
        tagged = {
            "verified": [token for token in tokens.ALL if token.verified],
            "lst": [tokens.JITOSOL],
            "stocks": [],
        }
        return self._show(request, tagged[tag])

    async def _price(self, request: Request) -> Json:
        ids = [part.strip() for part in request.query_params.get("ids", "").split(",") if part.strip()]
        if not ids:
            raise Refusal("ids is required")
        if len(ids) > MOST_PRICES:
            raise Refusal(f"ids is limited to {MOST_PRICES}")
        now, shown = self._chain.time.now(), {}
        for mint in ids:
            token = tokens.BY_MINT.get(mint)
            usd = None if token is None else self._prices.usd(token.mint, now)
            if token is None or usd is None:
                continue
            change = self._prices.change_24h(token.mint, now)
            shown[mint] = {
                "usdPrice": float(usd),
                "blockId": self._chain.slots.slot(),
                "decimals": token.decimals,
                "priceChange24h": None if change is None else float(change),
                "liquidity": 250_000_000.0 if token.verified else 812.5,
                "createdAt": _LISTED_AT,
            }
        return shown

    def _show(self, request: Request, found: list[Listed]) -> list[Json]:
        lying = bool(self._faults.take_lies(frozenset({"decimals"}), request.url.path))
        return [self._one(token, WRONG_BY if lying else 0) for token in found]

    def _one(self, token: Listed, too_many: int) -> Json:
        price = self._prices.usd(token.mint, self._chain.time.now())
        shown: dict[str, Any] = {
            "id": str(token.mint),
            "name": token.name,
            "symbol": token.symbol,
            "icon": None,
            "decimals": token.decimals + too_many,
            "tokenProgram": str(token.program),
            "createdAt": _LISTED_AT,
            "holderCount": 1_204_511 if token.verified else 9,
            "audit": {"mintAuthorityDisabled": True, "freezeAuthorityDisabled": token.verified},
            "organicScore": 98.2 if token.verified else 0.0,
            "organicScoreLabel": "high" if token.verified else "low",
            "isVerified": token.verified,
            "tags": ["verified"] if token.verified else ["unknown"],
            "updatedAt": _LISTED_AT,
        }
        return shown if price is None else shown | {"usdPrice": float(price)}


def _matches(token: Listed, word: str) -> bool:
    return word in token.symbol.casefold() or word in token.name.casefold()
