"""A person's wallets: create, import, watch, list, balances, export, remove."""

import logging
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports, texts
from bot.domain import addresses, search, wallets
from bot.services import pricing
from bot.services.balances import BalanceReader, Balances
from bot.services.operators import Operators, Topic
from bot.services.tokens import Tokens

_LOG = logging.getLogger(__name__)

LONGEST_NAME: Final = 32
EXPORT_DELAY: Final = timedelta(minutes=15)
"""Between asking for a key and seeing it: time to press Stop, should it be somebody else who asked."""


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
        self._balances = BalanceReader(chain, tokens, prices, clock)
        self._clock = clock
        self._order_clock = order_clock
        self._limit = limit
        self._export_delay = export_delay

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
        """Oldest first. One whose row was tampered with is left out, and logged; see `list_broken`."""
        return [wallet for wallet in await self._store.list_of(user_id) if await self._is_authentic(wallet)]

    async def list_broken(self, user_id: int) -> list[wallets.Wallet]:
        """Those that cannot be opened: wrong master key, or a changed row. Show none of their addresses."""
        listed = await self._store.list_of(user_id)
        return [wallet for wallet in listed if not await self._is_authentic(wallet)]

    async def is_broken(self, wallet: wallets.Wallet) -> bool:
        return not await self._is_authentic(wallet)

    async def find_any(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        """Broken or not, for its removal: nothing vouches for its address. Raises WalletNotFound."""
        wallet = await self._store.find(user_id, wallet_id)
        if wallet is None:
            raise errors.WalletNotFound
        return wallet

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
        return await self._balances.fetch(await self.get(user_id, wallet_id))

    async def glance(self, listed: Sequence[wallets.Wallet]) -> dict[int, Balances]:
        """By wallet id, as far as they can be known within a moment. Raises nothing."""
        return await self._balances.glance(listed)

    def find_balances(self, wallet: wallets.Wallet) -> Balances | None:
        """As last seen in this run; None = never looked at. Asks nobody."""
        return self._balances.find(wallet)

    async def rename(self, user_id: int, wallet_id: int, name: str) -> wallets.Wallet:
        """1 to 32 printable characters that no other wallet has. Raises InvalidInput, WalletNotFound."""
        name = _checked_name(name)
        await self.get(user_id, wallet_id)
        mine = await self._store.list_of(user_id)
        name = _unused(name, [wallet.name for wallet in mine if wallet.id != wallet_id])
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

    async def request_export(self, user_id: int, wallet_id: int, chat_id: int) -> ports.Job:
        """Start the delay; a durable job reveals the key when it is over, if announced. Raises WatchOnly.

        One at a time for each wallet: an earlier request is over, so that one Stop stops all there is.
        """
        wallet = await self.get(user_id, wallet_id)
        if not wallet.owned:
            raise errors.WatchOnly(texts.EXPORT_WATCHED)
        payload = {"wallet_id": wallet_id}
        due_at = self._clock.now() + self._export_delay
        async with self._transaction():
            for earlier in await self.list_exports(user_id, wallet_id):
                await self._jobs.finish(earlier.id)
            return await self._add_reveal(user_id, chat_id, payload, due_at)

    async def record_announced(self, job: ports.Job, message_id: int) -> ports.Job | None:
        """The message with its Stop is out: from now on the key may come. None = it was stopped already."""
        payload = {**job.payload, "message_id": message_id}
        async with self._transaction():
            if not await self._jobs.finish(job.id):
                return None
            return await self._add_reveal(job.user_id, job.chat_id, payload, job.due_at)

    async def _add_reveal(
        self, user_id: int, chat_id: int, payload: Mapping[str, int], due_at: datetime
    ) -> ports.Job:
        job_id = await self._jobs.add("reveal", user_id, chat_id, payload, due_at)
        return ports.Job(
            id=job_id, kind="reveal", user_id=user_id, chat_id=chat_id, payload=payload, due_at=due_at
        )

    async def list_exports(self, user_id: int, wallet_id: int | None = None) -> list[ports.Job]:
        """Announced, and neither shown nor stopped; of one wallet, or of all. Earliest first."""
        listed = await self._jobs.list_of(user_id, "reveal")
        return [job for job in listed if wallet_id is None or job.payload["wallet_id"] == wallet_id]

    async def stop_export(self, user_id: int, wallet_id: int) -> bool:
        """Whatever is announced for this wallet. False = too late, or stopped already."""
        stopped = [await self._jobs.finish(job.id) for job in await self.list_exports(user_id, wallet_id)]
        return any(stopped)

    async def unsafe_reveal(self, job: ports.Job) -> str | None:
        """The private key for a due `reveal` job, once; None if stopped, shown, or the wallet is gone.

        None, too, for what was never announced: nobody could have stopped it.
        """
        if job.kind != "reveal" or job.due_at > self._clock.now() or "message_id" not in job.payload:
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
            mine = await self._store.list_of(user_id)
            taken = [wallet.name for wallet in mine if wallet.pubkey != pubkey]
            name = _free_name(taken) if not name.strip() else _unused(name, taken)
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


def _unused(name: str, taken: Sequence[str]) -> str:
    """Two wallets of one name could be taken for each other on a card."""
    if search.is_wallet_name(name, taken):
        raise errors.InvalidInput(texts.NAME_TAKEN.format(name=name))
    return name


def _free_name(taken: Sequence[str]) -> str:
    number = len(taken) + 1
    while texts.WALLET_NAME.format(number=number) in taken:
        number += 1
    return texts.WALLET_NAME.format(number=number)
