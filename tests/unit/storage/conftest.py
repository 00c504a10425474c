"""The databases that every storage test runs on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import storage
from tests.fakes.storage import fresh_url


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
