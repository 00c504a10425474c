"""Delivery: from the outbox to Telegram, once, in order per person, several people at a time.

Telegram takes no idempotency key. What is known not to have arrived is tried again; what may have arrived is
repeated and says so; a message that Telegram refuses as it is does not hold up those after it.

A chat that fails says nothing of the others. People whose last message failed share a little room of their
own, so that nobody else waits behind them, and that they fail again proves nothing. Only when OUTAGE people,
one after the other, fail who had not failed before, it is held for Telegram's own trouble, until a message
arrives. Then one of those who failed is tried ever more rarely, and, because each may cost a repeat, one
of the others: at once after the third, then at pauses that double up to LONGEST_WAIT. So nobody waits longer
than that for chats that failed before, and an hour of outage costs some 500 repeats at most.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports, texts
from bot.services.health import TELEGRAM, Health
from bot.services.operators import Operators, Topic
from bot.services.people import People

_LOG = logging.getLogger(__name__)

_AT_ONCE: Final = 12
"""People: more than the chat sends at once, because some wait until their chat may be written to again."""
_ROOM: Final = 8
_ROOM_OF_FAILED: Final = 2
_CLAIM: Final = 10_000
"""Notices in one message: more than a week of fifty orders that fill every hour. The rest follows."""
_RELEASE_EVERY: Final = timedelta(seconds=1)
_IDLE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 60
OUTAGE: Final = 3
LONGEST_WAIT: Final = timedelta(seconds=10)
_LONGEST_PROBE: Final = timedelta(seconds=30)
"""Between two attempts with somebody who failed already, in an outage."""
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
        self._failed: set[int] = set()
        """Whose last message failed."""
        self._failures = 0
        """Of people who had not failed before, since a message arrived."""
        self._probes = 0
        """Attempts with people who had, in this outage."""
        self._tried_at: datetime | None = None
        """When somebody was last tried who had not failed."""
        self._probed_at: datetime | None = None
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
        batches = await self._claim()
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
                    batches: list[list[ports.OutboxMessage]] = []
                    try:
                        batches = await self._claim()
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

        Not for long: those on their way may be held up. False = take nothing more.
        """
        while not self._draining and (free := _AT_ONCE - len(self._busy)) < _ROOM:
            self._freed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_S if free else None):
                    await self._freed.wait()
                continue
            break
        return not self._draining

    @property
    def _is_out(self) -> bool:
        """Whether it is Telegram that does not take messages."""
        return self._failures >= OUTAGE

    async def _claim(self) -> list[list[ports.OutboxMessage]]:
        """Batches for as many people as there is room for now."""
        now = self._clock.now()
        if self._released_at is None or abs(now - self._released_at) >= _RELEASE_EVERY:
            await self._outbox.release_planned(now)
            self._released_at = now
        batches = []
        if room := self._room_of_others(now):
            batches += await self._take(now, self._failed, room)
            self._tried_at = now if batches else self._tried_at
        if room := self._room_of_failed(now):
            # Whoever waits longest: mostly one of them.
            probed = await self._take(now, (), room)
            if probed and self._is_out:
                self._probed_at, self._probes = now, self._probes + 1
            batches += probed
        if batches:
            await self._messenger.prepare(batches)
        return batches

    async def _take(
        self, now: datetime, but: Collection[int], people: int
    ) -> list[list[ports.OutboxMessage]]:
        batches = await self._outbox.claim(now, _CLAIM, self._busy.union(but), people)
        self._busy.update(batch[0].user_id for batch in batches)
        return batches

    def _room_of_others(self, now: datetime) -> int:
        if not self._is_out:
            return _AT_ONCE - len(self._busy)
        pause = min(LONGEST_WAIT, timedelta(seconds=2 ** min(self._failures - OUTAGE, 9)))
        return int(self._tried_at is None or now - self._tried_at >= pause)

    def _room_of_failed(self, now: datetime) -> int:
        if not self._failed:
            return 0
        room = _ROOM_OF_FAILED - len(self._failed & self._busy)
        if not self._is_out:
            return min(room, _AT_ONCE - len(self._busy))
        pause = min(_LONGEST_PROBE, timedelta(seconds=2 ** min(self._probes, 9)))
        return int(room > 0 and (self._probed_at is None or now - self._probed_at >= pause))

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
            self._reached(user_id)
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
            self._reached(user_id)
            return await self._split(batch, exc)
        except Exception as exc:  # noqa: BLE001 - a notice that breaks our code may neither be lost nor block
            _LOG.exception("a message to person %d could not be made or sent", user_id)
            return await self._give_up_or_retry(batch, exc)
        self._health.record(TELEGRAM, ok=True)
        self._reached(user_id)
        await self._acknowledge(ports.Sent(_ids(batch), message_id, self._clock.now()))
        return True

    def _missed(self, user_id: int, exc: errors.DeliveryError) -> None:
        self._health.record(TELEGRAM, ok=False, detail=exc.message)
        self._failures += user_id not in self._failed
        self._failed.add(user_id)

    def _reached(self, user_id: int) -> None:
        self._failed.discard(user_id)
        self._failures = self._probes = 0

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
