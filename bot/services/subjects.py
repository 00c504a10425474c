"""What a statement is about: whose fills, and of when; and what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot import errors, ports, texts
from bot.domain import amounts, wallets
from bot.services.tokens import Tokens
from bot.services.wallets import Wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Of all wallets, or of one wallet, or of one order."""

    wallet_id: int | None = None
    number: int | None = None
    year: int | None = None
    """In UTC; None = of all times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    subject: Subject
    wallet: wallets.Wallet | None
    """Set for a wallet."""
    pair: tuple[amounts.Token, amounts.Token] | None
    """Sold and bought; set for an order whose tokens are known."""
    extent: ports.FillExtent
    years: Sequence[int]
    """Those in which there are fills, newest first."""


class Subjects:
    """Every method raises OrderNotFound, WalletNotFound and VaultError for what is not this person's."""

    def __init__(
        self, *, wallets: Wallets, orders: ports.OrderStore, fills: ports.FillStore, tokens: Tokens
    ) -> None:
        self._wallets = wallets
        self._orders = orders
        self._fills = fills
        self._tokens = tokens

    async def describe(self, user_id: int, subject: Subject) -> Contents:
        """What is known; asks nobody."""
        wallet = pair = None
        if subject.wallet_id is not None:
            wallet = await self._wallets.get(user_id, subject.wallet_id)
        if subject.number is not None:
            pair = await self._pair(user_id, subject.number)
        scope = await self.scope_of(user_id, subject)
        extent = whole = await self._fills.extent(scope)
        if subject.year is not None:
            scope = replace(scope, since=None, until=None)
            whole = await self._fills.extent(scope)
        years = await self._years_in(scope, whole)
        return Contents(subject=subject, wallet=wallet, pair=pair, extent=extent, years=years)

    async def wallets_of(self, user_id: int, subject: Subject) -> Sequence[wallets.Wallet]:
        """Those whose fills are meant."""
        if subject.wallet_id is not None:
            return [await self._wallets.get(user_id, subject.wallet_id)]
        mine = await self._wallets.list_of(user_id)
        if subject.number is None:
            return mine
        owner = (await self._get_order(user_id, subject.number)).order.owner
        return [wallet for wallet in mine if wallet.pubkey == owner]

    async def scope_of(self, user_id: int, subject: Subject) -> ports.FillScope:
        scope = ports.FillScope(user_id=user_id, number=subject.number)
        if subject.number is not None:
            scope = replace(scope, owner=(await self._get_order(user_id, subject.number)).order.owner)
        if subject.wallet_id is not None:
            scope = replace(scope, owner=(await self._wallets.get(user_id, subject.wallet_id)).pubkey)
        return scope if subject.year is None else within(scope, subject.year)

    async def years_of(self, scope: ports.FillScope) -> list[int]:
        """Those in which there are fills, newest first."""
        return await self._years_in(scope, await self._fills.extent(scope))

    async def _years_in(self, scope: ports.FillScope, extent: ports.FillExtent) -> list[int]:
        """The first and the last of them have fills; whether those between have, takes a look."""
        if extent.first_at is None or extent.last_at is None:
            return []
        first, last = extent.first_at.year, extent.last_at.year
        between = [
            year for year in range(last - 1, first, -1) if await self._fills.newest(within(scope, year), 1)
        ]
        return [last, *between, first] if first < last else [last]

    async def _get_order(self, user_id: int, number: int) -> ports.KnownOrder:
        known = await self._orders.find_known(user_id, number=number)
        if known is None:
            raise errors.OrderNotFound(texts.ORDER_UNKNOWN.format(number=number))
        return known

    async def _pair(self, user_id: int, number: int) -> tuple[amounts.Token, amounts.Token] | None:
        order = (await self._get_order(user_id, number)).order
        tokens = await self._tokens.list_known([order.input_mint, order.output_mint])
        source, target = tokens.get(order.input_mint), tokens.get(order.output_mint)
        return (source, target) if source and target else None


def within(scope: ports.FillScope, year: int) -> ports.FillScope:
    """The part of it that lies in a year, in UTC."""
    since, until = (datetime(one, 1, 1, tzinfo=UTC) for one in (year, year + 1))
    return replace(scope, since=since, until=until)
