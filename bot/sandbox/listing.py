"""Orders and trades in the JSON of Recurring v1, as its documentation's example shows them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.domain import amounts
from bot.sandbox import orderstate, tokens
from bot.sandbox.book import Entry, Trade
from bot.solana.programs import accounts

USD_DECIMALS = 6
Json = dict[str, Any]


def show_order(entry: Entry, trades: list[Trade], *, with_type: bool) -> Json:
    """One item of getRecurringOrders; `with_type` in a list that mixes families."""
    state = entry.state
    shown = {
        "userPubkey": entry.user,
        "orderKey": entry.key,
        "inputMint": str(state.input_mint),
        "outputMint": str(state.output_mint),
        **_amount("InDeposited", state.in_deposited, str(state.input_mint)),
        **_amount("InWithdrawn", state.in_withdrawn, str(state.input_mint)),
        **_amount("InUsed", state.in_used, str(state.input_mint)),
        **_amount("OutReceived", state.out_received, str(state.output_mint)),
        **_amount("OutWithdrawn", state.out_withdrawn, str(state.output_mint)),
        "openTx": entry.open_tx,
        "closeTx": entry.close_tx,
        "createdAt": moment(state.created_at),
        "updatedAt": moment(entry.updated_at),
        "trades": [show_trade(trade) for trade in reversed(trades)],
    }
    shown |= _time(entry, state) if isinstance(state, accounts.Dca) else _price(entry, state)
    return shown | {"recurringType": entry.family} if with_type else shown


def show_trade(trade: Trade) -> Json:
    bought, fee = decimals_of(trade.output_mint), trade.output_mint
    return {
        "orderKey": trade.order,
        "keeper": trade.keeper,
        "inputMint": trade.input_mint,
        "outputMint": trade.output_mint,
        "inputAmount": plain(trade.in_raw, decimals_of(trade.input_mint)),
        "outputAmount": plain(trade.out_raw, bought),
        "rawInputAmount": str(trade.in_raw),
        "rawOutputAmount": str(trade.out_raw),
        "feeMint": fee,
        "feeAmount": plain(trade.fee_raw, bought),
        "rawFeeAmount": str(trade.fee_raw),
        "txId": trade.tx,
        "confirmedAt": moment(trade.at),
        "action": "Fill",
        "productMeta": None,
    }


def moment(seconds: float) -> str:
    """As `2025-03-15T10:30:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(raw: int, decimals: int) -> str:
    """Decimal text, with a point: `10.0`."""
    text = amounts.format_amount(raw, decimals)
    return text if "." in text else f"{text}.0"


def decimals_of(mint: str) -> int:
    return tokens.BY_MINT[mint].decimals


def _time(entry: Entry, state: accounts.Dca) -> Json:
    bought = str(state.output_mint)
    return {
        **_amount("InAmountPerCycle", state.in_amount_per_cycle, str(state.input_mint)),
        **_amount("MinOutAmount", state.min_out_amount, bought),
        **_amount("MaxOutAmount", state.max_out_amount, bought),
        "cycleFrequency": state.cycle_frequency,
        "userClosed": entry.user_closed,
    }


def _price(entry: Entry, state: accounts.ValueAverage) -> Json:
    return {
        **_amount("InLeft", state.in_left, str(state.input_mint)),
        **_usd("IncrementalUsdValue", state.increment_usdc_value),
        **_usd("SupposedUsdValue", state.supposed_usdc_value),
        **_usd("EstimatedUsdcValueSpent", entry.spent_usd_raw),
        "orderInterval": str(state.order_interval),
        "status": "Open" if entry.active else "Closed",
        "closedBy": entry.user if entry.user_closed else "",
        "startAt": moment(state.created_at),
        # Its specification knows no null here, unlike the example of a time order.
        "closeTx": entry.close_tx or "",
    }


def _amount(name: str, raw: int, mint: str) -> Json:
    return {name[0].lower() + name[1:]: plain(raw, decimals_of(mint)), f"raw{name}": str(raw)}


def _usd(name: str, raw: int) -> Json:
    return {name[0].lower() + name[1:]: plain(raw, USD_DECIMALS), f"raw{name}": str(raw)}


def number(value: Decimal) -> float:
    """Prices are JSON numbers; the only floats that leave here."""
    return float(value)


def ledger_entry(entry: Entry) -> Json:
    """The order as `GET /sandbox/ledger` tells it: numbers straight from its account."""
    state = entry.state
    return {
        "order": entry.key,
        "family": entry.family,
        "user": entry.user,
        "inputMint": str(state.input_mint),
        "outputMint": str(state.output_mint),
        "rawInDeposited": str(state.in_deposited),
        "rawInUsed": str(state.in_used),
        "rawInWithdrawn": str(state.in_withdrawn),
        "rawInLeft": str(orderstate.in_left(state)),
        "rawOutReceived": str(state.out_received),
        "rawOutWithdrawn": str(state.out_withdrawn),
        "status": "active" if entry.active else "history",
        "userClosed": entry.user_closed,
        "openTx": entry.open_tx,
        "closeTx": entry.close_tx,
        "createdAt": moment(state.created_at),
        "updatedAt": moment(entry.updated_at),
    }
