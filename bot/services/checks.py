"""What is checked before a card is made, each refusal a sentence for a person on a phone. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from bot import errors, ports, texts
from bot.domain import amounts, costs, intents, orders, wallets
from bot.services import funds
from bot.services.orders import OrderView


@dataclass(frozen=True, slots=True)
class Place:
    """Where money leaves, as a sentence begins, and what to add when there is too little."""

    name: str
    reason: str = ""


def require_key(wallet: wallets.Wallet) -> None:
    if not wallet.owned:
        raise errors.WatchOnly(texts.REFUSED_WATCH_ONLY.format(wallet=wallet.name))


def require_active(view: OrderView) -> None:
    if not view.order.active:
        raise errors.OrderNotSupported(texts.REFUSED_CLOSED.format(number=view.number))


def refuse_nothing(_: OrderView) -> None:
    """Every family can be cancelled."""


def refuse_deposit(view: OrderView) -> None:
    if view.order.family is not orders.Family.PRICE:
        raise errors.OrderNotSupported(texts.REFUSED_TIME_DEPOSIT.format(number=view.number))
    require_key(view.wallet)


def refuse_withdraw(view: OrderView) -> None:
    if view.order.family is not orders.Family.PRICE:
        raise errors.OrderNotSupported(texts.REFUSED_TIME_WITHDRAW.format(number=view.number))


def classic(token: amounts.Token) -> amounts.Token:
    if not token.classic:
        raise errors.UnsupportedToken(texts.REFUSED_TOKEN_2022.format(symbol=token.symbol))
    return token


def native(mint: str) -> str | None:
    """Orders take SOL as native SOL: None. Every other mint is itself."""
    return None if mint == amounts.WSOL_MINT else mint


def in_wallet(
    token: amounts.Token, holdings: ports.Holdings, limits: intents.Limits, *, native: bool | None = None
) -> Place:
    """The wallet as a place; of SOL a part has to stay, and the sentence says so."""
    if token.mint == amounts.WSOL_MINT if native is None else native:
        stays = funds.sol(costs.total(limits) + costs.SIMPLE_SEND_RESERVE)
        held = funds.sol(holdings.lamports)
        return Place(texts.IN_WALLET, texts.SOL_STAYS.format(held=held, stays=stays))
    return Place(texts.IN_WALLET)


def resolve(text: str, token: amounts.Token, available_raw: int, place: Place) -> int:
    """The typed amount in base units. Raises InvalidAmount, InsufficientFunds with the numbers."""
    quantity = amounts.parse_quantity(text, token.decimals)
    held = amounts.format_amount(available_raw, token.decimals)
    if available_raw <= 0:
        raise errors.InsufficientFunds(
            texts.NOTHING_THERE.format(place=place.name, symbol=token.symbol, reason=place.reason)
        )
    match quantity:
        case amounts.Exactly(raw):
            pass
        case amounts.Share(percent):
            raw = amounts.share_of(available_raw, percent)
        case amounts.Everything():
            raw = available_raw
    if raw > available_raw:
        asked = amounts.format_amount(raw, token.decimals)
        raise errors.InsufficientFunds(
            texts.TOO_LITTLE_THERE.format(
                place=place.name, held=held, symbol=token.symbol, asked=asked, reason=place.reason
            )
        )
    if raw == 0:
        raise errors.InvalidAmount(texts.SHARE_TOO_SMALL.format(held=held, symbol=token.symbol))
    return raw


def unverified_warnings(tokens: Collection[amounts.Token]) -> list[str]:
    return [
        texts.WARN_UNVERIFIED.format(symbol=token.symbol, mint=token.mint)
        for token in tokens
        if not token.verified
    ]


def wrapped_note(tokens: Collection[amounts.Token]) -> list[str]:
    if any(token.mint == amounts.WSOL_MINT for token in tokens):
        return [texts.NOTE_WRAPPED]
    return []


def cancel_notes(order: orders.Order) -> list[str]:
    if order.family is orders.Family.TIME:
        return [texts.NOTE_RENT_BACK]
    return []
