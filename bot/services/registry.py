"""The services that the chat works with, in one typed hand-over from the composition root."""

from collections.abc import Callable
from dataclasses import dataclass

from bot import ports

# By name: a field called as its module would hide the module from the annotations after it.
from bot.services.archive import Archive
from bot.services.confirmations import Confirmations
from bot.services.fill_log import FillLog
from bot.services.health import Health
from bot.services.home import HomeBoard
from bot.services.orders import Orders
from bot.services.people import Access, People
from bot.services.proposals import Proposals
from bot.services.reports import Reports
from bot.services.statements import Statements
from bot.services.status import StatusBoard
from bot.services.subjects import Subjects
from bot.services.tokens import Tokens
from bot.services.wallets import Wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    people: People
    access: Access
    wallets: Wallets
    orders: Orders
    home: HomeBoard
    fill_log: FillLog
    reports: Reports
    subjects: Subjects
    archive: Archive
    statements: Statements
    tokens: Tokens
    proposals: Proposals
    confirmations: Confirmations
    health: Health
    status: StatusBoard
    dialogs: ports.DialogStore
    inbox: ports.Inbox
    jobs: ports.JobStore
    clock: ports.Clock
    """Real time."""
    order_clock: ports.Clock
    """The time that orders live in; differs from real time in the sandbox only."""
    submit_via: str
    painter: ports.Painter
    draw_qr: Callable[[str], bytes]
    """A picture (PNG) of an address as a QR code, in a few milliseconds."""
    sandbox: bool = False
