"""From a few words to the orders of a person that they mean; of what is known, asking nobody."""

from enum import StrEnum
from typing import Final

from bot import errors, ports, texts
from bot.domain import amounts, orders, search, wallets
from bot.services.tokens import Tokens
from bot.services.wallets import Wallets

_SHOWN: Final = 40
"""Characters of what was typed that are repeated in an answer."""


class Wanted(StrEnum):
    """What the order is named for: where some of those that fit will do for it, the others are not meant."""

    ANY = "any"
    FILLS = "fills"
    STATEMENT = "statement"
    CHART = "chart"
    REPORT = "report"
    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    MUTE = "mute"


_LOOKS: Final = frozenset({Wanted.ANY, Wanted.FILLS, Wanted.STATEMENT, Wanted.CHART, Wanted.REPORT})
"""For which any order will do."""


class Finder:
    def __init__(self, *, wallets: Wallets, store: ports.OrderStore, tokens: Tokens) -> None:
        self._wallets = wallets
        self._store = store
        self._tokens = tokens

    async def match(self, user_id: int, query: search.Query, wanted: Wanted = Wanted.ANY) -> search.Found:
        """The numbers of the orders that fit, newest first."""
        if query.number is not None:
            one = await self._store.find_known(user_id, number=query.number)
            return search.Found((query.number,), certain=True) if one else search.Found()
        by_owner = {wallet.pubkey: wallet for wallet in await self._wallets.list_of(user_id)}
        known = await self._store.list_known(user_id, list(by_owner))
        mints = {mint for item in known for mint in (item.order.input_mint, item.order.output_mint)}
        tokens = await self._tokens.list_known(mints)

        def name(item: ports.KnownOrder) -> search.Named:
            order = item.order
            source, target = (
                tokens.get(mint) or amounts.Token(mint, "", "", 0)
                for mint in (order.input_mint, order.output_mint)
            )
            return search.Named(
                number=item.number,
                key=order.key,
                input=source,
                output=target,
                wallet=by_owner[order.owner].name,
                active=order.active,
            )

        found = search.find(query, [name(item) for item in known])
        will_do = {item.number for item in known if _will_do(item.order, by_owner[item.order.owner], wanted)}
        if will_do.isdisjoint(found.numbers):
            return found
        return search.find(query, [name(item) for item in known if item.number in will_do])


def explain(text: str, query: search.Query, found: search.Found) -> errors.UserError:
    """Why one order was not enough, or none was found."""
    if query.number is not None:
        return errors.OrderNotFound(texts.ORDER_UNKNOWN.format(number=query.number))
    typed = " ".join(text.split())[:_SHOWN]
    if not found.numbers:
        return errors.OrderNotFound(texts.FIND_NOTHING.format(query=typed))
    several = texts.FIND_SEVERAL.format(count=len(found.numbers), query=typed)
    doubtful = texts.FIND_DOUBTFUL.format(query=typed)
    said = several if len(found.numbers) > 1 else doubtful
    return errors.AmbiguousOrder(said, candidates=found.numbers)


def _will_do(order: orders.Order, wallet: wallets.Wallet, wanted: Wanted) -> bool:
    if wanted in _LOOKS:
        return True
    if wanted is Wanted.MUTE:
        return order.active
    tops_up = order.family is orders.Family.PRICE or wanted is Wanted.CANCEL
    return order.active and wallet.owned and tops_up
