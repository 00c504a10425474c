"""Real time. Order time may run apart from it only where the cluster's own clock does (the sandbox)."""

from datetime import UTC, datetime


class SystemClock:
    """Aware UTC now, from the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)
