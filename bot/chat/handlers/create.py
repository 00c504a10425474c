"""/new: an order, step by step or in one line. What is known so far lives in the dialog."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from bot import errors
from bot.chat import forms, markup, render, texts
from bot.chat.context import Turn, find_dialog
from bot.chat.handlers import confirm, tokens
from bot.domain import amounts, wallets
from bot.services import proposals

Facts = dict[str, Any]
_STOP = markup.button("✖️ Stop", "stop")
_COUNTS = (5, 10, 20, 30)
_INTERVALS = (("1 hour", 3600), ("1 day", 86400), ("1 week", 604800))


async def command(turn: Turn) -> None:
    """`/new 500 USDC to SOL in 10 every 1d [between 150 and 180] [from 2026-12-01]`, or step by step."""
    if not turn.text:
        await begin(turn)
        return
    form = forms.parse_new(turn.text)
    wallet = await _owned(turn)
    if wallet is None:
        await _needs_key(turn)
        return
    sell = await tokens.find_exact(turn, form.sell)
    buy = await tokens.find_exact(turn, form.buy)
    start = _start(turn, form.start) if form.start else None
    await _offer(
        turn,
        {
            "wallet": wallet.id,
            "sell": sell.mint,
            "buy": buy.mint,
            "amount": form.amount,
            "count": form.count,
            "every": form.interval_s,
            "low": form.low,
            "high": form.high,
            "start": start.isoformat() if start else None,
        },
    )


async def begin(turn: Turn) -> None:
    wallet = await _owned(turn)
    if wallet is None:
        await _needs_key(turn)
        return
    await _ask_sell(turn, {"wallet": wallet.id})


async def like(turn: Turn) -> None:
    """A new order with the settings of an old one."""
    view = await turn.services.orders.get(turn.user_id, turn.callback.number(0))
    order, total = view.order, view.order.cycles_total
    if not view.wallet.owned:
        raise errors.WatchOnly
    if total is None:
        raise errors.OrderNotSupported("Jupiter no longer opens price orders. Open a time order with /new.")
    facts: Facts = {
        "wallet": view.wallet.id,
        "sell": order.input_mint,
        "buy": order.output_mint,
        "amount": amounts.format_amount(order.in_deposited_raw, view.input.decimals),
        "count": total,
        "every": int(order.cycle.total_seconds()),
    }
    if order.min_out_raw or order.max_out_raw:
        await _ask_prices(turn, facts)
    else:
        await _offer(turn, facts)


async def _owned(turn: Turn) -> wallets.Wallet | None:
    """The default wallet if its key is here, else the first one whose is."""
    listed = [wallet for wallet in await turn.services.wallets.list_of(turn.user_id) if wallet.owned]
    return next((wallet for wallet in listed if wallet.default), listed[0] if listed else None)


async def _needs_key(turn: Turn) -> None:
    count = len(await turn.services.wallets.list_of(turn.user_id))
    await turn.show(
        markup.screen(
            [texts.NEW_NEEDS_KEY],
            [markup.button("✨ Create a wallet", "create", count)],
            [markup.button("🔑 Import a wallet", "import"), markup.button("🏠 Home", "home")],
        )
    )


# --- questions -------------------------------------------------------------------------------------------


async def _ask(turn: Turn, step: str, facts: Facts, text: str, *rows: markup.Row) -> None:
    await turn.record_dialog("new", step=step, facts=facts)
    await turn.show(markup.screen(text.split("\n"), *rows, [_STOP]))


async def _ask_sell(turn: Turn, facts: Facts) -> None:
    rows: list[markup.Row] = []
    try:
        held = await turn.services.wallets.fetch_balances(turn.user_id, int(facts["wallet"]))
    except errors.GatewayError:
        text = texts.NEW_SELL
    else:
        text = f"{texts.NEW_SELL}\nWallet: {render.foreign(held.wallet.name)}"
        if held.lamports:
            rows.append([markup.button("SOL", "nsell", amounts.WSOL_MINT)])
        rows += [
            [markup.button(render.symbol(balance.token), "nsell", balance.token.mint)]
            for balance in held.tokens[:6]
        ]
    others = [wallet for wallet in await turn.services.wallets.list_of(turn.user_id) if wallet.owned]
    rows += [
        [markup.button(f"👛 {render.clean(wallet.name, 14)}", "nwallet", wallet.id)]
        for wallet in others[:8]
        if wallet.id != facts["wallet"]
    ]
    await _ask(turn, "sell", facts, text, *rows)


async def _ask_buy(turn: Turn, facts: Facts) -> None:
    sell = await turn.services.tokens.get(facts["sell"])
    rows = []
    if sell.mint != amounts.WSOL_MINT:
        rows.append([markup.button("SOL", "nbuy", amounts.WSOL_MINT)])
    if sell.mint != amounts.USDC_MINT:
        rows.append([markup.button("USDC", "nbuy", amounts.USDC_MINT)])
    await _ask(turn, "buy", facts, texts.NEW_BUY.format(sell=render.token_name(sell)), *rows)


async def _ask_amount(turn: Turn, facts: Facts) -> None:
    sell = await turn.services.tokens.get(facts["sell"])
    await _ask(turn, "amount", facts, texts.NEW_AMOUNT.format(sell=render.sign(sell)))


async def _ask_count(turn: Turn, facts: Facts) -> None:
    await _ask(
        turn,
        "count",
        facts,
        texts.NEW_COUNT,
        [markup.button(str(count), "ncount", count) for count in _COUNTS],
    )


async def _ask_every(turn: Turn, facts: Facts) -> None:
    buttons = [markup.button(label, "nevery", seconds) for label, seconds in _INTERVALS]
    await _ask(turn, "every", facts, texts.NEW_EVERY, buttons)


async def _ask_prices(turn: Turn, facts: Facts) -> None:
    sell = await turn.services.tokens.get(facts["sell"])
    buy = await turn.services.tokens.get(facts["buy"])
    text = texts.NEW_PRICES.format(unit=render.price_unit(sell, buy))
    await _ask(turn, "prices", facts, text, [markup.button("Any price", "nprices")])


async def _ask_start(turn: Turn, facts: Facts) -> None:
    text = texts.NEW_START.format(zone=render.escape(turn.person.timezone))
    await _ask(turn, "start", facts, text, [markup.button("Now", "nstart")])


# --- answers by button -----------------------------------------------------------------------------------


async def _facts(turn: Turn, step: str) -> Facts:
    """What is known so far. Raises InvalidInput when this button's question is no longer open."""
    dialog = await find_dialog(turn.services, turn.user_id)
    if dialog is None or dialog["kind"] != "new" or dialog["step"] != step:
        raise errors.InvalidInput(texts.STALE_BUTTON)
    return dict(dialog["facts"])


async def wallet_chosen(turn: Turn) -> None:
    facts = await _facts(turn, "sell")
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    await _ask_sell(turn, facts | {"wallet": wallet.id})


async def sell_chosen(turn: Turn) -> None:
    await _ask_buy(turn, await _facts(turn, "sell") | {"sell": turn.callback.text(0)})


async def buy_chosen(turn: Turn) -> None:
    await _ask_amount(turn, await _facts(turn, "buy") | {"buy": turn.callback.text(0)})


async def count_chosen(turn: Turn) -> None:
    await _ask_every(turn, await _facts(turn, "count") | {"count": turn.callback.number(0)})


async def every_chosen(turn: Turn) -> None:
    await _ask_prices(turn, await _facts(turn, "every") | {"every": turn.callback.number(0)})


async def any_price(turn: Turn) -> None:
    await _ask_start(turn, await _facts(turn, "prices"))


async def start_now(turn: Turn) -> None:
    await _offer(turn, await _facts(turn, "start"))


# --- answers by text -------------------------------------------------------------------------------------


async def take(turn: Turn, dialog: Mapping[str, Any]) -> None:
    await _STEPS[dialog["step"]](turn, dict(dialog["facts"]))


async def _take_sell(turn: Turn, facts: Facts) -> None:
    await _take_token(turn, "sell", facts)


async def _take_buy(turn: Turn, facts: Facts) -> None:
    await _take_token(turn, "buy", facts)


async def _take_token(turn: Turn, side: str, facts: Facts) -> None:
    found = (await tokens.search(turn, turn.text))[:8]
    if not found:
        raise errors.UnknownToken("I found no such token. Send its mint address instead.")
    lines = [texts.NEW_CHOOSE_MINT.format(query=render.foreign(turn.text)), ""]
    lines += [f"{render.token_name(token)} · {render.foreign(token.name)}" for token in found]
    rows = [
        [markup.button(f"{render.symbol(token)} {token.mint[:4]}…{token.mint[-4:]}", f"n{side}", token.mint)]
        for token in found
    ]
    await _ask(turn, side, facts, "\n".join(lines), *rows)


async def _take_amount(turn: Turn, facts: Facts) -> None:
    sell = await turn.services.tokens.get(facts["sell"])
    amounts.parse_quantity(turn.text, sell.decimals)
    await _ask_count(turn, facts | {"amount": turn.text.strip()})


async def _take_count(turn: Turn, facts: Facts) -> None:
    await _ask_every(turn, facts | {"count": forms.parse_count(turn.text)})


async def _take_every(turn: Turn, facts: Facts) -> None:
    await _ask_prices(turn, facts | {"every": forms.parse_interval(turn.text)})


async def _take_prices(turn: Turn, facts: Facts) -> None:
    low, high = forms.parse_prices(turn.text)
    await _ask_start(turn, facts | {"low": low, "high": high})


async def _take_start(turn: Turn, facts: Facts) -> None:
    await _offer(turn, facts | {"start": _start(turn, turn.text).isoformat()})


_STEPS: dict[str, Callable[[Turn, Facts], Awaitable[None]]] = {
    "sell": _take_sell,
    "buy": _take_buy,
    "amount": _take_amount,
    "count": _take_count,
    "every": _take_every,
    "prices": _take_prices,
    "start": _take_start,
}


def _start(turn: Turn, text: str) -> datetime:
    return forms.parse_start(text, render.zone(turn.person.timezone), turn.when.order_now)


async def _offer(turn: Turn, facts: Facts) -> None:
    start = facts.get("start")
    request = proposals.CreateRequest(
        wallet_id=facts["wallet"],
        input_mint=facts["sell"],
        output_mint=facts["buy"],
        amount=facts["amount"],
        number_of_orders=facts["count"],
        interval_s=facts["every"],
        min_price=facts.get("low"),
        max_price=facts.get("high"),
        start_at=datetime.fromisoformat(start) if start else None,
    )
    await confirm.offer(turn, turn.services.proposals.create(turn.user_id, turn.chat_id, request))
    await turn.end_dialog()
