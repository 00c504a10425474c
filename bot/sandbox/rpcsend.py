"""The JSON-RPC calls that take a transaction: send, simulate, and what it would cost."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from solders.account import Account
from solders.errors import BincodeError
from solders.message import from_bytes_versioned
from solders.transaction import SanitizeError, VersionedTransaction

from bot.sandbox import failures, messages
from bot.sandbox.chain import Chain, Simulated
from bot.sandbox.rpcparams import (
    BAD_SIGNATURE,
    INVALID_PARAMS,
    PREFLIGHT_FAILED,
    Params,
    RpcError,
    commitment,
    pubkey,
    wire,
)

LARGEST_TRANSACTION = 1232
Json = dict[str, Any]
UNREADABLE = (ValueError, BincodeError, SanitizeError)


class Sending:
    def __init__(
        self,
        chain: Chain,
        context: Callable[..., Json],
        show_account: Callable[[Account | None, Json], Json | None],
    ) -> None:
        self._chain = chain
        self._context = context
        self._show_account = show_account

    def send(self, params: Params) -> str:
        """sendTransaction. Without preflight the signature is the answer, whatever becomes of it."""
        options = params.options(1)
        transaction = read_transaction(params.text(0), options)
        self._context(options, None, "preflightCommitment")
        if not options.get("skipPreflight"):
            self._preflight(transaction)
        try:
            landed = self._chain.submit(transaction)
        except failures.Dropped:
            return str(transaction.signatures[0])
        return landed.signature

    def simulate(self, params: Params) -> Json:
        """simulateTransaction; also of transactions that nobody signed yet."""
        options = params.options(1)
        verify, replace = bool(options.get("sigVerify")), bool(options.get("replaceRecentBlockhash"))
        if verify and replace:
            raise RpcError(INVALID_PARAMS, "sigVerify may not be used with replaceRecentBlockhash")
        transaction = read_transaction(params.text(0), options)
        done = self._chain.simulate(transaction, verify=verify, any_blockhash=replace)
        value = {
            "err": done.err,
            "logs": done.logs,
            "accounts": self._accounts(transaction, done, options),
            "unitsConsumed": done.units,
            "returnData": None,
            "innerInstructions": [] if options.get("innerInstructions") else None,
            "fee": messages.fee_of(transaction.message),
        }
        if replace:
            blockhash, last = self._chain.slots.latest(commitment(options))
            value["replacementBlockhash"] = {"blockhash": str(blockhash), "lastValidBlockHeight": last}
        return self._context(options, value)

    def fee_for_message(self, params: Params) -> Json:
        """getFeeForMessage; null when its blockhash is no longer accepted."""
        options = params.options(1)
        data = wire(params.text(0), {"encoding": "base64"}, LARGEST_TRANSACTION)
        try:
            message = from_bytes_versioned(data)
        except UNREADABLE as exc:
            raise RpcError(INVALID_PARAMS, f"failed to deserialize VersionedMessage: {exc}") from exc
        alive = self._chain.slots.valid(message.recent_blockhash)
        return self._context(options, messages.fee_of(message) if alive else None)

    def _preflight(self, transaction: VersionedTransaction) -> None:
        if messages.badly_signed(transaction):
            raise RpcError(BAD_SIGNATURE, "Transaction signature verification failure")
        done = self._chain.simulate(transaction)
        if done.err is not None:
            data = {
                "accounts": None,
                "err": done.err,
                "innerInstructions": None,
                "logs": done.logs,
                "returnData": None,
                "unitsConsumed": done.units,
            }
            raise RpcError(
                PREFLIGHT_FAILED, f"Transaction simulation failed: {failures.explain(done.err)}", data
            )

    def _accounts(
        self, transaction: VersionedTransaction, done: Simulated, options: Json
    ) -> list[Any] | None:
        wanted = options.get("accounts")
        if not wanted:
            return None
        keys = [pubkey(str(text)) for text in wanted.get("addresses", [])]
        most = len(transaction.message.account_keys)
        if len(keys) > most:
            raise RpcError(INVALID_PARAMS, f"Too many accounts provided; max {most}")
        if done.err is not None:
            return [None] * len(keys)
        after = [done.after[key] if key in done.after else self._chain.account(key) for key in keys]
        return [
            self._show_account(account, {"encoding": wanted.get("encoding", "base64")}) for account in after
        ]


def read_transaction(text: str, options: Json) -> VersionedTransaction:
    """A transaction from the wire. Raises RpcError; bytes too many are refused, as a node refuses them."""
    data = wire(text, options, LARGEST_TRANSACTION)
    kind = "solana_transaction::versioned::VersionedTransaction"
    try:
        transaction = VersionedTransaction.from_bytes(data)
    except UNREADABLE as exc:
        raise RpcError(INVALID_PARAMS, f"failed to deserialize {kind}: {exc}") from exc
    if bytes(transaction) != data:
        raise RpcError(INVALID_PARAMS, f"failed to deserialize {kind}: trailing bytes")
    try:
        transaction.sanitize()
    except UNREADABLE as exc:
        raise RpcError(INVALID_PARAMS, f"invalid transaction: {exc}") from exc
    return transaction


def encode(transaction: VersionedTransaction) -> str:
    return b64encode(bytes(transaction)).decode()
