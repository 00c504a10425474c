"""The production program, as the composition root builds it, on a database full of people."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot import app, settings, storage
from bot.keys import keyring
from bot.keys.vault import Vault
from bot.sandbox.address import TOKEN
from tests import harness
from tests.benchmarks import population, standin


@dataclass(frozen=True, slots=True)
class Rig:
    program: app.Program
    edges: app.Edges
    owned: dict[int, str]
    """User id -> address of the wallet."""


def configure(folder: Path, url: str) -> settings.Settings:
    return settings.Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings' own argument
        telegram_bot_token=SecretStr(TOKEN),
        telegram_api_url=url,
        jupiter_api_url=url,
        jupiter_rps=10,
        solana_rpc_url=f"{url}/rpc",
        database_url=f"sqlite+aiosqlite:///{folder}/data/bot.db",
        keyring_file=folder / "secrets" / "keyring.json",
        access="open",
        log_level="warning",
    )


async def prepare(config: settings.Settings, people: int, orders_each: int = 1) -> dict[int, str]:
    """A keyring, and a database in which everybody has a wallet and orders. Returns the wallets."""
    ring = keyring.init(config.keyring_file, database_folder=config.database_folder)
    async with storage.Storage.open(config.database_url) as stores:
        return await population.populate(stores, Vault(ring), people, orders_each=orders_each)


@asynccontextmanager
async def build(folder: Path, telegram: standin.StandIn, people: int) -> AsyncIterator[Rig]:
    config = configure(folder, telegram.url)
    owned = await prepare(config, people)
    async with app.open_edges(config) as edges:
        yield Rig(app.build(config, edges), edges, owned)


@contextmanager
def run(config: settings.Settings, folder: Path) -> Iterator[int]:
    """The bot as a process of its own, once it asks for updates; its process id."""
    env = harness.clean_env(
        TELEGRAM_BOT_TOKEN=config.token,
        TELEGRAM_API_URL=config.telegram_api_url,
        JUPITER_API_URL=config.jupiter_api_url,
        JUPITER_RPS=str(config.jupiter_rps),
        SOLANA_RPC_URL=config.solana_rpc_url,
        DATABASE_URL=config.database_url,
        KEYRING_FILE=str(config.keyring_file),
        ACCESS=config.access,
    )
    log = folder / "bot.log"
    with log.open("ab") as sink:
        command = [sys.executable, "-m", "bot", "run"]
        process = subprocess.Popen(command, cwd=harness.ROOT, stdout=sink, stderr=sink, env=env)

    def up() -> bool:
        assert process.poll() is None, log.read_text()[-3000:]
        return bool(httpx.get(f"{config.telegram_api_url}/sandbox/health").json()["bot"])

    try:
        harness.wait_until(up, "the bot", harness.START_S)
        yield process.pid
    finally:
        harness.stop(process)
