"""The order that a person means; where several could be meant, they are asked by buttons."""

from collections.abc import Sequence

from bot import errors
from bot.chat import order_choices, order_words
from bot.chat.context import Turn
from bot.domain import search
from bot.domain.wallets import Wallet
from bot.services.finding import Wanted
from bot.services.orders import OrderSummary, OrderView


async def find_order(turn: Turn, text: str, wanted: Wanted, *go_on: str) -> OrderView | None:
    """None = the candidates were shown, or the only one that is not what it looks like.

    Their buttons go on with what was said besides: the verb of `wanted`, the order's number, then `go_on`.
    Raises OrderNotFound, InvalidInput.
    """
    try:
        return await turn.services.orders.find(turn.user_id, text, wanted)
    except errors.AmbiguousOrder as exc:
        shown = exc.candidates[: order_choices.MOST_CANDIDATES]
        views = await turn.services.orders.list_some(turn.user_id, shown)
        more = len(exc.candidates) - len(shown)
        verb = "order" if wanted is Wanted.ANY else wanted.value
        await turn.show(order_choices.build_candidates(exc.message, views, more, verb, go_on))
        return None


async def ask(turn: Turn, title: str, views: Sequence[OrderSummary], wanted: Wanted) -> None:
    """Which of these? By button, or typed as any command would take it; the tapped button says which page."""
    page = turn.callback.number(0) if turn.callback.args else 0
    await turn.record_dialog(f"which {wanted.value}")
    await turn.show(order_choices.build_choice(title, views, wanted.value, page))


async def find_wallet(turn: Turn, text: str) -> Wallet | None:
    """The wallet whose whole name, or address, this is. Digits alone are an order, whatever it is called."""
    if search.is_number(text):
        return None
    for wallet in await turn.services.wallets.list_of(turn.user_id):
        if search.is_wallet_name(text, [wallet.name]) or text == wallet.pubkey:
            return wallet
    return None


async def split_line(turn: Turn, text: str) -> tuple[str, str]:
    """How a line names an order, and the amount in it; each may be empty."""
    names = [wallet.name for wallet in await turn.services.wallets.list_of(turn.user_id)]
    return order_words.split(text, names)
