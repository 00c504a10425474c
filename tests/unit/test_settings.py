"""Settings: names, defaults, and one line for everything that is wrong."""

import itertools
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot import errors, settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
NAMES = {name.upper() for name in settings.Settings.model_fields}
TOKEN = "123456:" + "A" * 35


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES | {name.lower() for name in NAMES}:
        monkeypatch.delenv(name, raising=False)


def _load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> settings.Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return settings.load(None)


def test_defaults_are_the_documented_ones() -> None:
    """A bare environment gives the table of the documentation."""
    found = settings.load(None)
    assert found.telegram_api_url == "https://api.telegram.org"
    assert found.jupiter_api_url == "https://api.jup.ag"
    assert found.jupiter_api_key.get_secret_value() == ""
    assert found.jupiter_rps == 0.5
    assert found.solana_rpc_url == "https://api.mainnet-beta.solana.com"
    assert (found.submit_via, found.simulation, found.order_clock) == ("jupiter", "required", "system")
    assert found.database_url == "sqlite+aiosqlite:///data/bot.db"
    assert found.keyring_file == Path("secrets/keyring.json")
    assert (found.access, found.users) == ("allowlist", frozenset())
    assert (found.max_wallets, found.priority_fee_cap) == (20, 1_000_000)
    assert found.export_delay == timedelta(minutes=15)
    assert (found.log_level, found.log_format) == ("info", "console")


def test_example_lists_exactly_the_settings() -> None:
    """A setting that is not in .env.example does not exist for an operator, and the other way round."""
    listed = re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(NAMES)


def test_example_is_the_defaults() -> None:
    """Copying .env.example changes nothing until a line is edited."""
    assert settings.load(EXAMPLE) == settings.load(None)


def test_each_example_line_is_explained() -> None:
    """Every group of variables has a comment directly above it."""
    lines = EXAMPLE.read_text().splitlines()
    for above, line in itertools.pairwise(lines):
        if re.match("[A-Z_]+=", line):
            assert above.startswith("# ") or re.match("[A-Z_]+=", above), line


def test_file_and_environment_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both count, and the environment wins."""
    file = tmp_path / ".env"
    file.write_text("ALLOWED_USERS=1, 2\nMAX_WALLETS=3\nSOMETHING_ELSE=x\n")
    monkeypatch.setenv("MAX_WALLETS", "4")
    found = settings.load(file)
    assert found.allowed_users == {1, 2}
    assert found.max_wallets == 4


def test_a_key_doubles_the_request_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a request per second without a key, one with it, unless it is set."""
    assert _load(monkeypatch, JUPITER_API_KEY="key").jupiter_rps == 1.0
    assert _load(monkeypatch, JUPITER_RPS="2.5").jupiter_rps == 2.5


def test_admins_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is an admin need not be listed twice."""
    assert _load(monkeypatch, ALLOWED_USERS="1,2,", ADMIN_USERS="3").users == {1, 2, 3}


def test_an_empty_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """`NAME=` means: not set."""
    found = _load(monkeypatch, MAX_WALLETS="", ALLOWED_USERS="", JUPITER_RPS="")
    assert found == settings.load(None)
    assert found.max_wallets == 20


def test_urls_have_no_trailing_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths can be appended to both roots."""
    assert _load(monkeypatch, JUPITER_API_URL="http://127.0.0.1:8080/j/").jupiter_api_url.endswith("/j")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "hunter2hunter2"),
        ("TELEGRAM_BOT_TOKEN", f"bot{TOKEN}"),
        ("TELEGRAM_BOT_TOKEN", f"{TOKEN} x"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_API_URL", "https://api.telegram.org?x=1"),
        ("JUPITER_API_URL", "ftp://api.jup.ag"),
        ("JUPITER_API_URL", "https://"),
        ("SOLANA_RPC_URL", "https://rpc.example:99999/hunter2"),
        ("SOLANA_RPC_URL", "https://[rpc.example/hunter2"),
        ("SOLANA_RPC_URL", "https://rpc.example/hun ter2"),
        ("JUPITER_RPS", "fast"),
        ("JUPITER_RPS", "0"),
        ("JUPITER_RPS", "nan"),
        ("SUBMIT_VIA", "pigeon"),
        ("SIMULATION", "yes"),
        ("ORDER_CLOCK", "lunar"),
        ("DATABASE_URL", "sqlite:///hunter2.db"),
        ("DATABASE_URL", "sqlite+aiosqlite://"),
        ("DATABASE_URL", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("DATABASE_URL", "sqlite+aiosqlite:///file:x?mode=memory&uri=true"),
        ("DATABASE_URL", "postgresql://bot:hunter2@host/name"),
        ("DATABASE_URL", "postgresql+asyncpg://"),
        ("ACCESS", "closed"),
        ("ALLOWED_USERS", "1;2"),
        ("ALLOWED_USERS", "-5"),
        ("ALLOWED_USERS", "٣"),
        ("ADMIN_USERS", "@alice"),
        ("MAX_WALLETS", "0"),
        ("MAX_WALLETS", "many"),
        ("PRIORITY_FEE_CAP", "-1"),
        ("PRIORITY_FEE_CAP", "0.5"),
        ("EXPORT_DELAY_S", "-1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_wrong_values_are_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the variable and what it must be; the value, which may be a secret, is nowhere."""
    with pytest.raises(errors.ConfigurationError) as caught:
        _load(monkeypatch, **{name: value})
    said = caught.value.message
    assert said.startswith(f"{name}: must ")
    assert "\n" not in said
    assert "default" not in said
    assert value not in said or len(value) < 2 or value.endswith("/"), "the value is repeated"
    assert "hunter2" not in said
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_several_problems_are_still_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once: nobody likes to find them one by one."""
    with pytest.raises(errors.ConfigurationError, match=r"^ACCESS: .*; MAX_WALLETS: .*$"):
        _load(monkeypatch, MAX_WALLETS="x", ACCESS="x")


def test_unreadable_file_is_one_line(tmp_path: Path) -> None:
    """A .env in another encoding is refused by name."""
    file = tmp_path / ".env"
    file.write_bytes(b"ALLOWED_USERS=\xff\xfe")
    with pytest.raises(errors.ConfigurationError, match="cannot be read") as caught:
        settings.load(file)
    assert caught.value.__context__ is None


def test_missing_token_is_told_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands without Telegram work without a token; `run` says what to do."""
    with pytest.raises(errors.ConfigurationError, match=r"^TELEGRAM_BOT_TOKEN: .*BotFather"):
        _ = settings.load(None).token
    assert _load(monkeypatch, TELEGRAM_BOT_TOKEN=TOKEN).token == TOKEN


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("sqlite+aiosqlite:///data/bot.db", Path("data")),
        ("sqlite+aiosqlite:////var/lib/bot/bot.db?timeout=5", Path("/var/lib/bot")),
        ("sqlite+aiosqlite:///bot.db", Path()),
        ("postgresql+asyncpg://bot@host/name", None),
    ],
)
def test_database_folder(url: str, folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known for SQLite, so that the keyring can be kept out of it."""
    assert _load(monkeypatch, DATABASE_URL=url).database_folder == folder


def test_secrets_have_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    """No form of the settings shows a secret, and secrets() lists all of them for the log."""
    found = _load(
        monkeypatch,
        TELEGRAM_BOT_TOKEN=TOKEN,
        JUPITER_API_KEY="jup-hunter2",
        SOLANA_RPC_URL="https://rpc.example/path-hunter2?api-key=query-hunter2",
        DATABASE_URL="postgresql+asyncpg://bot:db%2Fhunter2@host/name",
    )
    for shown in (repr(found), str(found), f"{found}"):
        assert "hunter2" not in shown
        assert TOKEN not in shown
    assert {
        TOKEN,
        "jup-hunter2",
        "path-hunter2",
        "query-hunter2",
        "db%2Fhunter2",
        "db/hunter2",
    } <= found.secrets()
    assert "" not in found.secrets()
