"""Build our own transactions, Send and Unwrap, in the form that the signing policy accepts. Pure."""

import base64

from solders.hash import Hash
from solders.instruction import Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot.domain import intents
from bot.solana import programs
from bot.solana.programs import ids, native

MICRO_LAMPORTS = 100_000
"""Price per compute unit: at most 10,000 lamports for the largest of these transactions."""
_SOL_UNITS = 2_000
_TOKEN_UNITS = 100_000
_UNWRAP_UNITS = 10_000


def send(
    intent: intents.Send, blockhash: str, *, create_account: bool, priority_cap: int | None = None
) -> str:
    """An unsigned transfer (base64); `create_account` opens the receiver's token account on the way."""
    user, to = Pubkey.from_string(intent.user), Pubkey.from_string(intent.to)
    if intent.mint is None:
        transfer = native.TRANSFER_SOL.build({"lamports": intent.amount_raw}, {"from": user, "to": to})
        return _unsigned(user, [*_budget(_SOL_UNITS, priority_cap), transfer], blockhash)
    mint = Pubkey.from_string(intent.mint)
    destination = programs.ata(to, mint)
    instructions = _budget(_TOKEN_UNITS, priority_cap)
    if create_account:
        instructions.append(creation(user, to, mint))
    instructions.append(
        native.TRANSFER_CHECKED.build(
            {"amount": intent.amount_raw, "decimals": intent.decimals},
            {
                "source": programs.ata(user, mint),
                "mint": mint,
                "destination": destination,
                "authority": user,
            },
        )
    )
    return _unsigned(user, instructions, blockhash)


def unwrap(intent: intents.Unwrap, blockhash: str, *, priority_cap: int | None = None) -> str:
    """An unsigned closing of the wallet's wrapped-SOL account (base64)."""
    user = Pubkey.from_string(intent.user)
    account = programs.ata(user, ids.WSOL_MINT)
    close = native.CLOSE_ACCOUNT.build({}, {"account": account, "destination": user, "owner": user})
    return _unsigned(user, [*_budget(_UNWRAP_UNITS, priority_cap), close], blockhash)


def creation(payer: Pubkey, owner: Pubkey, mint: Pubkey) -> Instruction:
    """Creation of an owner's token account, which does nothing where it exists."""
    return native.CREATE_ATA_IDEMPOTENT.build(
        {},
        {
            "payer": payer,
            "ata": programs.ata(owner, mint),
            "owner": owner,
            "mint": mint,
            "system_program": ids.SYSTEM,
            "token_program": ids.TOKEN,
        },
    )


def _budget(units: int, priority_cap: int | None) -> list[Instruction]:
    price = MICRO_LAMPORTS
    if priority_cap is not None:
        price = min(price, priority_cap * 1_000_000 // units)
    return [
        native.SET_COMPUTE_UNIT_LIMIT.build({"units": units}, {}),
        native.SET_COMPUTE_UNIT_PRICE.build({"micro_lamports": price}, {}),
    ]


def _unsigned(payer: Pubkey, instructions: list[Instruction], blockhash: str) -> str:
    message = Message.new_with_blockhash(instructions, payer, Hash.from_string(blockhash))
    return base64.b64encode(bytes(VersionedTransaction.populate(message, [Signature.default()]))).decode()
