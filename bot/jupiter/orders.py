"""Reading Jupiter's list of recurring orders. No I/O here.

One bad item never costs the others: what cannot be read is left out, counted, and described for the log.
Only raw integers are read; the decimal twins beside them are for people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot import errors
from bot.domain import fills, orders
from bot.jupiter import fields

_LISTS: Final = {"time": orders.Family.TIME, "price": orders.Family.PRICE, "all": None}
_LONGEST_CYCLE_S: Final = 100 * 366 * 86_400
_MOST_PAGES: Final = 1_000
"""10,000 orders. More than that is not a wallet but an answer that keeps us paging."""


def parse_orders(
    body: object, owner: str, status: orders.Status, page: int
) -> tuple[orders.OrderPage, list[str]]:
    """Read one page of `getRecurringOrders` for the owner that was asked for.

    Items are accepted in whichever list they come. Returns the page, and one line for each item left out.
    Raises UnexpectedResponse when it is not such a page at all, or one of the other status: taking active
    orders for closed ones could not be undone.
    """
    if not isinstance(body, Mapping):
        raise errors.UnexpectedResponse
    lists = {name: body[name] for name in _LISTS if isinstance(body.get(name), list)}
    if not lists or body.get("orderStatus") not in (None, status.value):
        raise errors.UnexpectedResponse
    problems: list[str] = []
    seen: dict[str, orders.SeenOrder] = {}
    for item, listed in ((item, _LISTS[name]) for name, items in lists.items() for item in items):
        try:
            order = _order(item, listed, owner, status)
        except fields.Unreadable as exc:
            problems.append(f"order {_name(item, 'orderKey')}: {exc}")
            continue
        known = seen.get(order.key)
        trades = {fill.signature: fill for fill in known.fills} if known else {}
        problems.extend(
            f"trade {fill.signature} of order {order.key}: told twice, differently"
            for fill in _fills(item, order, problems)
            if trades.setdefault(fill.signature, fill) != fill
        )
        told = sorted(trades.values(), key=lambda fill: fill.confirmed_at)
        newest = known.order if known and known.order.updated_at >= order.updated_at else order
        seen[order.key] = orders.SeenOrder(newest, tuple(told))
    newest_first = sorted(seen.values(), key=lambda one: one.order.created_at, reverse=True)
    page = _page(body, "page", page)
    total = _page(body, "totalPages", page)
    return orders.OrderPage(tuple(newest_first), page, total, len(problems)), problems


def _order(item: object, listed: orders.Family | None, owner: str, status: orders.Status) -> orders.Order:
    if not isinstance(item, Mapping):
        raise fields.Unreadable("not an object")
    if fields.identifier(item, "userPubkey") != owner:
        raise fields.Unreadable("belongs to another owner")
    family = _family(item, listed)
    created_at = fields.moment(item, "createdAt")
    cycle = "cycleFrequency" if family is orders.Family.TIME else "orderInterval"
    order = orders.Order(
        family=family,
        status=status,
        key=fields.identifier(item, "orderKey"),
        owner=owner,
        input_mint=fields.identifier(item, "inputMint"),
        output_mint=fields.identifier(item, "outputMint"),
        in_deposited_raw=fields.integer(item, "rawInDeposited"),
        in_used_raw=fields.integer(item, "rawInUsed"),
        in_withdrawn_raw=fields.integer(item, "rawInWithdrawn"),
        out_received_raw=fields.integer(item, "rawOutReceived"),
        out_withdrawn_raw=fields.integer(item, "rawOutWithdrawn"),
        cycle=timedelta(seconds=fields.integer(item, cycle, _LONGEST_CYCLE_S)),
        open_tx=fields.identifier_or_none(item, "openTx") or "",
        close_tx=fields.identifier_or_none(item, "closeTx"),
        created_at=created_at,
        updated_at=fields.moment_or_none(item, "updatedAt") or created_at,
        start_at=fields.moment_or_none(item, "startAt"),
    )
    if family is orders.Family.TIME:
        return replace(
            order,
            in_per_cycle_raw=fields.integer(item, "rawInAmountPerCycle"),
            min_out_raw=fields.integer_or(item, "rawMinOutAmount", 0),
            max_out_raw=fields.integer_or(item, "rawMaxOutAmount", 0),
            user_closed=item.get("userClosed") is True,
        )
    return replace(
        order,
        increment_usd_raw=fields.integer_or(item, "rawIncrementalUsdValue", 0),
        # `closedBy` is not documented beyond its name; it is taken for an address or the word.
        user_closed=item.get("closedBy") in (owner, "user", "User"),
    )


def _family(item: Mapping[str, Any], listed: orders.Family | None) -> orders.Family:
    """The item says it, or the list it is in, or what only one family has."""
    told = item.get("recurringType")
    if isinstance(told, str) and told in (orders.Family.TIME, orders.Family.PRICE):
        return orders.Family(told)
    if listed:
        return listed
    if "cycleFrequency" in item:
        return orders.Family.TIME
    if "orderInterval" in item:
        return orders.Family.PRICE
    raise fields.Unreadable("recurringType")


def _fills(item: Mapping[str, Any], order: orders.Order, problems: list[str]) -> Iterator[fills.Fill]:
    trades = item.get("trades")
    if trades is not None and not isinstance(trades, list):
        problems.append(f"order {order.key}: trades")
        return
    for trade in trades or []:
        try:
            if fill := _fill(trade, order):
                yield fill
        except fields.Unreadable as exc:
            problems.append(f"trade {_name(trade, 'txId')} of order {order.key}: {exc}")


def _fill(trade: object, order: orders.Order) -> fills.Fill | None:
    """A trade as a fill; None for what is documented not to be one."""
    if not isinstance(trade, Mapping):
        raise fields.Unreadable("not an object")
    action = trade.get("action")
    if not isinstance(action, str):
        raise fields.Unreadable("action")
    if action.casefold() != "fill":
        return None
    if (fields.identifier_or_none(trade, "orderKey") or order.key) != order.key:
        raise fields.Unreadable("belongs to another order")
    return fills.Fill(
        order_key=order.key,
        signature=fields.identifier(trade, "txId"),
        input_mint=fields.identifier_or_none(trade, "inputMint") or order.input_mint,
        output_mint=fields.identifier_or_none(trade, "outputMint") or order.output_mint,
        in_raw=fields.integer(trade, "rawInputAmount"),
        out_raw=fields.integer(trade, "rawOutputAmount"),
        fee_mint=fields.identifier_or_none(trade, "feeMint") or "",
        fee_raw=fields.integer_or(trade, "rawFeeAmount", 0),
        confirmed_at=fields.moment(trade, "confirmedAt"),
    )


def _page(body: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return min(max(1, fields.integer(body, name)), _MOST_PAGES)
    except fields.Unreadable:
        return default


def _name(item: object, field: str) -> str:
    value = item.get(field) if isinstance(item, Mapping) else None
    return fields.clean(value, 60) if isinstance(value, str) else "?"
