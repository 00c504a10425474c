"""Tokens and prices as last seen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain import amounts, market


class TokenStore(Protocol):
    """Tokens as last seen, with decimals from the chain (which never change)."""

    async def find(self, mints: Collection[str]) -> dict[str, tuple[amounts.Token, datetime]]: ...

    async def record(self, tokens: Collection[amounts.Token], now: datetime) -> None: ...


class PriceHistory(Protocol):
    """USD prices of tokens as sampled, on the clock that orders live in."""

    async def record(self, samples: Mapping[str, market.Sample]) -> None:
        """One sample for each of these mints; the first for a moment stays."""
        ...

    async def list_between(self, mint: str, start: datetime, end: datetime) -> list[market.Sample]:
        """Oldest first; with the nearest one on either side, so that the prices at both ends are known."""
        ...

    async def find_last(self, mints: Collection[str]) -> dict[str, market.Sample]:
        """The newest of each; absent where there is none."""
        ...

    async def list_mints(self) -> list[str]:
        """Mints of which there is any sample."""
        ...

    async def replace(
        self, mint: str, start: datetime, end: datetime, samples: Sequence[market.Sample]
    ) -> None:
        """These and no others from `start` to `end`, both included; all or nothing."""
        ...
