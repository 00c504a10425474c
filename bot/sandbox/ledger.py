"""The accounts: LiteSVM's, remembered in the store."""

from base64 import b64decode, b64encode
from typing import Any

from solders.account import Account
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import (
    FailedTransactionMetadata,
    SimulatedTransactionInfo,
    TransactionMetadata,
)

from bot.sandbox.store import Store
from bot.solana.programs import ids

NOTHING = Account(0, b"", ids.SYSTEM)


class Ledger:
    """Its callers check signatures, blockhashes and replays; it does what the native programs do."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._svm = LiteSVM()
        self._svm.with_sigverify(False)  # noqa: FBT003 - the binding takes it so
        self._svm.with_blockhash_check(False)  # noqa: FBT003 - the binding takes it so
        self._svm.with_transaction_history(0)
        kept = store.load("accounts")
        self.fresh = not kept
        """Nothing was kept: somebody has to make the mints and the money."""
        for address, account in kept.items():
            self._svm.set_account(Pubkey.from_string(address), _read(account))

    def account(self, address: Pubkey) -> Account | None:
        account = self._svm.get_account(address)
        return account if account is not None and account.lamports else None

    def owned_by_program(self, program: Pubkey) -> list[tuple[Pubkey, Account]]:
        return [
            (key, account) for key, account in self._svm.get_program_accounts(program) if account.lamports
        ]

    def put(self, address: Pubkey, account: Account | None) -> None:
        """Overwrite an account, against all rules; None removes it."""
        self._svm.set_account(address, account or NOTHING)
        self.keep(address)

    def lend(self, address: Pubkey, lamports: int) -> None:
        """Add lamports that `run` takes away again (or take them back); never remembered by itself."""
        account = self._svm.get_account(address)
        if account is not None and lamports:
            self._svm.set_account(address, with_lamports(account, account.lamports + lamports))

    def run(self, transaction: VersionedTransaction) -> TransactionMetadata | FailedTransactionMetadata:
        result = self._svm.send_transaction(transaction)
        for address in transaction.message.account_keys:
            self.keep(address)
        return result

    def simulate(
        self, transaction: VersionedTransaction
    ) -> SimulatedTransactionInfo | FailedTransactionMetadata:
        return self._svm.simulate_transaction(transaction)

    def keep(self, address: Pubkey) -> None:
        """Remember an account as it is now."""
        account = self.account(address)
        if account is None:
            self._store.drop("accounts", str(address))
        elif not account.executable:
            self._store.put("accounts", str(address), _write(account))


def with_lamports(account: Account, lamports: int) -> Account:
    return Account(lamports, account.data, account.owner, account.executable)


def _write(account: Account) -> dict[str, Any]:
    data = b64encode(account.data).decode()
    return {"lamports": account.lamports, "data": data, "owner": str(account.owner)}


def _read(kept: dict[str, Any]) -> Account:
    return Account(kept["lamports"], b64decode(kept["data"]), Pubkey.from_string(kept["owner"]))
