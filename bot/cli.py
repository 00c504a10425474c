"""The command line: recurring-bot run, sandbox, inspect, doctor and keys.

Exit codes: 0 fine, 1 what was asked for failed, 2 usage or configuration; each failure is one line that says
what to do.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot import errors, log, settings

# What a command needs is imported by the command: most of it costs a second that the others need not wait.
if TYPE_CHECKING:
    from bot import storage
    from bot.keys import keyring, rotation
    from bot.solana import inspect as inspection

LARGEST_INPUT = 65_536
"""Bytes. A transaction has 1232 at most, and an intent fewer; what is longer is a mistake."""

LOGGER = logging.getLogger(__name__)

app = typer.Typer(
    name="recurring-bot",
    help="A Telegram bot for recurring orders on Jupiter.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    # Typer's own tracebacks pass by the log and its redaction.
    pretty_exceptions_enable=False,
)
keys = typer.Typer(
    help="The master keys that all wallets are sealed under. To rotate: add, reseal, verify, retire.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(keys, name="keys")


def main() -> NoReturn:
    """Run one command and exit with its code."""
    log.setup()
    try:
        app()
    except Exception as exc:  # noqa: BLE001 - the last stop: everything becomes one line and an exit code
        sys.exit(_report(exc))
    sys.exit(0)


@app.command()
def run() -> None:
    """Run the bot, until SIGTERM or Ctrl-C."""
    config = _configure()
    _ = config.token  # the commonest thing to be missing is said before anything is opened
    from bot import app as program

    asyncio.run(program.run(config))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 = any.")] = 8080,
    speed: Annotated[float, typer.Option(min=0.0, max=100_000.0, help="How fast order time runs.")] = 10.0,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the chat.")] = True,
) -> None:
    """Run the whole bot against local stand-ins, with a chat in the browser. No real money."""
    from bot.keys import keyring
    from bot.sandbox import launcher

    def make_keyring(path: Path) -> None:
        keyring.init(path, database_folder=None)

    raise typer.Exit(
        launcher.launch(port=port, speed=speed, data=data, open_browser=browser, make_keyring=make_keyring)
    )


@app.command()
def inspect(
    transaction: Annotated[str, typer.Argument(help="Base64; - reads it from standard input.")],
    intent: Annotated[Path | None, typer.Option(help="JSON file: what was meant to be done.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")] = False,
    rpc: Annotated[bool, typer.Option("--rpc", help="Also try out on chain what the intent allows.")] = False,
) -> None:
    """Decode a transaction; with an intent, say whether the bot would sign it.

    Exit codes: 0 accepted or decoded, 1 refused, 2 unusable input. Asks nobody, unless --rpc is given.
    """
    from bot.solana import inspect as inspection

    text = _read_input() if transaction == "-" else transaction
    if not text.strip():
        raise errors.ConfigurationError("Unusable input: no transaction. Give it in base64, or - to read it.")
    meant = None if intent is None else _read_intent(intent)
    try:
        if rpc and meant is not None:
            result = asyncio.run(_inspect_live(_configure(), text, meant))
        else:
            result = inspection.inspect_text(text, meant)
    except errors.InvalidInput as exc:
        raise errors.ConfigurationError(f"Unusable input: {exc.message}") from None
    typer.echo(result.to_json() if as_json else result.to_text())
    if rpc and meant is None:
        typer.echo("Nothing is tried out on chain without --intent.", err=True)
    elif rpc and result.verdict == "accepted" and not as_json:
        typer.echo("On chain: its blockhash lives, and a simulation did what was meant.")
    raise typer.Exit(1 if result.verdict == "refused" else 0)


@app.command()
def doctor() -> None:
    """Try settings, keyring, database, Telegram, Jupiter and Solana. Signs nothing, moves nothing."""
    from bot import doctor as examination

    healthy = asyncio.run(examination.examine(_configure(), typer.echo))
    raise typer.Exit(0 if healthy else 1)


# --- keys ------------------------------------------------------------------------------------------------


@keys.command("init")
def keys_init() -> None:
    """Make the keyring, with a first master key. Never overwrites."""
    from bot.keys import keyring

    config = _configure()
    ring = keyring.init(config.keyring_file, database_folder=config.database_folder)
    typer.echo(f"Made {config.keyring_file} with master key {ring.current}.")
    typer.echo("Back it up, apart from the database: without it, no wallet can ever be opened again.")


@keys.command("add")
def keys_add() -> None:
    """Add a master key, for everything that is sealed from now on."""
    from bot.keys import keyring

    config = _configure()
    ring = keyring.add(config.keyring_file, database_folder=config.database_folder)
    typer.echo(f"Added master key {ring.current}, which is current now. Back the keyring up again.")
    typer.echo("Next: restart the bot, so that it knows the key, then run: recurring-bot keys reseal")


@keys.command("reseal")
def keys_reseal() -> None:
    """Seal every wallet under the current master key. May be interrupted and repeated."""
    config = _configure()
    ring = _load_ring(config)
    done = asyncio.run(_reseal(config, ring))
    typer.echo(f"Moved {done.moved} wallets to {ring.current}; {done.current} were there already.")
    if done.changed:
        raise errors.StorageError(f"{done.changed} wallets changed meanwhile: run keys reseal again.")
    if done.failed:
        raise errors.VaultError(_cannot_open(done.failed))
    typer.echo("Next: recurring-bot keys verify")


@keys.command("verify")
def keys_verify() -> None:
    """Open every wallet, and say how many."""
    config = _configure()
    done = asyncio.run(_verify(config, _load_ring(config)))
    typer.echo(f"Opened all {done.opened} wallets.")


@keys.command("retire")
def keys_retire(key_id: Annotated[str, typer.Argument(metavar="ID", help="As keys add names it.")]) -> None:
    """Forget a master key that no wallet is sealed under any more. The bot must not be running."""
    config = _configure()
    _load_ring(config)
    asyncio.run(_retire(config, key_id))
    typer.echo(f"Retired {key_id}. Backups of the database from before keys reseal still need it:")
    typer.echo("keep an older copy of the keyring for as long as you keep them.")


async def _reseal(config: settings.Settings, ring: "keyring.Keyring") -> "rotation.Resealed":
    from bot.keys import rotation, vault

    async with _stores(config) as stores:
        return await rotation.reseal(stores.wallets, stores.transaction, vault.Vault(ring))


async def _verify(config: settings.Settings, ring: "keyring.Keyring") -> "rotation.Verified":
    from bot.keys import rotation, vault

    async with _stores(config) as stores:
        done = await rotation.verify(stores.wallets, vault.Vault(ring))
    if done.failed:
        total = done.opened + len(done.failed)
        raise errors.VaultError(f"Opened {done.opened} of {total} wallets. {_cannot_open(done.failed)}")
    return done


async def _retire(config: settings.Settings, key_id: str) -> None:
    from bot import storage
    from bot.keys import rotation

    # A bot that was started before `keys add` would go on sealing new wallets under this key.
    async with storage.acquire_instance_lock(config.database_url), _stores(config) as stores:
        await rotation.retire(
            stores.wallets, config.keyring_file, key_id, database_folder=config.database_folder
        )


# --- inspect and doctor ---------------------------------------------------------------------------------


def _read_input() -> str:
    """Standard input as text; what is no text turns into characters that no base64 has."""
    if sys.stdin is None:  # closed by whoever started us
        return ""
    data = sys.stdin.buffer.read(LARGEST_INPUT + 1)
    if len(data) > LARGEST_INPUT:
        raise errors.ConfigurationError("Unusable input: that is far longer than any transaction.")
    return data.decode("utf-8-sig", "replace")


def _read_intent(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_INPUT + 1)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as exc:
        raise errors.ConfigurationError(f"--intent: {path} cannot be read ({type(exc).__name__})") from None
    if len(data) > LARGEST_INPUT:
        raise errors.ConfigurationError(f"--intent: {path} is far longer than any intent")
    return text


async def _inspect_live(config: settings.Settings, transaction: str, intent: str) -> "inspection.Inspection":
    from bot.solana import chain, rpc, submitter
    from bot.solana import inspect as inspection

    async with rpc.Rpc(config.solana_rpc_url) as client:
        # Whatever SIMULATION says: who tries a transaction out wants to see it tried.
        node = submitter.RpcSubmitter(chain.RpcChain(client), simulate="required")
        try:
            return await inspection.inspect_live(transaction, intent, node)
        except (errors.GatewayUnavailable, errors.UnexpectedResponse) as exc:
            # Not exit 1: that would be the verdict "refused", and there is none.
            raise errors.ConfigurationError(f"No verdict, see SOLANA_RPC_URL: {exc.message}") from exc


# --- what commands share ---------------------------------------------------------------------------------


def _configure() -> settings.Settings:
    config = settings.load()
    log.setup(config.log_level, config.log_format, config.secrets())
    return config


def _load_ring(config: settings.Settings) -> "keyring.Keyring":
    from bot.keys import keyring

    return keyring.load(config.keyring_file, database_folder=config.database_folder)


@asynccontextmanager
async def _stores(config: settings.Settings) -> "AsyncIterator[storage.Storage]":
    """An existing database: an empty one, made on the way, would let every check pass."""
    from bot import storage

    file = config.database_file
    if file is not None and not file.exists():
        raise errors.ConfigurationError(f"DATABASE_URL: there is no database at {file}")
    async with storage.Storage.open(config.database_url) as stores:
        yield stores


def _cannot_open(failed: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, failed[:20])) + (" …" if len(failed) > 20 else "")
    return f"{len(failed)} cannot be opened: wallets {shown}. Is it the keyring of this database?"


def _report(exc: BaseException) -> int:
    """Say what went wrong and choose the exit code. A group of errors is as bad as its worst."""
    leaves = list(_leaves(exc))
    for known, code in ((errors.ConfigurationError, 2), (errors.BotError, 1)):
        for leaf in leaves:
            if isinstance(leaf, known) and all(isinstance(other, errors.BotError) for other in leaves):
                typer.echo(" ".join(leaf.message.split()), err=True)
                return code
    LOGGER.critical("Stopped by an error that nobody expected.", exc_info=exc)
    return 1


def _leaves(exc: BaseException) -> Iterator[BaseException]:
    if isinstance(exc, BaseExceptionGroup):
        for inner in exc.exceptions:
            yield from _leaves(inner)
    else:
        yield exc
