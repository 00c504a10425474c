"""What the services need from the outside world, as Protocols named by role.

Adapters live in jupiter, solana, keys, storage and chat; nothing here does anything.
All stores are durable when a method returns, unless the call ran inside `Transactions`: then everything
inside becomes durable together when the block ends, or not at all.
"""

from bot.ports.actions import ActionStore, Confirmation, ConfirmationStore
from bot.ports.chain import Chain, Finalized, Holdings, Mint, OrderProver, SignatureStatus, Submitter
from bot.ports.chat import Cards, Messenger, Painter
from bot.ports.clock import Clock
from bot.ports.fills import FillExtent, FillScope, FillStore, KnownFill, NumberedFill
from bot.ports.jupiter import Crafted, ExecuteAnswer, OrderGateway, PriceSource, Priority, TokenDirectory
from bot.ports.keys import Signer, Vault
from bot.ports.market import PriceHistory, TokenStore
from bot.ports.orders import KnownOrder, OrderStore
from bot.ports.outbox import Outbox, OutboxMessage, Outgoing, Planned, Sent
from bot.ports.people import DialogStore, Inbox, Job, JobStore, PeopleStore, Person, Transactions
from bot.ports.polls import PollStore, PollTarget, Trouble, TroubleStore
from bot.ports.stores import Stores
from bot.ports.wallets import WalletStore

__all__ = [
    "ActionStore",
    "Cards",
    "Chain",
    "Clock",
    "Confirmation",
    "ConfirmationStore",
    "Crafted",
    "DialogStore",
    "ExecuteAnswer",
    "FillExtent",
    "FillScope",
    "FillStore",
    "Finalized",
    "Holdings",
    "Inbox",
    "Job",
    "JobStore",
    "KnownFill",
    "KnownOrder",
    "Messenger",
    "Mint",
    "NumberedFill",
    "OrderGateway",
    "OrderProver",
    "OrderStore",
    "Outbox",
    "OutboxMessage",
    "Outgoing",
    "Painter",
    "PeopleStore",
    "Person",
    "Planned",
    "PollStore",
    "PollTarget",
    "PriceHistory",
    "PriceSource",
    "Priority",
    "Sent",
    "SignatureStatus",
    "Signer",
    "Stores",
    "Submitter",
    "TokenDirectory",
    "TokenStore",
    "Transactions",
    "Trouble",
    "TroubleStore",
    "Vault",
    "WalletStore",
]
