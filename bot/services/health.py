"""Health of what the bot depends on, as seen by those who use it; said once when it breaks, and when over."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot import ports

_LOG = logging.getLogger(__name__)

JUPITER: Final = "Jupiter"
SOLANA: Final = "Solana"
TELEGRAM: Final = "Telegram"
"""Whether it takes messages."""
UPDATES: Final = "getUpdates"
"""Whether it hands out what people write."""


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    name: str
    ok: bool
    since: datetime
    detail: str = ""


class Health:
    """What was last seen of each service. In memory: after a restart it is seen anew."""

    def __init__(self, clock: ports.Clock) -> None:
        self._clock = clock
        self._services: dict[str, ServiceHealth] = {}
        self._last_ok: dict[str, datetime] = {}

    def record(self, name: str, ok: bool, detail: str = "") -> None:
        """Note an outcome; a change is logged once."""
        if ok:
            self._last_ok[name] = self._clock.now()
        known = self._services.get(name)
        if known is not None and known.ok == ok:
            return
        self._services[name] = ServiceHealth(name, ok, self._clock.now(), detail)
        if not ok:
            _LOG.warning("%s does not work: %s", name, detail or "no answer")
        elif known is not None:
            _LOG.info("%s works again", name)

    def last_ok(self, name: str) -> datetime | None:
        """When it last worked; None = not in this run."""
        return self._last_ok.get(name)

    def failing_since(self, name: str) -> datetime | None:
        """Since when it has not worked, as far as this run saw; None = it works, or nobody asked."""
        known = self._services.get(name)
        return None if known is None or known.ok else known.since

    def services(self) -> list[ServiceHealth]:
        """In the order in which they were first heard of."""
        return list(self._services.values())
