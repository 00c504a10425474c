"""Instructions of Jupiter's DCA and VA programs.

DCA follows the IDL of npm `@jup-ag/dca-sdk` 3.0.1. VA's IDL is not public: deposit and withdraw are as seen
in real transactions; close is known by name and discriminator only, its account list is not; open is not
known well enough to be signed and is here to be recognised.
"""

from bot.solana.programs import ids
from bot.solana.programs.layouts import Instruction, Role, Slot, anchor_tag, fields

_USER = Slot("user", Role.USER, signer=True, writable=True)
_INPUT_MINT = Slot("input_mint", Role.INPUT_MINT)
_OUTPUT_MINT = Slot("output_mint", Role.OUTPUT_MINT)
_SYSTEM = Slot("system_program", Role.SYSTEM)
_TOKEN = Slot("token_program", Role.TOKEN)
_ATA = Slot("associated_token_program", Role.ATA)
_EVENTS = (Slot("event_authority", Role.EVENT_AUTHORITY), Slot("program", Role.PROGRAM))
_DCA = Slot("dca", Role.ORDER, writable=True)
_VA = Slot("value_average", Role.ORDER, writable=True)

OPEN_DCA_V2 = Instruction(
    ids.DCA,
    "open_dca_v2",
    anchor_tag("open_dca_v2"),
    fields(
        application_idx="u64",
        in_amount="u64",
        in_amount_per_cycle="u64",
        cycle_frequency="i64",
        min_out_amount="u64?",
        max_out_amount="u64?",
        start_at="i64?",
    ),
    (
        _DCA,
        Slot("user", Role.USER, signer=True),
        Slot("payer", Role.USER, signer=True, writable=True),
        _INPUT_MINT,
        _OUTPUT_MINT,
        Slot("user_ata", Role.USER_INPUT, writable=True),
        Slot("in_ata", Role.ORDER_INPUT, writable=True),
        Slot("out_ata", Role.ORDER_OUTPUT, writable=True),
        _SYSTEM,
        _TOKEN,
        _ATA,
        *_EVENTS,
    ),
)

CLOSE_DCA = Instruction(
    ids.DCA,
    "close_dca",
    anchor_tag("close_dca"),
    (),
    (
        _USER,
        _DCA,
        _INPUT_MINT,
        _OUTPUT_MINT,
        Slot("in_ata", Role.ORDER_INPUT, writable=True),
        Slot("out_ata", Role.ORDER_OUTPUT, writable=True),
        Slot("user_in_ata", Role.USER_INPUT, writable=True),
        Slot("user_out_ata", Role.USER_OUTPUT, writable=True),
        _SYSTEM,
        _TOKEN,
        _ATA,
        *_EVENTS,
    ),
)

DEPOSIT_VA = Instruction(
    ids.VA,
    "deposit",
    anchor_tag("deposit"),
    fields(amount="u64"),
    (
        _USER,
        _VA,
        _INPUT_MINT,
        Slot("input_vault", Role.ORDER_INPUT, writable=True),
        Slot("user_input_account", Role.USER_INPUT, writable=True),
        _TOKEN,
        *_EVENTS,
    ),
)

WITHDRAW_VA = Instruction(
    ids.VA,
    "withdraw",
    anchor_tag("withdraw"),
    fields(amount="u64?", withdrawal="side"),
    (
        Slot("signer", Role.USER, signer=True, writable=True),
        Slot("user", Role.USER, writable=True),
        _VA,
        _INPUT_MINT,
        _OUTPUT_MINT,
        Slot("vault", Role.ORDER_SIDE, writable=True),
        Slot("user_input_account", Role.USER_INPUT, writable=True),
        Slot("user_output_account", Role.USER_OUTPUT, writable=True, optional=True),
        Slot("intermediate_account", Role.INTERMEDIATE, writable=True),
        _SYSTEM,
        _TOKEN,
        _ATA,
        *_EVENTS,
    ),
)
"""`amount` None = everything. Real transactions leave user_output_account empty when the output is SOL."""

CLOSE_VA = Instruction(ids.VA, "close", anchor_tag("close"), (), None)

NAMED_ONLY = tuple(
    Instruction(program, name, anchor_tag(name), None, None)
    for program, names in (
        (
            ids.DCA,
            (
                "open_dca",
                "deposit",
                "withdraw",
                "withdraw_fees",
                "initiate_flash_fill",
                "fulfill_flash_fill",
                "initiate_dlmm_fill",
                "fulfill_dlmm_fill",
                "transfer",
                "end_and_close",
            ),
        ),
        (ids.VA, ("open",)),
    )
    for name in names
)
"""Recognised so that a refusal can say what it saw; never signed."""

ALL = (OPEN_DCA_V2, CLOSE_DCA, DEPOSIT_VA, WITHDRAW_VA, CLOSE_VA, *NAMED_ONLY)
