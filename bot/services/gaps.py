"""What must be there and is not listed yet: since when, and when it is worth another search.

Jupiter's lists lag by seconds; what stays missing must not eat the budget. In memory: after a restart
whoever looks finds the same gaps again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=5)
"""After the first search; from then on a gap is looked for again when it is twice as old."""


@dataclass(slots=True)
class _Gap:
    since: datetime
    again_at: datetime
    searches: int = 0


class Gaps:
    """Things by key, of one kind, for each wallet."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, _Gap]] = {}

    def keys(self, owner: str) -> set[str]:
        return set(self._of.get(owner, ()))

    def due(self, owner: str, missing: Collection[str], now: datetime) -> set[str]:
        """Which of these are worth a search now; what was not known to be missing always is."""
        gaps = self._of.get(owner, {})
        return {key for key in missing if key not in gaps or gaps[key].again_at <= now}

    def recall(self, owner: str, keys: Collection[str], now: datetime) -> None:
        """What an earlier run of the program had not found: worth a search at once."""
        for key in keys:
            self._of.setdefault(owner, {}).setdefault(key, _Gap(now, now))

    def note(self, owner: str, missing: Collection[str], found: Collection[str], now: datetime) -> None:
        """What a search looked for in vain, and what it found; the rest stays as it is."""
        gaps = self._of.pop(owner, {})
        gaps = {key: gap for key, gap in gaps.items() if key not in found}
        for key in missing:
            gap = gaps.setdefault(key, _Gap(now, now))
            gap.searches += 1
            gap.again_at = now + max(FIRST_PAUSE, now - gap.since)
        if gaps:
            self._of[owner] = gaps

    def searches(self, owner: str, key: str) -> int:
        """In vain, so far."""
        gap = self._of.get(owner, {}).get(key)
        return gap.searches if gap else 0

    def age(self, owner: str, key: str, now: datetime) -> timedelta:
        gap = self._of.get(owner, {}).get(key)
        return now - gap.since if gap else timedelta(0)

    def again_at(self, owner: str) -> datetime | None:
        """The next moment at which something of this wallet is worth a search."""
        return min((gap.again_at for gap in self._of.get(owner, {}).values()), default=None)
