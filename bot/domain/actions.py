"""Confirmed actions: their states and which step may follow which.

pending is the confirmation's own state (see ports.ConfirmationStore); an action exists from the tap on.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain import intents


class State(StrEnum):
    CONFIRMED = "confirmed"
    CRAFTED = "crafted"
    SIGNED = "signed"
    """The signed bytes are stored; from here on only the chain settles."""
    SUBMITTED = "submitted"
    LANDED = "landed"
    FAILED = "failed"
    """Landed on chain with an error: fees paid, nothing else moved."""
    LAPSED = "lapsed"
    """Never landed and no longer can."""
    REJECTED = "rejected"
    """The API, or a look at the balances, said no before anything was signed."""
    REFUSED = "refused"
    """The signing policy or the simulation said no: nothing was signed."""


NEXT: dict[State, frozenset[State]] = {
    State.CONFIRMED: frozenset({State.CRAFTED, State.REJECTED, State.REFUSED}),
    State.CRAFTED: frozenset({State.SIGNED, State.REJECTED, State.REFUSED}),
    State.SIGNED: frozenset({State.SUBMITTED, State.LANDED, State.FAILED, State.LAPSED}),
    State.SUBMITTED: frozenset({State.LANDED, State.FAILED, State.LAPSED}),
}
"""Steps that may follow; every other state is final."""

FINAL = frozenset(State) - frozenset(NEXT)


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction signed by its user, ready to be recorded and then sent."""

    signature: str
    """The user's signature, which is the transaction id, known before anything is sent."""
    blockhash: str
    raw: bytes = field(repr=False)
    order: str | None = None
    """Address of the order that a create opens, derived from its arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    id: int
    user_id: int
    chat_id: int
    message_id: int
    intent: intents.Intent
    limits: intents.Limits
    state: State
    created_at: datetime
    updated_at: datetime
    submit_via: str
    """`jupiter` or `rpc`, fixed at confirmation."""
    request_id: str | None = None
    signed: Signed | None = None
    last_valid_height: int | None = None
    detail: str = ""
    """Sentence for the person that explains a final state, where there is more to say."""
    shown: State | None = None
    """The last state that the card is known to show."""

    @property
    def final(self) -> bool:
        return self.state in FINAL
