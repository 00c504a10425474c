"""The questions of /new, one screen each, and what an answer is checked for before the next one is asked.

What is known so far lives in the dialog, so that a restart loses nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import errors, texts
from bot.chat import forms, markup, render
from bot.chat.context import Turn, find_dialog
from bot.chat.handlers import confirm, tokens
from bot.domain import addresses, amounts, bounds
from bot.services import checks, creating, proposals

Facts = dict[str, Any]
_STOP = markup.button(texts.B_STOP, "stop")
_COUNTS = (2, 5, 10, 20)
_DAY_S = 86_400
_MOST_TOKENS = 6
_WALLETS_PAGE = 6
_INTERVALS_S = (3_600, _DAY_S, 604_800)


# --- questions -------------------------------------------------------------------------------------------


async def _ask(turn: Turn, step: str, facts: Facts, text: str, *rows: markup.Row) -> None:
    await turn.record_dialog("new", step=step, facts=facts)
    back = [] if step == "sell" else [markup.button(texts.B_BACK, "nback", step)]
    await turn.show(markup.screen(text.split("\n"), *rows, [*back, _STOP]))


async def ask_sell(turn: Turn, facts: Facts, page: int = 0) -> None:
    rows: list[markup.Row] = []
    try:
        held = await turn.services.wallets.fetch_balances(turn.user_id, int(facts["wallet"]))
    except errors.GatewayError:
        text = texts.NEW_SELL
    else:
        text = texts.NEW_FROM_WALLET.format(question=texts.NEW_SELL, wallet=render.foreign(held.wallet.name))
        if held.lamports:
            rows.append([markup.button("SOL", "nsell", amounts.WSOL_MINT)])
        shown = [balance.token for balance in held.tokens[:_MOST_TOKENS]]
        doubtful = [render.token_name(token) for token in shown if render.token_warning(token)]
        text = "\n".join([text, *doubtful])
        rows += [[markup.button(_choice(token), "nsell", token.mint)] for token in shown]
    await _ask(turn, "sell", facts, text, *rows, *await _other_wallets(turn, facts, page))


async def _other_wallets(turn: Turn, facts: Facts, page: int) -> list[markup.Row]:
    """One page of the wallets that could be sold from instead."""
    others = [
        wallet
        for wallet in await turn.services.wallets.list_of(turn.user_id)
        if wallet.owned and wallet.id != facts["wallet"]
    ]
    pages = markup.count_pages(len(others), _WALLETS_PAGE)
    page = min(page, pages - 1)
    rows: list[markup.Row] = [
        [markup.button(texts.B_OF_WALLET.format(name=render.clean(wallet.name, 14)), "nwallet", wallet.id)]
        for wallet in others[page * _WALLETS_PAGE : (page + 1) * _WALLETS_PAGE]
    ]
    return [*rows, markup.turner(page, pages, "nwallets")]


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
    await _ask(turn, "amount", facts, texts.NEW_AMOUNT.format(sell=render.token_name(sell)))


async def _ask_count(turn: Turn, facts: Facts) -> None:
    await _ask(
        turn,
        "count",
        facts,
        texts.NEW_COUNT,
        [markup.button(str(count), "ncount", count) for count in _COUNTS],
    )


async def _ask_every(turn: Turn, facts: Facts) -> None:
    buttons = [
        markup.button(render.duration(timedelta(seconds=seconds)), "nevery", seconds)
        for seconds in _INTERVALS_S
    ]
    await _ask(turn, "every", facts, texts.NEW_EVERY, buttons)


async def ask_prices(turn: Turn, facts: Facts) -> None:
    sell = await turn.services.tokens.get(facts["sell"])
    buy = await turn.services.tokens.get(facts["buy"])
    text = texts.NEW_PRICES.format(pair=render.pair(sell, buy), unit=render.price_unit(sell, buy))
    await _ask(turn, "prices", facts, text, [markup.button(texts.B_ANY_PRICE, "nprices")])


async def _ask_start(turn: Turn, facts: Facts) -> None:
    text = texts.NEW_START.format(zone=render.escape(turn.person.timezone))
    await _ask(turn, "start", facts, text, [markup.button(texts.B_NOW, "nstart")])


# --- answers by button -----------------------------------------------------------------------------------


async def _facts(turn: Turn, step: str) -> Facts:
    """What is known so far. Raises NotFound when this button's question is no longer open."""
    dialog = await find_dialog(turn.services, turn.user_id)
    if dialog is None or dialog["kind"] != "new" or dialog["step"] != step:
        raise errors.NotFound(texts.STALE_BUTTON)
    return dict(dialog["facts"])


async def back(turn: Turn) -> None:
    """To the question before, whose answer is forgotten."""
    step = turn.callback.text(0)
    facts = await _facts(turn, step)
    place = [*_STEPS].index(step)
    if place == 0:
        raise ValueError("nothing was asked before")
    before = [*_STEPS.values()][place - 1]
    await before.ask(turn, {name: fact for name, fact in facts.items() if name not in before.facts})


async def wallets_turned(turn: Turn) -> None:
    """The next or the last page of the other wallets."""
    await ask_sell(turn, await _facts(turn, "sell"), turn.callback.number(0))


async def wallet_chosen(turn: Turn) -> None:
    facts = await _facts(turn, "sell")
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    await ask_sell(turn, facts | {"wallet": wallet.id})


async def sell_chosen(turn: Turn) -> None:
    facts = await _facts(turn, "sell")
    checks.classic(await turn.services.tokens.get(turn.callback.text(0)))
    await _ask_buy(turn, facts | {"sell": turn.callback.text(0)})


async def buy_chosen(turn: Turn) -> None:
    facts = await _facts(turn, "buy")
    mint = turn.callback.text(0)
    checks.classic(await turn.services.tokens.get(mint))
    creating.check_shape(facts["sell"], mint, creating.MIN_ORDERS, _DAY_S)
    await _ask_amount(turn, facts | {"buy": mint})


async def count_chosen(turn: Turn) -> None:
    await _with_count(turn, await _facts(turn, "count"), turn.callback.number(0))


async def every_chosen(turn: Turn) -> None:
    await ask_prices(turn, await _facts(turn, "every") | {"every": turn.callback.number(0)})


async def any_price(turn: Turn) -> None:
    await _ask_start(turn, await _facts(turn, "prices"))


async def start_now(turn: Turn) -> None:
    await offer(turn, await _facts(turn, "start"))


# --- answers by text -------------------------------------------------------------------------------------


async def take(turn: Turn, dialog: Mapping[str, Any]) -> None:
    await _STEPS[dialog["step"]].take(turn, dict(dialog["facts"]))


async def _take_sell(turn: Turn, facts: Facts) -> None:
    await _take_token(turn, "sell", facts)


async def _take_buy(turn: Turn, facts: Facts) -> None:
    await _take_token(turn, "buy", facts)


async def _take_token(turn: Turn, side: str, facts: Facts) -> None:
    found = (await tokens.search(turn, turn.text))[:8]
    if not found:
        raise errors.UnknownToken(texts.NO_SUCH_TOKEN)
    step = 1 if side == "sell" else 2
    lines = [texts.NEW_CHOOSE_MINT.format(query=render.foreign(turn.text), step=step), ""]
    lines += [f"{render.token_name(token)} · {render.foreign(token.name)}" for token in found]
    rows = [[markup.button(_choice(token), f"n{side}", token.mint)] for token in found]
    await _ask(turn, side, facts, "\n".join(lines), *rows)


def _choice(token: amounts.Token) -> str:
    """The warning first: a label is cut at its end."""
    flag = "⚠️ " if render.token_warning(token) else ""
    return f"{flag}{render.symbol(token, 6)} {addresses.shorten(token.mint)}"


async def _take_amount(turn: Turn, facts: Facts) -> None:
    facts |= {"amount": turn.text.strip()}
    await _check_size(turn, facts, creating.MIN_ORDERS)
    await _ask_count(turn, facts)


async def _take_count(turn: Turn, facts: Facts) -> None:
    await _with_count(turn, facts, forms.parse_count(turn.text))


async def _with_count(turn: Turn, facts: Facts, count: int) -> None:
    creating.check_shape(facts["sell"], facts["buy"], count, _DAY_S)
    await _check_size(turn, facts, count)
    await _ask_every(turn, facts | {"count": count})


async def _check_size(turn: Turn, facts: Facts, count: int) -> None:
    """What the last step would refuse is said where it can still be put right."""
    await turn.services.proposals.check_size(
        turn.user_id, facts["wallet"], facts["sell"], facts["amount"], count
    )


async def _take_every(turn: Turn, facts: Facts) -> None:
    interval_s = forms.parse_interval(turn.text)
    creating.check_shape(facts["sell"], facts["buy"], facts["count"], interval_s)
    await ask_prices(turn, facts | {"every": interval_s})


async def _take_prices(turn: Turn, facts: Facts) -> None:
    low, high = forms.parse_prices(turn.text)
    sell = await turn.services.tokens.get(facts["sell"])
    buy = await turn.services.tokens.get(facts["buy"])
    bounds.build_bounds(sell, buy, _part(facts, sell), low, high)
    await _ask_start(turn, facts | {"low": low, "high": high})


def _part(facts: Facts, sell: amounts.Token) -> int:
    """About what one part sells, in base units; a share of the balance is not known here."""
    quantity = amounts.parse_quantity(facts["amount"], sell.decimals)
    raw = quantity.raw if isinstance(quantity, amounts.Exactly) else 10**sell.decimals
    return max(1, raw // int(facts["count"]))


async def _take_start(turn: Turn, facts: Facts) -> None:
    await offer(turn, facts | {"start": start_of(turn, turn.text).isoformat()})


@dataclass(frozen=True, slots=True)
class _Step:
    ask: Callable[[Turn, Facts], Awaitable[None]]
    take: Callable[[Turn, Facts], Awaitable[None]]
    """An answer by text."""
    facts: frozenset[str]
    """What the answer makes known."""


_STEPS = {
    "sell": _Step(ask_sell, _take_sell, frozenset({"sell"})),
    "buy": _Step(_ask_buy, _take_buy, frozenset({"buy"})),
    "amount": _Step(_ask_amount, _take_amount, frozenset({"amount"})),
    "count": _Step(_ask_count, _take_count, frozenset({"count"})),
    "every": _Step(_ask_every, _take_every, frozenset({"every"})),
    "prices": _Step(ask_prices, _take_prices, frozenset({"low", "high"})),
    "start": _Step(_ask_start, _take_start, frozenset({"start"})),
}
"""In the order in which they are asked."""


def start_of(turn: Turn, text: str) -> datetime:
    return forms.parse_start(text, render.zone(turn.person.timezone), turn.when.order_now)


async def offer(turn: Turn, facts: Facts) -> None:
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
