"""Solana's JSON-RPC over the chain, as strict as a node: encodings, limits, error codes, contexts.

Transactions land at once, so every commitment reads the same accounts; heights, slots and the status of a
signature do follow the commitment. Inner instructions of a simulation are not told.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from solders.account import Account
from solders.hash import Hash, ParseHashError

from bot.sandbox import steps
from bot.sandbox.chain import Chain, Landed
from bot.sandbox.rpcparams import (
    CONTEXT_NOT_REACHED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Params,
    RpcError,
    commitment,
    pubkey,
)
from bot.sandbox.rpcsend import Sending
from bot.solana.programs import ids

MOST_ACCOUNTS = 100
MOST_SIGNATURES = 256
RECENT_SLOTS = 300
"""How long a status is found without a search of the history."""
VERSION = {"solana-core": "2.3.7", "feature-set": 2_255_652_435}

Json = dict[str, Any]


class Rpc:
    def __init__(self, chain: Chain, on_owner: Callable[[str], None] = lambda owner: None) -> None:
        """`on_owner` is told whose balance or token accounts are asked for."""
        self._chain = chain
        self._slots = chain.slots
        self._on_owner = on_owner
        sending = Sending(chain, self.context, show_account)
        self._methods: dict[str, Callable[[Params], Any]] = {
            "getAccountInfo": self._get_account_info,
            "getBalance": self._get_balance,
            "getBlockHeight": lambda params: self._slots.height(commitment(params.options(0))),
            "getBlockTime": self._get_block_time,
            "getEpochInfo": self._get_epoch_info,
            "getFeeForMessage": sending.fee_for_message,
            "getGenesisHash": lambda params: str(self._slots.blockhash(0)),
            "getHealth": lambda params: "ok",
            "getLatestBlockhash": self._get_latest_blockhash,
            "getMinimumBalanceForRentExemption": lambda params: steps.rent(params.integer(0)),
            "getMultipleAccounts": self._get_multiple_accounts,
            "getSignatureStatuses": self._get_signature_statuses,
            "getSlot": lambda params: self._slots.slot(commitment(params.options(0))),
            "getTokenAccountsByOwner": self._get_token_accounts_by_owner,
            "getVersion": lambda params: VERSION,
            "isBlockhashValid": self._is_blockhash_valid,
            "sendTransaction": sending.send,
            "simulateTransaction": sending.simulate,
        }

    def answer(self, request: Any) -> Any:
        """One call, or a list of them, as parsed from JSON."""
        if isinstance(request, list) and request:
            return [self._answer_one(one) for one in request]
        return self._answer_one(request)

    def _answer_one(self, request: Any) -> Json:
        number = request.get("id") if isinstance(request, dict) else None
        try:
            outcome: Json = {"result": self._call(request)}
        except RpcError as exc:
            outcome = {"error": exc.body()}
        return {"jsonrpc": "2.0", **outcome, "id": number}

    def _call(self, request: Any) -> Any:
        if not isinstance(request, dict) or request.get("jsonrpc") != "2.0" or "method" not in request:
            raise RpcError(INVALID_REQUEST, "Invalid request")
        method = self._methods.get(str(request["method"]))
        if method is None:
            raise RpcError(METHOD_NOT_FOUND, "Method not found")
        try:
            return method(Params(request.get("params")))
        except (KeyError, TypeError, ValueError) as exc:
            raise RpcError(INVALID_PARAMS, f"Invalid params: {exc}") from exc

    def context(self, options: Json, value: Any, name: str = "commitment") -> Json:
        """An answer with the slot it is good for. Raises RpcError when that is too old for the caller."""
        slot = self._slots.slot(commitment(options, name))
        wanted = options.get("minContextSlot")
        if wanted is not None and slot < int(wanted):
            raise RpcError(
                CONTEXT_NOT_REACHED, "Minimum context slot has not been reached", {"contextSlot": slot}
            )
        return {"context": {"apiVersion": VERSION["solana-core"], "slot": slot}, "value": value}

    # --- accounts ----------------------------------------------------------------------------------------

    def _get_account_info(self, params: Params) -> Json:
        options = params.options(1)
        return self.context(options, show_account(self._chain.account(params.pubkey(0)), options))

    def _get_multiple_accounts(self, params: Params) -> Json:
        options = params.options(1)
        keys = [pubkey(text) for text in params.texts(0, MOST_ACCOUNTS)]
        return self.context(options, [show_account(self._chain.account(key), options) for key in keys])

    def _get_balance(self, params: Params) -> Json:
        owner = params.pubkey(0)
        self._on_owner(str(owner))
        return self.context(params.options(1), self._chain.lamports(owner))

    def _get_token_accounts_by_owner(self, params: Params) -> Json:
        owner, filters, options = params.pubkey(0), params.options(1), params.options(2)
        self._on_owner(str(owner))
        if "mint" in filters:
            mint = pubkey(str(filters["mint"]))
            account = self._chain.account(mint)
            if account is None:
                raise RpcError(INVALID_PARAMS, "Invalid param: could not find mint")
            program = account.owner
        elif "programId" in filters:
            mint, program = None, pubkey(str(filters["programId"]))
            if program not in {ids.TOKEN, ids.TOKEN_2022}:
                raise RpcError(INVALID_PARAMS, "Invalid param: unrecognized Token program id")
        else:
            raise RpcError(INVALID_PARAMS, "Invalid params: missing field `programId` or `mint`")
        found = [
            {"pubkey": str(key), "account": show_account(account, options)}
            for key, account in self._chain.ledger.owned_by_program(program)
            if account.data[32:64] == bytes(owner)
            and len(account.data) >= 165
            and (mint is None or account.data[:32] == bytes(mint))
        ]
        return self.context(options, sorted(found, key=lambda item: str(item["pubkey"])))

    # --- time --------------------------------------------------------------------------------------------

    def _get_epoch_info(self, params: Params) -> Json:
        """Height and slot of one block; the epochs themselves are of no interest here."""
        height = self._slots.height(commitment(params.options(0)))
        slot = self._slots.slot_of(height)
        return {
            "absoluteSlot": slot,
            "blockHeight": height,
            "epoch": 0,
            "slotIndex": slot,
            "slotsInEpoch": 432_000,
        }

    def _get_block_time(self, params: Params) -> int:
        """Order time: what the programs' clock shows, and therefore fast in the sandbox."""
        age = self._slots.slot() - params.integer(0)
        if age < 0:
            raise RpcError(-32004, f"Block not available for slot {params.integer(0)}")
        clock = self._chain.time
        return int(clock.now() - age * self._slots.seconds * clock.speed)

    def _get_latest_blockhash(self, params: Params) -> Json:
        options = params.options(0)
        blockhash, last = self._slots.latest(commitment(options))
        return self.context(options, {"blockhash": str(blockhash), "lastValidBlockHeight": last})

    def _is_blockhash_valid(self, params: Params) -> Json:
        options = params.options(1)
        try:
            blockhash = Hash.from_string(params.text(0))
        except ParseHashError as exc:
            raise RpcError(INVALID_PARAMS, "Invalid param: Invalid") from exc
        return self.context(options, self._slots.valid(blockhash, commitment(options)))

    # --- signatures --------------------------------------------------------------------------------------

    def _get_signature_statuses(self, params: Params) -> Json:
        history = bool(params.options(1).get("searchTransactionHistory"))
        found = [self._chain.landed.get(text) for text in params.texts(0, MOST_SIGNATURES)]
        recent = self._slots.height() - RECENT_SLOTS
        value = [
            None if landed is None or (landed.height < recent and not history) else self._status(landed)
            for landed in found
        ]
        return self.context({"commitment": "processed"}, value)

    def _status(self, landed: Landed) -> Json:
        settled = self._slots.commitment_of(landed.height)
        return {
            "slot": self._slots.slot_of(landed.height),
            "confirmations": None if settled == "finalized" else self._slots.height() - landed.height,
            "err": landed.err,
            "status": {"Ok": None} if landed.err is None else {"Err": landed.err},
            "confirmationStatus": settled,
        }


def show_account(account: Account | None, options: Json) -> Json | None:
    """An account in base64. Raises RpcError for another encoding."""
    if options.get("encoding", "base64") != "base64":
        raise RpcError(INVALID_PARAMS, "Invalid params: the sandbox speaks base64 only")
    if account is None:
        return None
    data, part = account.data, options.get("dataSlice")
    if part:
        data = data[int(part["offset"]) : int(part["offset"]) + int(part["length"])]
    return {
        "lamports": account.lamports,
        "owner": str(account.owner),
        "data": [b64encode(data).decode(), "base64"],
        "executable": account.executable,
        "rentEpoch": 2**64 - 1,
        "space": len(account.data),
    }
