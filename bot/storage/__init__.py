"""SQL: every store of `ports`, on SQLite and PostgreSQL with the same code.

async with storage.acquire_instance_lock(url), storage.Storage.open(url) as stores:
    ...
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from bot.storage.actions import SqlActionStore
from bot.storage.confirmations import SqlConfirmationStore
from bot.storage.database import Database, migrate
from bot.storage.dialogs import SqlDialogStore
from bot.storage.fills import SqlFillStore
from bot.storage.inbox import SqlInbox
from bot.storage.instance import InstanceLock, acquire_instance_lock
from bot.storage.jobs import SqlJobStore
from bot.storage.orders import SqlOrderStore
from bot.storage.outbox import SqlOutbox
from bot.storage.people import SqlPeopleStore
from bot.storage.polls import SqlPollStore
from bot.storage.prices import SqlPriceHistory
from bot.storage.tokens import SqlTokenStore
from bot.storage.troubles import SqlTroubleStore
from bot.storage.wallets import SqlWalletStore

__all__ = ["Database", "InstanceLock", "Storage", "acquire_instance_lock", "migrate"]


class Storage:
    """All stores of one database, and the transaction that can span them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.transaction = database.transaction
        self.people = SqlPeopleStore(database)
        self.wallets = SqlWalletStore(database)
        self.orders = SqlOrderStore(database)
        self.fills = SqlFillStore(database)
        self.confirmations = SqlConfirmationStore(database)
        self.actions = SqlActionStore(database)
        self.outbox = SqlOutbox(database)
        self.polls = SqlPollStore(database)
        self.troubles = SqlTroubleStore(database)
        self.dialogs = SqlDialogStore(database)
        self.jobs = SqlJobStore(database)
        self.inbox = SqlInbox(database)
        self.tokens = SqlTokenStore(database)
        self.prices = SqlPriceHistory(database)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Open the database and bring its tables up to date. Raises StorageError, ConfigurationError."""
        async with Database.open(url) as database:
            await database.migrate()
            yield cls(database)
