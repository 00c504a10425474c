"""Statements: sums are those of the orders to the base unit, and no name can make a formula."""

import csv
import io
import itertools
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import amounts, fills, orders, statements
from bot.domain.statements import Format
from tests.fakes.chain import make_address

QUOTES = "\"'`´‘’‚‛“”„‟«»‹›＂＇"
FORMULA = frozenset("=+-@\u2212")
NAMES = st.text(max_size=20) | st.lists(
    st.sampled_from(
        [*"=+-@＝＋－＠﹣⁼−\t\r\n ,;|\"'“＇a1", "\u200b", "\ufeff", "\u202e", "\0", "\ud800", "🦊", "مرحبا"]
    ),
    max_size=12,
).map("".join)
TOKENS = st.builds(
    amounts.Token, mint=NAMES, symbol=NAMES, name=NAMES, decimals=st.integers(0, 18) | st.just(255)
)
RAW = st.integers(0, amounts.U64_MAX)
FILLS = st.builds(
    fills.Fill,
    order_key=NAMES,
    signature=NAMES,
    input_mint=st.sampled_from([amounts.USDC_MINT, amounts.WSOL_MINT]),
    output_mint=st.sampled_from([amounts.USDC_MINT, amounts.WSOL_MINT]),
    in_raw=RAW,
    out_raw=st.integers(2**32, amounts.U64_MAX),
    fee_mint=st.sampled_from([amounts.USDC_MINT, amounts.WSOL_MINT, ""]),
    fee_raw=st.integers(0, 2**32),
    confirmed_at=st.datetimes(timezones=st.just(UTC)),
)
ENTRIES = st.builds(
    statements.Entry,
    fill=FILLS,
    usd=st.none() | st.decimals(0, 10**12, allow_nan=False, places=9),
    wallet_name=NAMES,
    wallet_address=NAMES,
    number=st.integers(1, 2**31),
    family=st.sampled_from(orders.Family),
    sold=TOKENS | st.none(),
    bought=TOKENS | st.none(),
    fee=TOKENS | st.none(),
)
SOL = amounts.Token(amounts.WSOL_MINT, "SOL", "Solana", 9, verified=True)
USDC = amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6, verified=True)
ENTRY = statements.Entry(
    fill=fills.Fill(
        order_key=make_address("order"),
        signature="5igned",
        input_mint=USDC.mint,
        output_mint=SOL.mint,
        in_raw=10_000_000,
        out_raw=58_058_058,
        fee_mint=SOL.mint,
        fee_raw=58_058,
        confirmed_at=datetime(2026, 11, 20, 13, 31, 5, tzinfo=timezone(timedelta(hours=1))),
    ),
    usd=Decimal("9.9990"),
    wallet_name="Savings",
    wallet_address=make_address("wallet"),
    number=7,
    family=orders.Family.TIME,
    sold=USDC,
    bought=SOL,
    fee=SOL,
)


def build(form: Format, *chunks: Sequence[statements.Entry]) -> bytes:
    pieces = [statements.build_head(form)]
    first = True
    for chunk in chunks:
        pieces.append(statements.build_rows(form, chunk, first=first))
        first = first and not chunk
    return b"".join([*pieces, statements.build_tail(form)])


def read_csv(content: bytes, delimiter: str = ",") -> list[list[str]]:
    """As Python's csv reads a file that was opened as `utf-8-sig`."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def restore(cell: str) -> str:
    """The text before it was made harmless."""
    text, place = "", 0
    while place < len(cell):
        begins = not text or text[-1] in ",;|\t\r\n"
        if begins and cell[place] == "'" and is_formula(cell[place + 1 :]):
            place += 1
        text += cell[place]
        place += 1
    return text


def is_formula(cell: str) -> bool:
    """What a careless spreadsheet might compute, or take for the beginning of something else."""
    blank = "".join(itertools.takewhile(lambda c: unicodedata.category(c)[0] in "CMZ" or c in QUOTES, cell))
    seen = cell[len(blank) :][:1]
    return bool(set(blank) & set("\t\r\n")) or (
        seen != "" and unicodedata.normalize("NFKC", seen)[0] in FORMULA
    )


# --- what a row says -------------------------------------------------------------------------------------


def test_a_row_says_everything_exactly() -> None:
    assert statements.build_row(ENTRY) == {
        "time": "2026-11-20T12:31:05Z",
        "wallet": "Savings",
        "wallet_address": make_address("wallet"),
        "order": 7,
        "order_key": make_address("order"),
        "family": "time",
        "side": "buy",
        "sold": "10",
        "sold_token": "USDC",
        "sold_mint": amounts.USDC_MINT,
        "bought": "0.058058058",
        "bought_net": "0.058",
        "bought_token": "SOL",
        "bought_mint": amounts.WSOL_MINT,
        "fee": "0.000058058",
        "fee_token": "SOL",
        "fee_mint": amounts.WSOL_MINT,
        "price": "172.4137931034482758620689655",
        "usd": "9.999",
        "signature": "5igned",
        "sold_raw": "10000000",
        "bought_raw": "58058058",
        "bought_net_raw": "58000000",
        "fee_raw": "58058",
    }


def test_what_is_not_known_is_blank_and_raw_amounts_stay() -> None:
    """No price, no USD value, no decimals: nothing is made up."""
    fill = replace(ENTRY.fill, fee_mint="", fee_raw=0)
    row = statements.build_row(replace(ENTRY, fill=fill, usd=None, sold=None, fee=None))
    blank = {name for name, cell in row.items() if cell is None}
    assert blank == {"sold", "sold_token", "price", "usd", "fee", "fee_token", "fee_mint"}
    assert (row["sold_raw"], row["bought_net"], row["fee_raw"]) == ("10000000", "0.058058058", "0")


def test_buying_dollars_is_selling() -> None:
    fill = replace(ENTRY.fill, input_mint=SOL.mint, output_mint=USDC.mint)
    assert statements.build_row(replace(ENTRY, fill=fill))["side"] == "sell"
    both = replace(ENTRY.fill, input_mint=amounts.USDT_MINT, output_mint=USDC.mint)
    assert statements.build_row(replace(ENTRY, fill=both))["side"] == "buy"


@settings(max_examples=50)
@given(st.lists(ENTRIES, max_size=4))
def test_amounts_are_exact_decimal_text(entries: list[statements.Entry]) -> None:
    """No float, no exponent; shifted by its decimals each is its base units, and those add up."""
    rows = [statements.build_row(entry) for entry in entries]
    for entry, row in zip(entries, rows, strict=True):
        for name, token in (("sold", entry.sold), ("bought", entry.bought), ("bought_net", entry.bought)):
            if token is not None:
                assert re.fullmatch(r"\d+(\.\d+)?", str(row[name]))
                assert int(Decimal(str(row[name])).scaleb(token.decimals)) == int(str(row[f"{name}_raw"]))
        for name in ("price", "usd"):
            assert row[name] is None or re.fullmatch(r"\d+(\.\d+)?", str(row[name]))
    totals = fills.totals(entry.fill for entry in entries)
    sums = {name: sum(int(str(row[f"{name}_raw"])) for row in rows) for name in ("sold", "bought_net", "fee")}
    assert sums == {"sold": totals.in_raw, "bought_net": totals.out_raw, "fee": totals.fee_raw}


# --- CSV -------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(ENTRIES, max_size=3))
def test_csv_parses_back_to_the_same_values(entries: list[statements.Entry]) -> None:
    """Commas, quotes, new lines, formulas, emoji and right-to-left text survive."""
    head, *rows = read_csv(build(Format.CSV, entries))
    assert head == list(statements.COLUMNS)
    facts = [statements.build_row(entry) for entry in entries]
    assert [[restore(cell) for cell in row] for row in rows] == [
        ["" if cell is None else str(cell) for cell in row.values()] for row in facts
    ]


@settings(max_examples=50)
@given(st.lists(ENTRIES, max_size=3), st.sampled_from(",;\t|"))
def test_no_cell_can_be_a_formula(entries: list[statements.Entry], delimiter: str) -> None:
    """By whichever country's separator a spreadsheet reads it; blanks and quotes before it are no help."""
    for row in read_csv(build(Format.CSV, entries), delimiter):
        for cell in row:
            assert cell.lstrip('"')[:1] == "'" or not is_formula(cell)


@given(NAMES, NAMES)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert (statements.defuse(one) == statements.defuse(other)) == (one == other)
    assert restore(statements.defuse(one)) == one


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rname", "'\rname"),
        ("  =1", "'  =1"),
        ('"=1"', '\'"=1"'),
        ("'=1", "''=1"),
        ("＝1", "'＝1"),
        ("\u200b\ufeff＠x", "'\u200b\ufeff＠x"),
        ("'\n", "''\n"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("a, -1", "a,' -1"),
        ("a=b-c", "a=b-c"),
        ("O'Neill", "O'Neill"),
        ("'quoted'", "'quoted'"),
        ("🦊 مرحبا", "🦊 مرحبا"),
        ("", ""),
    ],
)
def test_formulas_are_defused(text: str, safe: str) -> None:
    assert statements.defuse(text) == safe


def test_csv_tells_excel_that_it_is_utf_8() -> None:
    """A mark at the beginning, and lines that end as RFC 4180 says."""
    content = build(Format.CSV, [replace(ENTRY, wallet_name='Zürich, "Müller"\n2 🦊')])
    assert content.startswith(b"\xef\xbb\xbftime,wallet,")
    assert content.endswith(b"\r\n")
    assert b'"Z\xc3\xbcrich, ""M\xc3\xbcller""\n2 \xf0\x9f\xa6\x8a"' in content


# --- JSON ------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(ENTRIES, max_size=3))
def test_json_says_the_same_as_it_is(entries: list[statements.Entry]) -> None:
    """A list of objects; amounts are strings, names are not changed, what is not known is null."""
    read: list[dict[str, Any]] = json.loads(build(Format.JSON, entries))
    assert read == [statements.build_row(entry) for entry in entries]


# --- in pieces -------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(ENTRIES, max_size=4), st.integers(0, 4), st.sampled_from(Format))
def test_pieces_make_the_whole(entries: list[statements.Entry], cut: int, form: Format) -> None:
    """However they are cut, an empty piece included."""
    assert build(form, entries[:cut], [], entries[cut:]) == build(form, entries)
