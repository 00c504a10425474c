"""The rules of a Send: to whom, and what the person should know about that address. Pure."""

from collections.abc import Sequence
from typing import Final

from bot import errors, ports, texts
from bot.domain import addresses, costs, wallets
from bot.services import funds
from bot.services.tokens import PINNED

_SYSTEM_PROGRAM: Final = "1" * 32


def check_receiver(to: str, wallet: wallets.Wallet, mint: str | None) -> str:
    """The checked address. Raises InvalidAddress for what nobody could ever spend from, or is no move."""
    receiver = addresses.parse_address(to)
    if receiver == wallet.pubkey:
        raise errors.InvalidAddress(texts.SEND_TO_SELF)
    if receiver in (mint, _SYSTEM_PROGRAM) or receiver in PINNED:
        raise errors.InvalidAddress(texts.SEND_TO_TOKEN)
    return receiver


def check_dust(raw: int, receiver: ports.Holdings) -> None:
    """An account that does not exist yet must begin with the network's minimum."""
    if receiver.lamports == 0:
        raise errors.InvalidAmount(
            texts.SEND_TOO_LITTLE.format(least=funds.sol(costs.SIMPLE_SEND_RESERVE), asked=funds.sol(raw))
        )


def own_notes(receiver: str, own: Sequence[wallets.Wallet]) -> list[str]:
    return [texts.SEND_TO_OWN.format(wallet=wallet.name) for wallet in own if wallet.pubkey == receiver]


def first_use_warnings(*, used: bool) -> list[str]:
    if used:
        return []
    warning = texts.SEND_FIRST_USE
    return [warning + texts.SEND_FINAL]
