"""Whether a price order still has enough to spend."""

from decimal import ROUND_FLOOR, Decimal

from bot.domain import amounts, orders

USD_DECIMALS = 6
"""Of `increment_usd_raw`: it counts base units of USDC."""


def next_cycle_raw(
    order: orders.Order, token: amounts.Token | None, usd: Decimal | None, last_in_raw: int | None
) -> int | None:
    """About how much input the next cycle of a price order takes; None when nothing tells.

    The configured growth per cycle at today's price, else what the last fill took. An estimate.
    """
    if order.increment_usd_raw and token is not None and usd:
        whole = amounts.to_decimal(order.increment_usd_raw, USD_DECIMALS) / usd
        return int(whole.scaleb(token.decimals).to_integral_value(ROUND_FLOOR))
    return last_in_raw


def is_low(order: orders.Order, needed_raw: int | None) -> bool:
    """Whether an active price order holds less than one more cycle takes."""
    if order.family is not orders.Family.PRICE or not order.active:
        return False
    return order.in_left_raw == 0 or (needed_raw is not None and order.in_left_raw < needed_raw)
