"""The launcher gives the bot an environment of its own, and says what is wrong in one line."""

from pathlib import Path

import pytest

from bot.sandbox import launcher, server


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
        "ORDER_CLOCK",
        "EXPORT_DELAY_S",
        "LOG_LEVEL",
    }
    for name in ("TELEGRAM_API_URL", "JUPITER_API_URL", "SOLANA_RPC_URL"):
        assert given[name].startswith("http://127.0.0.1:8080")


def test_keyring_and_database_are_in_different_folders(tmp_path: Path) -> None:
    """The bot refuses a keyring beside its database."""
    given = launcher.environment(8080, tmp_path)
    database = Path(given["DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    assert not Path(given["KEYRING_FILE"]).is_relative_to(database.parent)


def test_a_taken_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit code 1, before anything is started or written."""
    with server.bind(0) as listener:
        port = listener.getsockname()[1]
        code = launcher.launch(port=port, speed=10, data=tmp_path, open_browser=False)
    assert code == 1
    assert capsys.readouterr().err.strip() == (
        f"Port {port} is taken: stop what listens there, or choose another --port."
    )
    assert list(tmp_path.iterdir()) == []
