"""The launcher gives the bot an environment of its own, watches both processes, and ends both."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import address, launcher

ROOT = Path(__file__).resolve().parents[3]


def test_nothing_of_the_real_configuration_reaches_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a real token nor a key nor any other variable of the parent."""
    for name in ("TELEGRAM_BOT_TOKEN", "JUPITER_API_KEY", "ADMIN_USERS", "SOLANA_RPC_URL", "SECRET_THING"):
        monkeypatch.setenv(name, "12345:real-and-secret")
    given = launcher.environment(8080, tmp_path)
    assert "real-and-secret" not in str(given)
    assert set(given) - {"PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONUNBUFFERED"} == {
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_API_URL",
        "JUPITER_API_URL",
        "JUPITER_RPS",
        "SOLANA_RPC_URL",
        "DATABASE_URL",
        "KEYRING_FILE",
        "ACCESS",
        "ADMIN_USERS",
        "ORDER_CLOCK",
        "EXPORT_DELAY_S",
        "LOG_LEVEL",
    }
    for name in ("TELEGRAM_API_URL", "JUPITER_API_URL", "SOLANA_RPC_URL"):
        assert given[name].startswith("http://127.0.0.1:8080")


def test_everything_is_written_below_one_folder(tmp_path: Path) -> None:
    """What libraries keep in a home, such as a list of fonts, included."""
    given = launcher.environment(8080, tmp_path)
    assert given["HOME"] == str(tmp_path)
    for name in ("DATABASE_URL", "KEYRING_FILE"):
        assert str(tmp_path) in given[name]


def test_keyring_and_database_are_in_different_folders(tmp_path: Path) -> None:
    """The bot refuses a keyring beside its database."""
    given = launcher.environment(8080, tmp_path)
    database = Path(given["DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    assert not Path(given["KEYRING_FILE"]).is_relative_to(database.parent)


def test_a_taken_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit code 1, before anything is started or written."""
    with address.bind(0) as listener:
        port = listener.getsockname()[1]
        code = launcher.launch(
            port=port, speed=10, data=tmp_path, open_browser=False, make_keyring=Path.touch
        )
    assert code == 1
    assert capsys.readouterr().err.strip() == (
        f"Port {port} is taken: stop what listens there, or choose another --port."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`python -m bot sandbox`, once it says where the chat is; its temporary files are below tmp_path."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(tmp_path),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--no-browser"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    line = child.stdout.readline()
    assert re.search(r"http://127\.0\.0\.1:\d+/", line), (line, child.communicate())
    yield child
    if child.poll() is None:
        child.terminate()
    child.communicate(timeout=40)


def _children(parent: int) -> dict[str, int]:
    """Process ids by module, from /proc."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (folder / "stat").read_text(), (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(status.rpartition(")")[2].split()[1]) == parent and b"-m" in command:
            found[command[command.index(b"-m") + 1].decode()] = int(folder.name)
    return found


def test_one_signal_ends_everything(sandbox: subprocess.Popen[str], tmp_path: Path) -> None:
    """SIGTERM: both children are gone, the exit code is 0, and no temporary file stays behind."""
    children = _children(sandbox.pid)
    assert not sys.platform.startswith("linux") or set(children) == {"bot", "bot.sandbox"}
    assert len(list(tmp_path.iterdir())) == 1
    sandbox.send_signal(signal.SIGTERM)
    _, told = sandbox.communicate(timeout=40)
    assert (sandbox.returncode, told) == (0, "")
    assert list(tmp_path.iterdir()) == []
    assert not [number for number in children.values() if Path(f"/proc/{number}").exists()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the children in /proc")
@pytest.mark.parametrize(("victim", "name"), [("bot", "bot"), ("bot.sandbox", "stand-ins")])
def test_when_one_dies_the_other_is_stopped_and_it_is_said(
    sandbox: subprocess.Popen[str], victim: str, name: str
) -> None:
    """Nothing is restarted in silence: one line, exit code 1."""
    children = _children(sandbox.pid)
    os.kill(children[victim], signal.SIGKILL)
    _, told = sandbox.communicate(timeout=60)
    assert sandbox.returncode == 1
    assert f"The sandbox stops: the {name} ended with exit code -9." in told
    assert not [number for number in children.values() if Path(f"/proc/{number}").exists()]
