"""Notices through the production outbox, delivery, chat and limiter, to the strict Bot API stand-in.

The program is the one that the composition root builds, on a SQLite file; the stand-in is another process
behind a real socket. Beside it a bare `send_message` of the library: the same message, to the same stand-in,
at the same pace.

`python -m tests.benchmarks notice_rate notice_cost tap_latency --notices 10000` is the long run: two drains
of six minutes each.
"""

import asyncio
import html
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import telegram
from telegram.constants import ParseMode
from telegram.request import HTTPXRequest

from bot.chat import limiter
from bot.ports import Outgoing
from bot.sandbox.address import TOKEN
from tests.benchmarks import population, rig, standin
from tests.benchmarks.figures import Figure

NOTICES: Final = 600
"""For a quick run."""
_BARE: Final = 170
_WARM_UP: Final = 20
_CHATTER: Final = 20
_CHATTERERS: Final = 5
_TAP_EVERY_S: Final = 0.2
_TOLD_FIRST: Final = 30
_LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Drained:
    """What became of a full outbox."""

    arrived: standin.Arrived
    in_all: standin.Arrived
    """With what came after: more to some chats than they may be sent."""
    cpu_s: float
    """CPU seconds of this process, per message."""
    bare_cpu_s: float
    """The same of a bare `send_message`."""


async def drain(notices: int, *, bare: int = _BARE) -> Drained:
    """Tell so many to as many chats, and then more to some of them."""
    with tempfile.TemporaryDirectory() as name, standin.serve(Path(name)) as telegram_:
        telegram_.open_chats(list(population.users(notices)))
        async with rig.build(Path(name), telegram_, notices) as of:
            await _queue(of)
            async with asyncio.TaskGroup() as tasks:
                started = time.process_time()
                delivery = tasks.create_task(of.program.delivery.run())
                await _drained(of)
                cpu_s = (time.process_time() - started) / notices
                arrived = telegram_.arrived()
                await _chatter(of)
                await _drained(of)
                delivery.cancel()
            sample = telegram_.transcript(population.FIRST_USER)[-1]
            await asyncio.sleep(1)  # the stand-in's allowance is full again
            return Drained(
                arrived,
                telegram_.arrived(),
                cpu_s,
                await _bare(telegram_.url, list(of.owned), sample, bare) if bare else 0.0,
            )


async def tap_during(notices: int) -> tuple[list[float], list[float]]:
    """Seconds until taps were answered: while so many notices drain, and when nothing else goes on."""
    with tempfile.TemporaryDirectory() as name, standin.serve(Path(name)) as telegram_:
        users = list(population.users(notices))
        telegram_.open_chats(users)
        async with rig.build(Path(name), telegram_, notices) as of:
            await _queue(of)
            async with asyncio.TaskGroup() as tasks:
                chat = tasks.create_task(of.program.chat.run())
                delivery = tasks.create_task(of.program.delivery.run())
                while await _unsent(of) > notices - _TOLD_FIRST:  # noqa: ASYNC110 - see _drained
                    await asyncio.sleep(_LOOK_S)
                # At the rate of taps: over when two thirds of the notices are.
                taps = round(notices / limiter.PER_SECOND / _TAP_EVERY_S * 0.6)
                busy = await telegram_.tap(users[:taps], "order", _TAP_EVERY_S)
                assert await _unsent(of), "the outbox was empty before the last tap"
                await _drained(of)
                idle = await telegram_.tap(users[taps : 2 * taps], "order", _TAP_EVERY_S)
                delivery.cancel()
                of.program.chat.stop()
                await chat
            return busy, idle


async def _queue(of: rig.Rig) -> None:
    """One notice for everybody."""
    stores = of.edges.stores
    async with stores.transaction():
        for user_id, owner in of.owned.items():
            first = population.notice(user_id, owner, population.FILLS - 1)
            await stores.outbox.add(user_id, first, "first", of.edges.clock.now())


async def _chatter(of: rig.Rig) -> None:
    """News for a few people ten times a second: only their chats' own pace holds it."""
    for number in range(_CHATTER):
        for user_id, owner in list(of.owned.items())[:_CHATTERERS]:
            again = population.notice(user_id, owner, population.FILLS)
            await of.edges.stores.outbox.add(user_id, again, f"again {number}", of.edges.clock.now())
        await asyncio.sleep(0.1)


async def _drained(of: rig.Rig) -> None:
    while await _unsent(of):  # noqa: ASYNC110 - the database tells nobody when it is empty
        await asyncio.sleep(_LOOK_S)


async def _unsent(of: rig.Rig) -> int:
    counts = await of.edges.stores.outbox.counts()
    return counts[Outgoing.PENDING] + counts[Outgoing.SENDING]


async def _bare(url: str, chats: list[int], sample: dict[str, Any], count: int) -> float:
    """CPU seconds of one bare `send_message`, at the same pace."""
    request = HTTPXRequest(connection_pool_size=limiter.IN_FLIGHT)
    keyboard = telegram.InlineKeyboardMarkup(
        [
            [telegram.InlineKeyboardButton(button["text"], callback_data=button["text"]) for button in row]
            for row in sample["buttons"]
        ]
    )
    cpu_s = 0.0
    async with telegram.Bot(TOKEN, base_url=f"{url}/bot", request=request) as bot:
        for number in range(count):
            if number == _WARM_UP:
                cpu_s = time.process_time()
            await bot.send_message(
                chats[number % len(chats)],
                html.escape(sample["text"]),
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
            )
            await asyncio.sleep(1 / limiter.PER_SECOND)
    return (time.process_time() - cpu_s) / (count - _WARM_UP)


@lru_cache(maxsize=1)
def _drain_once(notices: int) -> Drained:
    return asyncio.run(drain(notices))


def notice_rate(notices: int) -> Iterator[Figure]:
    """Promised: at least 95 % of the configured rate, never more than 30 in a second, 1 s between two to
    one chat, and no 429."""
    drained = _drain_once(notices)
    arrived, in_all = drained.arrived, drained.in_all
    limit = "limit"
    yield Figure("notice_rate", arrived.rate, "messages/s", limiter.PER_SECOND, "configured")
    yield Figure("notice_rate/most_in_a_second", in_all.most_within(1.0), "messages", 30, limit)
    yield Figure("notice_rate/closest_to_one_chat", in_all.closest(), "seconds", limiter.PER_CHAT_S, limit)
    yield Figure("notice_rate/refused", in_all.refused, "answers 429", 0, limit)


def notice_cost(notices: int) -> Iterator[Figure]:
    """Promised: at most 2.5 times the bare library."""
    drained = _drain_once(notices)
    yield Figure("notice_cost", drained.cpu_s * 1e3, "ms of CPU", drained.bare_cpu_s * 1e3, "bare PTB")


def tap_latency(notices: int) -> Iterator[Figure]:
    """Promised: p95 below 50 ms."""
    busy, idle = asyncio.run(tap_during(notices))
    for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0)):
        yield Figure(
            f"tap_latency/{name}", _quantile(busy, share) * 1e3, "ms", _quantile(idle, share) * 1e3, "idle"
        )


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
