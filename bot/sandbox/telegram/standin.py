"""The whole stand-in: one bot, its people, and the page."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from starlette.routing import BaseRoute

from bot.sandbox.store import Store
from bot.sandbox.telegram import page
from bot.sandbox.telegram.bot_api import BotApi
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.chats import Chats
from bot.sandbox.telegram.control import Control
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.limits import Limits
from bot.sandbox.telegram.people import People, Tap
from bot.sandbox.telegram.profile import Profile
from bot.sandbox.telegram.queries import Queries
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.webhooks import Courier
from bot.sandbox.telegram.world import World

DEFAULT_WAIT_S = 5.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Telegram:
    """A strict Bot API server for one token, with the people who chat with the bot.

    Messages, unconfirmed updates, files and the bot's profile are kept in the store; taps, webhook and
    call log are not.

    Compose `routes()` into an app; `run()` pushes updates to a webhook. Call `close()` before the server
    waits for its connections: it ends long polls and event streams. Everything runs in one event loop.
    """

    def __init__(
        self,
        token: str,
        store: Store | None = None,
        *,
        name: str = "Recurring Bot",
        username: str = "recurring_sandbox_bot",
        chat_per_s: float = 1.0,
        chat_burst: int = 10,
        group_per_minute: float = 20.0,
        overall_per_s: float = 30.0,
        query_lifetime_s: float = 15.0,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        store = store or Store()
        bot_id = int(token.partition(":")[0])
        bot: dict[str, Any] = {
            "id": bot_id,
            "is_bot": True,
            "first_name": name,
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        limits = Limits(
            monotonic,
            chat_per_s=chat_per_s,
            chat_burst=chat_burst,
            group_per_minute=group_per_minute,
            overall_per_s=overall_per_s,
        )
        self.world = World(
            bot=bot,
            now=now,
            monotonic=monotonic,
            chats=Chats(now, store),
            # seconds since 1970: above every id that an earlier run gave out, and below 2**31 until 2038
            updates=Updates(first_id=int(now().timestamp()), store=store),
            queries=Queries(monotonic, query_lifetime_s),
            limits=limits,
            files=Files(store),
            profile=Profile(store),
            store=store,
        )
        self.people = People(self.world)
        self._api = BotApi(self.world, token)
        self._control = Control(self.world, self.people, self._api.log)

    def routes(self) -> list[BaseRoute]:
        return [*self._api.routes(), *self._control.routes(), *page.routes()]

    async def run(self) -> None:
        """Push updates while the bot has set a webhook; for ever."""
        await Courier(self.world.webhooks, self.world.updates, self.world.now).run()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End long polls and event streams. Safe to repeat."""
        self.world.updates.close()
        self._control.close()

    @property
    def call_log(self) -> Sequence[Call]:
        """The latest Bot API calls, oldest first."""
        return self._api.log.list_of()

    @property
    def polled(self) -> bool:
        """The bot waits for updates at this moment."""
        return self.world.updates.polled

    def messages(self, user_id: int) -> list[dict[str, Any]]:
        """The transcript as the control API gives it, oldest first."""
        return self._control.messages(user_id)

    def send(self, user_id: int, text: str, *, chat_id: int | None = None) -> int:
        """Write as a person; the id of the (first) message. Raises people.Impossible."""
        return self.people.send(user_id, text, chat_id=chat_id)[0].id

    async def tap(
        self, user_id: int, message_id: int, label: str, times: int = 1, *, wait_s: float = DEFAULT_WAIT_S
    ) -> list[Tap]:
        """Tap so many times at once, then wait for every answer. Raises people.Impossible."""
        queries = [self.people.open_tap(user_id, message_id, label) for _ in range(times)]
        return [await self.people.outcome(query, wait_s) for query in queries]

    def redeliver(self, user_id: int) -> int:
        """Send unanswered taps again under new ids; how many."""
        return len(self.people.redeliver(user_id))

    def block(self, user_id: int) -> None:
        self.people.set_blocked(user_id, blocked=True)

    def unblock(self, user_id: int) -> None:
        self.people.set_blocked(user_id, blocked=False)
