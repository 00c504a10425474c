"""Faults on demand: what they are and which request they hit.

slow          answered after `seconds`
drop          the connection breaks before the request is looked at
lost          the request is done, then the connection breaks without an answer
error         5xx, nothing is done
error_after   the request is done, then 5xx
malformed     200 with a body that is no answer, nothing is done
rate_limit    429 in the service's own form, nothing is done
lie           see lies; only Jupiter lies
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import lies

TARGETS = {
    "telegram": ("/bot", "/file/bot"),
    "jupiter": ("/recurring/", "/tokens/", "/price/"),
    "rpc": ("/rpc",),
}
KINDS = ("slow", "drop", "lost", "error", "error_after", "malformed", "rate_limit", "lie")
LONGEST_S = 600.0


class BadFault(ValueError):
    """A fault that makes no sense; the text says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    target: str
    kind: str
    match: str = ""
    """Part of the path, or of the RPC method's name; empty = everything of the target."""
    seconds: float = 1.0
    status: int = 502
    lie: str = ""
    count: int | None = None
    """How many requests are hit; None = all."""
    probability: float = 1.0
    hits: int = field(default=0)

    def show(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FIELDS} | {"hits": self.hits}


_FIELDS = ("target", "kind", "match", "seconds", "status", "lie", "count", "probability")


class Faults:
    """What is wrong at the moment."""

    def __init__(self, luck: random.Random | None = None) -> None:
        self._luck = luck or random.Random()
        self._faults: list[Fault] = []

    def replace(self, given: object) -> None:
        """Take over a list of faults as JSON gives them; all or none. Raises BadFault."""
        if not isinstance(given, list):
            raise BadFault("faults must be a list")
        self._faults = [_read(one) for one in given]

    def show(self) -> list[dict[str, Any]]:
        return [fault.show() for fault in self._faults]

    def strike(self, target: str, where: str) -> Fault | None:
        """The fault that hits this request, if any; it is counted."""
        return self._pick([fault for fault in self._faults if fault.kind != "lie"], target, where)

    def take_lies(self, among: frozenset[str], where: str) -> list[str]:
        """Lies to be told in an answer of Jupiter's; they are counted."""
        wanted = [fault for fault in self._faults if fault.lie in among]
        return [fault.lie for fault in wanted if self._pick([fault], "jupiter", where)]

    def concern_methods(self) -> bool:
        """Whether any fault is for some RPC methods only."""
        return any(fault.target == "rpc" and fault.match for fault in self._faults)

    def _pick(self, faults: Sequence[Fault], target: str, where: str) -> Fault | None:
        for fault in faults:
            spent = fault.count is not None and fault.hits >= fault.count
            if fault.target != target or spent or fault.match.lower() not in where.lower():
                continue
            if self._luck.random() < fault.probability:
                fault.hits += 1
                return fault
        return None


def target_of(path: str) -> str | None:
    for target, prefixes in TARGETS.items():
        if path.startswith(prefixes):
            return target
    return None


def _read(given: object) -> Fault:
    if not isinstance(given, dict):
        raise BadFault("a fault must be an object")
    unknown = set(given) - {*_FIELDS}
    if unknown:
        raise BadFault(f"unknown: {', '.join(sorted(map(str, unknown)))}")
    fault = Fault(**{"target": "", "kind": "", **{k: v for k, v in given.items() if v is not None}})
    if fault.target not in TARGETS:
        raise BadFault(f"target must be one of {', '.join(TARGETS)}")
    if fault.kind not in KINDS:
        raise BadFault(f"kind must be one of {', '.join(KINDS)}")
    if (fault.kind == "lie") != (fault.lie in lies.ALL) or (fault.lie and fault.target != "jupiter"):
        raise BadFault(f"lie, of jupiter only, must be one of {', '.join(sorted(lies.ALL))}")
    if not isinstance(fault.match, str):
        raise BadFault("match must be text")
    if fault.count is not None and (type(fault.count) is not int or fault.count < 1):
        raise BadFault("count must be a whole number from 1")
    if type(fault.status) is not int or not 400 <= fault.status <= 599:
        raise BadFault("status must be 400 to 599")
    for name, most in (("seconds", LONGEST_S), ("probability", 1.0)):
        value = getattr(fault, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise BadFault(f"{name} must be 0 to {most:g}")
    return fault
