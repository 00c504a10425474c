"""Errors of transactions, in the JSON that an RPC node answers with."""

from typing import Any

from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata
from solders.transaction_status import (
    InstructionErrorCustom,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorInsufficientFundsForRent,
)

Err = str | dict[str, Any]

_PLAIN = {
    "AccountNotFound": "Attempt to debit an account but found no record of a prior credit.",
    "AlreadyProcessed": "This transaction has already been processed",
    "BlockhashNotFound": "Blockhash not found",
    "InsufficientFundsForFee": "Insufficient funds for fee",
    "InvalidProgramForExecution": "This program may not be used for executing instructions",
    "ProgramAccountNotFound": "Attempt to load a program that does not exist",
    "SignatureFailure": "Transaction did not pass signature verification",
}


class Dropped(Exception):
    """The transaction never gets into a block: no fee is taken, nothing is recorded."""

    def __init__(self, err: Err, logs: list[str] | None = None) -> None:
        super().__init__(explain(err))
        self.err = err
        self.logs = logs or []


def explain(err: Err) -> str:
    """In the words of an RPC node."""
    if isinstance(err, str):
        return _PLAIN.get(err, err)
    if "InstructionError" in err:
        index, inner = err["InstructionError"]
        if isinstance(inner, dict) and "Custom" in inner:
            return f"Error processing Instruction {index}: custom program error: {inner['Custom']:#x}"
        return f"Error processing Instruction {index}: {inner}"
    return "Transaction results in an account without sufficient funds for rent"


def of(result: FailedTransactionMetadata, origin: list[int]) -> Err:
    """LiteSVM's error; `origin` maps its instructions to those of the transaction that was sent."""
    err = result.err()
    if isinstance(err, TransactionErrorInstructionError):
        inner = err.err
        named = {"Custom": inner.code} if isinstance(inner, InstructionErrorCustom) else _name(inner)
        return {"InstructionError": [origin[err.index], named]}
    if isinstance(err, TransactionErrorInsufficientFundsForRent):
        return {"InsufficientFundsForRent": {"account_index": err.account_index}}
    return _name(err)


def lands(result: TransactionMetadata | FailedTransactionMetadata) -> bool:
    """Whether it gets into a block: with success, or with an error after the fee was taken."""
    return not isinstance(result, FailedTransactionMetadata) or not isinstance(
        result.err(), TransactionErrorFieldless
    )


def _name(err: object) -> str:
    text = str(err)
    return text.rpartition(".")[2] or text
