"""What a person confirms: the stored intent that every transaction is checked against.

The JSON form is the one of `recurring-bot inspect --intent`: raw integers as numbers or decimal text,
absent or null for "none".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bot import errors
from bot.domain import addresses, amounts
from bot.domain.orders import Family, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """Open a time order: sell `amount_raw` of the input in `number_of_orders` equal parts."""

    kind: ClassVar[str] = "time_create"
    user: str
    input_mint: str
    output_mint: str
    amount_raw: int
    number_of_orders: int
    interval_s: int
    min_out_raw: int | None = None
    """Least output of one cycle (from the highest price to pay), base units; None = no bound."""
    max_out_raw: int | None = None
    """Most output of one cycle (from the lowest price to pay), base units; None = no bound."""
    min_price: str | None = None
    """Decimal text sent to Jupiter; input per one output. None = no bound."""
    max_price: str | None = None
    start_at: int | None = None
    """Unix seconds; None = at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Close an order and return what is left to the wallet."""

    family: Family
    user: str
    order: str
    input_mint: str
    output_mint: str
    order_index: int | None = None

    @property
    def kind(self) -> str:
        return f"{self.family.value}_cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Add `amount_raw` of the input to a price order."""

    kind: ClassVar[str] = "price_deposit"
    user: str
    order: str
    input_mint: str
    output_mint: str
    amount_raw: int
    order_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Take funds of one side out of a price order; `amount_raw` None = everything there is."""

    kind: ClassVar[str] = "price_withdraw"
    user: str
    order: str
    input_mint: str
    output_mint: str
    amount_raw: int | None
    side: Side = Side.IN
    order_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send SOL (mint None) or an SPL token to an address."""

    kind: ClassVar[str] = "send"
    user: str
    to: str
    amount_raw: int
    mint: str | None = None
    decimals: int = amounts.SOL_DECIMALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrap:
    """Close the wallet's wrapped-SOL account; all of it becomes native SOL."""

    kind: ClassVar[str] = "unwrap"
    user: str


OfAnOrder = CancelOrder | Deposit | Withdraw
"""About an order that is there; to be signed, its address must derive from `order_index`."""
Intent = CreateOrder | OfAnOrder | Send | Unwrap


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The upper bounds of cost that the person saw on the card."""

    priority_fee_lamports: int = 1_000_000
    rent_lamports: int | None = None
    """Rent that may be locked by new accounts; None = no card was shown (when inspecting), so not judged."""


FIELDS = frozenset(
    {
        *("kind", "user", "input_mint", "output_mint", "amount"),
        *("number_of_orders", "interval_s", "min_out_amount", "max_out_amount", "start_at"),
        *("min_price", "max_price", "order", "order_index", "side", "to", "mint", "decimals"),
    }
)
"""Of the JSON form, of all kinds together."""


def order_of(intent: Intent) -> str | None:
    """Key of the existing order that an intent is about, if it is about one."""
    return intent.order if isinstance(intent, OfAnOrder) else None


def to_json(intent: Intent) -> dict[str, Any]:
    """The intent as one JSON object. Inverse of from_json."""
    match intent:
        case CreateOrder():
            return {
                "kind": intent.kind,
                "user": intent.user,
                "input_mint": intent.input_mint,
                "output_mint": intent.output_mint,
                "amount": intent.amount_raw,
                "number_of_orders": intent.number_of_orders,
                "interval_s": intent.interval_s,
                "min_out_amount": intent.min_out_raw,
                "max_out_amount": intent.max_out_raw,
                "min_price": intent.min_price,
                "max_price": intent.max_price,
                "start_at": intent.start_at,
            }
        case Send():
            return {
                "kind": intent.kind,
                "user": intent.user,
                "to": intent.to,
                "amount": intent.amount_raw,
                "mint": intent.mint,
                "decimals": intent.decimals,
            }
        case Unwrap():
            return {"kind": intent.kind, "user": intent.user}
    common = {
        "kind": intent.kind,
        "user": intent.user,
        "order": intent.order,
        "order_index": intent.order_index,
        "input_mint": intent.input_mint,
        "output_mint": intent.output_mint,
    }
    if isinstance(intent, Deposit):
        return common | {"amount": intent.amount_raw}
    if isinstance(intent, Withdraw):
        return common | {"amount": intent.amount_raw, "side": intent.side.value}
    return common


def from_json(data: object) -> Intent:
    """Read an intent. Raises InvalidInput that names the field which is missing or unusable."""
    if not isinstance(data, Mapping):
        raise errors.InvalidInput("An intent is one JSON object.")
    kind = data.get("kind")
    if kind == "time_create":
        return CreateOrder(
            user=_address(data, "user"),
            input_mint=_address(data, "input_mint"),
            output_mint=_address(data, "output_mint"),
            amount_raw=_positive(data, "amount"),
            number_of_orders=_positive(data, "number_of_orders"),
            interval_s=_positive(data, "interval_s"),
            min_out_raw=_optional(data, "min_out_amount"),
            max_out_raw=_optional(data, "max_out_amount"),
            min_price=_text_or_none(data, "min_price"),
            max_price=_text_or_none(data, "max_price"),
            start_at=_optional(data, "start_at"),
        )
    if kind == "send":
        return Send(
            user=_address(data, "user"),
            to=_address(data, "to"),
            amount_raw=_positive(data, "amount"),
            mint=None if data.get("mint") is None else _address(data, "mint"),
            decimals=_integer(data, "decimals") if "decimals" in data else amounts.SOL_DECIMALS,
        )
    if kind == "unwrap":
        return Unwrap(user=_address(data, "user"))
    if kind not in ("time_cancel", "price_cancel", "price_deposit", "price_withdraw"):
        raise errors.InvalidInput(f"kind: unknown kind of intent {json.dumps(kind)[:40]}")
    common: dict[str, Any] = {
        "user": _address(data, "user"),
        "order": _address(data, "order"),
        "input_mint": _address(data, "input_mint"),
        "output_mint": _address(data, "output_mint"),
        "order_index": _optional(data, "order_index"),
    }
    if kind == "price_deposit":
        return Deposit(**common, amount_raw=_positive(data, "amount"))
    if kind == "price_withdraw":
        amount = None if data.get("amount") is None else _positive(data, "amount")
        return Withdraw(**common, amount_raw=amount, side=_side(data))
    return CancelOrder(**common, family=Family.TIME if kind == "time_cancel" else Family.PRICE)


def _address(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not addresses.is_address(value):
        raise errors.InvalidInput(f"{name}: not a Solana address")
    return value


def _integer(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= amounts.U64_MAX:
        raise errors.InvalidInput(f"{name}: not an unsigned 64-bit integer")
    return value


def _positive(data: Mapping[str, Any], name: str) -> int:
    value = _integer(data, name)
    if value == 0:
        raise errors.InvalidInput(f"{name}: must be more than zero")
    return value


def _optional(data: Mapping[str, Any], name: str) -> int | None:
    return None if data.get(name) is None else _integer(data, name)


def _text_or_none(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise errors.InvalidInput(f"{name}: not decimal text")
    return value


def _side(data: Mapping[str, Any]) -> Side:
    value = data.get("side", "In")
    if not isinstance(value, str) or value not in {"In", "Out"}:
        raise errors.InvalidInput("side: must be In or Out")
    return Side(value)
