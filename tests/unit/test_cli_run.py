"""The command that runs the bot: one process for each database."""

import asyncio
from pathlib import Path

import pytest

from bot import storage
from tests.fakes.cli import Done, Run


def test_a_second_bot_on_one_database_says_so_and_leaves(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that says which process to stop, and a code that makes a supervisor notice; nothing of the
    first one's is touched, and Telegram is not either."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:TEST")
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")
    run("keys", "init")
    url = f"sqlite+aiosqlite:///{place}/data/bot.db"

    async def hold() -> Done:
        async with storage.acquire_instance_lock(url):
            return await asyncio.to_thread(run, "run")

    done = asyncio.run(hold())
    assert done.code == 1
    assert done.line.startswith("The bot already runs on this database (process ")
    assert done.line.endswith("Stop that one first.")
    assert not (place / "data" / "bot.db").exists()
