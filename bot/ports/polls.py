"""When each address is next worth a look, and what is wrong just now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTarget:
    owner: str
    due_at: datetime | None
    """When a fill should be listed."""
    last_ok_at: datetime | None
    failures: int
    sweep_at: datetime | None = None
    """When it is worth a look that may wait: for no reason, or for a fill that may well have been skipped.
    None = it was never looked at."""
    history_at: datetime | None = None
    """When the list of closed orders was last read; None = it is to be read."""
    whole_at: datetime | None = None
    """When that list was last read to its end."""


class PollStore(Protocol):
    """When each address is next worth a look; in real time."""

    async def ensure(self, owner: str, due_at: datetime) -> None: ...

    async def take_due(self, now: datetime, limit: int, *, sweeps: bool = False) -> list[PollTarget]:
        """By `due_at` or `sweep_at`, longest overdue first; only addresses that somebody has as a wallet."""
        ...

    async def next_due_at(self) -> datetime | None: ...

    async def record_ok(
        self,
        owner: str,
        now: datetime,
        due_at: datetime | None,
        *,
        sweep_at: datetime | None = None,
        history_at: datetime | None = None,
    ) -> None: ...

    async def record_whole(self, owner: str, now: datetime) -> None:
        """The list of closed orders was read to its end."""
        ...

    async def record_failure(self, owner: str, not_before: datetime) -> None:
        """Put off every look; when one was wanted at first stays known."""
        ...

    async def find(self, owner: str) -> PollTarget | None: ...

    async def count(self) -> int:
        """Addresses that are polled."""
        ...

    async def wanted_since(self) -> datetime | None:
        """The earliest time for which a look was planned that did not succeed yet.

        Of addresses that were looked at before; a mere sweep counts once it failed, because it may wait.
        """
        ...

    async def list_stale(self, before: datetime, *, unmuted: bool = False) -> dict[int, datetime]:
        """People with a wallet whose look for a fill was planned before then and did not succeed yet.

        With the earliest such time of theirs. `unmuted` leaves out wallets of which the person muted all
        active orders.
        """
        ...

    async def last_look_at(self, user_id: int) -> datetime | None:
        """When the last look at any of this person's wallets succeeded; None = none did."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    topic: str
    subject: str
    """Which one of its kind; empty where there is only one."""
    since: datetime


class TroubleStore(Protocol):
    """What somebody was told is wrong, until they are told that it is over; survives a restart."""

    async def begin(self, topic: str, subject: str, now: datetime) -> bool:
        """False = it is known already."""
        ...

    async def end(self, topic: str, subject: str) -> datetime | None:
        """Since when it was; None = there was none. Exactly one caller gets it."""
        ...

    async def list_open(self, topic: str | None = None) -> list[Trouble]:
        """Oldest first."""
        ...
