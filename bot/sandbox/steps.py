"""Single steps in plain System and Token instructions: what the emulated programs and the keeper do.

Also the instructions around Jupiter's own in the transactions that its API hands out.
"""

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from bot.solana import programs
from bot.solana.programs import accounts, ids

RENT_TOKEN_ACCOUNT = 2_039_280
"""Lamports that keep a token account (165 bytes) alive."""


def rent(size: int) -> int:
    """Lamports that keep an account of this size alive, as on mainnet: two years at 3,480 a byte-year."""
    return (128 + size) * 6_960


def set_limit(units: int) -> Instruction:
    return programs.build(ids.COMPUTE_BUDGET, "SetComputeUnitLimit", {"units": units}, {})


def set_price(micro_lamports: int) -> Instruction:
    return programs.build(ids.COMPUTE_BUDGET, "SetComputeUnitPrice", {"micro_lamports": micro_lamports}, {})


def create_account(payer: Pubkey, new: Pubkey, size: int, owner: Pubkey) -> Instruction:
    args = {"lamports": rent(size), "space": size, "owner": owner}
    return programs.build(ids.SYSTEM, "CreateAccount", args, {"from": payer, "new_account": new})


def send_lamports(source: Pubkey, to: Pubkey, lamports: int) -> Instruction:
    return programs.build(ids.SYSTEM, "Transfer", {"lamports": lamports}, {"from": source, "to": to})


def create_ata(payer: Pubkey, owner: Pubkey, mint: Pubkey, program: Pubkey = ids.TOKEN) -> Instruction:
    """Create the owner's associated token account unless it is there already."""
    return programs.build(
        ids.ATA,
        "CreateIdempotent",
        {},
        {
            "payer": payer,
            "ata": programs.ata(owner, mint, program),
            "owner": owner,
            "mint": mint,
            "system_program": ids.SYSTEM,
            "token_program": program,
        },
    )


def move(
    source: Pubkey, to: Pubkey, authority: Pubkey, amount: int, program: Pubkey = ids.TOKEN
) -> Instruction:
    """Transfer tokens between two token accounts of one mint."""
    return programs.build(
        program,
        "Transfer",
        {"amount": amount},
        {"source": source, "destination": to, "authority": authority},
    )


def sync_native(account: Pubkey) -> Instruction:
    return programs.build(ids.TOKEN, "SyncNative", {}, {"account": account})


def close(account: Pubkey, to: Pubkey, owner: Pubkey) -> Instruction:
    """Close a token account; its lamports (all of them, if it holds wrapped SOL) go to `to`."""
    return programs.build(
        ids.TOKEN, "CloseAccount", {}, {"account": account, "destination": to, "owner": owner}
    )


def open_token_account(payer: Pubkey, new: Pubkey, mint: Pubkey, owner: Pubkey) -> list[Instruction]:
    """A token account at an address of its own."""
    return [
        create_account(payer, new, accounts.TOKEN_ACCOUNT_SIZE, ids.TOKEN),
        programs.build(ids.TOKEN, "InitializeAccount3", {"owner": owner}, {"account": new, "mint": mint}),
    ]


def unwrap_part(
    vault: Pubkey, through: Pubkey, authority: Pubkey, to: Pubkey, amount: int
) -> list[Instruction]:
    """Pay wrapped SOL out as native SOL, through a token account that lives for this transaction only."""
    return [
        *open_token_account(to, through, ids.WSOL_MINT, authority),
        move(vault, through, authority, amount),
        close(through, to, authority),
    ]


def memo(text: str) -> Instruction:
    return Instruction(ids.MEMO, text.encode(), [])


def close_own_wsol(user: Pubkey) -> Instruction:
    """Unwrap what is left, with the second mention of the owner that the service's own transactions have."""
    plain = close(programs.ata(user, ids.WSOL_MINT), user, user)
    again = AccountMeta(user, is_signer=True, is_writable=True)
    return Instruction(plain.program_id, plain.data, [*plain.accounts, again])
