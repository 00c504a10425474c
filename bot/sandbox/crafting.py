"""The unsigned transactions that Jupiter's API hands out, in the shapes of its real ones.

Compute limit and price first, then the token account that pays, the wrap where SOL goes in, the one
instruction that matters, and the closing of the wrapped-SOL account. Pure, but for reading order accounts.
"""

from dataclasses import dataclass
from decimal import Decimal

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from bot.sandbox import orderstate, steps
from bot.sandbox.prices import decimals
from bot.solana import programs
from bot.solana.programs import accounts, ids
from bot.solana.programs.layouts import Role

MICRO_LAMPORTS = 200_000
"""Per compute unit, as in every real example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    user: Pubkey
    input_mint: Pubkey
    output_mint: Pubkey
    amount: int
    number_of_orders: int
    interval_s: int
    min_price: Decimal | None
    """Input for one output, both in whole tokens."""
    max_price: Decimal | None
    start_at: int | None
    index: int
    """Unix seconds of order time."""

    @property
    def per_cycle(self) -> int:
        return self.amount // self.number_of_orders

    def output_at(self, price: Decimal | None) -> int | None:
        """Base units that one cycle buys at a price, rounded down."""
        if price is None:
            return None
        spent = Decimal(self.per_cycle).scaleb(-decimals(self.input_mint))
        return int((spent / price).scaleb(decimals(self.output_mint)))


def create(order: NewOrder) -> tuple[Pubkey, list[Instruction]]:
    """The order's address, and the instructions that open it."""
    address = programs.dca_order(order.user, order.input_mint, order.output_mint, order.index)
    args = {
        "application_idx": order.index,
        "in_amount": order.amount,
        "in_amount_per_cycle": order.per_cycle,
        "cycle_frequency": order.interval_s,
        "min_out_amount": order.output_at(order.max_price),
        "max_out_amount": order.output_at(order.min_price),
        "start_at": order.start_at,
    }
    players = programs.cast(
        program=ids.DCA,
        user=order.user,
        order=address,
        input_mint=order.input_mint,
        output_mint=order.output_mint,
    )
    core = programs.build(ids.DCA, "open_dca_v2", args, players)
    return address, _paying(order.user, order.input_mint, order.amount, core)


def cancel(address: Pubkey, state: orderstate.State) -> list[Instruction]:
    """A time order in one instruction; a price order is emptied first, side by side."""
    if isinstance(state, accounts.Dca):
        return [programs.build(ids.DCA, "close_dca", {}, _cast(address, state))]
    sides = []
    if state.in_left:
        sides += withdraw(address, state, None, "In")
    if orderstate.out_waiting(state):
        sides += withdraw(address, state, None, "Out")
    return [*sides, _close_price_order(address, state)]


def deposit(address: Pubkey, state: accounts.ValueAverage, amount: int) -> list[Instruction]:
    return _paying(state.user, state.input_mint, amount, *old_deposit(address, state, amount))


def old_deposit(address: Pubkey, state: accounts.ValueAverage, amount: int) -> list[Instruction]:
    """As `smartDeposit` answered: no token account is made, and SOL must be wrapped already."""
    return [programs.build(ids.VA, "deposit", {"amount": amount}, _cast(address, state))]


def withdraw(
    address: Pubkey, state: accounts.ValueAverage, amount: int | None, side: str
) -> list[Instruction]:
    """`amount` None takes everything of that side."""
    players = _cast(address, state, side)
    if state.output_mint == ids.WSOL_MINT:
        # SOL is handed out natively: real transactions leave the slot for its account empty.
        players[Role.USER_OUTPUT] = ids.VA
    return [programs.build(ids.VA, "withdraw", {"amount": amount, "withdrawal": side}, players)]


def with_budget(instructions: list[Instruction], units: int) -> list[Instruction]:
    return [steps.set_limit(units), steps.set_price(MICRO_LAMPORTS), *instructions]


def _paying(user: Pubkey, mint: Pubkey, amount: int, *core: Instruction) -> list[Instruction]:
    """Instructions around one that takes tokens from the user's account."""
    make = steps.create_ata(user, user, mint)
    if mint != ids.WSOL_MINT:
        return [make, *core]
    wrapped = programs.ata(user, mint)
    wrap = [steps.send_lamports(user, wrapped, amount), steps.sync_native(wrapped)]
    return [make, *wrap, *core, steps.close_own_wsol(user)]


def _close_price_order(address: Pubkey, state: accounts.ValueAverage) -> Instruction:
    """The list of VA's close is not public; this one names what it can need, and nothing else."""
    players = _cast(address, state)
    changing = (
        Role.ORDER,
        Role.ORDER_INPUT,
        Role.ORDER_OUTPUT,
        Role.USER_INPUT,
        Role.USER_OUTPUT,
        Role.INTERMEDIATE,
    )
    fixed = (
        Role.INPUT_MINT,
        Role.OUTPUT_MINT,
        Role.SYSTEM,
        Role.TOKEN,
        Role.ATA,
        Role.EVENT_AUTHORITY,
        Role.PROGRAM,
    )
    metas = [
        AccountMeta(players[Role.USER], is_signer=True, is_writable=True),
        *(AccountMeta(players[role], is_signer=False, is_writable=True) for role in changing),
        *(AccountMeta(players[role], is_signer=False, is_writable=False) for role in fixed),
    ]
    return Instruction(ids.VA, programs.encode(ids.VA, "close"), metas)


def _cast(address: Pubkey, state: orderstate.State, side: str = "In") -> dict[str, Pubkey]:
    return programs.cast(
        program=orderstate.program_of(state),
        user=state.user,
        order=address,
        input_mint=state.input_mint,
        output_mint=state.output_mint,
        side=side,
    )
