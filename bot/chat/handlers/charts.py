"""/chart and /report: of the order that is named, or chosen; charts of wallets, too."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot import errors, texts
from bot.chat import chart_screens, markup, report_screens
from bot.chat.context import Turn
from bot.chat.handlers import finding
from bot.domain.charts import Chart
from bot.services.finding import Wanted
from bot.services.orders import OrderSummary


async def command(turn: Turn) -> None:
    """`/chart [order, or wallet]`."""
    if turn.text:
        await _named(turn)
    else:
        await choose(turn)


async def report_command(turn: Turn) -> None:
    """`/report [order]`."""
    if turn.text:
        await _named_report(turn)
    else:
        await choose_report(turn)


async def choose(turn: Turn) -> None:
    await _choose(turn, texts.CHOOSE_CHART, Wanted.CHART)


async def choose_report(turn: Turn) -> None:
    await _choose(turn, texts.CHOOSE_REPORT, Wanted.REPORT)


async def take_name(turn: Turn, _: Mapping[str, Any]) -> None:
    """The answer to `choose`, typed."""
    await _named(turn)


async def take_report_name(turn: Turn, _: Mapping[str, Any]) -> None:
    """The answer to `choose_report`, typed."""
    await _named_report(turn)


async def of_order(turn: Turn) -> None:
    await _of_order(turn, turn.callback.number(0), listed=bool(turn.callback.rest(1)))


async def of_wallet(turn: Turn) -> None:
    await _of_wallet(turn, turn.callback.number(0))


async def report(turn: Turn) -> None:
    await _report(turn, turn.callback.number(0), listed=bool(turn.callback.rest(1)))


async def _named(turn: Turn) -> None:
    """An order or, by its whole name, a wallet."""
    wallet = await finding.find_wallet(turn, turn.text)
    if wallet is not None:
        await _of_wallet(turn, wallet.id)
    else:
        view = await finding.find_order(turn, turn.text, Wanted.CHART)
        if view is None:
            return
        await _of_order(turn, view.number)
    await turn.end_dialog()


async def _named_report(turn: Turn) -> None:
    view = await finding.find_order(turn, turn.text, Wanted.REPORT)
    if view is not None:
        await _report(turn, view.number)
        await turn.end_dialog()


async def _choose(turn: Turn, title: str, wanted: Wanted) -> None:
    """Of all orders, those that still run first."""
    listed = await turn.services.orders.list_of(turn.user_id, fresh=not turn.tapped)
    if not listed.items:
        await turn.show(await _nothing(turn))
        return
    running: list[OrderSummary] = sorted(listed.items, key=lambda view: not view.order.active)
    await finding.ask(turn, title, running, wanted)
    await turn.services.painter.prepare()


async def _nothing(turn: Turn) -> markup.Screen:
    mine = await turn.services.wallets.list_of(turn.user_id)
    said = texts.NO_ORDERS["all"] if mine else texts.NO_WALLETS
    return markup.screen([said], [markup.button(texts.B_HOME, "home")])


async def _of_order(turn: Turn, number: int, *, listed: bool = False) -> None:
    await turn.services.painter.prepare()
    story = await turn.services.reports.of_order(turn.user_id, number)
    # A thousand fills and months of prices: in a thread, like everything about them.
    chart = await asyncio.to_thread(chart_screens.draw_order, story, turn.when)
    caption = chart_screens.build_order_caption(story, turn.when, listed=listed)
    await _send(turn, chart, caption, f"order-{story.view.number}.png")


async def _of_wallet(turn: Turn, wallet_id: int) -> None:
    await turn.services.painter.prepare()
    story = await turn.services.reports.of_wallet(turn.user_id, wallet_id)
    chart = await asyncio.to_thread(chart_screens.draw_wallet, story, turn.when)
    caption = chart_screens.build_wallet_caption(story, turn.when)
    await _send(turn, chart, caption, f"{story.wallet.pubkey}.png")


async def _report(turn: Turn, number: int, *, listed: bool = False) -> None:
    story = await turn.services.reports.of_order(turn.user_id, number)
    await turn.show(report_screens.build(story, turn.when, listed=listed))
    await turn.services.painter.prepare()


async def _send(turn: Turn, chart: Chart | None, caption: markup.Screen, name: str) -> None:
    """The picture with its words; the words alone where there is no picture."""
    if chart is None:
        await turn.send(chart_screens.build_nothing(caption))
        return
    picture = await _paint(turn, chart)
    if isinstance(picture, errors.DrawingFailed):
        await turn.send(chart_screens.build_undrawn(caption, picture.message))
        return
    await turn.send_file(markup.Attachment(name, picture, picture=True), caption)


async def _paint(turn: Turn, chart: Chart) -> bytes | errors.DrawingFailed:
    """Telegram shows meanwhile that a picture is coming."""
    async with asyncio.TaskGroup() as tasks:
        showing = tasks.create_task(turn.sender.show_uploading(turn.chat_id))
        try:
            return await turn.services.painter.paint(chart)
        except errors.DrawingFailed as exc:
            return exc
        finally:
            showing.cancel()
