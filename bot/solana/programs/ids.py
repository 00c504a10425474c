"""Well-known addresses: programs, mints, sysvars and the event authorities of Jupiter's programs."""

from typing import Final

from solders.pubkey import Pubkey

from bot.domain import amounts

SYSTEM: Final = Pubkey.from_string("11111111111111111111111111111111")
TOKEN: Final = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022: Final = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
ATA: Final = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
COMPUTE_BUDGET: Final = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
MEMO: Final = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
MEMO_V1: Final = Pubkey.from_string("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo")
DCA: Final = Pubkey.from_string("DCA265Vj8a9CEuX1eb1LWRnDT7uK6q1xMipnNyatn23M")
"""Jupiter's program for time orders."""
VA: Final = Pubkey.from_string("VALaaymxQh2mNy2trH9jUqHT1mTow76wpTcGmSWSwJe")
"""Jupiter's program for price orders (value average)."""

WSOL_MINT: Final = Pubkey.from_string(amounts.WSOL_MINT)
USDC_MINT: Final = Pubkey.from_string(amounts.USDC_MINT)

DCA_EVENT_AUTHORITY: Final = Pubkey.from_string("Cspp27eGUDMXxPEdhmEXFVRn6Lt1L7xJyALF3nmnWoBj")
VA_EVENT_AUTHORITY: Final = Pubkey.from_string("FmTAiTH5J3KJcTRCVrn4uoSAK1zWqyoHbDPo5V7dpMvE")

NAMES: Final[dict[Pubkey, str]] = {
    SYSTEM: "System",
    TOKEN: "SPL Token",
    TOKEN_2022: "Token-2022",
    ATA: "ATA",
    COMPUTE_BUDGET: "ComputeBudget",
    MEMO: "Memo",
    MEMO_V1: "Memo v1",
    DCA: "DCA",
    VA: "VA",
}
"""What the programs are called in decoded transactions and refusals."""
