"""The descriptions of programs and accounts agree with the facts that are known about them."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from bot.solana import programs
from bot.solana.programs import accounts, codec, ids, jupiter, native
from tests.fakes import solana

USER = Pubkey.from_string(solana.USER)

PROOFS = [
    ("FGXoHmS8MXU6pgzoJFHj86ZAW7wCFKodp6wgWi5WnoW7", ids.DCA, ids.WSOL_MINT, ids.USDC_MINT, 1741184640),
    ("4DWzP4TdTsuwvYMaMWrRqzya4UTFKFoVjfUWNWh8zhzd", ids.DCA, ids.USDC_MINT, ids.WSOL_MINT, 1741656983),
    ("5T3NGmbD8R59UWEaRaDq79r7fDxDUNidze3CVT94vrUb", ids.DCA, ids.WSOL_MINT, ids.USDC_MINT, 1741240309),
    ("2A9BWzLCpsvRuAbruATYYXaaMDRkSYPPZoAey67ywYqx", ids.VA, ids.WSOL_MINT, ids.USDC_MINT, 1741186449),
    ("EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH", ids.VA, ids.USDC_MINT, ids.WSOL_MINT, 1741657973),
]


@pytest.mark.parametrize(("order", "program", "input_mint", "output_mint", "index"), PROOFS)
def test_order_addresses_derive(
    order: str, program: Pubkey, input_mint: Pubkey, output_mint: Pubkey, index: int
) -> None:
    """Every order account of the real examples derives from its owner, its mints and its index."""
    assert str(programs.derive.order(program, USER, input_mint, output_mint, index)) == order


def test_named_derivations_agree_with_real_transactions() -> None:
    """Token accounts, the intermediate account and the event authorities are those seen in transactions."""
    order = Pubkey.from_string("EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH")
    assert programs.va_order(USER, ids.USDC_MINT, ids.WSOL_MINT, 1741657973) == order
    assert str(programs.ata(USER, ids.USDC_MINT)) == "92pDqRsYzgMmmVfoatehw25R2JcSvSqAKAZrcxhpWhbV"
    assert str(programs.ata(order, ids.USDC_MINT)) == "49nd5LpScUZpUqC3FABGf9FPkEWDotmPvbdrmQb5g8Mi"
    assert str(programs.va_intermediate(order)) == "EdYg9L42qg6upw9vcV2E985uHpnHsJm8Pse1GLDNNKs9"
    assert programs.event_authority(ids.DCA) == ids.DCA_EVENT_AUTHORITY
    assert programs.event_authority(ids.VA) == ids.VA_EVENT_AUTHORITY


TAGS = {
    jupiter.OPEN_DCA_V2: "8e772b6da2340bb1",
    jupiter.CLOSE_DCA: "16072162a8b722f3",
    jupiter.DEPOSIT_VA: "f223c68952e1f2b6",
    jupiter.WITHDRAW_VA: "b712469c946da122",
    jupiter.CLOSE_VA: "62a5c9b16c41ce60",
    native.TRANSFER_SOL: "02000000",
    native.TRANSFER_CHECKED: "0c",
    native.CLOSE_ACCOUNT: "09",
    native.SYNC_NATIVE: "11",
    native.CREATE_ATA_IDEMPOTENT: "01",
}


@pytest.mark.parametrize("layout", TAGS, ids=lambda layout: layout.name)
def test_instruction_tags(layout: programs.Instruction) -> None:
    """What starts an instruction is what IDL and real transactions say, and finds the layout again."""
    assert layout.tag.hex() == TAGS[layout]
    assert programs.find(layout.program, layout.tag + b"tail") is layout


def test_the_same_tag_means_something_else_under_another_program() -> None:
    """DCA and VA share discriminators; only program and tag together name an instruction."""
    assert programs.find(ids.VA, jupiter.DEPOSIT_VA.tag) is jupiter.DEPOSIT_VA
    dca = programs.find(ids.DCA, jupiter.DEPOSIT_VA.tag)
    assert dca is not None
    assert dca is not jupiter.DEPOSIT_VA
    assert dca.args is None
    assert programs.find(solana.STRANGER, jupiter.DEPOSIT_VA.tag) is None


OFFSETS = {
    accounts.Dca: {
        "user": 8,
        "input_mint": 40,
        "output_mint": 72,
        "idx": 104,
        "next_cycle_at": 112,
        "in_deposited": 120,
        "in_used": 144,
        "out_received": 152,
        "in_account": 184,
        "min_out_amount": 248,
        "created_at": 280,
        "bump": 288,
    },
    accounts.ValueAverage: {
        "idx": 9,
        "user": 18,
        "input_mint": 50,
        "order_interval": 122,
        "auto_withdraw": 194,
        "created_at": 259,
        "in_deposited": 267,
        "in_left": 275,
        "out_withdrawn": 307,
        "next_order_at": 323,
    },
}
SIZES = {"pubkey": 32, "u64": 8, "i64": 8, "u8": 1, "bool": 1}


@pytest.mark.parametrize(("layout", "size"), [(accounts.Dca, 289), (accounts.ValueAverage, 339)])
def test_order_account_layouts(layout: type[accounts.Dca | accounts.ValueAverage], size: int) -> None:
    """Fields lie at the documented offsets, and the whole has the documented size."""
    offset, found = 8, {}
    for field, kind in zip(dataclasses.fields(layout), layout.KINDS, strict=True):
        found[field.name] = offset
        offset += SIZES[kind]
    assert offset == size == layout.SIZE
    assert OFFSETS[layout].items() <= found.items()


def test_order_accounts_survive_a_round_trip() -> None:
    """What is built is read back, and a single byte more or another tag is refused."""
    order = accounts.Dca(
        user=USER,
        input_mint=ids.USDC_MINT,
        output_mint=ids.WSOL_MINT,
        idx=1,
        next_cycle_at=2,
        in_deposited=3,
        in_withdrawn=4,
        out_withdrawn=5,
        in_used=6,
        out_received=7,
        in_amount_per_cycle=8,
        cycle_frequency=9,
        next_cycle_amount_left=10,
        in_account=USER,
        out_account=USER,
        min_out_amount=11,
        max_out_amount=12,
        created_at=-1,
        bump=255,
    )
    data = order.build()
    assert data[:8].hex() == "525d5a7f2865919a"
    assert len(data) == 289
    assert accounts.Dca.parse(data) == order
    for broken in (data + b"\0", data[:-1], b"\0" + data[1:]):
        with pytest.raises(ValueError, match=r"Dca|many|not a"):
            accounts.Dca.parse(broken)


@given(
    amount=st.integers(0, 2**64 - 1),
    delegate=st.booleans(),
    rent=st.none() | st.integers(0, 2**64 - 1),
    close=st.booleans(),
)
def test_token_accounts_survive_a_round_trip(
    amount: int, delegate: bool, rent: int | None, close: bool
) -> None:
    """Delegate, close authority and the native reserve are read back as they were written."""
    account = accounts.TokenAccount(
        mint=ids.USDC_MINT,
        owner=USER,
        amount=amount,
        delegate=solana.STRANGER if delegate else None,
        state=1,
        native_rent=rent,
        delegated_amount=7,
        close_authority=solana.STRANGER if close else None,
    )
    data = account.build()
    assert len(data) == 165
    assert accounts.TokenAccount.parse(data) == account


def test_mints_survive_a_round_trip() -> None:
    """A mint is 82 bytes, decimals at 44."""
    mint = accounts.Mint(decimals=6, supply=10**15, mint_authority=USER, freeze_authority=None)
    assert len(mint.build()) == 82
    assert mint.build()[44] == 6
    assert accounts.Mint.parse(mint.build()) == mint


VALUES: dict[str, st.SearchStrategy[object]] = {
    "u8": st.integers(0, 255),
    "u32": st.integers(0, 2**32 - 1),
    "u64": st.integers(0, 2**64 - 1),
    "i64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "u64?": st.none() | st.integers(0, 2**64 - 1),
    "i64?": st.none() | st.integers(-(2**63), 2**63 - 1),
    "side": st.sampled_from(["In", "Out"]),
    "string": st.text(max_size=20),
    "pubkey": st.binary(min_size=32, max_size=32).map(Pubkey),
    "pubkey?": st.none() | st.binary(min_size=32, max_size=32).map(Pubkey),
}


@given(st.data())
def test_codec_reads_exactly_what_it_writes(data: st.DataObject) -> None:
    """Any fields survive a round trip, and neither a missing nor a further byte is read."""
    kinds: list[codec.Kind] = data.draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=6))
    fields = [codec.Field(f"f{place}", kind) for place, kind in enumerate(kinds)]
    values = {field.name: data.draw(VALUES[field.kind]) for field in fields}
    encoded = codec.encode(fields, values)
    assert codec.decode(fields, encoded) == values
    with pytest.raises(ValueError, match="too many"):
        codec.decode(fields, encoded + b"\0")
    with pytest.raises(ValueError, match="not a"):
        codec.decode(fields, encoded[:-1])


@given(st.binary(max_size=60))
def test_decoded_data_is_canonical(data: bytes) -> None:
    """Whatever bytes decode at all encode to themselves again: no second spelling of the same arguments."""
    fields = jupiter.WITHDRAW_VA.args or ()
    try:
        values = codec.decode(fields, data)
    except ValueError:
        return
    assert codec.encode(fields, values) == data


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "missing"),
        ({"amount": -1}, "not a"),
        ({"amount": 2**64}, "not a"),
        ({"amount": 1, "x": 1}, "no such"),
    ],
)
def test_unfit_arguments_are_refused(values: dict[str, int], reason: str) -> None:
    """Encoding never guesses, wraps around or ignores."""
    with pytest.raises(ValueError, match=reason):
        programs.encode(ids.VA, "deposit", values)


def test_an_unfilled_slot_is_an_error_unless_optional() -> None:
    """Optional slots are written as the program's own id, flags unchanged; others must be filled."""
    cast = solana.price_cast(ids.USDC_MINT, ids.WSOL_MINT)
    del cast[programs.Role.USER_OUTPUT]
    metas = jupiter.WITHDRAW_VA.metas(cast)
    assert metas[7].pubkey == ids.VA
    assert metas[7].is_writable
    del cast[programs.Role.USER_INPUT]
    with pytest.raises(KeyError, match="user_input_account"):
        jupiter.WITHDRAW_VA.metas(cast)
