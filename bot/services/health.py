"""Health of what the bot depends on, as seen by those who use it; said once when it breaks, once when over."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    name: str
    ok: bool
    since: datetime
    detail: str = ""


class Health:
    def record(self, name: str, ok: bool, detail: str = "") -> None:
        """Note an outcome; a change is logged once."""
        raise NotImplementedError

    def services(self) -> list[ServiceHealth]:
        raise NotImplementedError
