"""A person's wallets: create, import, watch, list, balances, export, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot import ports
from bot.domain import amounts, wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBalance:
    token: amounts.Token
    raw: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What one wallet holds: native SOL apart from wrapped SOL, tokens by USD value, then by name."""

    wallet: wallets.Wallet
    lamports: int
    sol_usd: Decimal | None
    wrapped_raw: int
    tokens: Sequence[TokenBalance]
    """Without wrapped SOL; zero balances left out."""

    @property
    def usd(self) -> Decimal | None:
        """Sum of the values that are known; None when none is."""
        raise NotImplementedError


class Wallets:
    """Every address of an owned wallet that leaves here was authenticated against its sealed key first."""

    async def create(self, user_id: int, name: str = "") -> wallets.Wallet:
        """A fresh wallet, durable when this returns. An empty name becomes "Wallet N". Raises TooManyWallets."""
        raise NotImplementedError

    async def import_key(self, user_id: int, text: str, name: str = "") -> wallets.Wallet:
        """Raises InvalidKey (which never repeats the text), TooManyWallets. A watched one becomes owned."""
        raise NotImplementedError

    async def watch(self, user_id: int, address: str, name: str = "") -> wallets.Wallet:
        """Raises InvalidAddress, TooManyWallets. Watching what is there already changes nothing."""
        raise NotImplementedError

    async def list_of(self, user_id: int) -> list[wallets.Wallet]:
        raise NotImplementedError

    async def get(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        """Raises WalletNotFound, VaultError."""
        raise NotImplementedError

    async def default(self, user_id: int) -> wallets.Wallet | None:
        raise NotImplementedError

    async def fetch_balances(self, user_id: int, wallet_id: int) -> Balances:
        """Raises WalletNotFound, VaultError, GatewayUnavailable. Missing prices are no error."""
        raise NotImplementedError

    async def rename(self, user_id: int, wallet_id: int, name: str) -> wallets.Wallet:
        """1 to 32 printable characters. Raises InvalidInput, WalletNotFound."""
        raise NotImplementedError

    async def make_default(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        raise NotImplementedError

    async def remove(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        """Remove it, key included, for good. Returns what was removed. Raises WalletNotFound.

        Raises NotAllowed while an action of this wallet is unsettled.
        """
        raise NotImplementedError

    async def request_export(self, user_id: int, wallet_id: int, chat_id: int, message_id: int) -> ports.Job:
        """Start the announced delay; a durable job reveals the key when it is over. Raises WatchOnly."""
        raise NotImplementedError

    async def stop_export(self, user_id: int, job_id: int) -> bool:
        """False = too late, or stopped already."""
        raise NotImplementedError

    async def unsafe_reveal(self, job: ports.Job) -> str | None:
        """The private key for a due `reveal` job, once; None if stopped, shown, or the wallet is gone."""
        raise NotImplementedError

    async def schedule_delete(self, user_id: int, chat_id: int, message_id: int, due_at: datetime) -> None:
        """A durable job that deletes a message."""
        raise NotImplementedError
