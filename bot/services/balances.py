"""What wallets hold, and what that is worth: fresh for who asks, remembered for who only passes by."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot import errors, ports
from bot.domain import amounts, wallets
from bot.services import patience, pricing
from bot.services.tokens import Tokens

FRESH_FOR: Final = timedelta(seconds=30)
"""What was seen this recently is good enough for who passes by."""
_AT_ONCE: Final = 4
_REMEMBERED: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBalance:
    token: amounts.Token
    raw: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What one wallet holds: native SOL apart from wrapped SOL, tokens by USD value, then by name."""

    wallet: wallets.Wallet
    lamports: int
    sol_usd: Decimal | None
    """Value of the native SOL."""
    wrapped_raw: int
    wrapped_usd: Decimal | None = None
    tokens: Sequence[TokenBalance]
    """Without wrapped SOL; zero balances left out."""
    seen_at: datetime
    """Real time."""

    @property
    def usd(self) -> Decimal | None:
        """Sum of the values that are known; None when none is."""
        values = (self.sol_usd, self.wrapped_usd, *(balance.usd for balance in self.tokens))
        known = [value for value in values if value is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def unpriced(self) -> int:
        """Tokens that the sum leaves out."""
        native = (self.lamports and self.sol_usd is None, self.wrapped_raw and self.wrapped_usd is None)
        return sum(map(bool, native)) + sum(balance.usd is None for balance in self.tokens)


class BalanceReader:
    def __init__(
        self, chain: ports.Chain, tokens: Tokens, prices: pricing.Prices, clock: ports.Clock
    ) -> None:
        self._chain = chain
        self._tokens = tokens
        self._prices = prices
        self._clock = clock
        self._seen: OrderedDict[str, Balances] = OrderedDict()
        self._not_before = -math.inf

    async def fetch(self, wallet: wallets.Wallet) -> Balances:
        """Raises GatewayUnavailable, UnexpectedResponse. Missing prices are no error."""
        holdings = await self._chain.fetch_holdings(wallet.pubkey)
        held = {mint: raw for mint, raw in holdings.tokens.items() if raw > 0}
        tokens = await self._tokens.get_many(held)
        usd = await self._prices.fetch_usd({*held, amounts.WSOL_MINT})
        wrapped_raw = held.pop(amounts.WSOL_MINT, 0)
        sol = (await self._tokens.get_many([amounts.WSOL_MINT]))[amounts.WSOL_MINT]
        balances = [
            TokenBalance(token=tokens[mint], raw=raw, usd=pricing.value(raw, tokens[mint], usd.get(mint)))
            for mint, raw in held.items()
            if mint in tokens
        ]
        balances.sort(key=lambda balance: (-(balance.usd or 0), balance.token.symbol.casefold()))
        seen = Balances(
            wallet=wallet,
            lamports=holdings.lamports,
            sol_usd=pricing.value(holdings.lamports, sol, usd.get(sol.mint)),
            wrapped_raw=wrapped_raw,
            wrapped_usd=pricing.value(wrapped_raw, sol, usd.get(sol.mint)),
            tokens=balances,
            seen_at=self._clock.now(),
        )
        self._remember(seen)
        return seen

    async def glance(self, listed: Sequence[wallets.Wallet]) -> dict[int, Balances]:
        """By wallet id, as far as known: looked at anew within a moment, else as last seen in this run.

        Raises nothing. After a look in vain nobody else waits for one for a while.
        """
        loop = asyncio.get_running_loop()
        if loop.time() >= self._not_before:
            try:
                async with asyncio.timeout(patience.EXTRA_S):
                    await self._look_at([wallet for wallet in listed if not self._is_fresh(wallet)])
            except TimeoutError:
                self._not_before = loop.time() + pricing.QUIET_S
        return {wallet.id: seen for wallet in listed if (seen := self.find(wallet)) is not None}

    def find(self, wallet: wallets.Wallet) -> Balances | None:
        """As last seen in this run; None = never looked at. Asks nobody."""
        seen = self._seen.get(wallet.pubkey)
        return seen and replace(seen, wallet=wallet)

    async def _look_at(self, listed: Sequence[wallets.Wallet]) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def look(wallet: wallets.Wallet) -> None:
            async with slots:
                try:
                    await self.fetch(wallet)
                except errors.GatewayError:
                    self._not_before = asyncio.get_running_loop().time() + pricing.QUIET_S

        async with asyncio.TaskGroup() as tasks:
            for wallet in listed:
                tasks.create_task(look(wallet))

    def _is_fresh(self, wallet: wallets.Wallet) -> bool:
        seen = self._seen.get(wallet.pubkey)
        return seen is not None and self._clock.now() - seen.seen_at < FRESH_FOR

    def _remember(self, seen: Balances) -> None:
        self._seen[seen.wallet.pubkey] = seen
        self._seen.move_to_end(seen.wallet.pubkey)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
