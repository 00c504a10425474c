"""The architecture is executable: contracts hold, and each one fails when it is broken on purpose."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def _lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
    )
    return done.returncode, done.stdout + done.stderr


def test_contracts_hold() -> None:
    """Every import of the tree is one that the architecture allows."""
    code, output = _lint(ROOT)
    assert code == 0, output


BREACHES = {
    "layers": ("bot/domain/amounts.py", "import bot.ports"),
    "adapters-do-not-use-services": ("bot/jupiter/prices.py", "import bot.services.health"),
    "chat-knows-no-adapter": ("bot/chat/render.py", "import bot.solana.policy"),
    "only-keys-use-the-policy": ("bot/storage/database.py", "import bot.solana.policy"),
    "sandbox-stands-apart": ("bot/sandbox/market.py", "import bot.services.health"),
    "pure-middle": ("bot/services/health.py", "import httpx"),
    "telegram-only-in-chat": ("bot/app.py", "import telegram"),
    "httpx-only-at-the-http-edges": ("bot/storage/database.py", "import httpx"),
    "sql-only-in-storage": ("bot/keys/vault.py", "import sqlalchemy"),
    "crypto-only-in-keys": ("bot/storage/database.py", "import cryptography"),
    "pictures-only-in-drawing": ("bot/services/health.py", "import matplotlib"),
    "solders-only-near-the-chain": ("bot/chat/render.py", "import solders"),
}


def test_every_contract_is_broken_below() -> None:
    """A contract without a breach in BREACHES has never been seen to fail."""
    text = (ROOT / "pyproject.toml").read_text()
    ids = {line.split('"')[1] for line in text.splitlines() if line.startswith('id = "')}
    assert ids == set(BREACHES)


@pytest.mark.parametrize("contract", sorted(BREACHES))
def test_a_breach_is_reported(contract: str, tmp_path: Path) -> None:
    """One forbidden import makes the linter fail."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file, line = BREACHES[contract]
    with (tmp_path / file).open("a") as module:
        module.write(f"\n{line}\n")
    code, output = _lint(tmp_path)
    assert code != 0
    assert "BROKEN" in output, output


def test_a_stray_module_is_reported(tmp_path: Path) -> None:
    """A new top-level module has to be given its place in the layers."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bot" / "misc.py").write_text("")
    code, output = _lint(tmp_path)
    assert code != 0
    assert "misc" in output, output


def test_the_command_line_starts_light() -> None:
    """No command waits for what only others use."""
    heavy = {"sqlalchemy", "solders", "telegram", "httpx", "starlette", "cryptography", "matplotlib"}
    code = "import sys, bot.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert heavy & set(done.stdout.split()) == set()
