"""The rules of a new time order: shape, minimums, an even total, the price range. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from bot import errors
from bot.domain import amounts, bounds, intents
from bot.services import checks, pricing

MIN_TOTAL_USD: Final = Decimal(100)
MIN_EACH_USD: Final = Decimal(50)
MIN_ORDERS: Final = 2
"""What the service enforces; it counts in USDC."""
MAX_ORDERS: Final = 10_000
MIN_INTERVAL: Final = timedelta(seconds=30)
MAX_INTERVAL: Final = timedelta(days=366)
MAX_START: Final = timedelta(days=366)


def check_shape(input_mint: str, output_mint: str, number_of_orders: int, interval_s: int) -> None:
    if input_mint == output_mint:
        raise errors.InvalidInput("An order sells one token to buy another: choose two different ones.")
    if number_of_orders < MIN_ORDERS:
        raise errors.OrderTooSmall(f"An order is split into at least {MIN_ORDERS} parts.")
    if number_of_orders > MAX_ORDERS:
        raise errors.InvalidInput(f"An order is split into at most {MAX_ORDERS} parts.")
    if interval_s < MIN_INTERVAL.total_seconds():
        raise errors.InvalidInput(f"The time between two parts is at least {MIN_INTERVAL.seconds} seconds.")
    if interval_s > MAX_INTERVAL.total_seconds():
        raise errors.InvalidInput("The time between two parts is at most a year.")


def start_second(start_at: datetime | None, now: datetime) -> int | None:
    """Unix seconds of the start. Raises InvalidInput for the past and the far future."""
    if start_at is None:
        return None
    if start_at <= now:
        raise errors.InvalidInput("That start is in the past. Leave it out to start at once.")
    if start_at - now > MAX_START:
        raise errors.InvalidInput("The start is at most a year from now.")
    return int(start_at.timestamp())


def round_total(raw: int, number_of_orders: int, token: amounts.Token) -> tuple[int, list[str]]:
    """The largest total that divides evenly: a remainder would become a dust cycle that may never fill."""
    total = raw - raw % number_of_orders
    if total == 0:
        raise errors.OrderTooSmall("That is too little to be split into so many parts.")
    if total == raw:
        return total, []
    shown, asked = (amounts.format_amount(value, token.decimals) for value in (total, raw))
    note = f"Rounded down from {asked} to {shown} {token.symbol}: {number_of_orders} equal parts."
    return total, [note]


def size(
    amount: str,
    number_of_orders: int,
    token: amounts.Token,
    available_raw: int,
    place: checks.Place,
    usd: Mapping[str, Decimal],
) -> tuple[int, list[str]]:
    """The total of a new order from what was typed, and what to say about it.

    Raises InvalidAmount, InsufficientFunds, OrderTooSmall with the numbers; GatewayUnavailable as below.
    """
    asked = checks.resolve(amount, token, available_raw, place)
    total, notes = round_total(asked, number_of_orders, token)
    check_minimums(asked, total, number_of_orders, token, usd)
    return total, notes


def check_minimums(
    asked_raw: int, total_raw: int, number_of_orders: int, token: amounts.Token, usd: Mapping[str, Decimal]
) -> None:
    """`asked_raw` is the total before it was rounded down for these parts.

    Raises OrderTooSmall with the numbers; GatewayUnavailable where no price tells."""
    price = _in_usdc(token.mint, usd)
    worth = pricing.value(total_raw, token, price)
    if worth is None:
        raise errors.GatewayUnavailable(
            f"The price of {token.symbol} is not known now, so Jupiter's minimum of {MIN_TOTAL_USD} USD "
            "cannot be checked. Nothing was done.",
            service="Jupiter",
        )
    if worth < MIN_TOTAL_USD:
        raise errors.OrderTooSmall(
            f"Jupiter's minimum for an order is {MIN_TOTAL_USD} USD in all; this is ≈ {_cents(worth)} USD. "
            "Nothing was done."
        )
    each = worth / number_of_orders
    if each < MIN_EACH_USD:
        most = int(worth * asked_raw / total_raw / MIN_EACH_USD)
        raise errors.OrderTooSmall(
            f"Jupiter's minimum for each part is {MIN_EACH_USD} USD; these are ≈ {_cents(each)} USD each. "
            f"With this total use at most {most} parts. Nothing was done."
        )


def bounded(
    intent: intents.CreateOrder,
    source: amounts.Token,
    target: amounts.Token,
    low: str | None,
    high: str | None,
) -> intents.CreateOrder:
    """The intent with a price range typed in the pair's usual direction. Raises InvalidAmount."""
    per_cycle_raw = intent.amount_raw // intent.number_of_orders
    found = bounds.build_bounds(source, target, per_cycle_raw, low, high)
    return replace(
        intent,
        min_price=found.min_price,
        max_price=found.max_price,
        min_out_raw=found.min_out_raw,
        max_out_raw=found.max_out_raw,
    )


def _in_usdc(mint: str, usd: Mapping[str, Decimal]) -> Decimal | None:
    if mint == amounts.USDC_MINT:
        return Decimal(1)
    price = usd.get(mint)
    return None if price is None else price / (usd.get(amounts.USDC_MINT) or Decimal(1))


def _cents(worth: Decimal) -> Decimal:
    return worth.quantize(Decimal("0.01"), ROUND_DOWN)
