"""The real stores on a database in memory: fast enough to need no fake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import storage


@asynccontextmanager
async def open_memory_storage() -> AsyncIterator[storage.Storage]:
    """Empty stores that vanish with the block.

    async with open_memory_storage() as stores:
        await stores.people.record_seen(1, 1)
    """
    async with storage.Storage.open("sqlite+aiosqlite://") as stores:
        yield stores
