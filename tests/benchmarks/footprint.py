"""What the bot needs: memory for many people, as a real process; CPU for a screen."""

import asyncio
import html
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import telegram
from telegram.constants import ParseMode
from telegram.ext import ApplicationBuilder, CommandHandler, ContextTypes

from bot.sandbox.address import TOKEN
from tests.benchmarks import population, rig, standin
from tests.benchmarks.figures import Figure

WALLETS: Final = 10_000
ORDERS_EACH: Final = 5
SCREENS: Final = 60
_WARM_UP: Final = 10
_EVERY_S: Final = 0.3
_SETTLED_S: Final = 20.0
"""Long enough to look at a few hundred wallets."""


def memory(_seed: int) -> Iterator[Figure]:
    """Promised: at most 150 MiB, while wallets are being looked at and no chart is drawn."""
    full, empty = _resident_mib(WALLETS), _resident_mib(0)
    yield Figure("memory", full, "MiB", empty, "empty database")


def command_cost(_seed: int) -> Iterator[Figure]:
    """From the update to the screen, with the look at Jupiter that it needs."""
    ours, bare = asyncio.run(_compare())
    yield Figure("command_cost", ours * 1e3, "ms of CPU", bare * 1e3, "bare PTB handler")


def _resident_mib(wallets: int) -> float:
    """The most memory that `run` had resident, in MiB."""
    with tempfile.TemporaryDirectory() as name, standin.serve(Path(name)) as telegram_:
        config = rig.configure(Path(name), telegram_.url)
        asyncio.run(rig.prepare(config, wallets, ORDERS_EACH))
        with rig.run(config, Path(name)) as pid:
            time.sleep(_SETTLED_S)
            status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


async def _compare() -> tuple[float, float]:
    """CPU seconds of one /orders: ours, and those of a handler that has nothing to do but to send it."""
    with tempfile.TemporaryDirectory() as name, standin.serve(Path(name)) as telegram_:
        users = population.users(SCREENS)
        telegram_.open_chats(list(users))
        async with rig.build(Path(name), telegram_, SCREENS) as of, asyncio.TaskGroup() as tasks:
            chat = tasks.create_task(of.program.chat.run())
            ours, screen = await _cost(telegram_, users)
            of.program.chat.stop()
            await chat
        async with _bare(telegram_.url, screen) as application:
            bare, _ = await _cost(telegram_, users)
            await application.stop()
    return ours, bare


async def _cost(telegram_: standin.StandIn, users: Sequence[int]) -> tuple[float, dict[str, Any]]:
    """CPU seconds of this process for one answer, and an answer."""
    await telegram_.write(users[:_WARM_UP], "/orders", _EVERY_S)
    started = time.process_time()
    answers = await telegram_.write(users[_WARM_UP:], "/orders", _EVERY_S)
    return (time.process_time() - started) / len(answers), answers[-1]


@asynccontextmanager
async def _bare(url: str, screen: dict[str, Any]) -> AsyncIterator[Any]:
    buttons = [
        [telegram.InlineKeyboardButton(one["text"], callback_data="x") for one in row]
        for row in screen["buttons"]
    ]
    text, keyboard = html.escape(screen["text"]), telegram.InlineKeyboardMarkup(buttons)

    async def answer(update: telegram.Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await update.message.reply_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)

    application = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").build()
    application.add_handler(CommandHandler("orders", answer))
    async with application:
        assert application.updater is not None
        await application.updater.start_polling()
        await application.start()
        try:
            yield application
        finally:
            await application.updater.stop()
