"""Private keys: kept, and used for what was confirmed."""

from datetime import datetime
from typing import Protocol

from bot.domain import actions, intents, wallets


class Vault(Protocol):
    """The only holder of private keys. Nothing it returns can sign, except export's text."""

    def create(self, user_id: int) -> tuple[str, wallets.SealedSeed]:
        """A fresh keypair: its address and its sealed seed."""
        ...

    def seal_import(self, user_id: int, text: str) -> tuple[str, wallets.SealedSeed]:
        """Seal a private key as a person pastes it: base58 of 64 bytes, or a JSON array of 64 numbers.

        Raises InvalidKey, which never contains any part of the text.
        """
        ...

    def authenticate(self, wallet: wallets.Wallet) -> None:
        """Prove that this row's address belongs to its sealed key and user; before an address is shown.

        Raises VaultError. Watched wallets have nothing to prove.
        """
        ...

    def unsafe_export(self, wallet: wallets.Wallet) -> str:
        """The private key as base58 of 64 bytes, for the person it belongs to. Raises VaultError."""
        ...


class Signer(Protocol):
    def sign(
        self,
        wallet: wallets.Wallet,
        intent: intents.Intent,
        transaction: str,
        limits: intents.Limits,
        *,
        now: datetime,
    ) -> actions.Signed:
        """Decode the transaction, hold it against the intent, and only then sign it.

        `now` is order time, for the age of a create's index. Pure computation: no I/O.
        Raises TransactionMismatch and VaultError; then nothing was signed.
        """
        ...
