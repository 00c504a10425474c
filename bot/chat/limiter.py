"""Our own pace towards Telegram, on the library's rate-limiter seam.

Replies go before notices; one message a second per private chat, of which replies may run a few ahead; 28
messages a second in all, and never more than 30 within any; few calls in flight; and silence while Telegram
asks for it. No tasks: whoever waits is woken by a timer or by whoever finished.
"""

import asyncio
import bisect
import itertools
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.chat import request

Json = dict[str, Any]
Answer = bool | Json | list[Json]

PER_SECOND = 28
MOST_IN_A_SECOND = 30
"""Telegram's limit. A message reached it somewhere between its departure and the answer, so it counts until
a second after the answer: whatever the network does to the spacing, no second has more."""
_A_SECOND_S = 1.002
"""Clocks are not exact."""
CATCH_UP = 2
"""Messages that a stall may hold up and the next moment makes good."""
PER_CHAT_S = 1.0
REPLY_BURST = 6
"""Messages and edits that a reply may run ahead in its chat: a card and its steps are several at once.
Telegram lets short bursts pass; notices never use this."""
IN_FLIGHT = 8
NOTICES_IN_FLIGHT = 6
"""Fewer than IN_FLIGHT, so that a reply always finds room; enough for the whole rate where Telegram takes a
fifth of a second to answer, and for some chats that hang."""
RETRIES = 2
LONGEST_WAIT_S = 60.0
"""A reply is not repeated after a longer silence than this: who asked is told by the error instead."""

_MESSAGES = ("send", "edit", "copy", "forward")
_NO_MESSAGES = frozenset({"sendChatAction"})


class Pace(IntEnum):
    """Who goes first; lower goes first."""

    REPLY = 0
    NOTICE = 1


@dataclass(slots=True, order=True)
class _Waiting:
    pace: Pace
    turn: int
    chat: int | None = field(compare=False)
    """Set for what counts as a message."""
    admitted: asyncio.Future[None] = field(compare=False)


class ChatLimiter(BaseRateLimiter[Pace]):
    """`rate_limit_args` of a call is its Pace; without one it is a reply."""

    def __init__(self, *, in_flight: int = IN_FLIGHT, per_second: int = PER_SECOND) -> None:
        self._turns = itertools.count()
        self._queue: list[_Waiting] = []
        self._room = in_flight
        self._notice_room = min(NOTICES_IN_FLIGHT, in_flight)
        self._spacing = 1 / per_second
        self._next_message = 0.0
        self._messages_in_flight = 0
        self._answered: deque[float] = deque()
        """When the messages of the last second were."""
        self._next_of_chat: dict[int, float] = {}
        self._halted_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: Json,
        endpoint: str,
        data: Json,
        rate_limit_args: Pace | None,
    ) -> Answer:
        """Call when its turn has come. After RetryAfter a reply is repeated; a notice raises it."""
        pace = Pace.REPLY if rate_limit_args is None else rate_limit_args
        chat = _chat(endpoint, data)
        for attempt in itertools.count():
            await self._admit(pace, chat)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as exc:
                wait = request.retry_after_s(exc)
                self._halt(wait)
                if pace is not Pace.REPLY or attempt >= RETRIES or wait > LONGEST_WAIT_S:
                    raise
            finally:
                self._leave(pace, chat)
        raise AssertionError("unreachable")  # the loop above returns or raises

    async def _admit(self, pace: Pace, chat: int | None) -> None:
        waiting = _Waiting(pace, next(self._turns), chat, asyncio.get_running_loop().create_future())
        bisect.insort(self._queue, waiting)
        self._pump()
        try:
            await waiting.admitted
        except asyncio.CancelledError:
            if waiting.admitted.done() and not waiting.admitted.cancelled():
                self._leave(pace, chat)
            else:
                self._queue.remove(waiting)
            raise

    def _leave(self, pace: Pace, chat: int | None) -> None:
        self._room += 1
        self._notice_room += pace is Pace.NOTICE
        if chat is not None:
            now = asyncio.get_running_loop().time()
            self._messages_in_flight -= 1
            self._answered.append(now)
            # This one may have been on its way longer than the next will be.
            self._next_of_chat[chat] = max(self._next_of_chat.get(chat, 0.0), now + PER_CHAT_S)
        self._pump()

    def _halt(self, seconds: float) -> None:
        self._halted_until = max(self._halted_until, asyncio.get_running_loop().time() + seconds)

    def _pump(self) -> None:
        """Admit whoever may go now; set one timer for the next moment at which somebody may."""
        loop = asyncio.get_running_loop()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        now = loop.time()
        while self._answered and self._answered[0] + _A_SECOND_S <= now:
            self._answered.popleft()
        later: list[float] = []
        for waiting in list(self._queue):
            if self._room <= 0:
                return
            if waiting.pace is Pace.NOTICE and self._notice_room <= 0:
                continue
            at = self._earliest(waiting, now)
            if at > now:
                later.append(at)
                continue
            self._queue.remove(waiting)
            if waiting.admitted.cancelled():
                continue
            self._charge(waiting, now)
            waiting.admitted.set_result(None)
        if later:
            self._timer = loop.call_at(min(later), self._pump)

    def _earliest(self, waiting: _Waiting, now: float) -> float:
        if waiting.chat is None:
            return max(now, self._halted_until)
        full = self._messages_in_flight + len(self._answered) >= MOST_IN_A_SECOND
        room_at = self._answered[0] + _A_SECOND_S if full else now
        ahead = (REPLY_BURST - 1) * PER_CHAT_S if waiting.pace is Pace.REPLY else 0.0
        of_chat = self._next_of_chat.get(waiting.chat, 0.0) - ahead
        return max(room_at, self._halted_until, self._next_message, of_chat)

    def _charge(self, waiting: _Waiting, now: float) -> None:
        self._room -= 1
        self._notice_room -= waiting.pace is Pace.NOTICE
        if waiting.chat is None:
            return
        self._messages_in_flight += 1
        self._next_message = max(self._next_message, now - CATCH_UP * self._spacing) + self._spacing
        self._next_of_chat[waiting.chat] = max(self._next_of_chat.get(waiting.chat, 0.0), now) + PER_CHAT_S
        if len(self._next_of_chat) > 4096:
            self._next_of_chat = {chat: at for chat, at in self._next_of_chat.items() if at > now}


def _chat(endpoint: str, data: Json) -> int | None:
    """The chat that a call counts against; None for what is no message."""
    chat = data.get("chat_id")
    counts = endpoint.startswith(_MESSAGES) and endpoint not in _NO_MESSAGES
    return chat if isinstance(chat, int) and counts else None
