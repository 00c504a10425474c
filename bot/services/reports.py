"""What charts and reports tell: a person's fills beside prices that were sampled while the bot watched."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from bot import ports
from bot.domain import amounts, invested, market, report, wallets
from bot.services import pricing, tape
from bot.services.orders import Orders, OrderView
from bot.services.tokens import Tokens
from bot.services.wallets import Wallets

_PAGE: Final = 500
_MOMENT: Final = timedelta(seconds=15)
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DOLLARS: Final = frozenset({amounts.USDC_MINT, amounts.USDT_MINT})
"""Worth a dollar each where nobody watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStory:
    view: OrderView
    quotes: Sequence[market.Sample]
    """The market's price of the pair while the bot watched, input per one output; up to now if it goes on."""
    report: report.Report


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletStory:
    """All orders of a wallet together, in USD: estimates."""

    wallet: wallets.Wallet
    end: datetime
    course: invested.Course
    fills: int
    left_out: int
    """Of these fills: nobody knows what they cost in USD when they happened."""
    paid: Decimal
    worth: Decimal | None
    """What was bought is worth now; None = the price of some of it is not known."""


class Reports:
    def __init__(
        self,
        *,
        orders: Orders,
        wallets: Wallets,
        fills: ports.FillStore,
        history: ports.PriceHistory,
        tokens: Tokens,
        prices: pricing.Prices,
        order_clock: ports.Clock,
    ) -> None:
        self._orders = orders
        self._wallets = wallets
        self._fills = fills
        self._history = history
        self._tokens = tokens
        self._prices = prices
        self._order_clock = order_clock

    async def of_order(self, user_id: int, number: int) -> OrderStory:
        """Raises OrderNotFound, and GatewayUnavailable while its tokens cannot be looked up."""
        view = await self._orders.get(user_id, number)
        now = self._until(view.fills)
        order, found = view.order, [known.fill for known in view.fills]
        start, end = report.period(order, found, now)
        series = [
            await self._prices_of(mint, start, end, usd if order.active else None)
            for mint, usd in ((order.input_mint, view.input_usd), (order.output_mint, view.output_usd))
        ]
        quotes = await asyncio.to_thread(market.pair, *series)
        made = await asyncio.to_thread(
            report.build,
            order,
            found,
            quotes,
            now,
            in_decimals=view.input.decimals,
            out_decimals=view.output.decimals,
        )
        return OrderStory(view=view, quotes=quotes, report=made)

    async def of_wallet(self, user_id: int, wallet_id: int) -> WalletStory:
        """Raises WalletNotFound, VaultError. What cannot be looked up is left out, and counted."""
        wallet = await self._wallets.get(user_id, wallet_id)
        found = await self._all_fills(ports.FillScope(user_id=user_id, owner=wallet.pubkey))
        now = self._until(found)
        mints = {mint for known in found for mint in (known.fill.input_mint, known.fill.output_mint)}
        usd = await self._prices.fetch_usd(mints)
        start = min((known.fill.confirmed_at for known in found), default=now)
        prices = {mint: await self._prices_of(mint, start, now, usd.get(mint)) for mint in mints}
        tokens = await self._tokens.find_many(mints)
        purchases = await asyncio.to_thread(_purchases, found, tokens, prices)
        held = invested.held(purchases)
        return WalletStory(
            wallet=wallet,
            end=now,
            course=await asyncio.to_thread(invested.follow, purchases, prices, now),
            fills=len(found),
            left_out=len(found) - len(purchases),
            paid=sum((purchase.paid_usd for purchase in purchases), Decimal(0)),
            worth=sum((held[mint] * usd[mint] for mint in held), Decimal(0))
            if held.keys() <= usd.keys()
            else None,
        )

    def _until(self, found: Sequence[ports.KnownFill]) -> datetime:
        """Now, to the quarter of a minute: two looks in a row see the same, and one picture serves both."""
        now = self._order_clock.now()
        still = now - (now - _SINCE) % _MOMENT
        return max([still, *(known.fill.confirmed_at for known in found[-1:])])

    async def _prices_of(
        self, mint: str, start: datetime, end: datetime, usd: Decimal | None
    ) -> list[market.Sample]:
        """As sampled, and what it costs at the end, if that is known."""
        samples = await self._history.list_between(mint, start, end)
        if usd is not None and (not samples or samples[-1].at < end):
            watched = bool(samples) and end - samples[-1].at <= tape.LONGEST_GAP
            samples.append(market.Sample(end, usd, samples[-1].at if watched else end))
        return samples

    async def _all_fills(self, scope: ports.FillScope) -> list[ports.KnownFill]:
        """Oldest first."""
        found: list[ports.NumberedFill] = []
        while True:
            page = await self._fills.page_after(scope, found[-1] if found else None, _PAGE)
            found += page
            if len(page) < _PAGE:
                return [each.known for each in found]


def _purchases(
    found: Collection[ports.KnownFill],
    tokens: Mapping[str, amounts.Token],
    prices: Mapping[str, Sequence[market.Sample]],
) -> list[invested.Purchase]:
    """Those fills of which it is known what they cost."""
    purchases = []
    for known in found:
        fill = known.fill
        source, target = tokens.get(fill.input_mint), tokens.get(fill.output_mint)
        if source is None or target is None:
            continue
        paid = known.usd
        if paid is None:
            then = market.price_at(prices[fill.input_mint], fill.confirmed_at)
            if then is None and fill.input_mint in _DOLLARS:
                then = Decimal(1)
            paid = pricing.value(fill.in_raw, source, then)
        if paid is not None:
            bought = amounts.to_decimal(fill.net_out_raw, target.decimals)
            purchases.append(invested.Purchase(fill.confirmed_at, paid, fill.output_mint, bought))
    return purchases
