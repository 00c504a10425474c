"""Keeps the cards of actions true: the adapter behind ports.Cards."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from bot import errors, ports
from bot.chat import cards
from bot.chat.delivery import Sender
from bot.domain import actions, amounts, intents
from bot.domain.orders import Side
from bot.services import orders, tokens, wallets

_RANK = {state: rank for rank, state in enumerate(actions.State)}
_REMEMBERED = 1000


class ActionCards:
    """Edits are made one after the other per action, and never show an earlier state after a later one."""

    def __init__(
        self, sender: Sender, tokens: tokens.Tokens, wallets: wallets.Wallets, orders: orders.Orders
    ) -> None:
        self._sender = sender
        self._tokens = tokens
        self._wallets = wallets
        self._orders = orders
        self._shown: OrderedDict[int, tuple[asyncio.Lock, int]] = OrderedDict()

    async def show_action(self, action: actions.Action) -> None:
        """Safe to repeat. Raises the DeliveryError family, except when the card itself is gone."""
        lock, _ = self._shown.setdefault(action.id, (asyncio.Lock(), -1))
        async with lock:
            if self._shown.get(action.id, (lock, -1))[1] > _RANK[action.state]:
                return
            screen = cards.build_action(action, await self._names(action.user_id, action.intent))
            try:
                await self._sender.edit(action.chat_id, action.message_id, screen)
            except errors.DeliveryRejected:
                if not action.final:
                    return
                await self._sender.send(action.chat_id, screen)
            self._shown[action.id] = (lock, _RANK[action.state])
            self._shown.move_to_end(action.id)
            while len(self._shown) > _REMEMBERED:
                self._shown.popitem(last=False)

    async def show_expired(self, confirmation: ports.Confirmation) -> None:
        """Safe to repeat. A card that is gone needs no word."""
        if confirmation.message_id is None:
            return
        names = await self._names(confirmation.user_id, confirmation.intent)
        screen = cards.build_expired(confirmation, names)
        try:
            await self._sender.edit(confirmation.chat_id, confirmation.message_id, screen)
        except errors.DeliveryRejected:
            return

    async def _names(self, user_id: int, intent: intents.Intent) -> cards.Names:
        """As far as they are known: a card is shown without names rather than not at all."""
        source, target = _mints(intent)
        named = await self._named({mint for mint in (source, target) if mint})
        return cards.Names(
            source=_source(intent, source, named),
            target=named.get(target) if target else None,
            wallet=await self._wallet_name(user_id, intent.user),
            number=await self._number(user_id, intents.order_of(intent)),
        )

    async def _named(self, mints: set[str]) -> dict[str, amounts.Token]:
        try:
            return await self._tokens.get_many(mints) if mints else {}
        except errors.BotError:
            return {}

    async def _wallet_name(self, user_id: int, pubkey: str) -> str:
        try:
            listed = await self._wallets.list_of(user_id)
        except errors.BotError:
            return ""
        return next((wallet.name for wallet in listed if wallet.pubkey == pubkey), "")

    async def _number(self, user_id: int, key: str | None) -> int | None:
        if key is None:
            return None
        try:
            return (await self._orders.find(user_id, key)).number
        except errors.BotError:
            return None


def _mints(intent: intents.Intent) -> tuple[str | None, str | None]:
    """Mint of what moves (None = native SOL), and of the other side."""
    match intent:
        case intents.Send():
            return intent.mint, None
        case intents.Unwrap():
            return None, None
        case intents.Withdraw(side=Side.OUT):
            return intent.output_mint, intent.input_mint
    return intent.input_mint, intent.output_mint


def _source(
    intent: intents.Intent, mint: str | None, named: Mapping[str, amounts.Token]
) -> amounts.Token | None:
    if mint is None:
        return tokens.PINNED[amounts.WSOL_MINT]
    if isinstance(intent, intents.Send) and mint == amounts.WSOL_MINT:
        return tokens.WRAPPED
    return named.get(mint)
