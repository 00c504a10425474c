"""What people may find themselves in, so that every button of the chat is somewhere to be pressed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from bot import ports
from bot.chat import notice_screens
from bot.chat.notice_facts import Told
from bot.chat.order_screens import When
from bot.domain import actions, addresses, amounts, notices, orders, wallets
from bot.services import balances, status
from bot.services.orders import OrderView
from tests.fakes import chat_services as fakes
from tests.fakes.chat_driver import ChatDriver

USER: Final = 7
WALLETS, ORDERS, MUTED, TOKENS = 14, 45, 13, 32
"""More than one page of each."""
KEY: Final = addresses.encode_base58(bytes(range(1, 65)))
TO: Final = fakes.OTHER
JUP = amounts.Token("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN", "JUP", "Jupiter", 6, verified=True)
FALSE = amounts.Token(addresses.encode_base58(b"\7" * 32), "USDC", "USD Coin", 6)

COMMANDS: Final = (
    "/start",
    "/orders",
    "/orders history",
    "/orders 1",
    "/orders usdc",
    "/fills",
    "/fills 1",
    "/fills sol",
    "/export",
    "/export 1",
    "/export Wallet",
    "/export all 2025 json",
    "/chart",
    "/chart 1",
    "/chart Savings",
    "/report",
    "/report 1",
    "/report sol",
    "/deposit",
    "/deposit 1",
    "/deposit 2",
    "/deposit usdc 10",
    "/withdraw",
    "/withdraw 1",
    "/withdraw 2",
    "/withdraw 1 all",
    "/cancel",
    "/cancel 1",
    "/new",
    "/new 500 USDC to SOL in 10 every 1d",
    "/wallet",
    "/wallet Savings",
    "/watch",
    f"/watch {TO}",
    "/send",
    f"/send 1 USDC {TO}",
    "/settings",
    "/settings zone",
    "/settings mute 1",
    "/status",
    "/stop",
    "/help",
    "/nonsense",
    "what?",
    TO,
)

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "watch": (TO, "nonsense"),
    "import": (KEY, "nonsense"),
    "rename": ("Holiday", "n" * 40),
    "which deposit": ("1", "nonsense"),
    "which withdraw": ("1", "sol"),
    "which cancel": ("1", "nonsense"),
    "which chart": ("1", "Savings"),
    "which report": ("1", "nonsense"),
    "deposit": ("5", "5,0"),
    "withdraw": ("5", "nonsense"),
    "send": (f"1 USDC {TO}", "nonsense"),
    "new/sell": ("usd", "nonsense"),
    "new/buy": ("sol", "nonsense"),
    "new/amount": ("500", "5"),
    "new/count": ("3", "nonsense"),
    "new/every": ("2d", "nonsense"),
    "new/prices": ("150 and 180", "nonsense"),
    "new/start": ("2026-12-24", "nonsense"),
    "settings/zone": ("new", "berlin", "nonsense"),
    "settings/fills": ("weekly Monday 9:30", "nonsense"),
    "settings/quiet": ("22-7", "nonsense"),
    "settings/fee": ("0.0005", "nonsense"),
}
"""What is written where a question is open: by kind of the dialog, and its step."""


# --- scenes ----------------------------------------------------------------------------------------------


def newcomer(chat: ChatDriver) -> None:
    """Nobody yet."""


def settled(chat: ChatDriver) -> None:
    """Much of everything, and nothing wrong."""
    mine, views, tokens = _estate()
    chat.fakes.wallets.wallets[USER] = list(mine)
    chat.fakes.tokens.known |= {token.mint: token for token in (JUP, FALSE)}
    chat.fakes.wallets.held = {
        wallet.id: fakes.held(wallet, tokens=list(tokens)) for wallet in mine if wallet.owned
    }
    chat.fakes.orders.views[USER] = list(views)
    looks = [status.WalletLook(wallet=wallet, last_ok_at=fakes.START, failures=0) for wallet in mine * 3]
    services = dict.fromkeys(status.SERVICES)
    chat.fakes.status.of[USER] = status.Status(wallets=looks, services=services, queue=None)
    chat.fakes.people.planned = ports.Planned(3, fakes.START + timedelta(hours=8))


def in_trouble(chat: ChatDriver) -> None:
    """One of everything that needs attention."""
    settled(chat)
    _with_trouble(chat, 1)


def in_much_trouble(chat: ChatDriver) -> None:
    settled(chat)
    _with_trouble(chat, 2)


def watching(chat: ChatDriver) -> None:
    """Only an address without a key, and nothing known of it."""
    chat.fakes.wallets.wallets[USER] = [replace(fakes.wallet(1, owned=False), name="Cold store")]


def leaving(chat: ChatDriver) -> None:
    """Removed from the list, with wallets here."""
    settled(chat)
    chat.fakes.people.leaving.add(USER)


@cache
def _estate() -> tuple[list[wallets.Wallet], list[OrderView], list[balances.TokenBalance]]:
    """Made once; nobody changes what is in it."""
    mine = [_wallet(number) for number in range(1, WALLETS + 1)]
    return mine, [_order(number, mine) for number in range(ORDERS, 0, -1)], _tokens(TOKENS)


def _wallet(number: int) -> wallets.Wallet:
    """Most of them owned; the third is only watched."""
    pubkey = fakes.OWNER if number == 1 else addresses.encode_base58(bytes([number]) * 32)
    made = fakes.wallet(number, owned=number != 3, pubkey=pubkey)
    return replace(made, name="Savings") if number == 2 else made


def _tokens(count: int) -> list[balances.TokenBalance]:
    known = [fakes.USDC, JUP, FALSE]
    more = [
        amounts.Token(addresses.encode_base58(bytes([100 + place]) * 32), f"T{place}", "Token", 6)
        for place in range(count - len(known))
    ]
    return [balances.TokenBalance(token=token, raw=10**9, usd=Decimal(10)) for token in known + more]


def _order(number: int, mine: list[wallets.Wallet]) -> OrderView:
    over: dict[str, Any] = {"status": orders.Status.HISTORY} if number % 4 == 0 else {}
    if number == 4:
        over["user_closed"] = True
    if number % 5 == 1:
        over |= {"out_withdrawn_raw": 1}
    family = orders.Family.PRICE if number % 2 else orders.Family.TIME
    if family is orders.Family.TIME:
        over["in_per_cycle_raw"] = 10_000_000
    # All wallets have some; the first few are of owned ones.
    owner = mine[0] if number < 5 else mine[number % len(mine)]
    known = [fakes.fill(place + 1) for place in range(20 if number == 1 else 3)]
    if number == 1:
        first = known[0]
        known[0] = replace(first, fill=replace(first.fill, confirmed_at=fakes.START - timedelta(days=400)))
    view = fakes.view(
        number,
        family=family,
        owner=owner,
        known=known,
        source=fakes.USDC,
        target=JUP if number % 7 == 5 else fakes.SOL,
        key=addresses.encode_base58(bytes([number]) * 32),
        in_deposited_raw=300_000_000,
        **over,
    )
    muted = number > ORDERS - 2 * MUTED and view.order.active
    return replace(view, known=replace(view.known, muted=muted))


def _with_trouble(chat: ChatDriver, count: int) -> None:
    mine = chat.fakes.wallets.wallets[USER]
    chat.fakes.wallets.broken = [replace(fakes.wallet(90 + n), name=f"Broken {n}") for n in range(count)]
    for wallet in mine[1 : 1 + count]:
        if wallet.owned:
            chat.fakes.wallets.held[wallet.id] = fakes.held(wallet, lamports=5, wrapped_raw=0, tokens=[])
    if count > 1:
        chat.fakes.wallets.held[4] = fakes.held(mine[3], lamports=5, wrapped_raw=0, tokens=[])
    chat.fakes.confirmations.unsettled = [
        fakes.action(actions.State.SUBMITTED, id=number, intent=fakes.deposit_intent())
        for number in range(count)
    ]
    views = chat.fakes.orders.views[USER]
    low = [view.number for view in views if view.order.family is orders.Family.PRICE and view.order.active]
    late = [view.number for view in views if view.order.family is orders.Family.TIME and view.order.active]
    for place, view in enumerate(views):
        if view.number in low[:count]:
            order = replace(view.order, in_withdrawn_raw=view.order.in_deposited_raw - 31_000_000)
            views[place] = replace(view, known=replace(view.known, order=order))
        if view.number in late[:count]:
            earlier = [replace(each, fill=_long_ago(each)) for each in view.fills]
            views[place] = replace(view, fills=earlier, last_fill=earlier[-1].fill)


def _long_ago(known: ports.KnownFill) -> Any:
    return replace(known.fill, confirmed_at=known.fill.confirmed_at - timedelta(days=2))


SCENES: Final[dict[str, Callable[[ChatDriver], None]]] = {
    "settled": settled,
    "newcomer": newcomer,
    "in trouble": in_trouble,
    "in much trouble": in_much_trouble,
    "watching": watching,
    "leaving": leaving,
}


# --- what comes unasked ----------------------------------------------------------------------------------


async def _tell(chat: ChatDriver, *told: notices.Notice) -> None:
    by_key = {view.order.key: view for view in chat.fakes.orders.views[USER]}
    batch = [Told(notice, by_key.get(getattr(notice, "order_key", ""))) for notice in told]
    now = chat.fakes.clock.now()
    screen = notice_screens.build(batch, When(now, now), possible_repeat=False)
    await chat.sender.send(USER, screen)


def _of(chat: ChatDriver, number: int) -> dict[str, str]:
    view = next(view for view in chat.fakes.orders.views[USER] if view.number == number)
    return {"owner": view.order.owner, "order_key": view.order.key}


def _fills(chat: ChatDriver, number: int, count: int) -> list[notices.Notice]:
    view = next(view for view in chat.fakes.orders.views[USER] if view.number == number)
    return [
        notices.FillSeen(**_of(chat, number), signature=known.fill.signature) for known in view.fills[-count:]
    ]


async def one_fill(chat: ChatDriver) -> None:
    await _tell(chat, *_fills(chat, 2, 1))


async def many_fills(chat: ChatDriver) -> None:
    """Of several orders, one of which is over, and one low."""
    over, low = notices.OrderFinished(**_of(chat, 8)), notices.FundsLow(**_of(chat, 1))
    await _tell(chat, *_fills(chat, 1, 3), *_fills(chat, 2, 2), *_fills(chat, 8, 1), over, low)


async def low_on_funds(chat: ChatDriver) -> None:
    views = chat.fakes.orders.views[USER]
    place = next(place for place, view in enumerate(views) if view.number == 1)
    view = views[place]
    order = replace(view.order, in_withdrawn_raw=view.order.in_left_raw - 1)
    views[place] = replace(view, known=replace(view.known, order=order))
    await _tell(chat, notices.FundsLow(**_of(chat, 1)))


async def opened(chat: ChatDriver) -> None:
    await _tell(chat, notices.OrderOpened(**_of(chat, 2)))


async def finished(chat: ChatDriver) -> None:
    await _tell(chat, notices.OrderFinished(**_of(chat, 8)))


async def last_fill(chat: ChatDriver) -> None:
    await _tell(chat, *_fills(chat, 8, 1), notices.OrderFinished(**_of(chat, 8)))


async def cancelled(chat: ChatDriver) -> None:
    await _tell(chat, notices.OrderCancelled(**_of(chat, 4)))


async def overdue(chat: ChatDriver) -> None:
    due = (fakes.START + timedelta(hours=9)).isoformat()
    await _tell(chat, notices.CycleOverdue(**_of(chat, 2), due_at=due))


async def skipped(chat: ChatDriver) -> None:
    due = (fakes.START + timedelta(hours=9)).isoformat()
    await _tell(chat, notices.CycleSkipped(**_of(chat, 2), due_at=due))


async def unseen(chat: ChatDriver) -> None:
    await _tell(chat, notices.OrdersUnseen(since=fakes.START.isoformat()))


async def seen_again(chat: ChatDriver) -> None:
    since, until = fakes.START, fakes.START + timedelta(hours=1)
    await _tell(chat, notices.OrdersSeenAgain(since=since.isoformat(), until=until.isoformat()))


async def told_as_operator(chat: ChatDriver) -> None:
    await _tell(chat, notices.OperatorTold(topic="polling", text="Some wallet was not looked at."))


async def done(chat: ChatDriver) -> None:
    """The card of an action that is over."""
    await chat.cards.show_action(fakes.action(actions.State.LANDED, signed=_SIGNED))


async def failed(chat: ChatDriver) -> None:
    await chat.cards.show_action(fakes.action(actions.State.REJECTED))


_SIGNED = actions.Signed(signature=fakes.SIGNATURE, blockhash=fakes.OWNER, raw=b"")

UNASKED: Final[tuple[Callable[[ChatDriver], Awaitable[None]], ...]] = (
    one_fill,
    many_fills,
    low_on_funds,
    opened,
    finished,
    last_fill,
    cancelled,
    overdue,
    skipped,
    unseen,
    seen_again,
    told_as_operator,
    done,
    failed,
)
