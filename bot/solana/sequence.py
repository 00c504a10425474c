"""Walk through a transaction's instructions in the only order that the policy accepts.

    compute limit, compute price [, loaded data limit]   always, and first
    idempotent creations of token accounts               each account once
    transfer + sync of wrapped SOL                        at most once
    what was confirmed                                    the kind's own instructions
    closing of the wrapped-SOL account                    at most once, and last

Every step either takes the next instruction or leaves it to the following step; `end` refuses what is left.
"""

from collections.abc import Mapping
from typing import Any

from solders.pubkey import Pubkey

from bot import errors
from bot.solana import programs, transactions
from bot.solana.programs import ids, native

MAX_COMPUTE_UNITS = 1_400_000
"""The runtime's limit for one transaction."""
_PROGRAM_RULES = {
    ids.SYSTEM: "G9",
    ids.TOKEN: "G10",
    ids.ATA: "G11",
    ids.COMPUTE_BUDGET: "G8",
    ids.MEMO: "G13",
    ids.MEMO_V1: "G13",
}


def refuse(
    reason: str, rule: str, instruction: transactions.Instruction | None = None
) -> errors.TransactionMismatch:
    """The refusal of an instruction, which is named in the reason."""
    if instruction is None:
        return errors.TransactionMismatch(reason, rule=rule)
    named = f"#{instruction.index} {instruction.program_name} {instruction.name}: {reason}"
    return errors.TransactionMismatch(named, rule=rule, instruction=instruction.index)


class Sequence:
    """A cursor over the instructions."""

    def __init__(self, decoded: transactions.Decoded, core_programs: frozenset[Pubkey]) -> None:
        self._rest = list(reversed(decoded.instructions))
        allowed = core_programs | {ids.COMPUTE_BUDGET, ids.SYSTEM, ids.TOKEN, ids.ATA}
        for instruction in decoded.instructions:
            if instruction.program not in allowed:
                rule = _PROGRAM_RULES.get(instruction.program, "G7")
                raise refuse("this program has no part in what was confirmed", rule, instruction)
            if instruction.layout is None:
                rule = _PROGRAM_RULES.get(instruction.program, "G15")
                raise refuse("unknown instruction", rule, instruction)

    def take(self, layout: programs.Instruction) -> transactions.Instruction | None:
        """The next instruction if it has this layout; its arguments are decoded then."""
        if not self._rest or self._rest[-1].layout is not layout:
            return None
        instruction = self._rest.pop()
        if instruction.args is None:
            rule = _PROGRAM_RULES.get(instruction.program, "G16")
            raise refuse(
                f"data of {len(instruction.data)} bytes is not exactly its arguments", rule, instruction
            )
        return instruction

    def must_take(self, layout: programs.Instruction, rule: str = "G15") -> transactions.Instruction:
        instruction = self.take(layout)
        if instruction is None:
            if not self._rest:
                raise refuse(f"{layout.name} is missing", rule)
            found = self._rest[-1]
            rule = _PROGRAM_RULES.get(found.program, rule)
            raise refuse(f"{layout.name} was expected here", rule, found)
        return instruction

    def end(self) -> None:
        if self._rest:
            instruction = self._rest[-1]
            rule = _PROGRAM_RULES.get(instruction.program, "G15")
            raise refuse("nobody confirmed this, at this place", rule, instruction)

    def budget(self, cap_lamports: int) -> int:
        """Compute limit and price; returns the priority fee in lamports, at most the cap."""
        limit = self.must_take(native.SET_COMPUTE_UNIT_LIMIT, "G8")
        price = self.must_take(native.SET_COMPUTE_UNIT_PRICE, "G8")
        loaded = self.take(native.SET_LOADED_DATA_LIMIT)
        for instruction in (limit, price, loaded):
            if instruction is not None and instruction.accounts:
                raise refuse("takes no accounts", "G8", instruction)
        units: int = argument(limit, "units")
        if units > MAX_COMPUTE_UNITS:
            raise refuse(f"{units} compute units, more than a transaction can have", "G8", limit)
        micro_lamports: int = argument(price, "micro_lamports")
        fee = -(-units * micro_lamports // 1_000_000)
        if fee > cap_lamports:
            refusal = refuse(
                f"priority fee of {fee} lamports, at most {cap_lamports} were confirmed", "G8", price
            )
            raise errors.FeeAboveCap(
                refusal.reason, fee_lamports=fee, cap_lamports=cap_lamports, instruction=refusal.instruction
            )
        return fee

    def creations(self, payer: Pubkey, allowed: Mapping[Pubkey, tuple[Pubkey, Pubkey]]) -> frozenset[Pubkey]:
        """Idempotent creations of these token accounts (address → owner, mint); returns those there are."""
        created: set[Pubkey] = set()
        while (instruction := self.take(native.CREATE_ATA_IDEMPOTENT)) is not None:
            keys = instruction.keys
            account = keys[1] if len(keys) == 6 else None
            if account is None or account not in allowed:
                raise refuse(
                    "creates a token account that has no part in what was confirmed", "G11", instruction
                )
            if account in created:
                raise refuse("creates the same token account again", "G11", instruction)
            owner, mint = allowed[account]
            exactly(instruction, [payer, account, owner, mint, ids.SYSTEM, ids.TOKEN], "G11")
            created.add(account)
        return frozenset(created)

    def wrap(self, user: Pubkey, account: Pubkey, lamports: int) -> bool:
        """Wrapping of exactly this many lamports into the user's wrapped-SOL account, or nothing."""
        transfer = self.take(native.TRANSFER_SOL)
        if transfer is None:
            return False
        exactly(transfer, [user, account], "G9")
        equal(transfer, "lamports", lamports, "G9")
        exactly(self.must_take(native.SYNC_NATIVE, "G10"), [account], "G10")
        return True

    def close_wrapped(self, user: Pubkey, account: Pubkey) -> bool:
        """Closing of the user's wrapped-SOL account to the user, or nothing.

        The documentation's own example names the user once more, as the only member of a multisig.
        """
        instruction = self.take(native.CLOSE_ACCOUNT)
        if instruction is None:
            return False
        expected = [account, user, user]
        exactly(instruction, expected + [user] * (len(instruction.accounts) == 4), "G12")
        return True


def argument(instruction: transactions.Instruction, name: str) -> Any:
    """An argument of an instruction that `take` returned."""
    if instruction.args is None:
        raise refuse("undecoded", "G16", instruction)
    return instruction.args[name]


def equal(instruction: transactions.Instruction, name: str, confirmed: object, rule: str = "G16") -> None:
    """Refuse unless the argument is what was confirmed."""
    value = argument(instruction, name)
    if value != confirmed:
        raise refuse(f"{name} is {value}, confirmed was {confirmed}", rule, instruction)


def exactly(instruction: transactions.Instruction, expected: list[Pubkey], rule: str = "G16") -> None:
    """Refuse unless the accounts are these, in this order."""
    if len(instruction.accounts) != len(expected):
        raise refuse(f"{len(instruction.accounts)} accounts instead of {len(expected)}", rule, instruction)
    for account, key in zip(instruction.accounts, expected, strict=True):
        if account.key != key:
            raise refuse(f"{account.name} is {account.key}, must be {key}", rule, instruction)
