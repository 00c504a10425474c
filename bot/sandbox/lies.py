"""Lies on demand: what a compromised API could hand out instead of what was asked for.

Each turns good instructions into ones that a careful signer refuses. The gain always goes to LIAR.
"""

from collections.abc import Callable
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bot.sandbox import steps
from bot.solana import programs
from bot.solana.programs import ids

LIAR = Keypair.from_seed(b"the lying service of the sandbox").pubkey()
GREEDY_MICRO_LAMPORTS = 2_000_000_000

_AMOUNTS = {"in_amount", "in_amount_per_cycle", "amount"}


@dataclass(frozen=True, slots=True)
class Crafted:
    instructions: list[Instruction]
    payer: Pubkey


def tell(lie: str, crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """The transaction with the lie in it; unchanged if this transaction has no place for it.

    `mint` is the input mint. Raises KeyError for an unknown lie.
    """
    return _TRANSACTION_LIES[lie](crafted, user, mint)


def _amount(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """Everything that moves is ten times as much, the wrap included; "everything" becomes a number."""

    def change(layout: programs.Instruction, args: dict[str, object]) -> dict[str, object]:
        return {
            name: (value * 10 if isinstance(value, int) else 1)
            if name in _AMOUNTS or (name == "lamports" and layout.program == ids.SYSTEM)
            else value
            for name, value in args.items()
        }

    return _rewrite(crafted, change, _is_core_or_wrap)


def _order(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """Another order takes this one's place, with vaults of its own."""
    own = next((order for order in map(_order_of, crafted.instructions) if order), None)
    if own is None:
        return crafted
    other = programs.derive.order(ids.VA, LIAR, ids.USDC_MINT, ids.WSOL_MINT, 1)
    swaps = {own: other, programs.va_intermediate(own): programs.va_intermediate(other)}
    for token in {key for instruction in crafted.instructions for key in _keys(instruction)}:
        swaps[programs.ata(own, token)] = programs.ata(other, token)
    return _swap(crafted, swaps)


def _transfer(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    return _append(crafted, steps.send_lamports(user, LIAR, 1_000_000_000))


def _approve(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    accounts = {"source": programs.ata(user, mint), "delegate": LIAR, "owner": user}
    return _append(crafted, programs.build(ids.TOKEN, "Approve", {"amount": 2**64 - 1}, accounts))


def _set_authority(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """The wallet's token account gets a new owner."""
    metas = [
        AccountMeta(programs.ata(user, mint), is_signer=False, is_writable=True),
        AccountMeta(user, is_signer=True, is_writable=False),
    ]
    return _append(crafted, Instruction(ids.TOKEN, b"\x06\x02\x01" + bytes(LIAR), metas))


def _nonce(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """A durable nonce in place of a blockhash: such a transaction never expires."""
    metas = [
        AccountMeta(LIAR, is_signer=False, is_writable=True),
        AccountMeta(
            Pubkey.from_string("SysvarRecentB1ockHashes11111111111111111111"),
            is_signer=False,
            is_writable=False,
        ),
        AccountMeta(user, is_signer=True, is_writable=False),
    ]
    advance = Instruction(ids.SYSTEM, b"\x04\0\0\0", metas)
    return Crafted([advance, *crafted.instructions], crafted.payer)


def _fee_payer(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    return Crafted(crafted.instructions, LIAR)


def _priority_fee(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    def change(layout: programs.Instruction, args: dict[str, object]) -> dict[str, object]:
        return {name: GREEDY_MICRO_LAMPORTS if name == "micro_lamports" else args[name] for name in args}

    return _rewrite(crafted, change, lambda layout: layout.program == ids.COMPUTE_BUDGET)


def _destination(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """Whatever would come to the person's token accounts goes to the liar's."""
    tokens = {key for instruction in crafted.instructions for key in _keys(instruction)}
    return _swap(crafted, {programs.ata(user, token): programs.ata(LIAR, token) for token in tokens})


def _price_bounds(crafted: Crafted, user: Pubkey, mint: Pubkey) -> Crafted:
    """A bound where there was none, none where there was one."""

    def change(layout: programs.Instruction, args: dict[str, object]) -> dict[str, object]:
        bounds = ("min_out_amount", "max_out_amount")
        return {name: (None if value else 1) if name in bounds else value for name, value in args.items()}

    return _rewrite(crafted, change, lambda layout: layout.name == "open_dca_v2")


_TRANSACTION_LIES: dict[str, Callable[[Crafted, Pubkey, Pubkey], Crafted]] = {
    "amount": _amount,
    "order": _order,
    "transfer": _transfer,
    "approve": _approve,
    "set_authority": _set_authority,
    "nonce": _nonce,
    "fee_payer": _fee_payer,
    "priority_fee": _priority_fee,
    "destination": _destination,
    "price_bounds": _price_bounds,
}
IN_TRANSACTIONS = frozenset(_TRANSACTION_LIES)
IN_ANSWERS = frozenset({"foreign_order", "decimals"})
"""Told by the lists of orders and of tokens."""
ALL = IN_TRANSACTIONS | IN_ANSWERS


def _is_core_or_wrap(layout: programs.Instruction) -> bool:
    return layout.program in {ids.DCA, ids.VA} or (layout.program == ids.SYSTEM and layout.name == "Transfer")


def _rewrite(
    crafted: Crafted,
    change: Callable[[programs.Instruction, dict[str, object]], dict[str, object]],
    wanted: Callable[[programs.Instruction], bool],
) -> Crafted:
    """The same with other arguments in the instructions that are wanted."""
    changed = []
    for instruction in crafted.instructions:
        layout = programs.find(instruction.program_id, instruction.data)
        data = bytes(instruction.data)
        if layout is not None and wanted(layout):
            data = layout.encode(change(layout, layout.decode(data)))
        changed.append(Instruction(instruction.program_id, data, instruction.accounts))
    return Crafted(changed, crafted.payer)


def _swap(crafted: Crafted, swaps: dict[Pubkey, Pubkey]) -> Crafted:
    """The same with other accounts."""
    return Crafted(
        [
            Instruction(
                instruction.program_id,
                bytes(instruction.data),
                [
                    AccountMeta(swaps.get(meta.pubkey, meta.pubkey), meta.is_signer, meta.is_writable)
                    for meta in instruction.accounts
                ],
            )
            for instruction in crafted.instructions
        ],
        crafted.payer,
    )


def _append(crafted: Crafted, instruction: Instruction) -> Crafted:
    return Crafted([*crafted.instructions, instruction], crafted.payer)


def _keys(instruction: Instruction) -> list[Pubkey]:
    return [meta.pubkey for meta in instruction.accounts]


def _order_of(instruction: Instruction) -> Pubkey | None:
    """The order account of an instruction of Jupiter's."""
    layout = programs.find(instruction.program_id, instruction.data)
    if layout is None or instruction.program_id not in {ids.DCA, ids.VA}:
        return None
    if layout.slots is None:
        return _keys(instruction)[1]  # the closing of a price order, as crafted here
    for slot, key in zip(layout.slots, _keys(instruction), strict=False):
        if slot.role == programs.Role.ORDER:
            return key
    return None
