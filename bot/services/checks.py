"""What is checked before a card is made, each refusal a sentence for a person on a phone. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from bot import errors, ports
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
        raise errors.WatchOnly(
            f"{wallet.name} is watched only: there is no key here to sign with. Nothing was done."
        )


def require_active(view: OrderView) -> None:
    if not view.order.active:
        raise errors.OrderNotSupported(
            f"Order #{view.number} is closed already; what was left is back in the wallet. Nothing was done."
        )


def refuse_nothing(_: OrderView) -> None:
    """Every family can be cancelled."""


def refuse_deposit(view: OrderView) -> None:
    if view.order.family is not orders.Family.PRICE:
        raise errors.OrderNotSupported(
            f"Order #{view.number} is a time order, and Jupiter's API cannot add funds to one. "
            "You can open a new order with the same settings. Nothing was done."
        )
    require_key(view.wallet)


def refuse_withdraw(view: OrderView) -> None:
    if view.order.family is not orders.Family.PRICE:
        raise errors.OrderNotSupported(
            f"Order #{view.number} is a time order, and Jupiter's API cannot take a part out of one. "
            "You can cancel it: the rest comes back to the wallet. Nothing was done."
        )


def classic(token: amounts.Token) -> amounts.Token:
    if not token.classic:
        raise errors.UnsupportedToken(
            f"{token.symbol} is a Token-2022 token; only classic SPL tokens work here. Nothing was done."
        )
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
        return Place(
            "In the wallet", f" It holds {held} SOL, of which up to {stays} SOL stays for fees and rent."
        )
    return Place("In the wallet")


def resolve(text: str, token: amounts.Token, available_raw: int, place: Place) -> int:
    """The typed amount in base units. Raises InvalidAmount, InsufficientFunds with the numbers."""
    quantity = amounts.parse_quantity(text, token.decimals)
    held = amounts.format_amount(available_raw, token.decimals)
    if available_raw <= 0:
        raise errors.InsufficientFunds(
            f"{place.name} there is no {token.symbol} to use.{place.reason} Nothing was done."
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
            f"{place.name} there is {held} {token.symbol} to use, and you asked for {asked}."
            f"{place.reason} Nothing was done."
        )
    if raw == 0:
        raise errors.InvalidAmount(f"That share of {held} {token.symbol} is less than one unit.")
    return raw


def unverified_warnings(tokens: Collection[amounts.Token]) -> list[str]:
    return [
        f"{token.symbol} is not a verified token: compare its address {token.mint} with a source you trust."
        for token in tokens
        if not token.verified
    ]


def wrapped_note(tokens: Collection[amounts.Token]) -> list[str]:
    if any(token.mint == amounts.WSOL_MINT for token in tokens):
        return ["SOL may come back wrapped; the wallet screen can unwrap it."]
    return []


def cancel_notes(order: orders.Order) -> list[str]:
    if order.family is orders.Family.TIME:
        return ["The SOL that the order's accounts lock comes back, too."]
    return []
