"""Account layouts: orders of both families, token accounts and mints. Offsets are checked in tests."""

from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any, ClassVar, Self

from solders.pubkey import Pubkey

from bot.solana.programs import codec

TOKEN_ACCOUNT_SIZE = 165
MINT_SIZE = 82


def anchor_tag(name: str) -> bytes:
    """Discriminator of an Anchor account."""
    return sha256(f"account:{name}".encode()).digest()[:8]


class _Layout:
    """An Anchor account: eight bytes of discriminator, then the fields of the dataclass in order."""

    TAG: ClassVar[bytes]
    KINDS: ClassVar[tuple[codec.Kind, ...]]

    @classmethod
    def _fields(cls) -> list[codec.Field]:
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # every subclass is a dataclass
        return [codec.Field(name, kind) for name, kind in zip(names, cls.KINDS, strict=True)]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read an account's data. Raises ValueError unless tag and length are exactly right."""
        if data[:8] != cls.TAG:
            raise ValueError(f"not a {cls.__name__}")
        return cls(**codec.decode(cls._fields(), data[8:]))

    def build(self) -> bytes:
        """The account's data; inverse of parse."""
        values: dict[str, Any] = asdict(self)  # type: ignore[call-overload]  # every subclass is a dataclass
        return self.TAG + codec.encode(self._fields(), values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dca(_Layout):
    """A time order: 289 bytes."""

    SIZE: ClassVar[int] = 289
    TAG: ClassVar[bytes] = anchor_tag("Dca")
    KINDS: ClassVar[tuple[codec.Kind, ...]] = (
        *("pubkey",) * 3,
        *("u64", "i64"),
        *("u64",) * 6,
        *("i64", "u64"),
        *("pubkey",) * 2,
        *("u64",) * 4,
        *("i64", "u8"),
    )

    user: Pubkey
    input_mint: Pubkey
    output_mint: Pubkey
    idx: int
    next_cycle_at: int
    in_deposited: int
    in_withdrawn: int
    out_withdrawn: int
    in_used: int
    out_received: int
    in_amount_per_cycle: int
    cycle_frequency: int
    next_cycle_amount_left: int
    in_account: Pubkey
    out_account: Pubkey
    min_out_amount: int
    max_out_amount: int
    keeper_in_balance_before_borrow: int = 0
    dca_out_balance_before_swap: int = 0
    created_at: int
    bump: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAverage(_Layout):
    """A price order: 339 bytes. The discriminator follows Anchor's rule and has not been seen on chain."""

    SIZE: ClassVar[int] = 339
    TAG: ClassVar[bytes] = anchor_tag("ValueAverage")
    KINDS: ClassVar[tuple[codec.Kind, ...]] = (
        *("bool", "u64", "u8"),
        *("pubkey",) * 3,
        *("u64", "i64"),
        *("pubkey",) * 2,
        "bool",
        *("pubkey",) * 2,
        "i64",
        *("u64",) * 7,
        *("i64", "u64"),
    )

    is_stale: bool = False
    idx: int
    bump: int
    user: Pubkey
    input_mint: Pubkey
    output_mint: Pubkey
    increment_usdc_value: int
    order_interval: int
    input_vault: Pubkey
    output_vault: Pubkey
    auto_withdraw: bool = False
    fee_data_account: Pubkey = Pubkey.default()  # noqa: RUF009 - immutable
    referral_fee_account: Pubkey = Pubkey.default()  # noqa: RUF009 - immutable
    created_at: int
    in_deposited: int
    in_left: int
    in_used: int
    in_withdrawn: int
    out_received: int
    out_withdrawn: int
    supposed_usdc_value: int
    next_order_at: int
    out_balance_before_swap: int = 0


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """A token account of the classic program (165 bytes) or of Token-2022 (longer)."""

    mint: Pubkey
    owner: Pubkey
    amount: int
    delegate: Pubkey | None
    state: int
    """0 uninitialized, 1 initialized, 2 frozen."""
    native_rent: int | None
    """Rent reserve of a wrapped-SOL account; None for any other."""
    delegated_amount: int
    close_authority: Pubkey | None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a token account's data. Raises ValueError."""
        if len(data) < TOKEN_ACCOUNT_SIZE:
            raise ValueError("too short for a token account")
        return cls(
            mint=Pubkey(data[0:32]),
            owner=Pubkey(data[32:64]),
            amount=int.from_bytes(data[64:72], "little"),
            delegate=_key(data, 72),
            state=data[108],
            native_rent=int.from_bytes(data[113:121], "little") if _there(data, 109) else None,
            delegated_amount=int.from_bytes(data[121:129], "little"),
            close_authority=_key(data, 129),
        )

    def build(self) -> bytes:
        """165 bytes; inverse of parse for the classic program."""
        return b"".join(
            (
                bytes(self.mint),
                bytes(self.owner),
                self.amount.to_bytes(8, "little"),
                _write(self.delegate),
                bytes([self.state]),
                (0 if self.native_rent is None else 1).to_bytes(4, "little"),
                (self.native_rent or 0).to_bytes(8, "little"),
                self.delegated_amount.to_bytes(8, "little"),
                _write(self.close_authority),
            )
        )


@dataclass(frozen=True, slots=True)
class Mint:
    """A mint of the classic program (82 bytes) or of Token-2022 (longer)."""

    decimals: int
    supply: int = 0
    mint_authority: Pubkey | None = None
    freeze_authority: Pubkey | None = None
    initialized: bool = True

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a mint's data. Raises ValueError."""
        if len(data) < MINT_SIZE:
            raise ValueError("too short for a mint")
        return cls(
            decimals=data[44],
            supply=int.from_bytes(data[36:44], "little"),
            mint_authority=_key(data, 0),
            freeze_authority=_key(data, 46),
            initialized=data[45] == 1,
        )

    def build(self) -> bytes:
        return b"".join(
            (
                _write(self.mint_authority),
                self.supply.to_bytes(8, "little"),
                bytes([self.decimals, self.initialized]),
                _write(self.freeze_authority),
            )
        )


def _there(data: bytes, offset: int) -> bool:
    flag = int.from_bytes(data[offset : offset + 4], "little")
    if flag > 1:
        raise ValueError(f"{flag} where 0 or 1 belongs")
    return bool(flag)


def _key(data: bytes, offset: int) -> Pubkey | None:
    return Pubkey(data[offset + 4 : offset + 36]) if _there(data, offset) else None


def _write(key: Pubkey | None) -> bytes:
    return bytes(36) if key is None else (1).to_bytes(4, "little") + bytes(key)
