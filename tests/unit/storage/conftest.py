"""The databases that every storage test runs on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import storage
from bot.storage import schema
from tests.fakes.storage import blank_file, fresh_url, open_memory_storage


@pytest.fixture(params=["memory", "file", "postgres"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database without tables."""
    async with fresh_url(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture(params=["file", "postgres"])
async def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The same, one that more than one connection or process can open."""
    async with fresh_url(request.param, tmp_path) as fresh:
        yield fresh


class LastingSchema:
    """A schema of PostgreSQL with all tables, for every test that leaves nothing but rows."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._url = ""

    async def open(self) -> str:
        """Made when it is first asked for."""
        if not self._url:
            self._url = await self._stack.enter_async_context(fresh_url("postgres", Path()))
            await storage.migrate(self._url)
        return self._url

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture(scope="session")
def lasting_schema() -> Iterator[LastingSchema]:
    lasting = LastingSchema()
    yield lasting
    asyncio.run(lasting.close())


@pytest.fixture(params=["memory", "file", "postgres"])
async def stores(
    request: pytest.FixtureRequest, tmp_path: Path, lasting_schema: LastingSchema
) -> AsyncIterator[storage.Storage]:
    """Empty stores."""
    if request.param == "memory":
        async with open_memory_storage() as opened:
            yield opened
    elif request.param == "file":
        file = tmp_path / "data" / "bot.db"
        file.parent.mkdir()
        file.write_bytes(await blank_file())
        async with storage.Storage.open(f"sqlite:///{file}") as opened:
            yield opened
    else:
        async with storage.Database.open(await lasting_schema.open()) as database:
            try:
                yield storage.Storage(database)
            finally:
                async with database.writing() as transaction:
                    await transaction.run(sa.text(_EMPTY))


_EMPTY = "DO $$ BEGIN {} END $$".format(
    " ".join(f"DELETE FROM {table.name};" for table in reversed(schema.metadata.sorted_tables))
)
