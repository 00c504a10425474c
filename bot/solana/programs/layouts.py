"""What an instruction looks like: its tag, arguments and account slots, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from solders.instruction import AccountMeta
from solders.instruction import Instruction as RawInstruction
from solders.pubkey import Pubkey

from bot.solana.programs import codec, derive, ids


class Role(StrEnum):
    """Who must stand in an account slot, in terms of an order."""

    USER = "user"
    ORDER = "order"
    INPUT_MINT = "input_mint"
    OUTPUT_MINT = "output_mint"
    USER_INPUT = "user_input"
    """ATA(user, input mint)."""
    USER_OUTPUT = "user_output"
    """ATA(user, output mint)."""
    ORDER_INPUT = "order_input"
    """ATA(order, input mint)."""
    ORDER_OUTPUT = "order_output"
    """ATA(order, output mint)."""
    ORDER_SIDE = "order_side"
    """ORDER_INPUT or ORDER_OUTPUT: the side that is withdrawn."""
    INTERMEDIATE = "intermediate"
    """PDA([order]) of the VA program."""
    SYSTEM = "system_program"
    TOKEN = "token_program"  # noqa: S105 - the name of an account slot
    ATA = "associated_token_program"
    EVENT_AUTHORITY = "event_authority"
    PROGRAM = "program"
    """The instruction's own program."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One account of an instruction."""

    name: str
    role: Role | None = None
    """Who must stand here; None where it depends on what the instruction is used for."""
    signer: bool = False
    writable: bool = False
    optional: bool = False
    """May be empty; Anchor writes an empty slot as the program's own id, flags unchanged."""


@dataclass(frozen=True, slots=True)
class Instruction:
    program: Pubkey
    name: str
    tag: bytes
    """What the data starts with."""
    args: tuple[codec.Field, ...] | None = ()
    """None = known by name only; never signed."""
    slots: tuple[Slot, ...] | None = ()
    """None = unknown account list."""

    def encode(self, args: Mapping[str, Any] | None = None) -> bytes:
        """Instruction data. Raises ValueError for arguments that do not fit."""
        if self.args is None:
            raise ValueError(f"{self.name}: arguments unknown")
        return self.tag + codec.encode(self.args, args or {})

    def decode(self, data: bytes) -> dict[str, Any]:
        """Arguments from instruction data. Raises ValueError unless the data is exactly canonical."""
        if self.args is None or not data.startswith(self.tag):
            raise ValueError(f"not the data of {self.name}")
        return codec.decode(self.args, data[len(self.tag) :])

    def metas(self, accounts: Mapping[str, Pubkey]) -> list[AccountMeta]:
        """Account metas in order, each slot filled by its name or, failing that, by its role.

        An optional slot that nobody fills is written empty. Raises KeyError for any other.
        """
        if self.slots is None:
            raise ValueError(f"{self.name}: accounts unknown")
        return [
            AccountMeta(self._fill(slot, accounts), is_signer=slot.signer, is_writable=slot.writable)
            for slot in self.slots
        ]

    def build(self, args: Mapping[str, Any] | None, accounts: Mapping[str, Pubkey]) -> RawInstruction:
        return RawInstruction(self.program, self.encode(args), self.metas(accounts))

    def _fill(self, slot: Slot, accounts: Mapping[str, Pubkey]) -> Pubkey:
        if slot.name in accounts:
            return accounts[slot.name]
        if slot.role is not None and slot.role in accounts:
            return accounts[slot.role]
        fixed = _FIXED.get(slot.role) if slot.role else None
        if fixed is not None:
            return fixed
        if slot.optional or slot.role is Role.PROGRAM:
            return self.program
        if slot.role is Role.EVENT_AUTHORITY:
            return derive.event_authority(self.program)
        raise KeyError(slot.name)


_FIXED: dict[Role, Pubkey] = {Role.SYSTEM: ids.SYSTEM, Role.TOKEN: ids.TOKEN, Role.ATA: ids.ATA}


def anchor_tag(name: str) -> bytes:
    """Discriminator of an Anchor instruction."""
    return sha256(f"global:{name}".encode()).digest()[:8]


def fields(**kinds: codec.Kind) -> tuple[codec.Field, ...]:
    return tuple(codec.Field(name, kind) for name, kind in kinds.items())


def cast(
    *,
    program: Pubkey,
    user: Pubkey,
    order: Pubkey,
    input_mint: Pubkey,
    output_mint: Pubkey,
    side: str = "In",
) -> dict[str, Pubkey]:
    """Who plays which role for an order of the DCA or the VA program."""
    order_input, order_output = derive.ata(order, input_mint), derive.ata(order, output_mint)
    players: dict[str, Pubkey] = {
        Role.USER: user,
        Role.ORDER: order,
        Role.INPUT_MINT: input_mint,
        Role.OUTPUT_MINT: output_mint,
        Role.USER_INPUT: derive.ata(user, input_mint),
        Role.USER_OUTPUT: derive.ata(user, output_mint),
        Role.ORDER_INPUT: order_input,
        Role.ORDER_OUTPUT: order_output,
        Role.ORDER_SIDE: order_input if side == "In" else order_output,
        Role.SYSTEM: ids.SYSTEM,
        Role.TOKEN: ids.TOKEN,
        Role.ATA: ids.ATA,
        Role.EVENT_AUTHORITY: {ids.DCA: ids.DCA_EVENT_AUTHORITY, ids.VA: ids.VA_EVENT_AUTHORITY}[program],
        Role.PROGRAM: program,
    }
    if program == ids.VA:
        players[Role.INTERMEDIATE] = derive.va_intermediate(order)
    return players
