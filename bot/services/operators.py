"""What the operator must know: logged at once, and told in the chat to every admin, once."""

import logging
from collections.abc import Collection

from bot import ports
from bot.domain import notices

_LOG = logging.getLogger(__name__)


class Operators:
    def __init__(self, outbox: ports.Outbox, admins: Collection[int], clock: ports.Clock) -> None:
        self._outbox = outbox
        self._admins = tuple(admins)
        self._clock = clock

    async def tell(self, topic: str, text: str, dedupe: str) -> None:
        """Queue a notice once per `dedupe`; durable when this returns. Never pass a secret."""
        _LOG.warning("operator: %s: %s", topic, text)
        for admin in self._admins:
            notice = notices.OperatorTold(topic=topic, text=text)
            await self._outbox.add(admin, notice, f"operator:{dedupe}", self._clock.now())
