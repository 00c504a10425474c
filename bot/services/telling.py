"""What notices are about: orders with their fills, for several people in a few statements.

What is told unasked opens no wallet, and costs people no request: only what is over is held against the
market.
"""

from collections.abc import Collection, Mapping

from bot import errors, ports, texts
from bot.domain import fills, orders
from bot.services import pricing
from bot.services.orders import OrderView, summarise
from bot.services.tokens import Tokens


class Telling:
    def __init__(
        self, *, orders: ports.OrderStore, fills: ports.FillStore, tokens: Tokens, prices: pricing.Prices
    ) -> None:
        self._orders = orders
        self._fills = fills
        self._tokens = tokens
        self._prices = prices

    async def find(
        self, wanted: Mapping[int, Collection[str]], *, ask: bool
    ) -> dict[int, dict[str, OrderView]]:
        """By person and whole key, from what is known; what a person does not know is absent.

        `ask`: for names, and for prices of what is over. Raises GatewayUnavailable then, while some token is
        unknown. Else both are absent.
        """
        told: dict[int, dict[str, OrderView]] = {user_id: {} for user_id in wanted}
        keys = {key for mine in wanted.values() for key in mine}
        listed = await self._orders.list_told(wanted.keys(), keys) if keys else []
        found = [
            (known, wallet)
            for known, wallet in listed
            if known.order.key in wanted[wallet.user_id] and (ask or not _is_over(known.order))
        ]
        if not found:
            return told
        filled = await self._fills.list_of_orders(
            [(known.order.owner, known.order.key) for known, _ in found]
        )
        mints = {mint for known, _ in found for mint in _mints(known.order)}
        tokens = await (self._tokens.find_many(mints) if ask else self._tokens.list_known(mints))
        over = {mint for known, _ in found for mint in _mints(known.order) if _is_over(known.order)}
        usd = await self._prices.fetch_usd(over)
        for known, wallet in found:
            order = known.order
            if not tokens.keys() >= _mints(order):
                if ask:
                    raise errors.GatewayUnavailable(texts.ORDER_TOKENS_UNKNOWN, service="Solana")
                continue
            theirs = filled.get((order.owner, order.key), [])
            # Summed up here: what is read twice may have grown in between.
            sums = fills.summary([item.fill for item in theirs])
            view = summarise(known, wallet, tokens, usd if _is_over(order) else {}, sums)
            told[wallet.user_id][order.key] = view.with_fills(theirs)
        return told


def _is_over(order: orders.Order) -> bool:
    return not order.active or not order.in_left_raw


def _mints(order: orders.Order) -> set[str]:
    return {order.input_mint, order.output_mint}
