"""Building the requests of Recurring v1, and reading the short answers to them. No I/O here.

Everything that goes into a transaction is checked first: identifiers are opaque when reading only.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot import errors, texts
from bot.domain import addresses, intents, orders
from bot.jupiter import fields
from bot.ports import Crafted, ExecuteAnswer

ROOT: Final = "/recurring/v1"
LIST: Final = f"{ROOT}/getRecurringOrders"
EXECUTE: Final = f"{ROOT}/execute"
CREATE: Final = f"{ROOT}/createOrder"
CANCEL: Final = f"{ROOT}/cancelOrder"
WITHDRAW: Final = f"{ROOT}/priceWithdraw"
DEPOSIT: Final = (f"{ROOT}/priceDeposit", f"{ROOT}/smartDeposit", f"{ROOT}/depositOrder")
"""The present name first; older documentation has the other two."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request for a transaction. `paths` are names of one endpoint, to be tried until one exists."""

    paths: tuple[str, ...]
    body: Mapping[str, Any]
    other_body: Mapping[str, Any] | None = None
    """For a service that refuses the types in `body`: the same request in its other documented form."""


def build_list(owner: str, status: orders.Status, page: int) -> dict[str, str]:
    """Query for one page of every family. The specification requires `includeFailedTx`: failed ones never
    are fills, so without them."""
    return {
        "recurringType": "all",
        "orderStatus": status.value,
        "user": _address(owner),
        "page": str(page),
        "includeFailedTx": "false",
    }


def build_craft(intent: intents.Intent) -> Call:
    """The call that crafts the transaction of an intent.

    Raises OrderNotSupported for what needs no Jupiter, InvalidAddress and InvalidAmount for what can never
    be sent.
    """
    match intent:
        case intents.CreateOrder():
            return Call((CREATE,), _create(intent))
        case intents.CancelOrder():
            return Call((CANCEL,), _of_order(intent) | {"recurringType": intent.family.value})
        case intents.Deposit():
            return Call(DEPOSIT, _of_order(intent) | {"amount": intent.amount_raw})
        case intents.Withdraw():
            side = _of_order(intent) | {"inputOrOutput": intent.side.value}
            if intent.amount_raw is None:
                # No amount = everything.
                return Call((WITHDRAW,), side)
            # The specification wants text, the documentation's example sends a number.
            return Call(
                (WITHDRAW,), side | {"amount": str(intent.amount_raw)}, side | {"amount": intent.amount_raw}
            )
    raise errors.OrderNotSupported


def build_execute(request_id: str, signed: bytes) -> dict[str, str]:
    return {"requestId": request_id, "signedTransaction": base64.b64encode(signed).decode()}


def parse_crafted(body: object) -> Crafted:
    """Read `{requestId, transaction}`, or `{id, tx}` as older documentation has it.

    Nothing is known of the transaction here but that it is base64 text. Raises UnexpectedResponse.
    """
    if isinstance(body, Mapping):
        request_id = body.get("requestId") or body.get("id")
        transaction = body.get("transaction") or body.get("tx")
        if isinstance(request_id, str) and isinstance(transaction, str) and _is_base64(transaction):
            return Crafted(request_id, transaction)
    raise errors.UnexpectedResponse(texts.JUPITER_NO_TRANSACTION)


def parse_executed(body: object) -> ExecuteAnswer:
    """Read `{status, signature, error, order}`. Raises OutcomeUnknown for anything else: bytes have left."""
    if not isinstance(body, Mapping) or body.get("status") not in ("Success", "Failed"):
        raise errors.OutcomeUnknown
    try:
        signature = fields.identifier_or_none(body, "signature")
    except fields.Unreadable:
        signature = None
    error = body.get("error")
    words = None if error in (None, "") else fields.clean(str(error), 300)
    return ExecuteAnswer(body["status"] == "Success", signature, words)


def _create(intent: intents.CreateOrder) -> dict[str, Any]:
    time = {
        "inAmount": intent.amount_raw,
        "numberOfOrders": intent.number_of_orders,
        "interval": intent.interval_s,
        "minPrice": _price(intent.min_price),
        "maxPrice": _price(intent.max_price),
        "startAt": intent.start_at,
    }
    return {
        "user": _address(intent.user),
        "inputMint": _address(intent.input_mint),
        "outputMint": _address(intent.output_mint),
        "params": {"time": time},
    }


def _of_order(intent: intents.OfAnOrder) -> dict[str, Any]:
    return {"order": _address(intent.order), "user": _address(intent.user)}


def _address(text: str) -> str:
    if not addresses.is_address(text):
        raise errors.InvalidAddress
    return text


def _price(text: str | None) -> float | None:
    """A price bound as the double that the specification wants.

    The only float here; the bound that counts is the integer in the crafted transaction, which is checked.
    """
    if text is None:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation as exc:
        raise errors.InvalidAmount(texts.NO_PRICE) from exc
    if not price.is_finite() or not 0 < price < Decimal("1e30"):
        raise errors.InvalidAmount(texts.PRICE_ZERO)
    return float(price)


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False
