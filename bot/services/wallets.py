"""A person's wallets: create, import, watch, list, balances, export, remove."""

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot import errors, ports, texts
from bot.domain import addresses, amounts, wallets
from bot.services import pricing
from bot.services.operators import Operators, Topic
from bot.services.tokens import Tokens

_LOG = logging.getLogger(__name__)

LONGEST_NAME: Final = 32
EXPORT_DELAY: Final = timedelta(minutes=15)
"""Between asking for a key and seeing it: time to press Stop, should it be somebody else who asked."""


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
    """Value of the native SOL."""
    wrapped_raw: int
    wrapped_usd: Decimal | None = None
    tokens: Sequence[TokenBalance]
    """Without wrapped SOL; zero balances left out."""

    @property
    def usd(self) -> Decimal | None:
        """Sum of the values that are known; None when none is."""
        values = (self.sol_usd, self.wrapped_usd, *(balance.usd for balance in self.tokens))
        known = [value for value in values if value is not None]
        return sum(known, Decimal(0)) if known else None


class Wallets:
    """Every address of an owned wallet that leaves here was authenticated against its sealed key first."""

    def __init__(
        self,
        *,
        transaction: ports.Transactions,
        store: ports.WalletStore,
        vault: ports.Vault,
        actions: ports.ActionStore,
        jobs: ports.JobStore,
        polls: ports.PollStore,
        operators: Operators,
        chain: ports.Chain,
        tokens: Tokens,
        prices: pricing.Prices,
        clock: ports.Clock,
        order_clock: ports.Clock,
        limit: int = 20,
        export_delay: timedelta = EXPORT_DELAY,
    ) -> None:
        self._transaction = transaction
        self._store = store
        self._vault = vault
        self._actions = actions
        self._jobs = jobs
        self._polls = polls
        self._operators = operators
        self._chain = chain
        self._tokens = tokens
        self._prices = prices
        self._clock = clock
        self._order_clock = order_clock
        self._limit = limit
        self._export_delay = export_delay
        self._lamports: dict[str, int] = {}

    async def create(self, user_id: int, name: str = "") -> wallets.Wallet:
        """A fresh wallet, durable when this returns. Raises TooManyWallets.

        An empty name becomes "Wallet N".
        """
        pubkey, sealed = self._vault.create(user_id)
        return await self._add(user_id, pubkey, name, sealed)

    async def import_key(self, user_id: int, text: str, name: str = "") -> wallets.Wallet:
        """Raises InvalidKey (which never repeats the text), TooManyWallets. A watched one becomes owned."""
        pubkey, sealed = self._vault.seal_import(user_id, text)
        return await self._add(user_id, pubkey, name, sealed)

    async def watch(self, user_id: int, address: str, name: str = "") -> wallets.Wallet:
        """Raises InvalidAddress, TooManyWallets. Watching what is there already changes nothing."""
        return await self._add(user_id, addresses.parse_address(address), name, None)

    async def list_of(self, user_id: int) -> list[wallets.Wallet]:
        """Oldest first. One whose row was tampered with is left out, and logged; `count_broken` tells."""
        return [wallet for wallet in await self._store.list_of(user_id) if await self._is_authentic(wallet)]

    async def count_broken(self, user_id: int) -> int:
        """Wallets that cannot be opened: wrong master key, or a changed row."""
        return len(await self._store.list_of(user_id)) - len(await self.list_of(user_id))

    async def get(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        """Raises WalletNotFound, VaultError."""
        wallet = await self._store.find(user_id, wallet_id)
        if wallet is None:
            raise errors.WalletNotFound
        if not await self._is_authentic(wallet):
            raise errors.VaultError
        return wallet

    async def default(self, user_id: int) -> wallets.Wallet | None:
        mine = await self.list_of(user_id)
        return next((wallet for wallet in mine if wallet.default), mine[0] if mine else None)

    async def fetch_balances(self, user_id: int, wallet_id: int) -> Balances:
        """Raises WalletNotFound, VaultError, GatewayUnavailable. Missing prices are no error."""
        wallet = await self.get(user_id, wallet_id)
        holdings = await self._chain.fetch_holdings(wallet.pubkey)
        self._lamports[wallet.pubkey] = holdings.lamports
        held = {mint: raw for mint, raw in holdings.tokens.items() if raw > 0}
        tokens = await self._tokens.get_many(held)
        usd = await self._prices.fetch_usd({*held, amounts.WSOL_MINT})
        wrapped_raw = held.pop(amounts.WSOL_MINT, 0)
        sol = (await self._tokens.get_many([amounts.WSOL_MINT]))[amounts.WSOL_MINT]
        balances = [
            TokenBalance(token=tokens[mint], raw=raw, usd=pricing.value(raw, tokens[mint], usd.get(mint)))
            for mint, raw in held.items()
            if mint in tokens
        ]
        balances.sort(key=lambda balance: (-(balance.usd or 0), balance.token.symbol.casefold()))
        return Balances(
            wallet=wallet,
            lamports=holdings.lamports,
            sol_usd=pricing.value(holdings.lamports, sol, usd.get(sol.mint)),
            wrapped_raw=wrapped_raw,
            wrapped_usd=pricing.value(wrapped_raw, sol, usd.get(sol.mint)),
            tokens=balances,
        )

    def find_lamports(self, wallet: wallets.Wallet) -> int | None:
        """SOL as last seen in this run; None = never looked. Asks nobody."""
        return self._lamports.get(wallet.pubkey)

    async def rename(self, user_id: int, wallet_id: int, name: str) -> wallets.Wallet:
        """1 to 32 printable characters. Raises InvalidInput, WalletNotFound."""
        name = _checked_name(name)
        await self.get(user_id, wallet_id)
        await self._store.rename(user_id, wallet_id, name)
        return await self.get(user_id, wallet_id)

    async def make_default(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        await self.get(user_id, wallet_id)
        await self._store.make_default(user_id, wallet_id)
        return await self.get(user_id, wallet_id)

    async def remove(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        """Remove it, key included, for good. Returns what was removed. Raises WalletNotFound.

        Raises NotAllowed while an action of this wallet is unsettled.
        """
        async with self._transaction():
            # Not through get(): a wallet that cannot be opened any more must still be removable.
            wallet = await self._store.find(user_id, wallet_id)
            if wallet is None:
                raise errors.WalletNotFound
            for action in await self._actions.list_unsettled():
                if action.user_id == user_id and action.intent.user == wallet.pubkey:
                    raise errors.NotAllowed(texts.WALLET_BUSY)
            await self._store.remove(user_id, wallet_id)
        text = texts.BROKEN_REMOVED.format(wallet=wallet.id, person=user_id)
        await self._operators.report_over(Topic.VAULT, text, subject=_subject(wallet))
        return wallet

    async def request_export(self, user_id: int, wallet_id: int, chat_id: int, message_id: int) -> ports.Job:
        """Start the announced delay; a durable job reveals the key when it is over. Raises WatchOnly."""
        wallet = await self.get(user_id, wallet_id)
        if not wallet.owned:
            raise errors.WatchOnly(texts.EXPORT_WATCHED)
        payload = {"wallet_id": wallet_id, "message_id": message_id}
        due_at = self._clock.now() + self._export_delay
        job_id = await self._jobs.add("reveal", user_id, chat_id, payload, due_at)
        return ports.Job(
            id=job_id, kind="reveal", user_id=user_id, chat_id=chat_id, payload=payload, due_at=due_at
        )

    async def stop_export(self, user_id: int, job_id: int) -> bool:
        """False = too late, or stopped already."""
        job = await self._jobs.find(user_id, job_id)
        return job is not None and job.kind == "reveal" and await self._jobs.finish(job_id)

    async def unsafe_reveal(self, job: ports.Job) -> str | None:
        """The private key for a due `reveal` job, once; None if stopped, shown, or the wallet is gone."""
        if job.kind != "reveal" or job.due_at > self._clock.now():
            return None
        # Finished before the key is opened: a crash in between costs a new request, not a second showing.
        if not await self._jobs.finish(job.id):
            return None
        wallet = await self._store.find(job.user_id, int(job.payload["wallet_id"]))
        if wallet is None or not wallet.owned:
            return None
        if not await self._is_authentic(wallet):
            raise errors.VaultError
        return self._vault.unsafe_export(wallet)

    async def schedule_delete(self, user_id: int, chat_id: int, message_id: int, due_at: datetime) -> None:
        """A durable job that deletes a message."""
        await self._jobs.add("delete", user_id, chat_id, {"message_id": message_id}, due_at)

    async def _add(
        self, user_id: int, pubkey: str, name: str, sealed: wallets.SealedSeed | None
    ) -> wallets.Wallet:
        if name.strip():
            name = _checked_name(name)
        async with self._transaction():
            if not name.strip():
                name = _free_name([wallet.name for wallet in await self._store.list_of(user_id)])
            wallet = await self._store.add(
                user_id, pubkey, name, sealed, self._order_clock.now(), self._limit
            )
            self._vault.authenticate(wallet)
            await self._polls.ensure(pubkey, self._clock.now())
        return wallet

    async def _is_authentic(self, wallet: wallets.Wallet) -> bool:
        """Whether it can be opened; the operator hears when it cannot, and when it can again."""
        about = {"wallet": wallet.id, "person": wallet.user_id}
        try:
            self._vault.authenticate(wallet)
        except errors.VaultError:
            _LOG.exception("wallet %d of person %d cannot be opened: it is hidden", wallet.id, wallet.user_id)
            text = texts.CANNOT_OPEN.format(**about)
            await self._operators.report(Topic.VAULT, text, subject=_subject(wallet))
            return False
        text = texts.OPENS_AGAIN.format(**about)
        await self._operators.report_over(Topic.VAULT, text, subject=_subject(wallet))
        return True


def _subject(wallet: wallets.Wallet) -> str:
    return f"{wallet.user_id}:{wallet.pubkey}"


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise errors.InvalidInput(texts.NAME_LENGTH.format(most=LONGEST_NAME))
    if any(unicodedata.category(char).startswith("C") for char in name):
        raise errors.InvalidInput(texts.NAME_INVISIBLE)
    return name


def _free_name(taken: Sequence[str]) -> str:
    number = len(taken) + 1
    while texts.WALLET_NAME.format(number=number) in taken:
        number += 1
    return texts.WALLET_NAME.format(number=number)
