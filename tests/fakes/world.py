"""All services on real stores in memory, with fakes of everything outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot import storage
from bot.domain import actions, amounts, fills, intents, orders, wallets
from bot.services import assembly
from bot.services.people import Preferences
from bot.storage.actions import SqlActionStore
from bot.storage.outbox import SqlOutbox
from tests.fakes.chain import FakeChain, FakeProver, FakeSubmitter, Ledger, make_address
from tests.fakes.clock import START, FakeTime
from tests.fakes.faults import Faults
from tests.fakes.gateway import FakeDirectory, FakeGateway, FakePrices
from tests.fakes.messenger import FakeCards, FakeMessenger
from tests.fakes.storage import open_memory_storage
from tests.fakes.vault import FakeSigner, FakeVault

USER = 7
CHAT = 7
ADMIN = 1


class FaultyActionStore(SqlActionStore):
    """The real store; a planned fault of `add` or `advance` strikes before or after its commit."""

    def __init__(self, stores: storage.Storage, faults: Faults) -> None:
        super().__init__(stores.database)
        self._faults = faults

    async def add(self, *args: Any, **kwargs: Any) -> actions.Action:
        fault = self._faults.take("add action")
        if fault is not None:
            raise fault.error
        return await super().add(*args, **kwargs)

    async def advance(self, *args: Any, **kwargs: Any) -> actions.Action:
        fault = self._faults.take("advance")
        if fault is not None and not fault.after:
            raise fault.error
        after = await super().advance(*args, **kwargs)
        if fault is not None:
            raise fault.error
        return after


class FaultyOutbox(SqlOutbox):
    """The real store; a planned fault strikes at what is queued."""

    def __init__(self, stores: storage.Storage, faults: Faults) -> None:
        super().__init__(stores.database)
        self._faults = faults

    async def add(self, *args: Any, **kwargs: Any) -> bool:
        fault = self._faults.take("outbox add")
        if fault is not None and not fault.after:
            raise fault.error
        added = await super().add(*args, **kwargs)
        if fault is not None:
            raise fault.error
        return added


class FaultyStores(storage.Storage):
    """The very ones of a world, but for these two."""

    def __init__(self, stores: storage.Storage, actions: SqlActionStore, outbox: SqlOutbox) -> None:
        super().__init__(stores.database)
        vars(self).update(vars(stores))
        self.actions = actions
        self.outbox = outbox


class World:
    """`restart` throws away every service, as a kill does; stores and the outside stay."""

    def __init__(self, stores: storage.Storage, *, pace: float = 1.0, submit_via: str = "jupiter") -> None:
        self.stores = stores
        self.submit_via = submit_via
        self.time = FakeTime(pace=pace)
        self.faults = Faults()
        self.action_store = FaultyActionStore(stores, self.faults)
        self.outbox = FaultyOutbox(stores, self.faults)
        self.ledger = Ledger()
        self.time.follow(self.ledger.tick)
        self.gateway = FakeGateway(self.ledger, self.faults)
        self.submitter = FakeSubmitter(self.ledger, self.faults)
        self.chain = FakeChain(self.faults)
        self.prover = FakeProver(self.faults)
        self.signer = FakeSigner(self.faults)
        self.vault = FakeVault()
        self.cards = FakeCards(self.faults)
        self.messenger = FakeMessenger(self.faults)
        self.directory = FakeDirectory(self.faults)
        self.usd = FakePrices(self.faults)
        self.restart()

    def restart(self) -> None:
        made = assembly.assemble(
            assembly.Outside(
                stores=FaultyStores(self.stores, self.action_store, self.outbox),
                gateway=self.gateway,
                directory=self.directory,
                price_source=self.usd,
                chain=self.chain,
                prover=self.prover,
                submitter=self.submitter,
                signer=self.signer,
                vault=self.vault,
                clock=self.time.clock,
                order_clock=self.time.order_clock,
                cards=lambda *_: self.cards,
                messenger=lambda *_: self.messenger,
                sleep=self.time.sleep,
            ),
            assembly.Terms(
                admins=[ADMIN], preferences=Preferences(submit_via=self.submit_via), max_wallets=5
            ),
        )
        self.health = made.health
        self.prices = made.prices
        self.operators = made.operators
        self.tokens = made.tokens
        self.people = made.people
        self.wallets = made.wallets
        self.ingest = made.ingest
        self.cadence = made.cadence
        self.sync = made.sync
        self.orders = made.orders
        self.telling = made.telling
        self.fill_log = made.fill_log
        self.reports = made.reports
        self.subjects = made.subjects
        self.archive = made.archive
        self.statements = made.statements
        self.actions = made.actions
        self.confirmations = made.confirmations
        self.home = made.home
        self.proposals = made.proposals
        self.polling = made.polling
        self.delivery = made.delivery
        self.watch = made.watch

    async def add_wallet(
        self, *, lamports: int = 10**9, usdc: int = 10**9, user: int = USER
    ) -> wallets.Wallet:
        """A funded wallet of a person who is here."""
        await self.people.meet(user, user)
        wallet = await self.wallets.create(user)
        self.chain.fund(wallet.pubkey, lamports=lamports, usdc=usdc)
        return wallet

    async def confirm(self, intent: intents.Intent, *, user: int = USER, message: int = 100) -> int:
        """Tap on a card for this intent; the id of the action."""
        limits = intents.Limits(priority_fee_lamports=10_000, rent_lamports=0)
        confirmation = await self.confirmations.issue(user, user, intent, limits)
        await self.confirmations.attach_message(confirmation.token, message)
        return (await self.confirmations.confirm(user, user, message, confirmation.token)).id

    async def notices(self, user: int = USER) -> list[str]:
        """Kinds of everything ever queued for a person, in sequence, delivered now."""
        while await self.delivery.deliver_once():
            pass
        return [
            message.notice.kind
            for person, batch in self.messenger.arrived
            if person == user
            for message in batch
        ]


@asynccontextmanager
async def open_world(*, pace: float = 1.0, submit_via: str = "jupiter") -> AsyncIterator[World]:
    async with open_memory_storage() as stores:
        yield World(stores, pace=pace, submit_via=submit_via)


def deposit(owner: str, *, raw: int = 1_000_000, order: str = "order") -> intents.Deposit:
    return intents.Deposit(
        user=owner,
        order=make_address(order),
        input_mint=amounts.USDC_MINT,
        output_mint=amounts.WSOL_MINT,
        amount_raw=raw,
        order_index=7,
    )


def make_order(
    owner: str,
    name: str = "order",
    *,
    family: orders.Family = orders.Family.PRICE,
    status: orders.Status = orders.Status.ACTIVE,
    deposited: int = 100_000_000,
    used: int = 0,
    withdrawn: int = 0,
    age: timedelta = timedelta(hours=1),
    cycle: timedelta = timedelta(minutes=10),
    user_closed: bool = False,
    updated: timedelta = timedelta(0),
) -> orders.Order:
    """Sells USDC for SOL, 10 a cycle; made `age` before START, updated `updated` after it."""
    return orders.Order(
        family=family,
        status=status,
        key=make_address(name),
        owner=owner,
        input_mint=amounts.USDC_MINT,
        output_mint=amounts.WSOL_MINT,
        in_deposited_raw=deposited,
        in_used_raw=used,
        in_withdrawn_raw=withdrawn,
        out_received_raw=used * 7,
        out_withdrawn_raw=used * 7,
        cycle=cycle,
        in_per_cycle_raw=10_000_000 if family is orders.Family.TIME else 0,
        increment_usd_raw=10_000_000 if family is orders.Family.PRICE else 0,
        open_tx="open",
        close_tx="close" if status is orders.Status.HISTORY else None,
        user_closed=user_closed,
        created_at=START - age,
        updated_at=START + updated,
    )


def make_fill(
    name: str, number: int, *, at: timedelta = timedelta(0), in_raw: int = 10_000_000
) -> fills.Fill:
    """A fill of the order of that name, `at` after START."""
    return fills.Fill(
        order_key=make_address(name),
        signature=f"fill{number}",
        input_mint=amounts.USDC_MINT,
        output_mint=amounts.WSOL_MINT,
        in_raw=in_raw,
        out_raw=in_raw * 7,
        fee_mint=amounts.WSOL_MINT,
        fee_raw=in_raw // 1000,
        confirmed_at=START + at,
    )
