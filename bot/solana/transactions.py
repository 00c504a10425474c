"""Decode a transaction into named instructions, accepting only the one canonical form of its bytes.

Pure: no I/O, no trust. `decode` refuses lookup tables (none was seen in any real transaction), so that every
account of a decoded transaction is written in it; `outline` reads those, too, for people to look at.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from solders.instruction import CompiledInstruction
from solders.message import Message, MessageAddressTableLookup, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from bot import errors
from bot.solana import programs

MAX_BYTES = 1232
"""What fits into one network packet; Solana's own limit for a transaction."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as one instruction uses it, with the flags that the message gives it."""

    name: str
    key: Pubkey
    signer: bool
    writable: bool
    entry: int | None = None
    """In an outline: which entry of the lookup table at `key` the account is."""

    @property
    def address(self) -> str:
        """For people: the account itself, or where it is to be looked up."""
        return str(self.key) if self.entry is None else f"{self.key}[{self.entry}]"


@dataclass(frozen=True, slots=True)
class Instruction:
    index: int
    program: Pubkey
    layout: programs.Instruction | None
    """None = a program or tag that we do not know."""
    args: dict[str, Any] | None
    """None = not decodable: unknown layout, or data that is not exactly of that layout."""
    accounts: tuple[Account, ...]
    data: bytes

    @property
    def program_name(self) -> str:
        return programs.ids.NAMES.get(self.program, str(self.program))

    @property
    def name(self) -> str:
        return self.layout.name if self.layout else "unknown"

    @property
    def keys(self) -> list[Pubkey]:
        return [account.key for account in self.accounts]


@dataclass(frozen=True, slots=True)
class Decoded:
    transaction: VersionedTransaction
    message_bytes: bytes
    """What a signature covers."""
    version: str
    """`legacy` or `0`."""
    keys: tuple[Pubkey, ...]
    signers: int
    """The first this many keys must sign; the very first pays the fee."""
    writable: frozenset[Pubkey]
    blockhash: str
    instructions: tuple[Instruction, ...]


def read(text: str) -> VersionedTransaction:
    """The transaction in base64 text, as lenient as the library is. Raises ValueError if there is none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ValueError("not base64") from exc
    try:
        return VersionedTransaction.from_bytes(raw)
    except Exception as exc:  # solders raises several kinds for bytes that are no transaction
        raise ValueError(f"not a transaction: {exc}") from exc


def decode(text: str) -> Decoded:
    """Decode base64 text. Raises TransactionMismatch with rule G1, G2, G3 or G5."""
    decoded = outline(text)
    message = decoded.transaction.message
    if isinstance(message, MessageV0) and message.address_table_lookups:
        raise errors.TransactionMismatch("uses address lookup tables", rule="G5")
    return decoded


def outline(text: str) -> Decoded:
    """The same for reading only: accounts may come out of lookup tables, which nobody looked into.

    Raises TransactionMismatch with rule G1, G2 or G3.
    """
    try:
        transaction = read(text)
    except ValueError as exc:
        raise errors.TransactionMismatch(str(exc), rule="G1") from exc
    raw = bytes(transaction)
    if base64.b64encode(raw).decode() != text:
        raise errors.TransactionMismatch(
            "the bytes are not the canonical form of the transaction in them", rule="G1"
        )
    if len(raw) > MAX_BYTES:
        raise errors.TransactionMismatch(f"{len(raw)} bytes; at most {MAX_BYTES} can be sent", rule="G1")
    message = transaction.message
    if not isinstance(message, (Message, MessageV0)):
        raise errors.TransactionMismatch("neither a legacy nor a version 0 message", rule="G2")
    keys = tuple(message.account_keys)
    header = message.header
    signers = header.num_required_signatures
    if len(set(keys)) != len(keys):
        raise errors.TransactionMismatch("an account is listed twice", rule="G3")
    if not header.num_readonly_signed_accounts < signers <= len(keys):
        raise errors.TransactionMismatch("the header's signers make no sense", rule="G3")
    if header.num_readonly_unsigned_accounts > len(keys) - signers:
        raise errors.TransactionMismatch("the header counts more accounts than there are", rule="G3")
    if len(transaction.signatures) != signers:
        raise errors.TransactionMismatch(
            f"{len(transaction.signatures)} signature slots for {signers} signers", rule="G3"
        )
    writable = frozenset(
        keys[: signers - header.num_readonly_signed_accounts]
        + keys[signers : len(keys) - header.num_readonly_unsigned_accounts]
    )
    players = [
        Account("account", key, signer=place < signers, writable=key in writable)
        for place, key in enumerate(keys)
    ]
    if isinstance(message, MessageV0):
        players += _looked_up(message.address_table_lookups)
    return Decoded(
        transaction=transaction,
        message_bytes=to_bytes_versioned(message),
        version="legacy" if isinstance(message, Message) else "0",
        keys=keys,
        signers=signers,
        writable=writable,
        blockhash=str(message.recent_blockhash),
        instructions=tuple(
            _instruction(index, compiled, keys, players)
            for index, compiled in enumerate(message.instructions)
        ),
    )


def _looked_up(tables: Sequence[MessageAddressTableLookup]) -> list[Account]:
    """Accounts that follow those in the message: first the writable ones of all tables, then the others."""
    return [
        Account("account", table.account_key, signer=False, writable=writable, entry=entry)
        for writable in (True, False)
        for table in tables
        for entry in (table.writable_indexes if writable else table.readonly_indexes)
    ]


def _instruction(
    index: int, compiled: CompiledInstruction, keys: tuple[Pubkey, ...], players: list[Account]
) -> Instruction:
    if compiled.program_id_index >= len(keys) or any(place >= len(players) for place in compiled.accounts):
        raise errors.TransactionMismatch("an account index is out of range", rule="G3", instruction=index)
    if compiled.program_id_index == 0:
        raise errors.TransactionMismatch("the fee payer is called as a program", rule="G3", instruction=index)
    program, data = keys[compiled.program_id_index], bytes(compiled.data)
    layout = programs.find(program, data)
    args = None
    if layout is not None:
        try:
            args = layout.decode(data)
        except ValueError:
            args = None
    slots = (layout.slots if layout else None) or ()
    accounts = []
    for place, number in enumerate(compiled.accounts):
        name = slots[place].name if place < len(slots) else "extra_signer" if slots else "account"
        accounts.append(replace(players[number], name=name))
    return Instruction(index, program, layout, args, tuple(accounts), data)
