"""Tokens: what they are called (untrusted), and their decimals from the chain (trusted)."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot import errors, ports, texts
from bot.domain import addresses, amounts, lookalikes
from bot.ports import Priority
from bot.services import patience

_LOG = logging.getLogger(__name__)

PINNED: Final[Mapping[str, amounts.Token]] = {
    token.mint: token
    for token in (
        amounts.Token(amounts.WSOL_MINT, "SOL", "Solana", amounts.SOL_DECIMALS, verified=True),
        amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6, verified=True),
        amounts.Token(amounts.USDT_MINT, "USDT", "Tether USD", 6, verified=True),
    )
}
"""Nobody is asked about these."""
WRAPPED: Final = replace(PINNED[amounts.WSOL_MINT], symbol=amounts.WRAPPED_SYMBOL, name="Wrapped SOL")
"""In what is sent, SOL and its token are two things; everywhere else people may call both SOL."""

NAMES_LAST: Final = timedelta(days=1)
"""A name is asked for again after this long; decimals never change."""
NAMELESS_LAST: Final = timedelta(minutes=5)
"""… and after this long where nobody knew it, or the directory did not answer."""
_LONGEST_QUERY: Final = 64


class Tokens:
    def __init__(
        self,
        chain: ports.Chain,
        directory: ports.TokenDirectory,
        store: ports.TokenStore,
        clock: ports.Clock,
    ) -> None:
        self._chain = chain
        self._directory = directory
        self._store = store
        self._clock = clock

    async def get(self, mint: str) -> amounts.Token:
        """The token with decimals from its mint account; a name that nobody knows becomes its short address.

        Raises UnknownToken when there is no such mint, GatewayUnavailable when that cannot be known now.
        """
        found = await self.get_many([mint])
        if mint not in found:
            raise errors.UnknownToken(texts.TOKEN_UNKNOWN.format(mint=addresses.shorten(mint)))
        return found[mint]

    async def get_many(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, amounts.Token]:
        """As get, in as few calls as possible; mints that do not exist are absent."""
        wanted = set(mints) - PINNED.keys()
        stored = await self._store.find(wanted) if wanted else {}
        now = self._clock.now()
        stale = {mint for mint in wanted if mint not in stored or now - stored[mint][1] > NAMES_LAST}
        known = {mint: token for mint, (token, _) in stored.items()}
        known |= await self._look_up(stale, known, priority)
        return {mint: PINNED.get(mint) or known[mint] for mint in mints if mint in PINNED or mint in known}

    async def find_many(self, mints: Collection[str]) -> dict[str, amounts.Token]:
        """As get_many; while nobody answers, those that are stored. Raises no GatewayError."""
        try:
            return await self.get_many(mints)
        except errors.GatewayError:
            return await self.list_known(mints)

    async def list_known(self, mints: Collection[str]) -> dict[str, amounts.Token]:
        """As get_many, from what is stored; asks nobody."""
        stored = await self._store.find(set(mints) - PINNED.keys())
        known = {mint: token for mint, (token, _) in stored.items()}
        return {mint: PINNED.get(mint) or known[mint] for mint in mints if mint in PINNED or mint in known}

    async def search(self, query: str) -> list[amounts.Token]:
        """Candidates for what a person typed: verified first; decimals checked against the chain.

        An address finds itself. Raises GatewayUnavailable unless a pinned token answers the query.
        """
        query = query.strip()[:_LONGEST_QUERY]
        if not query:
            return []
        if addresses.is_address(query):
            return list((await self.get_many([query])).values())
        pinned = [token for token in PINNED.values() if query.casefold() in _names(token)]
        try:
            candidates = {
                token.mint: token
                for token in await patience.within(patience.LOOK_S, "Jupiter", self._directory.search(query))
                if token.mint not in PINNED and addresses.is_address(token.mint)
            }
            found = await self._trusted(candidates)
        except errors.GatewayError:
            if not pinned:
                raise
            return pinned
        await self._store.record(found.values(), self._clock.now())
        exact = query.casefold()
        ranked = sorted(found.values(), key=lambda t: (not t.verified, t.symbol.casefold() != exact))
        return pinned + ranked

    async def _look_up(
        self, mints: Collection[str], known: Mapping[str, amounts.Token], priority: Priority
    ) -> dict[str, amounts.Token]:
        """Ask for what is stale. Only the decimals of what was never seen may fail the whole."""
        asked = [mint for mint in mints if addresses.is_address(mint)]
        if not asked:
            return {}
        try:
            named = await self._directory.fetch_tokens(asked, priority=priority)
        except errors.GatewayError as exc:
            _LOG.debug("no token names: %s", exc)
            named = {}
        nameless = {mint: known.get(mint) or _nameless(mint) for mint in asked if mint not in named}
        found = await self._trusted({mint: named[mint] for mint in asked if mint in named}, known)
        unnamed = await self._trusted(nameless, known, quiet=True)
        now = self._clock.now()
        await self._store.record(found.values(), now)
        # Recorded as nearly stale already, so that the name is asked for again soon.
        await self._store.record(unnamed.values(), now - NAMES_LAST + NAMELESS_LAST)
        return found | unnamed

    async def _trusted(
        self,
        claimed: Mapping[str, amounts.Token],
        known: Mapping[str, amounts.Token] | None = None,
        *,
        quiet: bool = False,
    ) -> dict[str, amounts.Token]:
        """The claims with the chain's decimals in place of theirs; mints that do not exist are left out."""
        known = known or {}
        unseen = [mint for mint in claimed if mint not in known]
        mints = await self._chain.fetch_mints(unseen) if unseen else {}
        trusted = {}
        for mint, token in claimed.items():
            if mint in known:
                decimals, classic = known[mint].decimals, known[mint].classic
            elif mint in mints:
                decimals, classic = mints[mint].decimals, mints[mint].classic
            else:
                continue
            lied = not quiet and token.decimals != decimals
            if lied:
                _LOG.warning("%s has %d decimals, not %d as listed", mint, decimals, token.decimals)
            token = replace(token, mint=mint, decimals=decimals, classic=classic)
            verified = token.verified and not lied and not lookalikes.is_lookalike(token)
            trusted[mint] = replace(token, verified=verified)
        return trusted


def _nameless(mint: str) -> amounts.Token:
    return amounts.Token(mint, addresses.shorten(mint), texts.TOKEN_NAMELESS, 0)


def _names(token: amounts.Token) -> set[str]:
    return {token.symbol.casefold(), token.name.casefold()}
