"""Delivery: from the outbox to Telegram, once, in order per person, several people at a time.

Telegram takes no idempotency key. What is known not to have arrived is tried again; what may have arrived is
repeated and says so; a message that Telegram refuses as it is does not hold up those after it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports, texts
from bot.services.health import TELEGRAM, Health
from bot.services.operators import Operators, Topic
from bot.services.people import People

_LOG = logging.getLogger(__name__)

_AT_ONCE: Final = 8
"""People: more than the chat sends at once, because some wait until their chat may be written to again."""
_ROOM: Final = 4
_CLAIM: Final = 10_000
"""Notices in one message: more than a week of fifty orders that fill every hour. The rest follows."""
_RELEASE_EVERY: Final = timedelta(seconds=1)
_IDLE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 60
_OUTAGE: Final = 3
"""People, one after the other, who cannot be written to: then it is not their chats."""
_LONGEST_OUTAGE_PAUSE_S: Final = 30.0
_GIVE_UP_AFTER: Final = 20
"""Attempts after which a message that breaks our own code is given up."""


class Delivery:
    def __init__(
        self,
        *,
        outbox: ports.Outbox,
        people: People,
        messenger: ports.Messenger,
        operators: Operators,
        health: Health,
        clock: ports.Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._people = people
        self._messenger = messenger
        self._operators = operators
        self._health = health
        self._clock = clock
        self._sleep = sleep
        self._busy: set[int] = set()
        self._freed = asyncio.Event()
        self._unreached: set[int] = set()
        """Whom no message reached since one reached anybody."""
        self._outage_s = 0.0
        """The last pause because of that; 0 = there was none."""
        self._sent: list[ports.Sent] = []
        """Not written down yet."""
        self._acknowledging = asyncio.Lock()
        self._draining = False
        self._ended = asyncio.Event()
        self._ended.set()
        self._released_at: datetime | None = None

    async def recover(self) -> int:
        """Once, before the first turn: what was being sent when the process died may have arrived."""
        return await self._outbox.recover()

    async def deliver_once(self) -> int:
        """Send what is due now, each person's in order. Returns how many batches were tried."""
        batches = await self._claim(_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for batch in batches:
                tasks.create_task(self._own(batch))
        return len(batches)

    async def run(self) -> None:
        """Until it is drained. A person whose chat is slow holds up nobody else."""
        await self.recover()
        self._ended.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                while await self._room():
                    if self._is_out:
                        # One person at a time, ever more rarely, to find out whether it is over.
                        self._outage_s = min(_LONGEST_OUTAGE_PAUSE_S, max(1.0, self._outage_s * 2))
                        await self._sleep(self._outage_s)
                    batches: list[list[ports.OutboxMessage]] = []
                    try:
                        batches = await self._claim(1 if self._is_out else _AT_ONCE - len(self._busy))
                    except errors.StorageError:
                        _LOG.exception("the outbox could not be read")
                    for batch in batches:
                        tasks.create_task(self._own(batch))
                    if not batches:
                        await self._sleep(_IDLE_S)
        finally:
            self._ended.set()

    async def drain(self) -> None:
        """Take nothing more, and return when nothing is on its way: what is cut off has to be repeated."""
        self._draining = True
        self._freed.set()
        await self._ended.wait()

    async def _room(self) -> bool:
        """Wait until there is room for several people: one claim for all of them costs as much as for one.

        False = take nothing more.
        """
        while not self._draining and _AT_ONCE - len(self._busy) < (_AT_ONCE if self._is_out else _ROOM):
            self._freed.clear()
            await self._freed.wait()
        return not self._draining

    @property
    def _is_out(self) -> bool:
        """Whether it is Telegram that does not take messages."""
        return len(self._unreached) >= _OUTAGE

    async def _claim(self, free: int) -> list[list[ports.OutboxMessage]]:
        """Batches for as many people as there is room for."""
        now = self._clock.now()
        if self._released_at is None or abs(now - self._released_at) >= _RELEASE_EVERY:
            await self._outbox.release_planned(now)
            self._released_at = now
        batches = await self._outbox.claim(now, _CLAIM, frozenset(self._busy), free)
        self._busy.update(batch[0].user_id for batch in batches)
        if batches:
            await self._messenger.prepare(batches)
        return batches

    async def _own(self, batch: Sequence[ports.OutboxMessage]) -> None:
        try:
            await self._deliver(batch)
        finally:
            self._busy.discard(batch[0].user_id)
            self._freed.set()

    async def _deliver(self, batch: Sequence[ports.OutboxMessage]) -> bool:
        """Whether the batch is done with: sent, or given up."""
        user_id = batch[0].user_id
        try:
            message_id = await self._messenger.deliver(batch)
        except errors.ChatGone:
            self._reached()
            _LOG.info("person %d cannot be reached: what is unsent is held", user_id)
            await self._record(lambda: self._people.lost(user_id))
            return False
        except errors.DeliveryDelayed as exc:
            self._missed(user_id, exc)
            await self._retry(batch, exc.retry_after, possible_repeat=False)
            return False
        except errors.DeliveryUnknown as exc:
            self._missed(user_id, exc)
            await self._retry(batch, timedelta(0), possible_repeat=True)
            return False
        except errors.DeliveryRejected as exc:
            self._reached()
            return await self._split(batch, exc)
        except Exception as exc:  # noqa: BLE001 - a notice that breaks our code may neither be lost nor block
            _LOG.exception("a message to person %d could not be made or sent", user_id)
            return await self._give_up_or_retry(batch, exc)
        self._health.record(TELEGRAM, ok=True)
        self._reached()
        await self._acknowledge(ports.Sent(_ids(batch), message_id, self._clock.now()))
        return True

    def _missed(self, user_id: int, exc: errors.DeliveryError) -> None:
        self._health.record(TELEGRAM, ok=False, detail=exc.message)
        self._unreached.add(user_id)

    def _reached(self) -> None:
        self._unreached.clear()
        self._outage_s = 0.0

    async def _acknowledge(self, sent: ports.Sent) -> None:
        """Write down what arrived, together with whatever arrived while the last of this was written down."""
        self._sent.append(sent)
        async with self._acknowledging:
            if sent in self._sent:
                together, self._sent = self._sent, []
                await self._record(lambda: self._outbox.record_sent(together))

    async def _split(self, batch: Sequence[ports.OutboxMessage], exc: errors.DeliveryError) -> bool:
        """Telegram refuses the message as it is: find the notice that is to blame, and give up only that."""
        if len(batch) > 1:
            return await self._deliver_halves(batch)
        _LOG.error("notice %d to person %d is given up: %s", batch[0].id, batch[0].user_id, exc)
        await self._give_up(batch, exc.message)
        return True

    async def _give_up_or_retry(self, batch: Sequence[ports.OutboxMessage], exc: Exception) -> bool:
        if max(message.attempts for message in batch) < _GIVE_UP_AFTER:
            await self._retry(batch, timedelta(0), possible_repeat=True)
            return False
        if len(batch) > 1:
            return await self._deliver_halves(batch)
        reason = f"it cannot be made or sent ({type(exc).__name__})"
        await self._give_up(batch, reason)
        return True

    async def _deliver_halves(self, batch: Sequence[ports.OutboxMessage]) -> bool:
        half = len(batch) // 2
        if not await self._deliver(batch[:half]):
            # In order: what comes after one that has to wait waits, too.
            await self._retry(batch[half:], timedelta(0), possible_repeat=False)
            return False
        return await self._deliver(batch[half:])

    async def _give_up(self, letters: Sequence[ports.OutboxMessage], reason: str) -> None:
        """The operator hears of it first: a crash in between gives them up once more."""
        text = texts.DEAD_LETTERS.format(person=letters[0].user_id, why=reason)
        await self._record(lambda: self._operators.report(Topic.DEAD_LETTERS, text))
        await self._record(lambda: self._outbox.record_dead(_ids(letters), reason))

    async def _retry(
        self, batch: Sequence[ports.OutboxMessage], after: timedelta, *, possible_repeat: bool
    ) -> None:
        if not batch:
            return
        attempts = max(message.attempts for message in batch)
        pause = timedelta(seconds=min(_LONGEST_PAUSE_S, 2 ** min(attempts, 6) / 2))
        due_at = self._clock.now() + max(after, pause)
        await self._record(
            lambda: self._outbox.record_retry(_ids(batch), due_at, possible_repeat=possible_repeat)
        )

    async def _record(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write down what became of a message, however often it takes: it must not be forgotten now."""
        while True:
            try:
                return await write()
            except errors.StorageError:
                _LOG.exception("what became of a message could not be recorded yet")
                await self._sleep(_IDLE_S)


def _ids(batch: Sequence[ports.OutboxMessage]) -> list[int]:
    return [message.id for message in batch]
