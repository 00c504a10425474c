"""The services that the chat works with, in one typed hand-over from the composition root."""

from dataclasses import dataclass

from bot import ports
from bot.services import confirmations, health, orders, people, proposals, tokens, wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    people: people.People
    access: people.Access
    wallets: wallets.Wallets
    orders: orders.Orders
    tokens: tokens.Tokens
    proposals: proposals.Proposals
    confirmations: confirmations.Confirmations
    health: health.Health
    dialogs: ports.DialogStore
    inbox: ports.Inbox
    jobs: ports.JobStore
    clock: ports.Clock
    """Real time."""
    order_clock: ports.Clock
    """The time that orders live in; differs from real time in the sandbox only."""
    submit_via: str
    sandbox: bool = False
