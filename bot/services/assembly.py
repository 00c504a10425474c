"""Puts the services together over whatever the outside is: adapters in the program, fakes in tests.

Nothing runs yet, and nothing is asked. What an adapter needs of the services is made by the caller on the
way: the cards and the messenger.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from bot import ports

# By name: a field called as its module would hide the module from the annotations after it.
from bot.services.actions import Actions
from bot.services.archive import Archive
from bot.services.cadence import Cadence
from bot.services.confirmations import Confirmations
from bot.services.delivery import Delivery
from bot.services.fill_log import FillLog
from bot.services.fills import Ingest
from bot.services.health import Health
from bot.services.home import HomeBoard
from bot.services.lateness import Lateness
from bot.services.operators import Operators
from bot.services.orders import Orders
from bot.services.people import People, Preferences
from bot.services.polling import Polling
from bot.services.pricing import Prices
from bot.services.proposals import Proposals
from bot.services.reports import Reports
from bot.services.statements import Statements
from bot.services.subjects import Subjects
from bot.services.sync import Sync
from bot.services.telling import Telling
from bot.services.tokens import Tokens
from bot.services.wallets import EXPORT_DELAY, Wallets
from bot.services.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the services work with, by role."""

    stores: ports.Stores
    gateway: ports.OrderGateway
    directory: ports.TokenDirectory
    price_source: ports.PriceSource
    chain: ports.Chain
    prover: ports.OrderProver
    submitter: ports.Submitter
    signer: ports.Signer
    vault: ports.Vault
    clock: ports.Clock
    order_clock: ports.Clock
    cards: Callable[[Tokens, Wallets, Orders], ports.Cards]
    messenger: Callable[[People, Telling], ports.Messenger]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the operator decided."""

    admins: Collection[int]
    preferences: Preferences = field(default_factory=Preferences)
    """Of people who chose nothing; its fee cap holds for everybody."""
    max_wallets: int = 20
    export_delay: timedelta = EXPORT_DELAY
    rps: float = 1.0
    """Requests a second, of Jupiter's budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    health: Health
    operators: Operators
    people: People
    tokens: Tokens
    prices: Prices
    wallets: Wallets
    ingest: Ingest
    cadence: Cadence
    sync: Sync
    orders: Orders
    telling: Telling
    fill_log: FillLog
    reports: Reports
    subjects: Subjects
    archive: Archive
    statements: Statements
    cards: ports.Cards
    actions: Actions
    confirmations: Confirmations
    home: HomeBoard
    proposals: Proposals
    polling: Polling
    delivery: Delivery
    watch: Watch


def assemble(outside: Outside, terms: Terms) -> Assembled:
    stores, clock, order_clock = outside.stores, outside.clock, outside.order_clock
    health = Health(clock)
    prices = Prices(outside.price_source)
    operators = Operators(
        transaction=stores.transaction,
        troubles=stores.troubles,
        outbox=stores.outbox,
        admins=terms.admins,
        clock=clock,
    )
    tokens = Tokens(outside.chain, outside.directory, stores.tokens, clock)
    people = People(
        stores.transaction,
        stores.people,
        stores.wallets,
        stores.outbox,
        clock=clock,
        operator=terms.preferences,
    )
    wallets = Wallets(
        transaction=stores.transaction,
        store=stores.wallets,
        vault=outside.vault,
        actions=stores.actions,
        jobs=stores.jobs,
        polls=stores.polls,
        operators=operators,
        chain=outside.chain,
        tokens=tokens,
        prices=prices,
        clock=clock,
        order_clock=order_clock,
        limit=terms.max_wallets,
        export_delay=terms.export_delay,
    )
    ingest = Ingest(
        transaction=stores.transaction,
        orders=stores.orders,
        fills=stores.fills,
        wallets=stores.wallets,
        actions=stores.actions,
        people=stores.people,
        outbox=stores.outbox,
        tokens=tokens,
        prices=prices,
        clock=clock,
        order_clock=order_clock,
    )
    cadence = Cadence(clock, order_clock, rps=terms.rps)
    sync = Sync(
        gateway=outside.gateway,
        ingest=ingest,
        orders=stores.orders,
        polls=stores.polls,
        cadence=cadence,
        lateness=Lateness(
            transaction=stores.transaction,
            wallets=stores.wallets,
            orders=stores.orders,
            people=stores.people,
            outbox=stores.outbox,
            clock=clock,
            order_clock=order_clock,
        ),
        operators=operators,
        health=health,
        clock=clock,
    )
    orders = Orders(
        wallets=wallets,
        sync=sync,
        store=stores.orders,
        fills=stores.fills,
        actions=stores.actions,
        tokens=tokens,
        prices=prices,
        clock=clock,
    )
    telling = Telling(orders=stores.orders, fills=stores.fills, tokens=tokens, prices=prices)
    fill_log = FillLog(orders=orders, fills=stores.fills, polls=stores.polls, tokens=tokens)
    reports = Reports(
        orders=orders,
        wallets=wallets,
        fills=stores.fills,
        history=stores.prices,
        tokens=tokens,
        prices=prices,
        order_clock=order_clock,
    )
    subjects = Subjects(wallets=wallets, orders=stores.orders, fills=stores.fills, tokens=tokens)
    archive = Archive(
        gateway=outside.gateway,
        ingest=ingest,
        sync=sync,
        subjects=subjects,
        orders=stores.orders,
        fills=stores.fills,
        polls=stores.polls,
        clock=clock,
    )
    statements = Statements(subjects=subjects, fills=stores.fills, tokens=tokens)
    cards = outside.cards(tokens, wallets, orders)
    actions = Actions(
        store=stores.actions,
        wallets=stores.wallets,
        orders=stores.orders,
        chain=outside.chain,
        gateway=outside.gateway,
        submitter=outside.submitter,
        signer=outside.signer,
        cards=cards,
        tokens=tokens,
        sync=sync,
        operators=operators,
        clock=clock,
        order_clock=order_clock,
        fee_limit=terms.preferences.priority_fee_cap,
        sleep=outside.sleep,
    )
    confirmations = Confirmations(
        transaction=stores.transaction,
        store=stores.confirmations,
        actions=stores.actions,
        cards=cards,
        clock=clock,
        wake=actions.wake,
        submit_via=terms.preferences.submit_via,
        sleep=outside.sleep,
    )
    home = HomeBoard(
        wallets=wallets,
        orders=orders,
        confirmations=confirmations,
        order_clock=order_clock,
    )
    proposals = Proposals(
        wallets=wallets,
        orders=orders,
        tokens=tokens,
        prices=prices,
        chain=outside.chain,
        prover=outside.prover,
        store=stores.orders,
        actions=stores.actions,
        confirmations=confirmations,
        order_clock=order_clock,
        people=people,
    )
    polling = Polling(
        polls=stores.polls,
        sync=sync,
        health=health,
        clock=clock,
        rps=terms.rps,
        sleep=outside.sleep,
    )
    delivery = Delivery(
        outbox=stores.outbox,
        people=people,
        messenger=outside.messenger(people, telling),
        operators=operators,
        health=health,
        clock=clock,
        sleep=outside.sleep,
    )
    watch = Watch(
        transaction=stores.transaction,
        polls=stores.polls,
        troubles=stores.troubles,
        outbox=stores.outbox,
        operators=operators,
        health=health,
        clock=clock,
        sleep=outside.sleep,
    )
    return Assembled(
        health=health,
        prices=prices,
        operators=operators,
        tokens=tokens,
        people=people,
        wallets=wallets,
        ingest=ingest,
        cadence=cadence,
        sync=sync,
        orders=orders,
        telling=telling,
        fill_log=fill_log,
        reports=reports,
        subjects=subjects,
        archive=archive,
        statements=statements,
        actions=actions,
        confirmations=confirmations,
        home=home,
        proposals=proposals,
        polling=polling,
        delivery=delivery,
        watch=watch,
        cards=cards,
    )
