"""Emulation of Jupiter's DCA and VA programs: their instructions are lowered to System and Token ones.

The programs' binaries are not to be had, so each of their instructions is checked here as the program checks
it and replaced by native instructions with the same effect on money, which LiteSVM executes for real, with
the order's own address as a signer. What remains is the order account's data: it is written afterwards, at
the documented offsets, when everything succeeded. Pure: reads accounts, changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from bot.sandbox import emulation, orderstate
from bot.solana.programs import ids

FAILS = Instruction(ids.SYSTEM, b"", [])
"""Stands where an emulated program refuses: it fails in LiteSVM, fees are taken and the rest is undone."""


@dataclass(slots=True)
class Lowered:
    instructions: list[Instruction] = field(default_factory=list)
    origin: list[int] = field(default_factory=list)
    """For each lowered instruction the index of the one that it stands for."""
    authorities: list[Pubkey] = field(default_factory=list)
    """Addresses of the programs' own that sign without a signature."""
    effects: dict[Pubkey, orderstate.Effect] = field(default_factory=dict)
    """By order account."""
    kind: str = ""
    """What the transaction is about, if it contains an instruction of Jupiter's."""
    refusal: orderstate.Refused | None = None
    refused_at: int = -1


def lower(instructions: Sequence[Instruction], read: emulation.Read, now: int) -> Lowered:
    """Replace what LiteSVM cannot run. `now` is order time."""
    lowered = Lowered()
    for index, instruction in enumerate(instructions):
        parts = [instruction]
        if instruction.program_id in {ids.DCA, ids.VA}:
            call = emulation.Call(instruction, read, now, lowered.effects)
            try:
                parts = call.run()
            except orderstate.Refused as refusal:
                lowered.refusal, lowered.refused_at = refusal, index
                parts = [FAILS]
            lowered.kind = call.kind or lowered.kind
            lowered.authorities += call.authorities
        lowered.instructions += parts
        lowered.origin += [index] * len(parts)
        if lowered.refusal:
            break
    return lowered
