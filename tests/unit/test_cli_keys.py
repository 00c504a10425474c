"""The command line: a whole rotation as an operator does it; one line and a code for every failure."""

import asyncio
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import cli, errors, settings, storage
from bot.keys import keyring, vault
from tests.fakes.cli import Done, Run

ROOT = Path(__file__).resolve().parents[2]


def _ring(place: Path) -> keyring.Keyring:
    return keyring.load(place / "secrets" / "keyring.json", database_folder=None)


def _url(place: Path) -> str:
    return f"sqlite+aiosqlite:///{place}/data/bot.db"


def _fill(place: Path, count: int) -> None:
    """Wallets of several people under the current key, and one that is watched only."""
    keys = vault.Vault(_ring(place))

    async def add() -> None:
        async with storage.Storage.open(_url(place)) as stores, stores.transaction():
            for number in range(count):
                pubkey, sealed = keys.create(number % 3)
                await stores.wallets.add(number % 3, pubkey, "", sealed, datetime.now(UTC), count)
            watched, _ = keys.create(9)
            await stores.wallets.add(9, watched, "", None, datetime.now(UTC), 1)

    asyncio.run(add())


def _counts(place: Path) -> dict[str, int]:
    async def count() -> dict[str, int]:
        async with storage.Storage.open(_url(place)) as stores:
            return await stores.wallets.count_by_key_id()

    return asyncio.run(count())


def _break_one(place: Path) -> int:
    """Change a byte of some wallet's sealed key, as a hand in the database would."""

    async def change() -> int:
        async with storage.Storage.open(_url(place)) as stores:
            wallet = (await stores.wallets.page_owned(1, 1))[0]
            assert wallet.sealed is not None
            box = bytes([wallet.sealed.box[0] ^ 1]) + wallet.sealed.box[1:]
            assert await stores.wallets.replace_sealed(
                wallet.id, wallet.sealed, replace(wallet.sealed, box=box)
            )
            return wallet.id

    return asyncio.run(change())


# --- rotation --------------------------------------------------------------------------------------------


def test_a_whole_rotation(run: Run, place: Path) -> None:
    """init, add, reseal, verify, retire: afterwards one key is left, and it opens every wallet."""
    assert run("keys", "init").code == 0
    _fill(place, 5)
    old = _ring(place).current
    assert "Opened all 5 wallets" in run("keys", "verify").out
    added = run("keys", "add")
    new = _ring(place).current
    assert new in added.out
    assert "reseal" in added.out
    moved = run("keys", "reseal")
    assert f"Moved 5 wallets to {new}; 0 were there already" in moved.out
    assert _counts(place) == {new: 5}
    assert "Moved 0 wallets" in run("keys", "reseal").out
    assert "Opened all 5 wallets" in run("keys", "verify").out
    assert run("keys", "retire", old).code == 0
    assert list(_ring(place).keys) == [new]
    assert "Opened all 5 wallets" in run("keys", "verify").out


def test_a_backup_made_as_the_readme_says_can_be_restored(run: Run, place: Path) -> None:
    """While the bot has the database open, with everything still in the write-ahead log."""
    command = re.search(r"^python3 -c (.*backup.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert command is not None, "the README has no command for a backup"
    run("keys", "init")
    _fill(place, 5)
    database = place / "data" / "bot.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as bot:
        bot.execute("PRAGMA wal_autocheckpoint = 0")
        bot.execute("UPDATE wallets SET name = 'written last'")
        assert b"written last" not in database.read_bytes()
        subprocess.run([sys.executable, "-c", *shlex.split(command[1])], cwd=place, check=True)
        database.unlink()
    for left in (place / "data").iterdir():
        left.unlink()
    shutil.move(place / "backup.db", database)
    assert "Opened all 5 wallets" in run("keys", "verify").out
    with closing(sqlite3.connect(database)) as restored:
        assert set(restored.execute("SELECT name FROM wallets")) == {("written last",)}


def test_init_never_overwrites(run: Run, place: Path) -> None:
    """The second time it is refused, and the keyring is the first one."""
    run("keys", "init")
    ring = _ring(place)
    done = run("keys", "init")
    assert done.code == 2
    assert done.line.startswith("KEYRING_FILE: ")
    assert _ring(place) == ring


def test_a_key_in_use_is_not_retired(run: Run, place: Path) -> None:
    """Neither before reseal nor while it is the current one, nor one that does not exist."""
    run("keys", "init")
    _fill(place, 2)
    old = _ring(place).current
    assert run("keys", "retire", old).code == 1
    run("keys", "add")
    done = run("keys", "retire", old)
    assert (done.code, done.line) == (1, f"2 wallets are sealed under {old}; run keys reseal first.")
    assert "current" in run("keys", "retire", _ring(place).current).line
    assert run("keys", "retire", "nonsense").code == 1
    assert len(_ring(place).keys) == 2


def test_nothing_is_retired_while_the_bot_runs(run: Run, place: Path) -> None:
    """A bot that was started earlier still seals under the key that was current then."""
    run("keys", "init")
    _fill(place, 1)
    old = _ring(place).current
    run("keys", "add")
    run("keys", "reseal")

    async def hold() -> Done:
        async with storage.acquire_instance_lock(_url(place)):
            return await asyncio.to_thread(run, "keys", "retire", old)

    done = asyncio.run(hold())
    assert done.code == 1
    assert "already runs" in done.line
    assert len(_ring(place).keys) == 2


def test_a_changed_row_is_found(run: Run, place: Path) -> None:
    """verify fails and names it; reseal moves the others, leaves it, and fails too."""
    run("keys", "init")
    _fill(place, 3)
    old = _ring(place).current
    wallet_id = _break_one(place)
    done = run("keys", "verify")
    assert done.code == 1
    assert done.line.startswith(f"Opened 2 of 3 wallets. 1 cannot be opened: wallets {wallet_id}.")
    run("keys", "add")
    done = run("keys", "reseal")
    assert (done.code, "Moved 2 wallets" in done.out) == (1, True)
    assert _counts(place) == {old: 1, _ring(place).current: 2}
    assert run("keys", "retire", old).code == 1


def test_the_wrong_keyring_opens_nothing(run: Run, place: Path) -> None:
    """A database beside a foreign keyring: every wallet is reported, nothing is changed."""
    run("keys", "init")
    _fill(place, 2)
    (place / "secrets" / "keyring.json").unlink()
    run("keys", "init")
    assert run("keys", "verify").line.startswith("Opened 0 of 2 wallets.")
    before = _counts(place)
    assert run("keys", "reseal").code == 1
    assert _counts(place) == before


@pytest.mark.parametrize("after", [0, 1, 99, 100, 130, 230])
def test_a_killed_reseal_loses_nothing(run: Run, place: Path, after: int) -> None:
    """SIGKILL in the middle of a batch or between two: every wallet opens, and the next run finishes."""
    run("keys", "init")
    _fill(place, 250)
    old = _ring(place).current
    run("keys", "add")
    code = f"""
import os, signal
from bot import cli
from bot.storage.wallets import SqlWalletStore
written, replace = [], SqlWalletStore.replace_sealed
async def replace_then_die(self, *change):
    if len(written) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    written.append(change)
    return await replace(self, *change)
SqlWalletStore.replace_sealed = replace_then_die
import sys; sys.argv = ["recurring-bot", "keys", "reseal"]
cli.main()
"""
    environment = {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": _url(place),
        "KEYRING_FILE": str(place / "secrets" / "keyring.json"),
    }
    killed = subprocess.run([sys.executable, "-c", code], env=environment, cwd=place, check=False)
    assert killed.returncode == -signal.SIGKILL
    counts = _counts(place)
    assert sum(counts.values()) == 250
    assert counts.get(_ring(place).current, 0) == after // 100 * 100
    assert "Opened all 250 wallets" in run("keys", "verify").out
    assert run("keys", "retire", old).code == 1
    assert run("keys", "reseal").code == 0
    assert run("keys", "retire", old).code == 0
    assert "Opened all 250 wallets" in run("keys", "verify").out


# --- one line and an exit code ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["add", "reseal", "verify", "retire"])
def test_a_missing_keyring_is_a_configuration_error(run: Run, place: Path, command: str) -> None:
    """Exit 2, one line, and nothing is made on the way."""
    done = run("keys", command, *(["x"] if command == "retire" else []))
    assert done.code == 2
    assert done.line.startswith("KEYRING_FILE: ")
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("command", ["reseal", "verify", "retire"])
def test_a_missing_database_is_not_made(run: Run, place: Path, command: str) -> None:
    """An empty database would pass every check; instead it is refused by name."""
    run("keys", "init")
    done = run("keys", command, *(["x"] if command == "retire" else []))
    assert done.code == 2
    assert done.line.startswith("DATABASE_URL: there is no database at ")
    assert not list(place.glob("data/*.db"))


def test_a_keyring_in_the_databases_folder_is_refused(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written there."""
    monkeypatch.setenv("KEYRING_FILE", str(place / "data" / "keyring.json"))
    done = run("keys", "init")
    assert done.code == 2
    assert "database's folder" in done.line
    assert list(place.iterdir()) == []


def test_wrong_settings_are_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the command."""
    monkeypatch.setenv("MAX_WALLETS", "many")
    for command in (["run"], ["keys", "init"], ["doctor"]):
        done = run(*command)
        assert done.code == 2
        assert done.line.startswith("MAX_WALLETS: must be ")


def test_run_without_a_token_says_so(run: Run, place: Path) -> None:
    """Exit 2 before anything is opened or made."""
    done = run("run")
    assert done.code == 2
    assert done.line.startswith("TELEGRAM_BOT_TOKEN: ")
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["fly"], ["keys", "burn"], ["keys", "retire"], ["sandbox", "--port", "x"]]
)
def test_wrong_usage_is_code_2(run: Run, arguments: list[str]) -> None:
    """With a hint, not a traceback."""
    done = run(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "--help" in done.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.ConfigurationError("Mend it."), 2, "Mend it.\n"),
        (errors.AlreadyRunning("Two\nlines."), 1, "Two lines.\n"),
        (
            ExceptionGroup("tasks", [errors.StorageError("Full."), errors.ConfigurationError("Mend it.")]),
            2,
            "Mend it.\n",
        ),
        (ExceptionGroup("tasks", [ExceptionGroup("more", [errors.StorageError("Full.")])]), 1, "Full.\n"),
    ],
)
def test_errors_of_ours_are_one_line(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also when a task group wraps them; what the operator can mend comes first."""
    assert cli._report(error) == code
    assert capsys.readouterr().err == said


def test_unexpected_errors_are_logged_without_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback, through the redacting log, and exit 1."""
    secret = "5" * 88

    def fail() -> None:
        raise RuntimeError(f"pasted {secret}")

    monkeypatch.setattr(settings, "load", fail)
    done = run("keys", "init")
    assert done.code == 1
    assert "RuntimeError" in done.err
    assert "CRITICAL" in done.err
    assert secret not in done.err


def test_a_bug_is_not_hidden_behind_an_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    """A group with something unexpected in it is shown whole."""
    group = ExceptionGroup("tasks", [errors.StorageError("Full."), KeyError("bug")])
    assert cli._report(group) == 1
    assert "bug" in str(caplog.records[0].exc_info)


def test_the_module_is_the_same_program(place: Path) -> None:
    """`python -m bot` lists every command."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        env={"PYTHONPATH": str(ROOT)},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(command in done.stdout for command in ("run", "sandbox", "inspect", "doctor", "keys"))
