"""A file of fills in a real spreadsheet: names survive, nothing is computed, sums are exact as text.

Takes LibreOffice; where there is none it is skipped, also where nothing else may be.
"""

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from bot.domain import amounts, fills, orders, statements
from bot.domain.statements import COLUMNS, Format
from tests.fakes.chain import make_address
from tests.fakes.world import make_fill

SOFFICE: Final = shutil.which("soffice")
NAMES: Final = (
    *("plain", "a,b", 'say "hi"', "two\nlines", "semi;colon", "\ttab", "🦊 fox", "мой", "مرحبا", "'quoted"),
    *("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', " =1+1", '"=1+1"', "a,=1+1", "a\n=1+1"),
    *("＝1+1", "\u200b=1+1", "=cmd|' /C calc'!A1", "1e5", "007", "2026-01-01", "1/2", "TRUE"),
)
NUMBERS: Final = ("1e5", "007", "2026-01-01", "1/2", "TRUE")
"""What a spreadsheet takes for a value, unless it is told that it is text."""
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_UTF_8: Final = "CSV:44,34,76,1"
"""LibreOffice's filter: comma, quote, UTF-8, from the first line on; then columns by number and type."""
_AS_TEXT: Final = "/".join(f"{number}/2" for number in range(1, len(COLUMNS) + 1))


def entries() -> list[statements.Entry]:
    """Every name as that of a wallet and of a token, with amounts of twenty digits."""
    made = []
    for number, name in enumerate(NAMES):
        token = amounts.Token(make_address(f"mint {number}"), name, name, 6)
        fill = replace(
            make_fill("order", number, at=-number * timedelta(minutes=17)),
            in_raw=amounts.U64_MAX - number,
            out_raw=amounts.U64_MAX // 3 - number,
            fee_raw=number,
            fee_mint=token.mint,
            output_mint=token.mint,
        )
        made.append(
            statements.Entry(
                fill=fill,
                usd=Decimal("10.2"),
                wallet_name=name,
                wallet_address=make_address("owner"),
                number=7,
                family=orders.Family.TIME,
                sold=token,
                bought=token,
                fee=token,
            )
        )
    return made


def opened(folder: Path, columns: str, *contents: bytes) -> list[ET.Element]:
    """These files as LibreOffice has them, all by one process."""
    assert SOFFICE is not None
    files = [folder / f"{number}.csv" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    command = [
        SOFFICE,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        f"--infilter={_UTF_8},{columns}",
        *("--convert-to", "fods", "--outdir", str(folder), *map(str, files)),
    ]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return [ET.parse(file.with_suffix(".fods")).getroot() for file in files]


def formulas(sheet: ET.Element) -> list[str]:
    return [said for node in sheet.iter() if (said := node.get(f"{_TABLE}formula"))]


def rows_of(sheet: ET.Element) -> list[list[str]]:
    """What it shows in each cell."""
    rows = [list(cells(row)) for row in sheet.iter(f"{_TABLE}table-row")]
    return [row for row in rows if any(row)]


def cells(row: ET.Element) -> Iterator[str]:
    for cell in row.findall(f"{_TABLE}table-cell"):
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if repeated < len(COLUMNS):
            yield from ["\n".join(map(words, cell.findall(f"{_TEXT}p")))] * repeated


def words(node: ET.Element) -> str:
    """With its tabs and blanks, which are elements."""
    said = node.text or ""
    for child in node:
        blanks = " " * int(child.get(f"{_TEXT}c", "1")) if child.tag == f"{_TEXT}s" else ""
        said += ("\t" if child.tag == f"{_TEXT}tab" else blanks or words(child)) + (child.tail or "")
    return said


def column(rows: Sequence[Sequence[str]], name: str) -> list[str]:
    return [row[COLUMNS.index(name)] for row in rows[1:]]


@pytest.mark.skipif(SOFFICE is None, reason="there is no LibreOffice (soffice) here")
def test_a_spreadsheet_shows_what_is_in_the_file_and_computes_nothing(tmp_path: Path) -> None:
    """Opened as it comes, and with all columns as text: then to the last digit, and sums are the orders'."""
    made = entries()
    content = statements.build_head(Format.CSV) + statements.build_rows(Format.CSV, made, first=True)
    meant = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    sheet, careless = opened(tmp_path, "", content, b"time,wallet\r\n2026-01-01,=1+1\r\n")
    assert formulas(careless), "what computes is noticed"
    assert not formulas(sheet)
    plain = rows_of(sheet)
    assert plain[0] == list(COLUMNS)
    for name in ("wallet", "sold_token", "bought_token", "fee_token"):
        guarded = map(statements.defuse, NAMES)
        shown = zip(NAMES, guarded, column(plain, name), strict=True)
        assert {said for said, safe, seen in shown if seen != safe} <= set(NUMBERS)
    (sheet,) = opened(tmp_path, _AS_TEXT, content)
    assert not formulas(sheet)
    exact = rows_of(sheet)
    assert exact == meant
    totals = fills.totals(entry.fill for entry in made)
    assert sum(map(int, column(exact, "sold_raw"))) == totals.in_raw
    assert sum(map(int, column(exact, "bought_net_raw"))) == totals.out_raw
    assert sum(map(int, column(exact, "fee_raw"))) == totals.fee_raw
    assert sum(Decimal(sold).scaleb(6) for sold in column(exact, "sold")) == totals.in_raw
