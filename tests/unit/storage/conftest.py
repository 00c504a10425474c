"""The databases that every storage test runs on."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import storage
from tests import needs

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")  # noqa: TID251 - says where CI's server listens


@asynccontextmanager
async def fresh_url(kind: str, folder: Path) -> AsyncIterator[str]:
    """URL of an empty database; on PostgreSQL a schema of its own, so that tests may run side by side."""
    if kind == "memory":
        yield "sqlite://"
    elif kind == "file":
        yield f"sqlite:///{folder}/data/bot.db"
    else:
        if not POSTGRES_URL:
            needs.lacking("TEST_POSTGRES_URL is not set")
        schema = f"test_{uuid.uuid4().hex}"
        async with storage.Database.open(POSTGRES_URL) as server:
            async with server.writing() as tx:
                await tx.run(sa.text(f"CREATE SCHEMA {schema}"))
            try:
                yield f"{POSTGRES_URL}{'&' if '?' in POSTGRES_URL else '?'}schema={schema}"
            finally:
                async with server.writing() as tx:
                    await tx.run(sa.text(f"DROP SCHEMA {schema} CASCADE"))


@pytest.fixture(params=["memory", "file", "postgres"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_url(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture(params=["file", "postgres"])
async def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database that more than one connection or process can open."""
    async with fresh_url(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def stores(url: str) -> AsyncIterator[storage.Storage]:
    async with storage.Storage.open(url) as opened:
        yield opened
