"""The bot's inbox: updates wait here until an offset confirms them."""

import asyncio
from collections.abc import Collection
from typing import Any

from bot.sandbox.store import Store
from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.changes import Changes

_SPACE = "telegram updates"
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MAX_LIMIT = 100
MAX_TIMEOUT_S = 50.0


class Updates:
    """`first_id` must exceed every id of earlier runs: bots remember ids and skip those they know.

    What an earlier process kept in the store, unconfirmed, is there again.
    """

    def __init__(self, first_id: int, store: Store) -> None:
        self._store = store
        self._pending: list[dict[str, Any]] = list(store.load(_SPACE).values())
        last = self._pending[-1]["update_id"] if self._pending else 0
        self._next_id = max(first_id, last + 1)
        self._allowed: frozenset[str] | None = None
        self._poll: asyncio.Future[refusals.Refusal | None] | None = None
        """Ends with None when updates came, with a refusal when the poller has to give way."""
        self._closed = False
        self.changed = Changes()
        """Something came, or somewhere else is where it should go."""

    @property
    def pending(self) -> int:
        return len(self._pending)

    @property
    def first(self) -> dict[str, Any] | None:
        """The oldest that waits."""
        return self._pending[0] if self._pending else None

    @property
    def polled(self) -> bool:
        """Somebody waits for updates at this moment."""
        return self._poll is not None

    @property
    def next_id(self) -> int:
        return self._next_id

    def add(self, kind: str, payload: dict[str, Any]) -> int | None:
        """Queue one; None = the bot does not want this kind."""
        wanted = kind in self._allowed if self._allowed else kind not in _NOT_BY_DEFAULT
        if not wanted:
            return None
        update_id = self._next_id
        self._next_id += 1
        update = {"update_id": update_id, kind: payload}
        self._pending.append(update)
        self._store.put(_SPACE, f"{update_id:012}", update)
        self._wake()
        self.changed.notify()
        return update_id

    def allow(self, kinds: Collection[str] | None) -> None:
        """None = as before; empty = the default kinds."""
        if kinds is not None:
            self._allowed = frozenset(kinds) or None

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed or ())

    async def fetch(self, offset: int | None, limit: int, timeout_s: float) -> list[dict[str, Any]]:
        """One getUpdates: confirm everything before `offset`, then what is there, or wait for it.

        A negative offset keeps only the last so many. Raises Refusal 409 in the call that waits, when another
        call arrives.
        """
        self._wake(refusals.other_poller())
        self.confirm(offset or 0)
        limit = limit if 0 < limit <= MAX_LIMIT else MAX_LIMIT
        if not self._pending and timeout_s > 0 and not self._closed:
            await self._wait(min(timeout_s, MAX_TIMEOUT_S))
        return self._pending[:limit]

    def drop(self) -> None:
        """Forget everything that waits."""
        self._keep_only([])

    def give_way(self) -> None:
        """From now on updates are pushed: end the waiting poll."""
        self._wake(refusals.webhook_set_meanwhile())
        self.changed.notify()

    def close(self) -> None:
        """End the waiting poll with an empty answer, so that a server can stop."""
        self._closed = True
        self._wake()

    def confirm(self, offset: int) -> None:
        """Forget everything before `offset`; a negative one keeps only the last so many."""
        if offset < 0:
            self._keep_only(self._pending[offset:])
        else:
            self._keep_only([update for update in self._pending if update["update_id"] >= offset])

    def _keep_only(self, wanted: list[dict[str, Any]]) -> None:
        stay = {update["update_id"] for update in wanted}
        with self._store.unit():
            for update in self._pending:
                if update["update_id"] not in stay:
                    self._store.drop(_SPACE, f"{update['update_id']:012}")
        self._pending = wanted

    async def _wait(self, timeout_s: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                refusal = await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
        if refusal:
            raise refusal

    def _wake(self, refusal: refusals.Refusal | None = None) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(refusal)
            self._poll = None
