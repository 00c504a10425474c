"""Our own polling loop: every update is parsed by itself and committed before it is confirmed to Telegram.

What a crash leaves unhandled is handled at the next start. Texts that may hold a secret are never stored;
they are handled before Telegram is told that we have them.
"""

import asyncio
import json
import logging
import random
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, TypeVar

from telegram import Update
from telegram.error import Conflict, EndPointNotFound, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

from bot import errors, ports
from bot.chat import request
from bot.chat.delivery import Bot
from bot.services import health

log = logging.getLogger(__name__)

LONG_POLL_S = 25
READ_SLACK_S = 10.0
STALE_S = 60.0
"""A getUpdates that takes longer than this hangs: its connections are closed and opened anew."""
REOPEN_AFTER = 3
"""So many failures in a row may come from our own side: half-open connections that fill the pool."""
REFUSED_FOR_S = 30.0
"""How long Conflict, or a refused token, is taken for something that passes, such as our own restart."""
SECRET_WAIT_S = 20.0
LONGEST_PAUSE_S = 30.0
CONFLICT_PAUSE_S = 3.0
STORAGE_PAUSE_S = 2.0
SHUTDOWN_S = 20.0

SECOND_POLLER = "Another program receives this bot's updates. Stop it, or use another TELEGRAM_BOT_TOKEN."
BAD_TOKEN = "Telegram does not accept TELEGRAM_BOT_TOKEN (or TELEGRAM_API_URL is wrong)."  # noqa: S105 - says that one is bad
T = TypeVar("T")

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
SERVICE = health.UPDATES


class Privacy(Enum):
    PLAIN = auto()
    IN_DOUBT = auto()
    """Perhaps an answer to a question that is about to be asked: not stored."""
    SECRET = auto()
    """Not stored, and handled before Telegram is told that we have it."""


Handle = Callable[[Update, Privacy], Awaitable[None]]
"""Handle one update. Returns when it is done."""
Judge = Callable[[Update, bool], Awaitable[Privacy]]
"""Whether an update may be stored; the flag says that an earlier one of this person is still in work."""
Reconnect = Callable[[], Awaitable[None]]


class UpdateLoop:
    def __init__(
        self,
        bot: Bot,
        inbox: ports.Inbox,
        service_health: health.Health,
        *,
        prepare: Callable[[], Awaitable[None]],
        handle: Handle,
        judge: Judge,
        reconnect: Reconnect,
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._health = service_health
        self._prepare = prepare
        self._handle = handle
        self._judge = judge
        self._reconnect = reconnect
        self._offset: int | None = None
        self._failures = 0
        self._pause = 0.0
        self._in_work: Counter[int] = Counter()
        """Updates per person that are not done, counted from before their task first runs."""
        self._stopping = asyncio.Event()
        self._refused_since: float | None = None
        self._refused_last = 0.0
        self.last_ok: float | None = None
        """Loop time of the last successful getUpdates: the heartbeat."""

    async def run(self) -> None:
        """Until stop(). Raises ConfigurationError, in a group: a second poller, or a refused token."""
        # The library wants get_updates() to be used, which parses all updates or none.
        warnings.filterwarnings("ignore", r"Please use 'Bot\.getUpdates'", PTBUserWarning)
        try:
            async with asyncio.timeout(None) as deadline, asyncio.TaskGroup() as group:
                poller = group.create_task(self._poll(group))
                await self._stopping.wait()
                poller.cancel()
                deadline.reschedule(asyncio.get_running_loop().time() + SHUTDOWN_S)
        except TimeoutError:
            log.warning("gave up waiting for updates in work; they are handled at the next start")

    def stop(self) -> None:
        """Take no more updates; `run` returns when those in work are done, or after SHUTDOWN_S."""
        self._stopping.set()

    async def _poll(self, group: asyncio.TaskGroup) -> None:
        ready = False
        while True:
            pause = 0.0
            if ready:
                pause = await self.poll_once(group)
            elif await self._attempt(self._prepared):
                ready = True
                await self.replay(group)
            else:
                pause = self._pause
            if pause:
                await asyncio.sleep(pause)

    async def _prepared(self) -> bool:
        try:
            await self._prepare()
        except InvalidToken:
            # Without the cause: its text repeats the token.
            raise errors.ConfigurationError(BAD_TOKEN) from None
        return True

    async def replay(self, group: asyncio.TaskGroup) -> None:
        """Handle what was committed but not handled before the last stop."""
        for update_id, payload in await self._inbox.list_unhandled():
            update = self._parse(json.loads(payload), update_id)
            if update is None:
                await self._inbox.record_handled(update_id)
            else:
                self._start(group, update, Privacy.PLAIN)

    async def poll_once(self, group: asyncio.TaskGroup) -> float:
        """Fetch, commit and start to handle one batch. Returns seconds to pause before the next."""
        batch = await self._attempt(self._fetch)
        if batch is None:
            return self._pause
        confirmed = self._offset
        try:
            for raw in batch:
                await self._take(raw, group)
        except errors.StorageError:
            log.exception("cannot commit updates: they stay with Telegram")
            return STORAGE_PAUSE_S
        # What cannot be confirmed comes again at once.
        return STORAGE_PAUSE_S if batch and self._offset == confirmed else 0.0

    async def _attempt(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """None = it failed in a way that may pass; `_pause` says how long to wait."""
        try:
            async with asyncio.timeout(STALE_S):
                answer = await call()
        except TimeoutError:
            log.warning("Telegram's answer hangs: reconnecting")
            await self._reconnect()
            self._pause = self._failed("no answer")
        except RetryAfter as exc:
            self._pause = request.retry_after_s(exc)
        except Conflict:
            self._pause = self._refused(SECOND_POLLER)
        except (InvalidToken, EndPointNotFound):
            self._pause = self._refused(BAD_TOKEN)
        except NetworkError as exc:
            self._pause = self._failed(type(exc.__cause__ or exc).__name__)
            if self._failures % REOPEN_AFTER == 0:
                await self._reconnect()
        except TelegramError as exc:
            self._pause = self._failed(type(exc).__name__)
        else:
            self._succeeded()
            return answer
        return None

    async def _fetch(self) -> list[Any]:
        wanted: dict[str, Any] = {"timeout": LONG_POLL_S, "allowed_updates": ALLOWED}
        if self._offset is not None:
            wanted["offset"] = self._offset
        answer = await self._bot.do_api_request(
            "getUpdates", api_kwargs=wanted, read_timeout=LONG_POLL_S + READ_SLACK_S
        )
        if not isinstance(answer, list):
            raise TelegramError("getUpdates did not answer a list")
        return answer

    async def _take(self, raw: Any, group: asyncio.TaskGroup) -> None:
        update_id = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(update_id, int):
            log.error("skipped something that is no update")
            return
        if not _is_id(update_id):
            log.error("skipped an update with an impossible number")
            self._offset = update_id + 1
            return
        update = self._parse(raw, update_id)
        user = update.effective_user if update else None
        busy = user is not None and user.id in self._in_work
        privacy = Privacy.PLAIN if update is None else await self._judge(update, busy)
        payload = json.dumps(raw) if update and privacy is Privacy.PLAIN else None
        new = await self._inbox.record(update_id, user.id if user else None, payload)
        # The last is the newest, not the highest: after a quiet week Telegram goes on with any id.
        self._offset = update_id + 1
        if update is None:
            await self._inbox.record_handled(update_id)
        elif new:
            task = self._start(group, update, privacy)
            if privacy is Privacy.SECRET:
                await asyncio.wait({task}, timeout=SECRET_WAIT_S)

    def _parse(self, raw: Any, update_id: int) -> Update | None:
        try:
            return _read(raw, self._bot)
        except Exception as exc:  # noqa: BLE001 - whatever one update does to the parser, the others go on
            log.error("skipped update %s that cannot be read: %s", update_id, type(exc).__name__)  # noqa: TRY400 - a traceback could show what the person wrote
            return None

    def _start(self, group: asyncio.TaskGroup, update: Update, privacy: Privacy) -> asyncio.Task[None]:
        user = update.effective_user.id if update.effective_user else 0
        self._in_work[user] += 1

        def done(_: asyncio.Task[None]) -> None:
            self._in_work[user] -= 1
            if not self._in_work[user]:
                del self._in_work[user]

        task = group.create_task(self._finish(update, privacy))
        task.add_done_callback(done)
        return task

    async def _finish(self, update: Update, privacy: Privacy) -> None:
        await self._handle(update, privacy)
        try:
            await self._inbox.record_handled(update.update_id)
        except errors.StorageError:
            log.exception("update %s was handled, but that could not be noted", update.update_id)

    # --- outcomes ---

    def _succeeded(self) -> None:
        now = asyncio.get_running_loop().time()
        self.last_ok = now
        self._failures = 0
        if self._refused_since is not None and now - self._refused_last > 2 * REFUSED_FOR_S:
            self._refused_since = None
        self._health.record(SERVICE, ok=True)

    def _failed(self, detail: str) -> float:
        self._failures += 1
        self._health.record(SERVICE, ok=False, detail=detail)
        pause = min(LONGEST_PAUSE_S, 2.0 ** min(self._failures - 1, 10))
        return pause * (0.75 + random.random() / 2)  # noqa: S311 - jitter, not cryptography

    def _refused(self, sentence: str) -> float:
        now = asyncio.get_running_loop().time()
        self._refused_last = now
        if self._refused_since is None:
            self._refused_since = now
        elif now - self._refused_since >= REFUSED_FOR_S:
            raise errors.ConfigurationError(sentence) from None
        self._health.record(SERVICE, ok=False, detail=sentence)
        return CONFLICT_PAUSE_S


def _read(raw: Any, bot: Bot) -> Update:
    """Raises ValueError for ids that the library takes and no database would: it would come for ever."""
    update = Update.de_json(raw, bot)
    if not all(_is_id(one.id) for one in (update.effective_user, update.effective_chat) if one):
        raise ValueError("an id that cannot be")
    return update


def _is_id(number: object) -> bool:
    """Whether the Bot API can mean it: ids have at most 52 significant bits (User, Chat)."""
    return type(number) is int and abs(number) < 2**52
