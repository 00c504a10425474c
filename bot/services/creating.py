"""The rules of a new time order: shape, minimums, an even total, the price range. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from bot import errors, texts
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
        raise errors.InvalidInput(texts.NEW_SAME_TOKEN)
    if number_of_orders < MIN_ORDERS:
        raise errors.OrderTooSmall(texts.NEW_TOO_FEW_PARTS.format(least=MIN_ORDERS))
    if number_of_orders > MAX_ORDERS:
        raise errors.InvalidInput(texts.NEW_TOO_MANY_PARTS.format(most=MAX_ORDERS))
    if interval_s < MIN_INTERVAL.total_seconds():
        raise errors.InvalidInput(texts.NEW_TOO_OFTEN.format(seconds=MIN_INTERVAL.seconds))
    if interval_s > MAX_INTERVAL.total_seconds():
        raise errors.InvalidInput(texts.NEW_TOO_RARELY)


def start_second(start_at: datetime | None, now: datetime) -> int | None:
    """Unix seconds of the start. Raises InvalidInput for the past and the far future."""
    if start_at is None:
        return None
    if start_at <= now:
        raise errors.InvalidInput(texts.NEW_START_PAST)
    if start_at - now > MAX_START:
        raise errors.InvalidInput(texts.NEW_START_FAR)
    return int(start_at.timestamp())


def round_total(raw: int, number_of_orders: int, token: amounts.Token) -> tuple[int, list[str]]:
    """The largest total that divides evenly: a remainder would become a dust cycle that may never fill."""
    total = raw - raw % number_of_orders
    if total == 0:
        raise errors.OrderTooSmall(texts.NEW_DUST)
    if total == raw:
        return total, []
    shown, asked = (amounts.format_amount(value, token.decimals) for value in (total, raw))
    note = texts.NEW_ROUNDED.format(asked=asked, shown=shown, symbol=token.symbol, parts=number_of_orders)
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
            texts.NEW_NO_PRICE.format(symbol=token.symbol, least=MIN_TOTAL_USD),
            service="Jupiter",
        )
    if worth < MIN_TOTAL_USD:
        raise errors.OrderTooSmall(texts.NEW_BELOW_TOTAL.format(least=MIN_TOTAL_USD, worth=_cents(worth)))
    each = worth / number_of_orders
    if each < MIN_EACH_USD:
        most = int(worth * asked_raw / total_raw / MIN_EACH_USD)
        raise errors.OrderTooSmall(
            texts.NEW_BELOW_EACH.format(least=MIN_EACH_USD, worth=_cents(each), most=most)
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
