"""What the bot tells people unasked: facts in the past tense, stored in the outbox until delivered.

A notice names things by key; what is shown for them is looked up when it is sent.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, get_args


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSeen:
    kind: ClassVar[str] = "fill"
    owner: str
    order_key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOpened:
    """An order appeared that was not opened here."""

    kind: ClassVar[str] = "opened"
    owner: str
    order_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFinished:
    """All cycles filled."""

    kind: ClassVar[str] = "finished"
    owner: str
    order_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    kind: ClassVar[str] = "cancelled"
    owner: str
    order_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsLow:
    """A price order has little left to spend."""

    kind: ClassVar[str] = "low"
    owner: str
    order_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOverdue:
    """A fill that was due then, in order time as ISO text, has not come."""

    kind: ClassVar[str] = "overdue"
    owner: str
    order_key: str
    due_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleSkipped:
    """The same of an order that lets cycles pass: part of its plan."""

    kind: ClassVar[str] = "skipped"
    owner: str
    order_key: str
    due_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersUnseen:
    """The person's orders could not be looked at since then, for longer than usual. Times are ISO text."""

    kind: ClassVar[str] = "unseen"
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersSeenAgain:
    """Back to normal, for who was told otherwise."""

    kind: ClassVar[str] = "seen"
    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTold:
    """Something the operator must know; `topic` groups a trouble with its recovery."""

    kind: ClassVar[str] = "operator"
    topic: str
    text: str


AboutAnOrder = (
    FillSeen | OrderOpened | OrderFinished | OrderCancelled | FundsLow | CycleOverdue | CycleSkipped
)
Notice = AboutAnOrder | OrdersUnseen | OrdersSeenAgain | OperatorTold

_KINDS: dict[str, type[Any]] = {kind.kind: kind for kind in get_args(Notice)}


def to_json(notice: Notice) -> dict[str, str]:
    return {"kind": notice.kind, **asdict(notice)}


def from_json(data: dict[str, str]) -> Notice:
    """Inverse of to_json. Raises KeyError or TypeError for what to_json did not write."""
    fields = dict(data)
    notice: Notice = _KINDS[fields.pop("kind")](**fields)
    return notice
