"""Typed settings from the environment and from `.env`, and nothing else in the program reads either.

Whatever is wrong becomes one line that names the variable and says what is expected, never what was there.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import pydantic
import pydantic_settings
from pydantic import Field, SecretStr

from bot import errors

_SQLITE = "sqlite+aiosqlite"
_POSTGRES = "postgresql+asyncpg"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+\Z")

UserIds = Annotated[frozenset[int], pydantic_settings.NoDecode]
"""Comma separated Telegram user ids."""


class Settings(pydantic_settings.BaseSettings):
    """Fields are the variables' names in lower case. Every field that can hold a secret has no repr."""

    model_config = pydantic_settings.SettingsConfigDict(
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="ignore",  # .env may serve other programs, too
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_bot_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    jupiter_api_url: str = "https://api.jup.ag"
    jupiter_api_key: SecretStr = SecretStr("")
    jupiter_rps: float = Field(
        default_factory=lambda seen: 1.0 if seen.get("jupiter_api_key") else 0.5, gt=0, le=1000
    )
    """Requests per second. Not money: a float is fine."""
    solana_rpc_url: str = Field("https://api.mainnet-beta.solana.com", repr=False)
    """Providers put their key into it."""
    submit_via: Literal["jupiter", "rpc"] = "jupiter"
    simulation: Literal["required", "preferred", "off"] = "required"
    order_clock: Literal["system", "chain"] = "system"
    database_url: str = Field("sqlite+aiosqlite:///data/bot.db", repr=False)
    keyring_file: Path = Path("secrets/keyring.json")
    access: Literal["allowlist", "open"] = "allowlist"
    allowed_users: UserIds = frozenset()
    admin_users: UserIds = frozenset()
    max_wallets: int = Field(20, ge=1, le=1000)
    priority_fee_cap: int = Field(1_000_000, ge=0, le=100_000_000)
    """Lamports per transaction."""
    export_delay_s: int = Field(900, ge=0, le=7 * 86_400)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @pydantic.field_validator("telegram_bot_token")
    @classmethod
    def _check_token(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not _TOKEN.match(token.get_secret_value()):
            raise ValueError("must be the token as @BotFather wrote it: digits, a colon, letters and digits")
        return token

    @pydantic.field_validator("telegram_api_url", "jupiter_api_url", "solana_rpc_url")
    @classmethod
    def _check_url(cls, url: str, info: pydantic.ValidationInfo) -> str:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or re.search(r"\s", url):
            raise ValueError("must be a URL like https://host or http://host:port")
        if info.field_name == "solana_rpc_url":
            return url
        if parts.query or parts.fragment:
            raise ValueError("must end before any ? or #: paths are appended to it")
        return url.rstrip("/")

    @pydantic.field_validator("database_url")
    @classmethod
    def _check_database(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        if scheme == _SQLITE:
            if _sqlite_path(rest) is None:
                raise ValueError(f"must name a file, like {_SQLITE}:///data/bot.db")
        elif scheme != _POSTGRES or not rest:
            raise ValueError(f"must start with {_SQLITE}:/// (a file follows) or {_POSTGRES}://")
        return url

    @pydantic.field_validator("allowed_users", "admin_users", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = [part.strip() for part in value.split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and 0 < int(part) < 2**52 for part in ids):
            raise ValueError("must be Telegram user ids, which are numbers, separated by commas")
        return frozenset(map(int, ids))

    @pydantic.field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def token(self) -> str:
        """The bot token. Raises ConfigurationError without one: only `run` needs it."""
        if not self.telegram_bot_token:
            raise errors.ConfigurationError(
                "TELEGRAM_BOT_TOKEN: is not set; get one from @BotFather and put it into .env"
            )
        return self.telegram_bot_token.get_secret_value()

    @property
    def database_file(self) -> Path | None:
        """SQLite's file; None with PostgreSQL."""
        scheme, _, rest = self.database_url.partition("://")
        return _sqlite_path(rest) if scheme == _SQLITE else None

    @property
    def database_folder(self) -> Path | None:
        """Where the keyring must not lie."""
        return None if self.database_file is None else self.database_file.parent

    @property
    def users(self) -> frozenset[int]:
        """Everybody on the list; admins are."""
        return self.allowed_users | self.admin_users

    @property
    def export_delay(self) -> timedelta:
        return timedelta(seconds=self.export_delay_s)

    def secrets(self) -> frozenset[str]:
        """Every text in here that must never be logged."""
        found = {self.telegram_bot_token.get_secret_value(), self.jupiter_api_key.get_secret_value()}
        for url in (self.telegram_api_url, self.jupiter_api_url, self.solana_rpc_url, self.database_url):
            parts = urlsplit(url)
            found |= {parts.password or "", unquote(parts.password or "")}
        rpc = urlsplit(self.solana_rpc_url)
        found |= {rpc.query, rpc.path.strip("/"), rpc.username or ""}
        found |= {value for _, _, value in (pair.partition("=") for pair in rpc.query.split("&"))}
        return frozenset(text for text in found if text)


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings. Raises ConfigurationError."""
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings' own argument
    except pydantic.ValidationError as exc:
        problems = exc.errors(include_input=False, include_url=False)
        # A default that waits for a field which is wrong is no problem of its own.
        lines = [_explain(dict(found)) for found in problems if found["type"] != "default_factory_not_called"]
    except (OSError, UnicodeDecodeError, pydantic_settings.SettingsError):
        lines = [f"{env_file}: cannot be read as text in UTF-8"]
    # Raised out here, so that no context is left that holds the values.
    raise errors.ConfigurationError("; ".join(lines))


def _explain(problem: dict[str, Any]) -> str:
    name = "_".join(str(part) for part in problem["loc"][:1]).upper()
    reason = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{name}: {reason if reason.startswith('must ') else f'must be {reason}'}"


def _sqlite_path(rest: str) -> Path | None:
    """The file in what follows `sqlite+aiosqlite://`; None for a database in memory, which loses keys."""
    path = rest.partition("?")[0].removeprefix("/")
    return (
        None if not rest.startswith("/") or path in {"", ":memory:"} or "mode=memory" in rest else Path(path)
    )
