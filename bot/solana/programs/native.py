"""Instructions of the programs around an order: System, tokens, associated accounts, compute budget, memo.

Those with arguments are the ones that a transaction of ours may contain, or that a person inspecting one
should be able to read; the rest is recognised by name.
"""

from solders.pubkey import Pubkey

from bot.solana.programs import codec, ids
from bot.solana.programs.layouts import Instruction, Slot, fields


def _system(tag: int, name: str, args: tuple[codec.Field, ...] | None = None, *slots: Slot) -> Instruction:
    return Instruction(ids.SYSTEM, name, tag.to_bytes(4, "little"), args, slots or None)


def _token(
    program: Pubkey, tag: int, name: str, args: tuple[codec.Field, ...] | None = None, *slots: Slot
) -> Instruction:
    return Instruction(program, name, bytes([tag]), args, slots or None)


def _budget(tag: int, name: str, args: tuple[codec.Field, ...] | None) -> Instruction:
    return Instruction(ids.COMPUTE_BUDGET, name, bytes([tag]), args, ())


_FROM = Slot("from", signer=True, writable=True)

TRANSFER_SOL = _system(2, "Transfer", fields(lamports="u64"), _FROM, Slot("to", writable=True))
CREATE_ACCOUNT = _system(
    0,
    "CreateAccount",
    fields(lamports="u64", space="u64", owner="pubkey"),
    _FROM,
    Slot("new_account", signer=True, writable=True),
)
CREATE_ACCOUNT_WITH_SEED = _system(
    3,
    "CreateAccountWithSeed",
    fields(base="pubkey", seed="string", lamports="u64", space="u64", owner="pubkey"),
    _FROM,
    Slot("new_account", writable=True),
    Slot("base", signer=True),
)

SYSTEM = (
    CREATE_ACCOUNT,
    _system(1, "Assign", fields(owner="pubkey"), Slot("account", signer=True, writable=True)),
    TRANSFER_SOL,
    CREATE_ACCOUNT_WITH_SEED,
    _system(4, "AdvanceNonceAccount"),
    _system(5, "WithdrawNonceAccount"),
    _system(6, "InitializeNonceAccount"),
    _system(7, "AuthorizeNonceAccount"),
    _system(8, "Allocate"),
    _system(9, "AllocateWithSeed"),
    _system(10, "AssignWithSeed"),
    _system(11, "TransferWithSeed"),
    _system(12, "UpgradeNonceAccount"),
)

_SOURCE = Slot("source", writable=True)
_DESTINATION = Slot("destination", writable=True)
_ACCOUNT = Slot("account", writable=True)
_MINT = Slot("mint")


def _tokens(program: Pubkey) -> tuple[Instruction, ...]:
    """Tags that the classic program and Token-2022 share."""
    authority = Slot("authority", signer=True)
    owner = Slot("owner", signer=True)
    return (
        _token(program, 0, "InitializeMint"),
        _token(program, 1, "InitializeAccount"),
        _token(program, 2, "InitializeMultisig"),
        _token(program, 3, "Transfer", fields(amount="u64"), _SOURCE, _DESTINATION, authority),
        _token(program, 4, "Approve", fields(amount="u64"), _SOURCE, Slot("delegate"), owner),
        _token(program, 5, "Revoke", (), _SOURCE, owner),
        _token(program, 6, "SetAuthority"),
        _token(program, 7, "MintTo"),
        _token(program, 8, "Burn", fields(amount="u64"), _ACCOUNT, Slot("mint", writable=True), owner),
        _token(program, 9, "CloseAccount", (), _ACCOUNT, _DESTINATION, owner),
        _token(program, 10, "FreezeAccount"),
        _token(program, 11, "ThawAccount"),
        _token(
            program,
            12,
            "TransferChecked",
            fields(amount="u64", decimals="u8"),
            _SOURCE,
            _MINT,
            _DESTINATION,
            authority,
        ),
        _token(
            program,
            13,
            "ApproveChecked",
            fields(amount="u64", decimals="u8"),
            _SOURCE,
            _MINT,
            Slot("delegate"),
            owner,
        ),
        _token(program, 14, "MintToChecked"),
        _token(program, 15, "BurnChecked"),
        _token(program, 16, "InitializeAccount2"),
        _token(program, 17, "SyncNative", (), _ACCOUNT),
        _token(program, 18, "InitializeAccount3", fields(owner="pubkey"), _ACCOUNT, _MINT),
        _token(program, 22, "InitializeImmutableOwner", (), _ACCOUNT),
        _token(program, 255, "Batch"),
    )


TOKEN = _tokens(ids.TOKEN)
TOKEN_2022 = _tokens(ids.TOKEN_2022)
TRANSFER_CHECKED, CLOSE_ACCOUNT, SYNC_NATIVE = (
    next(layout for layout in TOKEN if layout.name == name)
    for name in ("TransferChecked", "CloseAccount", "SyncNative")
)

_CREATE_SLOTS = (
    Slot("payer", signer=True, writable=True),
    Slot("ata", writable=True),
    Slot("owner"),
    Slot("mint"),
    Slot("system_program"),
    Slot("token_program"),
)
CREATE_ATA = Instruction(ids.ATA, "Create", b"\0", (), _CREATE_SLOTS)
CREATE_ATA_EMPTY = Instruction(ids.ATA, "Create", b"", (), _CREATE_SLOTS)
"""The same in its older form: no data at all."""
CREATE_ATA_IDEMPOTENT = Instruction(ids.ATA, "CreateIdempotent", b"\1", (), _CREATE_SLOTS)
ATA = (CREATE_ATA, CREATE_ATA_IDEMPOTENT, Instruction(ids.ATA, "RecoverNested", b"\2", None, None))

SET_COMPUTE_UNIT_LIMIT = _budget(2, "SetComputeUnitLimit", fields(units="u32"))
SET_COMPUTE_UNIT_PRICE = _budget(3, "SetComputeUnitPrice", fields(micro_lamports="u64"))
SET_LOADED_DATA_LIMIT = _budget(4, "SetLoadedAccountsDataSizeLimit", fields(bytes="u32"))
COMPUTE_BUDGET = (
    _budget(0, "RequestUnits", None),
    _budget(1, "RequestHeapFrame", fields(bytes="u32")),
    SET_COMPUTE_UNIT_LIMIT,
    SET_COMPUTE_UNIT_PRICE,
    SET_LOADED_DATA_LIMIT,
)

MEMO = (Instruction(ids.MEMO, "Memo", b"", None, None), Instruction(ids.MEMO_V1, "Memo", b"", None, None))

ALL = (*SYSTEM, *TOKEN, *TOKEN_2022, *ATA, *COMPUTE_BUDGET)
