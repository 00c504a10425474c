"""Take transactions apart and put them together, below the level of what they mean."""

import math
from collections.abc import Collection, Sequence

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0, MessageV1, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot.solana import programs
from bot.solana.programs import ids

LAMPORTS_PER_SIGNATURE = 5_000
DEFAULT_UNITS = 200_000
"""Compute units that an instruction gets when nothing was asked for."""
MAX_UNITS = 1_400_000


def decompile(message: Message | MessageV0 | MessageV1) -> list[Instruction]:
    """The instructions with their accounts spelled out. Raises IndexError for an index out of range."""
    keys, header = message.account_keys, message.header
    signed = header.num_required_signatures
    writable_signed = signed - header.num_readonly_signed_accounts
    writable = len(keys) - header.num_readonly_unsigned_accounts

    def meta(index: int) -> AccountMeta:
        can_write = index < writable_signed if index < signed else index < writable
        return AccountMeta(keys[index], is_signer=index < signed, is_writable=can_write)

    return [
        Instruction(
            keys[compiled.program_id_index], bytes(compiled.data), [meta(i) for i in compiled.accounts]
        )
        for compiled in message.instructions
    ]


def unsigned(instructions: Sequence[Instruction], payer: Pubkey, blockhash: Hash) -> VersionedTransaction:
    """A legacy transaction with empty signatures."""
    message = Message.new_with_blockhash(list(instructions), payer, blockhash)
    return VersionedTransaction.populate(
        message, [Signature.default()] * message.header.num_required_signatures
    )


def sign(transaction: VersionedTransaction, *signers: Keypair) -> VersionedTransaction:
    """Fill in the signatures of these signers; others stay as they are."""
    message = transaction.message
    data = to_bytes_versioned(message)
    by_key = {signer.pubkey(): signer.sign_message(data) for signer in signers}
    signatures = [
        by_key.get(key, old) for key, old in zip(message.account_keys, transaction.signatures, strict=False)
    ]
    return VersionedTransaction.populate(message, signatures)


def badly_signed(transaction: VersionedTransaction, but: Collection[Pubkey] = ()) -> bool:
    """Whether a required signature is missing or wrong; `but` need not sign."""
    try:
        results = transaction.verify_with_results()
    except ValueError:
        return True
    keys = transaction.message.account_keys
    return len(results) != transaction.message.header.num_required_signatures or any(
        not good and key not in but for good, key in zip(results, keys, strict=False)
    )


def fee_of(message: Message | MessageV0 | MessageV1) -> int:
    """Lamports: 5,000 a signature, and the priority fee that the compute budget instructions ask for."""
    limit, price, others = None, 0, 0
    for instruction in decompile(message):
        if instruction.program_id != ids.COMPUTE_BUDGET:
            others += 1
            continue
        layout = programs.find(ids.COMPUTE_BUDGET, instruction.data)
        if layout is None or layout.args is None:
            continue
        args = layout.decode(instruction.data)
        limit = args.get("units", limit)
        price = args.get("micro_lamports", price)
    units = min(MAX_UNITS, DEFAULT_UNITS * others if limit is None else limit)
    signatures: int = message.header.num_required_signatures
    return LAMPORTS_PER_SIGNATURE * signatures + math.ceil(units * price / 1_000_000)


def kind_of(message: Message | MessageV0 | MessageV1) -> str:
    """What a transaction without any instruction of Jupiter's is about."""
    names = []
    for instruction in decompile(message):
        layout = programs.find(instruction.program_id, instruction.data)
        if instruction.program_id != ids.COMPUTE_BUDGET:
            names.append(layout.name if layout else "")
    if names == ["CloseAccount"]:
        return "unwrap"
    return "send" if {"Transfer", "TransferChecked"} & {*names} else "other"
