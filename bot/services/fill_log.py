"""A person's newest fills, across wallets and orders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import ports
from bot.domain import amounts
from bot.services.orders import Orders
from bot.services.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFill:
    """`input` and `output` are None where the token cannot be looked up now: then no amount can be told."""

    filled: ports.NumberedFill
    input: amounts.Token | None
    output: amounts.Token | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillPage:
    items: Sequence[LoggedFill]
    """Newest first."""
    total: int
    """On all pages."""
    page: int
    """The one that is shown: the last where there are not as many as were asked for."""
    error: str = ""
    """Sentence for the person that says why newer fills may be missing; empty when none is."""
    stale_since: datetime | None = None
    """Since when (real time), if so; None = some wallet was never looked at."""


class FillLog:
    def __init__(
        self,
        *,
        orders: Orders,
        fills: ports.FillStore,
        polls: ports.PollStore,
        tokens: Tokens,
    ) -> None:
        self._orders = orders
        self._fills = fills
        self._polls = polls
        self._tokens = tokens

    async def page_of(self, user_id: int, page: int, *, size: int, fresh: bool) -> FillPage:
        """`fresh` asks Jupiter first, and ingests its answer; its silence is no error here."""
        failed = await self._orders.refresh_all(user_id) if fresh else {}
        scope = ports.FillScope(user_id=user_id)
        total = (await self._fills.extent(scope)).count
        page = min(page, max(0, total - 1) // size)
        found = await self._fills.newest(scope, size, page * size)
        fills = [each.known.fill for each in found]
        tokens = await self._tokens.find_many(
            {mint for fill in fills for mint in (fill.input_mint, fill.output_mint)}
        )
        items = [
            LoggedFill(
                filled=each,
                input=tokens.get(each.known.fill.input_mint),
                output=tokens.get(each.known.fill.output_mint),
            )
            for each in found
        ]
        if not failed:
            return FillPage(items=items, total=total, page=page)
        error = next(iter(failed.values())).message
        since = await self._looked_at(failed)
        return FillPage(items=items, total=total, page=page, stale_since=since, error=error)

    async def _looked_at(self, owners: Collection[str]) -> datetime | None:
        """When all of them had been looked at; None = one of them never was."""
        looks = [await self._polls.find(owner) for owner in owners]
        moments = [look.last_ok_at if look else None for look in looks]
        known = [moment for moment in moments if moment is not None]
        return min(known) if len(known) == len(moments) else None
