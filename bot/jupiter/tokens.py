"""Tokens v2: what mints call themselves. Untrusted: anybody can mint a token called USDC."""

import logging
from collections.abc import Collection, Mapping
from typing import Any, Final

from bot import errors
from bot.domain import addresses, amounts
from bot.jupiter import answers, cache, fields, transport
from bot.ports import Priority

_LOG = logging.getLogger(__name__)

SEARCH: Final = "/tokens/v2/search"
MOST_MINTS: Final = 100
"""Mints in one search, as documented."""
CLASSIC_PROGRAM: Final = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
TTL_S: Final = 600.0
"""A search costs ten times what other calls do."""
_LONGEST_QUERY: Final = 100
_LONGEST_NAME: Final = 60
_MOST_DECIMALS: Final = 255


class JupiterTokens:
    """The vendor's token list, as ports.TokenDirectory."""

    def __init__(self, connection: transport.JupiterTransport) -> None:
        self._connection = connection
        self._by_mint: cache.Cache[amounts.Token] = cache.Cache(TTL_S, size=10_000)
        self._by_query: cache.Cache[list[amounts.Token]] = cache.Cache(TTL_S, size=500)

    async def fetch_tokens(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, amounts.Token]:
        async def load(missing: list[str]) -> dict[str, amounts.Token]:
            found: dict[str, amounts.Token] = {}
            for start in range(0, len(missing), MOST_MINTS):
                listed = await self._search(",".join(missing[start : start + MOST_MINTS]), priority)
                found |= {token.mint: token for token in listed}
            return found

        # Whatever is no address would turn the search by mints into one by names.
        return await self._by_mint.get({mint for mint in mints if addresses.is_address(mint)}, priority, load)

    async def search(self, query: str) -> list[amounts.Token]:
        query = fields.clean(query, _LONGEST_QUERY)
        if not addresses.is_address(query):
            query = query.casefold()
        if not query:
            return []

        async def load(queries: list[str]) -> dict[str, list[amounts.Token]]:
            return {one: await self._search(one, Priority.PERSON) for one in queries}

        found = (await self._by_query.get([query], Priority.PERSON, load)).get(query, [])
        for token in found:
            self._by_mint.keep(token.mint, token)
        return list(found)

    async def _search(self, query: str, priority: Priority) -> list[amounts.Token]:
        answer = await self._connection.get(SEARCH, {"query": query}, priority)
        return answers.read(answer, parse_tokens, errors.UnexpectedResponse)


def parse_tokens(body: object) -> list[amounts.Token]:
    """Read a search answer; items that cannot be read are left out. Raises UnexpectedResponse."""
    if not isinstance(body, list):
        raise errors.UnexpectedResponse
    tokens: dict[str, amounts.Token] = {}
    for item in body:
        try:
            token = _token(item)
        except fields.Unreadable as exc:
            _LOG.warning("Left out a token: %s", exc)
            continue
        tokens.setdefault(token.mint, token)
    return list(tokens.values())


def _token(item: object) -> amounts.Token:
    if not isinstance(item, Mapping):
        raise fields.Unreadable("not an object")
    mint = fields.identifier(item, "id")
    if not addresses.is_address(mint):
        raise fields.Unreadable("id")
    symbol = _text(item, "symbol") or addresses.shorten(mint)
    return amounts.Token(
        mint=mint,
        symbol=symbol,
        name=_text(item, "name") or symbol,
        decimals=fields.integer(item, "decimals", _MOST_DECIMALS),
        verified=item.get("isVerified") is True,
        classic=item.get("tokenProgram", CLASSIC_PROGRAM) == CLASSIC_PROGRAM,
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return fields.clean(value, _LONGEST_NAME) if isinstance(value, str) else ""
