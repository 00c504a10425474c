"""What moving money costs besides the amount: upper bounds for cards, which the signing policy then enforces.

Figures are Solana's and the programs' own: rent of an account is fixed by its size.
"""

from bot.domain import amounts, intents

BASE_FEE = 5_000
"""Lamports per signature; every transaction here has one."""
TOKEN_ACCOUNT_RENT = 2_039_280
"""Lamports locked by a token account (165 bytes), returned when it is closed."""
TIME_ORDER_RENT = 2_902_320
"""Lamports locked by a time order's own account (289 bytes), returned when the order closes."""
SIMPLE_SEND_RESERVE = 890_880
"""Lamports that a wallet must keep, or it would be below the rent-exempt minimum of an empty account."""


def rent(intent: intents.Intent, missing: frozenset[str]) -> int:
    """Most lamports that new accounts may lock, given the mints for which the receiver has no account yet.

    A time order opens its own account and one for each side; SOL is wrapped on the way in one more.
    """
    match intent:
        case intents.CreateOrder():
            accounts = 2 + (intent.input_mint == amounts.WSOL_MINT)
            return TIME_ORDER_RENT + accounts * TOKEN_ACCOUNT_RENT
        case intents.Unwrap():
            return 0
    return len(missing) * TOKEN_ACCOUNT_RENT


def total(limits: intents.Limits) -> int:
    """Most lamports that fees and rent may take together."""
    return BASE_FEE + limits.priority_fee_lamports + (limits.rent_lamports or 0)
