"""The command line as a test runs it: in this process, with what it said."""

from collections.abc import Callable
from typing import NamedTuple


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What a failure says: exactly one line."""
        (line,) = self.err.splitlines()
        return line


Run = Callable[..., Done]
