"""Order accounts: their data, what becomes of them, and how the emulated programs refuse."""

from dataclasses import dataclass

from solders.account import Account
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from bot.sandbox import steps
from bot.solana import programs
from bot.solana.programs import accounts, ids

State = accounts.Dca | accounts.ValueAverage
"""The data of an order account."""

# Error codes of Anchor and of the DCA program (from its IDL; VA's are assumed to be alike).
UNKNOWN_INSTRUCTION = 101
UNREADABLE_INSTRUCTION = 102
WRONG_SEEDS = 2006
TOO_FEW_ACCOUNTS = 3005
WRONG_OWNER_PROGRAM = 3007
NOT_A_SIGNER = 3010
NOT_INITIALIZED = 3012
INVALID_AMOUNT = 6000
INVALID_CYCLE_AMOUNT = 6001
INVALID_PAIR = 6002
TOO_FREQUENT = 6003
WRONG_USER = 6007
INSUFFICIENT_BALANCE = 6012
INVALID_DEPOSIT = 6013
ADDRESS_MISMATCH = 6023


class Refused(Exception):
    """What an emulated program answers with instead of succeeding."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of an order account when the transaction succeeds."""

    order: Pubkey
    state: State
    opened: bool = False
    closed: bool = False
    """The account goes away and its rent goes back to the user."""


def program_of(state: State) -> Pubkey:
    return ids.DCA if isinstance(state, accounts.Dca) else ids.VA


def parse(account: Account) -> State:
    """An order from its account, by the program that owns it. Raises ValueError."""
    if account.owner == ids.DCA:
        return accounts.Dca.parse(account.data)
    if account.owner == ids.VA:
        return accounts.ValueAverage.parse(account.data)
    raise ValueError("not an order")


def balance(account: Account | None) -> int:
    """Base units in a token account; 0 when there is none."""
    return 0 if account is None else accounts.TokenAccount.parse(account.data).amount


def in_left(state: State) -> int:
    """Input that is still in the order."""
    return state.in_deposited - state.in_used - state.in_withdrawn


def out_waiting(state: State) -> int:
    """Output that was received and not paid out yet."""
    return max(0, state.out_received - state.out_withdrawn)


def open_order(
    state: State, order: Pubkey, payer: Pubkey, source: Pubkey, authority: Pubkey
) -> list[Instruction]:
    """Make an order's account and both vaults, and fund it from a token account."""
    return [
        steps.create_account(payer, order, state.SIZE, program_of(state)),
        steps.create_ata(payer, order, state.input_mint),
        steps.create_ata(payer, order, state.output_mint),
        steps.move(source, programs.ata(order, state.input_mint), authority, state.in_deposited),
    ]
