"""Keeps the cards of actions true: best effort while they run, until it is done at their end.

A card is shown in the background, so that a slow Telegram never delays a signature. Per action only the
newest state counts, and it is never shown before an older one has been.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports
from bot.domain import actions

_LOG = logging.getLogger(__name__)

_AT_ONCE: Final = 4
_LONGEST_PAUSE_S: Final = 60
_LOOK_S: Final = 0.5


class Upkeep:
    def __init__(
        self,
        *,
        cards: ports.Cards,
        store: ports.ActionStore,
        clock: ports.Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._cards = cards
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._waiting: dict[int, actions.Action] = {}
        self._busy: set[int] = set()
        self._failures: dict[int, int] = {}
        self._not_before: dict[int, datetime] = {}
        self._wanted = asyncio.Event()

    def show_soon(self, action: actions.Action) -> None:
        """Bring the card up to this state. An older state than one that waits already is not shown."""
        known = self._waiting.get(action.id)
        if known is None or not known.final:
            self._waiting[action.id] = action
        self._wanted.set()

    async def show_unshown(self) -> None:
        """Take up what a crash or an outage left: final actions whose card is not known to say so."""
        for action in await self._store.list_unshown():
            if action.id not in self._busy:
                self.show_soon(action)

    async def show_once(self) -> int:
        """One attempt for every card that is due now. Returns how many were tried."""
        due = self._list_due()
        for action in due:
            await self._show(action)
        return len(due)

    async def run(self) -> None:
        """Forever."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            if due := self._list_due():
                await self._show(due[0])
            elif self._waiting:
                await self._sleep(_LOOK_S)
            else:
                self._wanted.clear()
                await self._wanted.wait()

    def _list_due(self) -> list[actions.Action]:
        now = self._clock.now()
        return [
            action
            for action in self._waiting.values()
            if action.id not in self._busy and self._not_before.get(action.id, now) <= now
        ]

    async def _show(self, action: actions.Action) -> None:
        self._busy.add(action.id)
        try:
            await self._cards.show_action(action)
        except (errors.DeliveryDelayed, errors.DeliveryUnknown) as exc:
            # An edit that may have been made can be made again.
            self._postpone(action, exc)
        except errors.DeliveryError as exc:
            _LOG.info("the card of action %d is given up: %s", action.id, exc)
            await self._finish(action)
        except Exception:  # noqa: BLE001 - top of a supervised loop
            _LOG.exception("the card of action %d could not be shown", action.id)
            self._postpone(action, None)
        else:
            await self._finish(action)
        finally:
            self._busy.discard(action.id)

    async def _finish(self, action: actions.Action) -> None:
        """Shown, or given up."""
        if action.final:
            try:
                await self._store.record_shown(action.id, action.state)
            except errors.StorageError as exc:
                self._postpone(action, exc)
                return
        self._failures.pop(action.id, None)
        self._not_before.pop(action.id, None)
        if self._waiting.get(action.id) is action:
            del self._waiting[action.id]

    def _postpone(self, action: actions.Action, exc: errors.BotError | None) -> None:
        failures = self._failures[action.id] = self._failures.get(action.id, 0) + 1
        pause = timedelta(seconds=min(_LONGEST_PAUSE_S, 2 ** min(failures, 6) / 2))
        if isinstance(exc, errors.DeliveryDelayed):
            pause = max(pause, exc.retry_after)
        self._not_before[action.id] = self._clock.now() + pause
