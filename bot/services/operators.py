"""What the operator must know: logged, told in the chat to every admin once, and once when it is over.

What is open is in SQL, so that no restart tells it again or forgets to say that it is over.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from bot import ports, texts
from bot.domain import notices

_LOG = logging.getLogger(__name__)


class Topic(StrEnum):
    """Kinds of trouble; the words for them are in texts.TROUBLES."""

    POLLING = "polling"
    """Some wallet is looked at too late."""
    UPDATES = "updates"
    """getUpdates does not succeed."""
    CONSERVATION = "conservation"
    """Fills of an order, which is the subject, do not add up to what it used."""
    REFUSED = "refused"
    """A transaction of a kind, which is the subject, was not what was confirmed."""
    VAULT = "vault"
    """A wallet, which is the subject, cannot be opened."""
    DEAD_LETTERS = "dead letters"
    """Notices were given up."""


class Operators:
    def __init__(
        self,
        *,
        transaction: ports.Transactions,
        troubles: ports.TroubleStore,
        outbox: ports.Outbox,
        admins: Collection[int],
        clock: ports.Clock,
    ) -> None:
        self._transaction = transaction
        self._troubles = troubles
        self._outbox = outbox
        self._admins = tuple(admins)
        self._clock = clock
        self._open: dict[tuple[str, str], datetime] | None = None
        """What is open, and when it was last seen in this run. None = not read yet."""

    async def report(self, topic: Topic, text: str, *, subject: str = "", occurrence: str = "") -> None:
        """There is this trouble. Told once until it is over; with `occurrence`, once for each of them.

        Durable when this returns, and a repeat is safe. Never pass a secret. Not inside a transaction: what
        is rolled back there would count as told here.
        """
        known, now = await self._known(), self._clock.now()
        if occurrence or (topic, subject) not in known:
            async with self._transaction():
                # Of two that report at once, one tells.
                if await self._troubles.begin(topic, subject, now) or occurrence:
                    _LOG.warning("operator: %s: %s", topic, text)
                    await self._tell(topic, text, f"{topic}:{subject}:{occurrence or now.isoformat()}", now)
        known[topic, subject] = now

    async def report_over(self, topic: Topic, text: str, *, subject: str = "") -> None:
        """It is over: told once, if it was told. Costs nothing otherwise."""
        known, now = await self._known(), self._clock.now()
        if (topic, subject) not in known:
            return
        async with self._transaction():
            since = await self._troubles.end(topic, subject)
            if since is not None:
                _LOG.warning("operator: %s is over: %s", topic, text)
                minutes = max(1, round((now - since).total_seconds() / 60))
                text = texts.TROUBLE_OVER.format(what=text, minutes=minutes)
                await self._tell(topic, text, f"over:{topic}:{subject}:{since.isoformat()}", now)
        known.pop((topic, subject), None)

    async def list_open(self) -> list[ports.Trouble]:
        """Oldest first, of what the operator was told."""
        return [trouble for trouble in await self._troubles.list_open() if trouble.topic in set(Topic)]

    async def last_seen_at(self, topic: Topic, subject: str = "") -> datetime | None:
        """When this trouble was last reported, or first known in this run; None = there is none."""
        return (await self._known()).get((topic, subject))

    async def _tell(self, topic: Topic, text: str, dedupe: str, now: datetime) -> None:
        for admin in self._admins:
            notice = notices.OperatorTold(topic=topic, text=text)
            await self._outbox.add(admin, notice, f"operator:{dedupe}", now)

    async def _known(self) -> dict[tuple[str, str], datetime]:
        if self._open is None:
            now = self._clock.now()
            found = await self._troubles.list_open()
            if self._open is None:
                self._open = {(trouble.topic, trouble.subject): now for trouble in found}
        return self._open
