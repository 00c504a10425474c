"""Charts, and the report of an order."""

import asyncio

from bot import errors
from bot.chat import chart_screens, markup, report_screens
from bot.chat.context import Turn
from bot.domain.charts import Chart


async def of_order(turn: Turn) -> None:
    story = await turn.services.reports.of_order(turn.user_id, turn.callback.number(0))
    chart = chart_screens.draw_order(story, turn.when)
    caption = chart_screens.build_order_caption(story, turn.when)
    await _send(turn, chart, caption, f"order-{story.view.number}.png")


async def of_wallet(turn: Turn) -> None:
    story = await turn.services.reports.of_wallet(turn.user_id, turn.callback.number(0))
    chart = chart_screens.draw_wallet(story, turn.when)
    caption = chart_screens.build_wallet_caption(story, turn.when)
    await _send(turn, chart, caption, f"{story.wallet.pubkey}.png")


async def report(turn: Turn) -> None:
    story = await turn.services.reports.of_order(turn.user_id, turn.callback.number(0))
    await turn.show(report_screens.build(story, turn.when, listed=bool(turn.callback.rest(1))))


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
