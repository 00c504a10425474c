"""The rules of a Send: to whom, and what the person should know about that address. Pure."""

from collections.abc import Sequence
from typing import Final

from bot import errors, ports
from bot.domain import addresses, costs, wallets
from bot.services import funds
from bot.services.tokens import PINNED

_SYSTEM_PROGRAM: Final = "1" * 32


def check_receiver(to: str, wallet: wallets.Wallet, mint: str | None) -> str:
    """The checked address. Raises InvalidAddress for what nobody could ever spend from, or is no move."""
    receiver = addresses.parse_address(to)
    if receiver == wallet.pubkey:
        raise errors.InvalidAddress("That is the address of this very wallet. Nothing was done.")
    if receiver in (mint, _SYSTEM_PROGRAM) or receiver in PINNED:
        raise errors.InvalidAddress(
            "That is the address of a token or a program, not of a wallet: it would be lost. "
            "Nothing was done."
        )
    return receiver


def check_dust(raw: int, receiver: ports.Holdings) -> None:
    """An account that does not exist yet must begin with the network's minimum."""
    if receiver.lamports == 0:
        raise errors.InvalidAmount(
            f"That address is empty so far: the network takes {funds.sol(costs.SIMPLE_SEND_RESERVE)} SOL "
            f"at least to open it, not {funds.sol(raw)}. Nothing was done."
        )


def receiver_notes(
    receiver: str, own: Sequence[wallets.Wallet], *, used: bool, opens_account: bool
) -> list[str]:
    notes = [f"That is your own wallet {wallet.name}." for wallet in own if wallet.pubkey == receiver]
    if not used:
        notes.append(
            "You never sent anything to this address from here: compare every character. "
            "What is sent cannot be called back."
        )
    if opens_account:
        notes.append("The receiver has no account for this token yet: you pay for opening it.")
    return notes
