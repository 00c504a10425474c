"""The look at the bot itself: whether people's orders are looked at, updates come, and notices arrive.

Who has to know is told once, and once when it is over; of what was short nobody hears.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bot import ports, texts
from bot.domain import notices
from bot.services import health
from bot.services.health import Health
from bot.services.operators import Operators, Topic

_LOG = logging.getLogger(__name__)

STALE_AFTER: Final = timedelta(minutes=15)
"""A look that is put off for this long is told: to the operator, and to those whose fills may come late."""
DOWN_AFTER: Final = timedelta(minutes=2)
"""A start that finds Jupiter silent for this long is no catching up: what was put off before counts."""
SILENT_AFTER: Final = timedelta(minutes=1)
"""A getUpdates that brings no answer for this long hangs; the chat then opens its connections anew."""
CALM_FOR: Final = timedelta(hours=1)
"""Without another dead letter for this long, the trouble is over."""
UNSEEN: Final = "unseen"
"""Topic of people who were told that their orders are not seen; the subject is the person."""
_EVERY_S: Final = 10.0


class Watch:
    def __init__(
        self,
        *,
        transaction: ports.Transactions,
        polls: ports.PollStore,
        troubles: ports.TroubleStore,
        outbox: ports.Outbox,
        operators: Operators,
        health: Health,
        clock: ports.Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._transaction = transaction
        self._polls = polls
        self._troubles = troubles
        self._outbox = outbox
        self._operators = operators
        self._health = health
        self._clock = clock
        self._sleep = sleep
        self._started_at = clock.now()

    async def run(self) -> None:
        """Forever."""
        while True:
            try:
                await self.look_once()
            except Exception:  # noqa: BLE001 - top of a supervised loop
                _LOG.exception("the look at the bot itself failed")
            await self._sleep(_EVERY_S)

    async def look_once(self) -> None:
        now = self._clock.now()
        await self._look_at_polling(now)
        await self._look_at_people(now)
        await self._look_at_updates(now)
        await self._look_at_dead_letters(now)

    def _is_catching_up(self, now: datetime) -> bool:
        """Whether looks may be late only because the program was down."""
        down_at = self._health.failing_since(health.JUPITER)
        is_down = down_at is not None and now - down_at > DOWN_AFTER
        return now - self._started_at <= STALE_AFTER and not is_down

    async def _look_at_polling(self, now: datetime) -> None:
        wanted = await self._polls.wanted_since()
        if wanted is None or now - wanted <= STALE_AFTER:
            await self._operators.report_over(Topic.POLLING, texts.POLLING_OVER)
        elif not self._is_catching_up(now):
            minutes = int(STALE_AFTER.total_seconds() // 60)
            await self._operators.report(Topic.POLLING, texts.POLLING_STALE.format(minutes=minutes))

    async def _look_at_people(self, now: datetime) -> None:
        """One notice per person and outage, and one when it is over, whatever restarts in between."""
        before = now - STALE_AFTER
        told = {int(trouble.subject) for trouble in await self._troubles.list_open(UNSEEN)}
        if not self._is_catching_up(now):
            for user_id, since in (await self._polls.list_stale(before, unmuted=True)).items():
                if user_id not in told:
                    await self._tell_unseen(user_id, since, now)
        if told:
            stale = await self._polls.list_stale(before)
            for user_id in told - stale.keys():
                await self._tell_seen_again(user_id, now)

    async def _tell_unseen(self, user_id: int, since: datetime, now: datetime) -> None:
        notice = notices.OrdersUnseen(since=since.isoformat())
        async with self._transaction():
            if await self._troubles.begin(UNSEEN, str(user_id), since):
                await self._outbox.add(user_id, notice, f"unseen:{since.isoformat()}", now)

    async def _tell_seen_again(self, user_id: int, now: datetime) -> None:
        """Nothing is said to somebody who is not stale any more because they removed the wallet."""
        async with self._transaction():
            since = await self._troubles.end(UNSEEN, str(user_id))
            looked_at = await self._polls.last_look_at(user_id)
            if since is not None and looked_at is not None and looked_at >= since:
                notice = notices.OrdersSeenAgain(since=since.isoformat(), until=now.isoformat())
                await self._outbox.add(user_id, notice, f"seen:{since.isoformat()}", now)

    async def _look_at_updates(self, now: datetime) -> None:
        last = self._health.last_ok(health.UPDATES)
        if now - (last or self._started_at) >= SILENT_AFTER:
            await self._operators.report(Topic.UPDATES, texts.UPDATES_SILENT)
        elif last is not None:
            await self._operators.report_over(Topic.UPDATES, texts.UPDATES_OVER)

    async def _look_at_dead_letters(self, now: datetime) -> None:
        last = await self._operators.last_seen_at(Topic.DEAD_LETTERS)
        if last is not None and now - last >= CALM_FOR:
            await self._operators.report_over(Topic.DEAD_LETTERS, texts.DEAD_LETTERS_OVER)
