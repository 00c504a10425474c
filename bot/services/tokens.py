"""Tokens: what they are called (untrusted), and their decimals from the chain (trusted)."""

from collections.abc import Collection

from bot.domain import amounts


class Tokens:
    async def get(self, mint: str) -> amounts.Token:
        """The token with decimals from its mint account; a name that nobody knows becomes its short address.

        Raises UnknownToken when there is no such mint, GatewayUnavailable when that cannot be known now.
        """
        raise NotImplementedError

    async def get_many(self, mints: Collection[str]) -> dict[str, amounts.Token]:
        """As get, in as few calls as possible; mints that do not exist are absent."""
        raise NotImplementedError

    async def search(self, query: str) -> list[amounts.Token]:
        """Candidates for what a person typed: verified first; decimals checked against the chain."""
        raise NotImplementedError
