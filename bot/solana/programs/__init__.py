"""The programs that take part in our transactions, described once as data.

The decoder, the signing policy and the sandbox all read these descriptions. No I/O here.

    from bot.solana import programs
    programs.instruction(programs.ids.VA, "deposit").encode({"amount": 1})
"""

from typing import Any

from solders.instruction import Instruction as RawInstruction
from solders.pubkey import Pubkey

from bot.solana.programs import accounts, codec, derive, ids, jupiter, layouts, native
from bot.solana.programs.derive import ata, dca_order, event_authority, va_intermediate, va_order
from bot.solana.programs.layouts import Instruction, Role, cast

__all__ = [
    "Instruction",
    "Role",
    "accounts",
    "ata",
    "build",
    "cast",
    "codec",
    "dca_order",
    "derive",
    "encode",
    "event_authority",
    "find",
    "ids",
    "instruction",
    "jupiter",
    "layouts",
    "native",
    "va_intermediate",
    "va_order",
]

_TAG_SIZE = {
    ids.SYSTEM: 4,
    ids.TOKEN: 1,
    ids.TOKEN_2022: 1,
    ids.ATA: 1,
    ids.COMPUTE_BUDGET: 1,
    ids.MEMO: 0,
    ids.MEMO_V1: 0,
    ids.DCA: 8,
    ids.VA: 8,
}
_ALL = (*jupiter.ALL, *native.ALL, *native.MEMO)
_BY_TAG = {(layout.program, layout.tag): layout for layout in (*_ALL, native.CREATE_ATA_EMPTY)}
_BY_NAME = {(layout.program, layout.name): layout for layout in _ALL}


def instruction(program: Pubkey, name: str) -> Instruction:
    """The layout with this name. Raises KeyError."""
    return _BY_NAME[program, name]


def find(program: Pubkey, data: bytes) -> Instruction | None:
    """The layout that instruction data claims to follow; None = unknown program or tag."""
    size = _TAG_SIZE.get(program)
    return None if size is None else _BY_TAG.get((program, data[:size]))


def encode(program: Pubkey, name: str, args: dict[str, Any] | None = None) -> bytes:
    """Instruction data. Raises KeyError for an unknown instruction, ValueError for unfit arguments."""
    return instruction(program, name).encode(args)


def build(
    program: Pubkey, name: str, args: dict[str, Any] | None, accounts_by_slot: dict[str, Pubkey]
) -> RawInstruction:
    """A whole instruction; accounts by slot name or by role (see `cast`)."""
    return instruction(program, name).build(args, accounts_by_slot)
