"""/new: an order, step by step or in one line, or like another one."""

from bot import errors, texts
from bot.chat import forms, markup
from bot.chat.context import Turn
from bot.chat.handlers import create_steps, tokens
from bot.domain import amounts, wallets


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
    start = create_steps.start_of(turn, form.start) if form.start else None
    await create_steps.offer(
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
    await create_steps.ask_sell(turn, {"wallet": wallet.id})


async def like(turn: Turn) -> None:
    """A new order with the settings of an old one."""
    view = await turn.services.orders.get(turn.user_id, turn.callback.number(0))
    order, total = view.order, view.order.cycles_total
    if not view.wallet.owned:
        raise errors.WatchOnly
    if total is None:
        raise errors.OrderNotSupported(texts.PRICE_ORDERS_CLOSED)
    facts: create_steps.Facts = {
        "wallet": view.wallet.id,
        "sell": order.input_mint,
        "buy": order.output_mint,
        "amount": amounts.format_amount(order.in_deposited_raw, view.input.decimals),
        "count": total,
        "every": int(order.cycle.total_seconds()),
    }
    if order.min_out_raw or order.max_out_raw:
        await create_steps.ask_prices(turn, facts)
    else:
        await create_steps.offer(turn, facts)


async def _owned(turn: Turn) -> wallets.Wallet | None:
    """The default wallet if its key is here, else the first one whose is."""
    listed = [wallet for wallet in await turn.services.wallets.list_of(turn.user_id) if wallet.owned]
    return next((wallet for wallet in listed if wallet.default), listed[0] if listed else None)


async def _needs_key(turn: Turn) -> None:
    count = len(await turn.services.wallets.list_of(turn.user_id))
    await turn.show(
        markup.screen(
            [texts.NEW_NEEDS_KEY],
            [markup.button(texts.B_CREATE_WALLET, "create", count)],
            [markup.button(texts.B_IMPORT_WALLET, "import"), markup.button(texts.B_HOME, "home")],
        )
    )
