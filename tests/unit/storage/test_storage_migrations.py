"""Migrations lead exactly to the schema, in one piece, and can be run again."""

import asyncio
import logging
import re
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot import errors, storage
from bot.storage import schema


async def inspect(database: storage.Database, look: Any) -> Any:
    async with database.reading() as tx:
        return await tx.connection.run_sync(look)


def table_names(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


async def test_a_migrated_database_is_the_schema(url: str) -> None:
    """Tables, columns, types, constraints and indexes: nothing is missing, nothing is left over."""

    def differences(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), schema.metadata))

    async with storage.Database.open(url) as database:
        assert len(await inspect(database, differences)) >= len(schema.metadata.tables), "it can see them"
        await database.migrate()
        assert await inspect(database, differences) == []


async def test_constraints_read_the_same(url: str) -> None:
    """Also what Alembic does not compare: checks, the conditions of partial indexes, AUTOINCREMENT."""

    def definitions(connection: sa.Connection) -> set[tuple[str, ...]]:
        text = (
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
            if connection.dialect.name == "sqlite"
            else "SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_namespace n"
            " ON n.oid = c.connamespace WHERE n.nspname = current_schema()"
            " UNION SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        )
        found = [row[0] for row in connection.execute(sa.text(text)) if "alembic_version" not in row[0]]
        # Piece by piece: in which sequence a table names its columns and constraints does not matter.
        pieces = [[piece.strip() for piece in re.split(r",\s|\n", each)] for each in found]
        return {tuple(sorted(filter(None, of_one))) for of_one in pieces}

    async with storage.Database.open(url) as database:
        await database.migrate()
        migrated = await inspect(database, definitions)
        async with database.writing() as tx:
            await tx.connection.run_sync(schema.metadata.drop_all)
            await tx.connection.run_sync(schema.metadata.create_all)
        created = await inspect(database, definitions)
    assert migrated == created
    assert len(created) > len(schema.metadata.tables)


async def test_migrating_again_changes_nothing(shared_url: str) -> None:
    """Every start does it; what is stored stays."""
    await storage.migrate(shared_url)
    async with storage.Storage.open(shared_url) as stores:
        await stores.people.record_seen(1, 1)
    await storage.migrate(shared_url)
    async with storage.Storage.open(shared_url) as stores:
        assert await stores.people.find(1) is not None


async def test_two_processes_may_migrate_at_once(shared_url: str) -> None:
    """One does it, the other waits and finds it done."""
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(storage.migrate(shared_url))
    async with storage.Storage.open(shared_url) as stores:
        assert await stores.people.find(1) is None


async def test_a_failed_migration_leaves_nothing(url: str) -> None:
    """The step's own half, too: tables made before the failure are gone."""
    async with storage.Database.open(url) as database:
        async with database.writing() as tx:
            await tx.run(sa.text("CREATE TABLE wallets (mine TEXT)"))
        with pytest.raises(errors.StorageError):
            await database.migrate()
        assert await inspect(database, table_names) == {"wallets"}
        async with database.writing() as tx:
            await tx.run(sa.text("DROP TABLE wallets"))
        await database.migrate()
        assert await inspect(database, table_names) == {*schema.metadata.tables, "alembic_version"}


async def test_a_database_from_the_future_is_refused(url: str) -> None:
    """An older bot must not write into tables that it does not know."""
    async with storage.Database.open(url) as database:
        await database.migrate()
        async with database.writing() as tx:
            await tx.run(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(errors.StorageError, match="not one that this version"):
            await database.migrate()


async def test_migrating_leaves_logging_alone() -> None:
    """No handlers, levels or disabled loggers: how the bot logs is set up once, elsewhere."""
    mine = logging.getLogger("bot.made.before")
    before = logging.root.level, list(logging.root.handlers), mine.disabled
    async with storage.Storage.open("sqlite://"):
        assert (logging.root.level, list(logging.root.handlers), mine.disabled) == before
        assert logging.getLogger("alembic").level == logging.NOTSET
