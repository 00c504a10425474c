"""Any value of a type, as hostile as the world may make it, out of its annotations: nothing is forgotten.

Foreign text is markup, right-to-left, endless or a look-alike; numbers are as large as their columns hold.
What only we write (addresses, zones, routes) has its form.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from bot.chat import markup, render
from bot.domain import addresses, amounts
from bot.services import status
from tests.fakes.clock import START

MANY = 60
"""So many of a kind come at once now and then."""

NASTY = st.text(max_size=60) | st.sampled_from(
    [
        "",
        "<b>bold</b>",
        "</code>",
        "&amp",
        "x" * 5000,
        "a" * 200,
        "\u202egnp.exe",
        "\u0000",
        "مرحبا بالعالم",
        "Z" + "\u0301" * 500,
        "<a href='x'>",
        "{count}",
        "USDC",
        "USDС",
        "line\nline",
    ]
)
ADDRESSES = st.binary(min_size=32, max_size=32).map(addresses.encode_base58) | st.sampled_from(
    [amounts.USDC_MINT, amounts.WSOL_MINT]
)
SIGNATURES = st.sampled_from([addresses.encode_base58(bytes([n]) * 64) for n in (0, 1, 255)])
MOMENTS = st.timedeltas(timedelta(days=-3000), timedelta(days=3000)).map(lambda span: START + span)

_ZONES = st.sampled_from(["UTC", "Asia/Kathmandu", "+05:30"])

_STRINGS: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(["mint", "input_mint", "output_mint", "fee_mint"], ADDRESSES),
    **dict.fromkeys(["key", "owner", "pubkey", "user", "order", "order_key", "to", "address"], ADDRESSES),
    **dict.fromkeys(["signature", "open_tx", "close_tx"], SIGNATURES),
    **dict.fromkeys(["since", "until", "due_at"], MOMENTS.map(datetime.isoformat)),
    **dict.fromkeys(["min_price", "max_price"], st.sampled_from(["150", "0", "NaN", "1e999999", ""])),
    **dict.fromkeys(["zone", "timezone"], _ZONES),
    "submit_via": st.sampled_from(["jupiter", "rpc"]),
    "token": st.just("token-01"),
}
"""Text that has a form of its own, by the name of its field."""
_NUMBERS: dict[str, st.SearchStrategy[int]] = {
    "decimals": st.integers(0, 18) | st.just(255),
    "interval_s": st.integers(1, 31_000_000),
    "number_of_orders": st.integers(1, 10_000),
    "start_at": st.integers(1_500_000_000, 4_000_000_000),
    "digest_at": st.integers(0, 1439),
    "digest_on": st.integers(0, 6),
    "begin": st.integers(0, 1439),
    "limit": st.just(4096),
}
_QUIET = st.tuples(st.integers(0, 719), st.integers(720, 1439))


@dataclasses.dataclass(frozen=True)
class AnyValue:
    tokens: st.SearchStrategy[amounts.Token] | None = None
    """Every token is one of these; None = any."""
    text: st.SearchStrategy[str] = NASTY
    """Text that somebody else wrote."""

    def of(
        self, hint: Any, *, name: str = "", text: st.SearchStrategy[str] | None = None
    ) -> st.SearchStrategy[Any]:
        """Any value of this annotation; `text` is what a bare str may be. Raises TypeError for a new kind."""
        text = self.text if text is None else text
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if hint is type(None):
            return st.none()
        if origin in {typing.Union, types.UnionType}:
            return st.one_of([self.of(arg, name=name, text=text) for arg in args])
        if isinstance(origin, type) and issubclass(origin, Iterable):
            return self._many(origin, args, name, text)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self._made(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return st.sampled_from(list(hint))
        if hint is str:
            return _STRINGS.get(name, text)
        return _NUMBERS[name] if hint is int and name in _NUMBERS else _leaf(hint)

    def _made(self, kind: type) -> st.SearchStrategy[Any]:
        if kind is markup.Screen:
            return self.text.map(lambda text: markup.screen(["<b>Screen</b>", render.foreign(text)]))
        if kind is amounts.Token and self.tokens is not None:
            return self.tokens
        hints = typing.get_type_hints(kind)
        made = {name: self.of(hint, name=name) for name, hint in hints.items() if name in _fields(kind)}
        return st.builds(kind, **made)

    def _many(
        self, origin: type, args: tuple[Any, ...], name: str, text: st.SearchStrategy[str]
    ) -> st.SearchStrategy[Any]:
        if issubclass(origin, Mapping) and name == "services":
            return st.fixed_dictionaries({key: self.of(args[1]) for key in status.SERVICES})
        if issubclass(origin, Mapping) and isinstance(args[0], type) and issubclass(args[0], Enum):
            return st.fixed_dictionaries({key: self.of(args[1], text=text) for key in args[0]})
        if issubclass(origin, Mapping):
            return st.dictionaries(self.of(args[0], text=text), self.of(args[1], text=text), max_size=3)
        if name == "quiet":
            return _QUIET
        if origin is tuple and Ellipsis not in args:
            return st.tuples(*(self.of(arg, text=text) for arg in args))
        item = self.of(args[0], text=text)
        if origin in {set, frozenset}:
            return st.sets(item, max_size=3)
        return st.lists(item, max_size=2) | item.map(lambda value: [value] * MANY)


def _fields(kind: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def _leaf(hint: Any) -> st.SearchStrategy[Any]:
    leaves: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(0, 9) | st.integers(0, amounts.U64_MAX),
        float: st.floats(0, 1),
        bytes: st.just(b"bytes"),
        Decimal: st.decimals(min_value=Decimal("1e-24"), max_value=Decimal("1e15"), allow_nan=False),
        datetime: MOMENTS,
        timedelta: st.timedeltas(timedelta(seconds=1), timedelta(days=4000)),
        tzinfo: st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
        Any: st.integers(0, 9),
    }
    if hint not in leaves:
        raise TypeError(f"tests/fakes/any_value.py makes no {hint} yet")
    return leaves[hint]
