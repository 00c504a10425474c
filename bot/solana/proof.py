"""Prove that an order account belongs to a wallet: its address derives from the wallet, the mints, an index.

The index is the unix second in which the order was made, so that it is found near the creation time that
the API reports; where it is not, the order's own account on chain says it.
"""

from collections.abc import Iterator
from datetime import datetime

from solders.pubkey import Pubkey

from bot import errors
from bot.domain import addresses, orders
from bot.solana import programs
from bot.solana.chain import RpcChain
from bot.solana.programs import accounts, ids

BEFORE_S = 600
AFTER_S = 60
"""An order is made when it is crafted, so before it lands; the other way only by clocks that disagree."""


class ChainOrderProver:
    """Implements ports.OrderProver."""

    def __init__(self, chain: RpcChain) -> None:
        self._chain = chain

    async def prove(self, order: orders.Order) -> int:
        """The index. Raises OrderNotProven; GatewayUnavailable, UnexpectedResponse from the chain."""
        texts = (order.key, order.owner, order.input_mint, order.output_mint)
        if not all(map(addresses.is_address, texts)):
            raise errors.OrderNotProven
        index = find_index(order, near(order.created_at))
        if index is None:
            index = find_index(order, await self._read_index(order))
        if index is None:
            raise errors.OrderNotProven
        return index

    async def _read_index(self, order: orders.Order) -> list[int]:
        """What the account claims its index to be, if the account claims to be this order at all."""
        (info,) = (await self._chain.fetch_accounts([Pubkey.from_string(order.key)])).accounts
        if info is None or info.owner != program_of(order):
            return []
        layout = accounts.Dca if order.family is orders.Family.TIME else accounts.ValueAverage
        try:
            account: accounts.Dca | accounts.ValueAverage = layout.parse(info.data)
        except ValueError:
            return []
        claimed = (str(account.user), str(account.input_mint), str(account.output_mint))
        return [account.idx] if claimed == (order.owner, order.input_mint, order.output_mint) else []


def program_of(order: orders.Order) -> Pubkey:
    return ids.DCA if order.family is orders.Family.TIME else ids.VA


def near(moment: datetime) -> Iterator[int]:
    """Unix seconds around a moment, the likely ones first."""
    second = int(moment.timestamp())
    yield second
    for distance in range(1, BEFORE_S + 1):
        yield second - distance
        if distance <= AFTER_S:
            yield second + distance


def find_index(order: orders.Order, candidates: Iterator[int] | list[int]) -> int | None:
    """The candidate from which the order's address derives. Pure; at worst some 10 ms."""
    key = Pubkey.from_string(order.key)
    user, input_mint, output_mint = (
        Pubkey.from_string(text) for text in (order.owner, order.input_mint, order.output_mint)
    )
    program = program_of(order)
    for index in candidates:
        if index >= 0 and programs.derive.order(program, user, input_mint, output_mint, index) == key:
            return index
    return None
