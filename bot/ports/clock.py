"""Time, injected."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Aware UTC now. Two are in use: real time, and order time (the same, except in the sandbox)."""

    def now(self) -> datetime: ...
