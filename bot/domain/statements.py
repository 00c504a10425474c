"""Statements: a person's fills as a file for spreadsheets (CSV) or programs (JSON), one row a fill. Pure.

Amounts are exact decimal text; beside them stand base units, whose sums are those of the orders. Rows are
written in pieces, so that nobody has to hold a long statement in memory.

CSV begins with a byte-order mark: without one, Excel reads UTF-8 as the code page of its country, and every
name beyond ASCII is spoilt. Names are chosen by strangers, and a spreadsheet computes what looks like a
formula: such text gets an apostrophe before it, also where a separator of another country would make it the
beginning of a cell.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from bot.domain import amounts, fills, orders


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fill with everything that its row says. A token of unknown decimals is None: no amount is told."""

    fill: fills.Fill
    usd: Decimal | None
    """What the input was worth when the fill was found; None = nobody watched then, or no price was known."""
    wallet_name: str
    wallet_address: str
    number: int
    family: orders.Family
    sold: amounts.Token | None
    bought: amounts.Token | None
    fee: amounts.Token | None


Row = dict[str, str | int | None]
COLUMNS: Final = (
    "time",
    "wallet",
    "wallet_address",
    "order",
    "order_key",
    "family",
    "side",
    "sold",
    "sold_token",
    "sold_mint",
    "bought",
    "bought_net",
    "bought_token",
    "bought_mint",
    "fee",
    "fee_token",
    "fee_mint",
    "price",
    "usd",
    "signature",
    "sold_raw",
    "bought_raw",
    "bought_net_raw",
    "fee_raw",
)
"""`bought` is before Jupiter's fee, `bought_net` what arrived; `price` is sold / bought_net to 28 digits."""

_FOREIGN: Final = frozenset(
    {
        "wallet",
        "wallet_address",
        "order_key",
        "sold_token",
        "sold_mint",
        "bought_token",
        "bought_mint",
        "fee_token",
        "fee_mint",
        "signature",
    }
)
"""Columns in which others may have written anything; the rest are numbers and words of our own."""
_BOM: Final = "\ufeff"
_UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")
_HARMLESS: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:_-]*\Z")
_SEPARATORS: Final = frozenset(",;|\t\r\n")
_LINE_STARTS: Final = frozenset("\t\r\n")
_QUOTES: Final = frozenset("\"'`´‘’‚‛“”„‟«»‹›＂＇")
_REMEMBERED: Final = 4096
"""Names that come back in row after row."""
_UNSEEN: Final = frozenset("CMZ")
"""Categories of Unicode: controls and what is not assigned, marks, blanks."""
_FORMULA: Final = frozenset("=+-@\u2212")


# --- writing ---------------------------------------------------------------------------------------------


def build_head(form: Format) -> bytes:
    """What comes before the rows."""
    return b"[" if form is Format.JSON else (_BOM + ",".join(COLUMNS) + "\r\n").encode()


def build_rows(form: Format, entries: Iterable[Entry], *, first: bool) -> bytes:
    """The rows of these fills; `first` = no other rows stand before them."""
    rows = [build_row(entry) for entry in entries]
    if form is Format.CSV:
        return "".join([_line(row) for row in rows]).encode()
    between = "\n" if first else ",\n"
    return "".join(
        (between if place == 0 else ",\n") + json.dumps(row, ensure_ascii=False)
        for place, row in enumerate(rows)
    ).encode()


def build_tail(form: Format) -> bytes:
    """What comes after the rows."""
    return b"\n]\n" if form is Format.JSON else b""


def build_row(entry: Entry) -> Row:
    """The facts of one fill by column; what is not known is None."""
    fill, net_raw = entry.fill, entry.fill.net_out_raw
    price = None
    if entry.sold and entry.bought:
        price = fills.price(fill.in_raw, net_raw, entry.sold.decimals, entry.bought.decimals)
    return {
        "time": fill.confirmed_at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z",
        "wallet": _text(entry.wallet_name),
        "wallet_address": _text(entry.wallet_address),
        "order": entry.number,
        "order_key": _text(fill.order_key),
        "family": entry.family.value,
        "side": "sell" if amounts.sells_for_dollars(fill.input_mint, fill.output_mint) else "buy",
        "sold": _amount(fill.in_raw, entry.sold),
        "sold_token": _symbol(entry.sold),
        "sold_mint": _text(fill.input_mint),
        "bought": _amount(fill.out_raw, entry.bought),
        "bought_net": _amount(net_raw, entry.bought),
        "bought_token": _symbol(entry.bought),
        "bought_mint": _text(fill.output_mint),
        "fee": _amount(fill.fee_raw, entry.fee),
        "fee_token": _symbol(entry.fee),
        "fee_mint": _text(fill.fee_mint) or None,
        "price": _exact(price),
        "usd": _exact(entry.usd),
        "signature": _writable(fill.signature),
        "sold_raw": str(fill.in_raw),
        "bought_raw": str(fill.out_raw),
        "bought_net_raw": str(net_raw),
        "fee_raw": str(fill.fee_raw),
    }


def _amount(raw: int, token: amounts.Token | None) -> str | None:
    return None if token is None else amounts.format_amount(raw, token.decimals)


def _exact(value: Decimal | None) -> str | None:
    """Without an exponent, and without zeros at the end."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _symbol(token: amounts.Token | None) -> str | None:
    return None if token is None else _text(token.symbol)


def _writable(text: str) -> str:
    """Without what no file can hold."""
    return text if text.isascii() and text.isprintable() else _UNWRITABLE.sub("\ufffd", text)


_text = lru_cache(maxsize=_REMEMBERED)(_writable)
"""Of names that come back in row after row."""


def _line(row: Row) -> str:
    """Of a CSV, with its end. What we wrote ourselves is a number or a word, and no danger."""
    cells = [
        "" if value is None else _cell(str(value)) if name in _FOREIGN else str(value)
        for name, value in row.items()
    ]
    return ",".join(cells) + "\r\n"


@lru_cache(maxsize=_REMEMBERED)
def _cell(text: str) -> str:
    """Defused, and in quotes where a separator, a quote or a new line is in it."""
    if _HARMLESS.match(text):
        return text
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerow([defuse(text), ""])
    return sheet.getvalue().removesuffix(",\r\n")


# --- formulas --------------------------------------------------------------------------------------------


def defuse(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before everything that could begin one.

    Nothing else changes, and nothing is lost: an apostrophe before what looks like a formula is always ours.
    """
    if _HARMLESS.match(text):
        return text
    return "".join(
        "'" + char if _begins_cell(text, place) and _is_formula(text, place) else char
        for place, char in enumerate(text)
    )


def _begins_cell(text: str, place: int) -> bool:
    """Whether some reader may begin a cell here."""
    return place == 0 or text[place - 1] in _SEPARATORS


def _is_formula(text: str, place: int) -> bool:
    """Whether a formula begins here, blanks and quotes aside; a new line among those may hide one."""
    for char in text[place:]:
        if char in _LINE_STARTS:
            return True
        if char not in _QUOTES and unicodedata.category(char)[0] not in _UNSEEN:
            return unicodedata.normalize("NFKC", char)[0] in _FORMULA
    return False
