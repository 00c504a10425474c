"""What the services need from the outside world, as Protocols named by role.

Adapters live in jupiter, solana, keys, storage and chat; nothing here does anything.
All stores are durable when a method returns, unless the call ran inside `Transactions`: then everything
inside becomes durable together when the block ends, or not at all.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Any, Protocol

from bot.domain import actions, amounts, charts, fills, intents, market, notices, orders, wallets

# --- time ------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Aware UTC now. Two are in use: real time, and order time (the same, except in the sandbox)."""

    def now(self) -> datetime: ...


# --- Jupiter ---------------------------------------------------------------------------------------------


class Priority(IntEnum):
    """Who goes first at the shared request budget; lower goes first."""

    ACTION = 0
    """Steps of a confirmed action."""
    PERSON = 1
    """Somebody waits for the answer in the chat."""
    DUE = 2
    """A fill is expected."""
    SWEEP = 3
    """Nobody would notice a delay."""


@dataclass(frozen=True, slots=True)
class Crafted:
    """An unsigned transaction from Jupiter. Nothing in it is trusted before the policy has seen it."""

    request_id: str
    transaction: str
    """Base64."""


@dataclass(frozen=True, slots=True)
class ExecuteAnswer:
    """What `/execute` says. Only the chain decides what became of the transaction."""

    success: bool
    signature: str | None
    error: str | None


class OrderGateway(Protocol):
    """Recurring orders at the vendor.

    Every method raises GatewayUnavailable (RateLimited) when nothing was sent, OrderRejected with the
    vendor's words for a 4xx, UnexpectedResponse for an unknown shape. Reads retry by themselves, within
    bounds; crafts and execute never do.
    """

    async def fetch_orders(
        self, owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
    ) -> orders.OrderPage:
        """One page (10 orders) of all families, newest first; items for another owner are quarantined."""
        ...

    async def craft(self, intent: intents.Intent) -> Crafted:
        """Ask for the unsigned transaction of a create, cancel, deposit or withdraw. Safe to repeat."""
        ...

    async def execute(self, request_id: str, signed: bytes) -> ExecuteAnswer:
        """Hand the signed transaction in. Additionally raises OutcomeUnknown: it may have left."""
        ...


class TokenDirectory(Protocol):
    """What tokens call themselves: untrusted text. Raises GatewayUnavailable, UnexpectedResponse."""

    async def fetch_tokens(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, amounts.Token]: ...

    async def search(self, query: str) -> list[amounts.Token]: ...


class PriceSource(Protocol):
    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON, fresh: bool = False
    ) -> dict[str, Decimal]:
        """USD per whole token; mints without a reliable price are absent. Raises as TokenDirectory.

        `fresh` = asked for now, whatever is remembered from a moment ago.
        """
        ...


# --- the chain -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mint:
    decimals: int
    classic: bool
    """Owned by the classic SPL Token program."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a wallet holds at one commitment."""

    lamports: int
    tokens: Mapping[str, int]
    """Base units in the wallet's associated token accounts by mint (wrapped SOL under its own mint)."""


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    slot: int
    confirmed: bool
    """At least `confirmed` commitment."""
    finalized: bool
    error: str | None
    """None = it succeeded."""


class Chain(Protocol):
    """Reads from a Solana RPC. All raise GatewayUnavailable, UnexpectedResponse; all are safe to repeat."""

    async def fetch_holdings(self, owner: str) -> Holdings: ...

    async def fetch_mints(self, mints: Collection[str]) -> dict[str, Mint]:
        """Decimals and program from the mint accounts themselves; absent when there is no such mint."""
        ...

    async def is_wallet(self, address: str) -> bool:
        """Whether a private key can spend from there: on the curve, and nobody's but the System program's.

        False for orders, token accounts, mints and programs: what is sent to them is lost.
        """
        ...

    async def fetch_missing_accounts(self, owner: str, mints: Collection[str]) -> frozenset[str]:
        """Those of the mints for which the owner has no associated token account yet."""
        ...


@dataclass(frozen=True, slots=True)
class Finalized:
    """The newest block that no fork can undo, as one node sees it."""

    height: int
    slot: int


class OrderProver(Protocol):
    """Proof that an order account belongs to a wallet, without trust in the API."""

    async def prove(self, order: orders.Order) -> int:
        """The order's index, so that its address derives from (owner, mints, index).

        Searched near `created_at`, else read from the account on chain (owner program and user field).
        Raises OrderNotProven; GatewayUnavailable when the chain had to be asked and did not answer.
        """
        ...


class Submitter(Protocol):
    """Everything between a signed transaction and its settlement, from the chain's point of view."""

    async def build(self, intent: intents.Intent, limits: intents.Limits | None = None) -> str:
        """Our own unsigned transaction (base64) for what needs no Jupiter: Send and Unwrap.

        Its priority fee is within the limits. Raises OrderRejected for a receiver that would lose it.
        """
        ...

    async def check(self, intent: intents.Intent, transaction: str, limits: intents.Limits) -> None:
        """Blockhash alive, and the simulation within what was confirmed, as the settings require.

        Raises TransactionMismatch, OrderRejected (the simulation fails: with its reason in plain words),
        GatewayUnavailable.
        """
        ...

    def describe(self, transaction: str) -> str:
        """A transaction in named instructions, for the operator; whatever it is, this raises nothing."""
        ...

    async def fetch_last_valid_height(self, blockhash: str) -> int:
        """Above this block height a transaction with this blockhash can never land: a safe upper bound."""
        ...

    async def send(self, signed: bytes) -> None:
        """Hand the bytes to the RPC. Sending the same bytes again is harmless.

        Raises GatewayUnavailable when surely nothing was sent, OutcomeUnknown for everything else.
        """
        ...

    async def fetch_status(
        self, signature: str, *, history: bool = False, min_slot: int = 0
    ) -> SignatureStatus | None:
        """None = not seen. `history` searches beyond the recent statuses.

        A None from a node that has not seen `min_slot` yet raises GatewayUnavailable: it proves nothing.
        """
        ...

    async def fetch_finalized(self) -> Finalized: ...


# --- keys ------------------------------------------------------------------------------------------------


class Vault(Protocol):
    """The only holder of private keys. Nothing it returns can sign, except export's text."""

    def create(self, user_id: int) -> tuple[str, wallets.SealedSeed]:
        """A fresh keypair: its address and its sealed seed."""
        ...

    def seal_import(self, user_id: int, text: str) -> tuple[str, wallets.SealedSeed]:
        """Seal a private key as a person pastes it: base58 of 64 bytes, or a JSON array of 64 numbers.

        Raises InvalidKey, which never contains any part of the text.
        """
        ...

    def authenticate(self, wallet: wallets.Wallet) -> None:
        """Prove that this row's address belongs to its sealed key and user; before an address is shown.

        Raises VaultError. Watched wallets have nothing to prove.
        """
        ...

    def unsafe_export(self, wallet: wallets.Wallet) -> str:
        """The private key as base58 of 64 bytes, for the person it belongs to. Raises VaultError."""
        ...


class Signer(Protocol):
    def sign(
        self,
        wallet: wallets.Wallet,
        intent: intents.Intent,
        transaction: str,
        limits: intents.Limits,
        *,
        now: datetime,
    ) -> actions.Signed:
        """Decode the transaction, hold it against the intent, and only then sign it.

        `now` is order time, for the age of a create's index. Pure computation: no I/O.
        Raises TransactionMismatch and VaultError; then nothing was signed.
        """
        ...


# --- storage ---------------------------------------------------------------------------------------------


class Transactions(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[None]:
        """One database transaction around all store calls in the block; nested blocks join the outer one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    user_id: int
    chat_id: int
    timezone: str = "UTC"
    blocked: bool = False
    """The chat is gone (blocked); fills are kept and summed up on return."""
    settings: Mapping[str, Any] = field(default_factory=dict)


class PeopleStore(Protocol):
    async def record_seen(self, user_id: int, chat_id: int) -> Person:
        """Insert or update the person; clears `blocked`."""
        ...

    async def find(self, user_id: int) -> Person | None: ...

    async def find_many(self, users: Collection[int]) -> dict[int, Person]: ...

    async def find_settled(self, user_id: int) -> Person | None:
        """As find; nobody changes this person until the transaction around it ends."""
        ...

    async def record_blocked(self, user_id: int) -> None: ...

    async def record_settings(self, user_id: int, settings: Mapping[str, Any]) -> None: ...


class WalletStore(Protocol):
    async def add(
        self,
        user_id: int,
        pubkey: str,
        name: str,
        sealed: wallets.SealedSeed | None,
        added_at: datetime,
        limit: int,
    ) -> wallets.Wallet:
        """Insert, or turn a watched one into an owned one. The person's first wallet becomes the default.

        Adding what is there already returns it unchanged. Raises TooManyWallets beyond `limit`.
        """
        ...

    async def find(self, user_id: int, wallet_id: int) -> wallets.Wallet | None: ...

    async def find_by_pubkey(self, user_id: int, pubkey: str) -> wallets.Wallet | None: ...

    async def list_of(self, user_id: int) -> list[wallets.Wallet]:
        """Oldest first."""
        ...

    async def watchers(self, pubkey: str) -> list[wallets.Wallet]:
        """Everybody's rows for an address: whom its fills concern."""
        ...

    async def rename(self, user_id: int, wallet_id: int, name: str) -> None: ...

    async def make_default(self, user_id: int, wallet_id: int) -> None: ...

    async def remove(self, user_id: int, wallet_id: int) -> None:
        """Remove for good, sealed key included; the oldest remaining wallet becomes the default if needed."""
        ...

    async def count_by_key_id(self) -> dict[str, int]: ...

    async def page_owned(self, after_id: int, limit: int) -> list[wallets.Wallet]:
        """Owned wallets of everybody by id, for verify and reseal."""
        ...

    async def replace_sealed(self, wallet_id: int, old: wallets.SealedSeed, new: wallets.SealedSeed) -> bool:
        """Compare-and-set; False when the row changed meanwhile."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOrder:
    """An order as a person knows it: with the number that is theirs for good."""

    number: int
    order: orders.Order
    index: int | None
    """Proven index; None = not proven (yet)."""
    seen_at: datetime
    """Real time at which Jupiter last reported it."""
    muted: bool = False


class OrderStore(Protocol):
    async def record(self, order: orders.Order, seen_at: datetime) -> orders.Order | None:
        """Insert or update by (owner, key); returns what was known before. A closed order never reopens."""
        ...

    async def record_seen(self, owner: str, keys: Collection[str], seen_at: datetime) -> None:
        """Jupiter reported these orders as they are known."""
        ...

    async def find(self, owner: str, key: str) -> orders.Order | None: ...

    async def find_many(self, owner: str, keys: Collection[str]) -> dict[str, orders.Order]:
        """By key; what is not known is absent."""
        ...

    async def lacks_number(self, owner: str, keys: Collection[str]) -> bool:
        """Whether somebody has this wallet, and one of these orders has no number of theirs."""
        ...

    async def list_unnumbered(self, user_id: int, owner: str) -> list[str]:
        """Keys of known orders that have no number of this person's, oldest first."""
        ...

    async def assign_numbers(self, user_id: int, owner: str, keys: Sequence[str]) -> None:
        """Give each of these orders the person's next number, in this sequence; kept if it has one."""
        ...

    async def list_known(
        self, user_id: int, owners: Collection[str], status: orders.Status | None = None
    ) -> list[KnownOrder]:
        """By number, newest number first."""
        ...

    async def find_known(
        self, user_id: int, *, number: int | None = None, key: str | None = None
    ) -> KnownOrder | None:
        """By the person's own number, or by whole key; only orders of wallets the person has now."""
        ...

    async def list_told(
        self, users: Collection[int], keys: Collection[str]
    ) -> list[tuple[KnownOrder, wallets.Wallet]]:
        """By whole keys, each with the person's wallet as it is stored: for what is told all the time."""
        ...

    async def active_of(self, owner: str) -> list[orders.Order]: ...

    async def list_ended(self, owner: str, since: datetime) -> list[orders.Order]:
        """Closed, and changed last at that time or later."""
        ...

    async def record_index(self, owner: str, key: str, index: int) -> None: ...

    async def record_muted(self, user_id: int, owner: str, key: str, muted: bool) -> None: ...

    async def list_traded(self, since: datetime) -> dict[str, timedelta | None]:
        """Mints of active orders of wallets that somebody has, with the shortest cycle that trades each.

        None for a mint that only orders traded that ended later than `since`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFill:
    fill: fills.Fill
    seen_at: datetime
    usd: Decimal | None = None
    """USD value of the input when it was found; None = unknown then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillScope:
    """Some of a person's fills: of orders with a number of theirs, of wallets that they have now."""

    user_id: int
    owner: str | None = None
    """Of this wallet only."""
    number: int | None = None
    """Of this order only."""
    since: datetime | None = None
    until: datetime | None = None
    """Confirmed before this."""


@dataclass(frozen=True, slots=True)
class FillExtent:
    count: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    """None where there is no fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedFill:
    """A fill as a person knows it: with the number of its order."""

    id: int
    """Tells fills of one instant apart."""
    owner: str
    number: int
    family: orders.Family
    known: KnownFill


class FillStore(Protocol):
    async def record(self, owner: str, fill: fills.Fill, seen_at: datetime, usd: Decimal | None) -> bool:
        """Insert if new; True = it was new. Unique on owner, order key and signature."""
        ...

    async def list_of_order(self, owner: str, order_key: str) -> list[KnownFill]:
        """Oldest first."""
        ...

    async def find(self, owner: str, order_key: str, signature: str) -> KnownFill | None: ...

    async def list_of_orders(self, of: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[KnownFill]]:
        """By owner and order, oldest first; an order without fills is absent."""
        ...

    async def list_signatures(self, owner: str, order_keys: Collection[str]) -> dict[str, set[str]]:
        """Of the known fills, by order; an order without any is absent."""
        ...

    async def summaries(self, of: Collection[tuple[str, str]]) -> dict[tuple[str, str], fills.Summary]:
        """Of these orders, named by owner and key; one without a known fill is absent."""
        ...

    async def extent(self, scope: FillScope) -> FillExtent: ...

    async def newest(self, scope: FillScope, limit: int, offset: int = 0) -> list[NumberedFill]:
        """Newest first."""
        ...

    async def page_after(
        self, scope: FillScope, after: NumberedFill | None, limit: int
    ) -> list[NumberedFill]:
        """Oldest first, those that follow this one; however many there are, a page costs the same."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    token: str
    user_id: int
    chat_id: int
    message_id: int | None
    intent: intents.Intent
    limits: intents.Limits
    submit_via: str
    expires_at: datetime


class ConfirmationStore(Protocol):
    async def add(self, confirmation: Confirmation) -> None: ...

    async def attach_message(self, token: str, message_id: int) -> None: ...

    async def consume(
        self, token: str, user_id: int, chat_id: int, message_id: int, now: datetime
    ) -> Confirmation | None:
        """Claim it: exactly one caller ever gets it. None = used, expired, cancelled or somebody else's.

        One `UPDATE … WHERE state = 'pending' … RETURNING`.
        """
        ...

    async def cancel(self, token: str, user_id: int) -> bool: ...

    async def list_expired(self, now: datetime) -> list[Confirmation]:
        """Pending ones past their time, oldest first, some at a time: nobody can consume them any more."""
        ...

    async def record_expired(self, token: str) -> None:
        """Its card says so, or never will: it is not listed again."""
        ...


class ActionStore(Protocol):
    async def add(self, confirmation: Confirmation, now: datetime) -> actions.Action:
        """In state CONFIRMED. Unique per confirmation token."""
        ...

    async def find(self, action_id: int) -> actions.Action | None: ...

    async def list_unsettled(self) -> list[actions.Action]:
        """Every action that is not final, oldest first."""
        ...

    async def list_unshown(self) -> list[actions.Action]:
        """Every final action whose card is not known to show its end, oldest first."""
        ...

    async def advance(
        self,
        action: actions.Action,
        to: actions.State,
        now: datetime,
        *,
        request_id: str | None = None,
        signed: actions.Signed | None = None,
        last_valid_height: int | None = None,
        detail: str | None = None,
    ) -> actions.Action:
        """Compare-and-set from the action's state. Raises StorageError if it is not in that state any more,
        or the step is none of actions.NEXT. `signed` bytes are erased once the action is final."""
        ...

    async def record_shown(self, action_id: int, state: actions.State) -> None: ...

    async def list_of_order(self, user_id: int, order_key: str) -> list[actions.Action]: ...

    async def sent_to(self, user_id: int, address: str) -> bool:
        """Whether this person ever landed a Send to this address."""
        ...


class Outgoing(IntEnum):
    PENDING = 0
    SENDING = 1
    SENT = 2
    HELD = 3
    """The chat is blocked: kept, to be summed up on return."""
    DEAD = 4
    PLANNED = 5
    """Kept for later as the person wishes it: for a digest, or for the end of quiet hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    id: int
    user_id: int
    notice: notices.Notice
    attempts: int
    possible_repeat: bool
    """An earlier attempt ended with an unknown outcome."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """What is kept for later for one person."""

    count: int
    first_at: datetime | None
    """When the first of it is to be told; None = there is nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that arrived, and the notices that it told."""

    ids: Sequence[int]
    message_id: int
    at: datetime


class Outbox(Protocol):
    async def add(
        self,
        user_id: int,
        notice: notices.Notice,
        dedupe: str,
        now: datetime,
        *,
        hold_until: datetime | None = None,
    ) -> bool:
        """Queue once per (user, dedupe), PLANNED if it is held; False = it was queued before."""
        ...

    async def claim(
        self, now: datetime, limit: int, busy: Collection[int], people: int | None = None
    ) -> list[list[OutboxMessage]]:
        """Take due messages as SENDING, committed: one batch per person, in order, skipping `busy` people.

        Of at most so many `people`, those who wait longest, at most `limit` messages each.
        """
        ...

    async def release_planned(self, now: datetime) -> int:
        """What was held until now becomes PENDING, all of it at once. Returns how many."""
        ...

    async def replan(self, user_id: int, now: datetime, until: datetime) -> int:
        """Hold what is held for later than now until then instead. Returns how many.

        What is held until now or earlier is about to be told, and stays so.
        """
        ...

    async def find_planned(self, user_id: int) -> Planned: ...

    async def recover(self) -> int:
        """At start: whatever was SENDING becomes PENDING again, marked as a possible repeat."""
        ...

    async def record_sent(self, sent: Collection[Sent]) -> None:
        """All of it together."""
        ...

    async def record_retry(
        self, ids: Collection[int], not_before: datetime, *, possible_repeat: bool
    ) -> None: ...

    async def record_dead(self, ids: Collection[int], reason: str) -> None: ...

    async def hold(self, user_id: int) -> None:
        """The chat is gone: everything unsent of this person is HELD."""
        ...

    async def release(self, user_id: int) -> int:
        """The person is back: HELD becomes PENDING. Returns how many."""
        ...

    async def counts(self) -> dict[Outgoing, int]: ...

    async def count_unsent(self, user_id: int) -> int:
        """Of one person: what waits, and what is being sent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTarget:
    owner: str
    due_at: datetime | None
    """When a fill should be listed."""
    last_ok_at: datetime | None
    failures: int
    sweep_at: datetime | None = None
    """When it is worth a look without a reason; None = it was never looked at."""
    history_at: datetime | None = None
    """When the list of closed orders was last read."""
    whole_at: datetime | None = None
    """When that list was last read to its end."""


class PollStore(Protocol):
    """When each address is next worth a look; in real time."""

    async def ensure(self, owner: str, due_at: datetime) -> None: ...

    async def take_due(self, now: datetime, limit: int, *, sweeps: bool = False) -> list[PollTarget]:
        """By `due_at` or `sweep_at`, longest overdue first; only addresses that somebody has as a wallet."""
        ...

    async def next_due_at(self) -> datetime | None: ...

    async def record_ok(
        self,
        owner: str,
        now: datetime,
        due_at: datetime | None,
        *,
        sweep_at: datetime | None = None,
        history_at: datetime | None = None,
    ) -> None:
        """Without `history_at` the one known stays."""
        ...

    async def record_whole(self, owner: str, now: datetime) -> None:
        """The list of closed orders was read to its end."""
        ...

    async def record_failure(self, owner: str, not_before: datetime) -> None:
        """Put off every look; when one was wanted at first stays known."""
        ...

    async def find(self, owner: str) -> PollTarget | None: ...

    async def count(self) -> int:
        """Addresses that are polled."""
        ...

    async def wanted_since(self) -> datetime | None:
        """The earliest time for which a look was planned that did not succeed yet.

        Of addresses that were looked at before; a mere sweep counts once it failed, because it may wait.
        """
        ...

    async def list_stale(self, before: datetime, *, unmuted: bool = False) -> dict[int, datetime]:
        """People with a wallet whose look for a fill was planned before then and did not succeed yet.

        With the earliest such time of theirs. `unmuted` leaves out wallets of which the person muted all
        active orders.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    topic: str
    subject: str
    """Which one of its kind; empty where there is only one."""
    since: datetime


class TroubleStore(Protocol):
    """What somebody was told is wrong, until they are told that it is over; survives a restart."""

    async def begin(self, topic: str, subject: str, now: datetime) -> bool:
        """False = it is known already."""
        ...

    async def end(self, topic: str, subject: str) -> datetime | None:
        """Since when it was; None = there was none. Exactly one caller gets it."""
        ...

    async def list_open(self, topic: str | None = None) -> list[Trouble]:
        """Oldest first."""
        ...


class DialogStore(Protocol):
    """What a person is in the middle of; survives a restart. Never holds a secret."""

    async def find(self, user_id: int) -> dict[str, Any] | None: ...

    async def record(self, user_id: int, dialog: Mapping[str, Any]) -> None: ...

    async def clear(self, user_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: int
    kind: str
    """`reveal` (show an export) or `delete` (delete a message)."""
    user_id: int
    chat_id: int
    payload: Mapping[str, Any]
    due_at: datetime


class JobStore(Protocol):
    """Durable timers for the chat: exports to reveal, messages to delete."""

    async def add(
        self, kind: str, user_id: int, chat_id: int, payload: Mapping[str, Any], due_at: datetime
    ) -> int: ...

    async def list_due(self, now: datetime, limit: int = 20) -> list[Job]: ...

    async def list_of(self, user_id: int, kind: str) -> list[Job]:
        """Unfinished ones of this person, earliest first."""
        ...

    async def finish(self, job_id: int) -> bool:
        """Exactly one caller gets True."""
        ...

    async def postpone(self, job_id: int, due_at: datetime) -> None: ...


class Inbox(Protocol):
    """Updates from Telegram, committed before they are confirmed to it."""

    async def record(self, update_id: int, user_id: int | None, payload: str | None) -> bool:
        """False = known already. payload None = seen but not stored (it carries a secret)."""
        ...

    async def list_unhandled(self) -> list[tuple[int, str]]:
        """(update id, payload), oldest first: what a crash left."""
        ...

    async def record_handled(self, update_id: int) -> None:
        """Drops the payload; keeps the id."""
        ...

    async def last_update_id(self) -> int | None: ...


class TokenStore(Protocol):
    """Tokens as last seen, with decimals from the chain (which never change)."""

    async def find(self, mints: Collection[str]) -> dict[str, tuple[amounts.Token, datetime]]: ...

    async def record(self, tokens: Collection[amounts.Token], now: datetime) -> None: ...


class PriceHistory(Protocol):
    """USD prices of tokens as sampled, on the clock that orders live in."""

    async def record(self, samples: Mapping[str, market.Sample]) -> None:
        """One sample for each of these mints; the first for a moment stays."""
        ...

    async def list_between(self, mint: str, start: datetime, end: datetime) -> list[market.Sample]:
        """Oldest first; with the nearest one on either side, so that the prices at both ends are known."""
        ...

    async def find_last(self, mints: Collection[str]) -> dict[str, market.Sample]:
        """The newest of each; absent where there is none."""
        ...

    async def list_mints(self) -> list[str]:
        """Mints of which there is any sample."""
        ...

    async def replace(
        self, mint: str, start: datetime, end: datetime, samples: Sequence[market.Sample]
    ) -> None:
        """These and no others from `start` to `end`, both included; all or nothing."""
        ...


# --- the chat, as the services see it --------------------------------------------------------------------


class Messenger(Protocol):
    """Sends one batch of notices of one person as one message."""

    async def prepare(self, batches: Sequence[Sequence[OutboxMessage]]) -> None:
        """These come next: what can be looked up for several people together is. Raises nothing."""
        ...

    async def deliver(self, batch: Sequence[OutboxMessage]) -> int:
        """Returns the Telegram message id. Raises the DeliveryError family."""
        ...


class Painter(Protocol):
    async def paint(self, chart: charts.Chart) -> bytes:
        """A PNG, drawn elsewhere: the event loop does not wait. Raises DrawingFailed."""
        ...


class Cards(Protocol):
    """Keeps the card of an action true. Raises the DeliveryError family."""

    async def show_action(self, action: actions.Action) -> None: ...

    async def show_expired(self, confirmation: Confirmation) -> None: ...
