"""A database that cannot be connected to is explained: what is wrong, and what to do."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import errors, storage
from tests import harness, needs
from tests.fakes.storage import POSTGRES_URL


async def _refused(url: str | sa.URL) -> str:
    """What is said when this one is opened."""
    text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    with pytest.raises(errors.StorageError) as caught:
        async with storage.Storage.open(text):
            pass
    return caught.value.message


async def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    """It is not touched."""
    file = tmp_path / "notes.txt"
    file.write_text("no database, but worth keeping\n" * 100)
    before = file.read_bytes()
    told = await _refused(f"sqlite+aiosqlite:///{file}")
    assert told == f"DATABASE_URL: {file} is no SQLite database. Choose another file."
    assert file.read_bytes() == before


async def test_a_server_that_does_not_answer() -> None:
    """Without the password."""
    port = harness.free_port()
    told = await _refused(f"postgresql+asyncpg://somebody:hunter2@127.0.0.1:{port}/test")
    assert told == f"DATABASE_URL: no server answers at 127.0.0.1:{port}. Is it running?"


async def test_a_server_without_that_database_or_user() -> None:
    """Each has its own sentence."""
    if not POSTGRES_URL:
        needs.lacking("TEST_POSTGRES_URL is not set")
    url = sa.make_url(POSTGRES_URL).set(drivername="postgresql+asyncpg")
    told = await _refused(url.set(database="no_such_one"))
    assert told == "DATABASE_URL: the server has no database no_such_one. Make it: createdb no_such_one"
    told = await _refused(url.set(username="no_such_user", password="hunter2"))
    assert told == ("DATABASE_URL: the server does not let no_such_user in. Check the name and the password.")
