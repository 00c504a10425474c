"""The composition root: settings become adapters, adapters become services, services become a chat.

One TaskGroup owns everything that runs; when a part of it dies, all of it ends and the process exits
non-zero, so that whoever supervises it starts it again.
"""

import asyncio
import functools
import gc
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot import clocks, errors, ports, settings, storage
from bot.chat.action_cards import ActionCards
from bot.chat.app import ChatApp
from bot.chat.connection import BotConnection
from bot.chat.messenger import ChatMessenger
from bot.drawing import qr
from bot.drawing.painter import WorkerPainter
from bot.jupiter.prices import JupiterPrices
from bot.jupiter.recurring import JupiterRecurring
from bot.jupiter.tokens import JupiterTokens
from bot.jupiter.transport import JupiterTransport
from bot.keys import keyring, rotation
from bot.keys.signer import PolicySigner
from bot.keys.vault import Vault
from bot.services import assembly, registry
from bot.services.actions import Actions
from bot.services.confirmations import Confirmations
from bot.services.delivery import Delivery
from bot.services.people import Access, Preferences
from bot.services.polling import Polling
from bot.services.sampling import Sampling
from bot.services.status import StatusBoard
from bot.services.tape import Tape
from bot.services.watch import Watch
from bot.solana.chain import RpcChain
from bot.solana.chain_clock import ChainClock
from bot.solana.proof import ChainOrderProver
from bot.solana.rpc import Rpc
from bot.solana.submitter import RpcSubmitter

_LOG = logging.getLogger(__name__)

GRACE_S = 20.0
"""For what is in flight when the program is told to stop."""


@dataclass(frozen=True, slots=True)
class Edges:
    """The outside world, opened."""

    lock: storage.InstanceLock
    stores: storage.Storage
    vault: Vault
    jupiter: JupiterTransport
    chain: RpcChain
    telegram: BotConnection
    painter: WorkerPainter
    clock: ports.Clock
    order_clock: ports.Clock


@dataclass(frozen=True, slots=True)
class Program:
    """What runs until it is told to stop."""

    lock: storage.InstanceLock
    chat: ChatApp
    actions: Actions
    confirmations: Confirmations
    polling: Polling
    delivery: Delivery
    sampling: Sampling
    watch: Watch
    order_clock: ports.Clock

    async def run(self) -> None:
        """Until SIGTERM or SIGINT; then in order: no more updates, what is in work, everything else.

        What cannot be brought to its end within GRACE_S is settled at the next start.
        """
        loop = asyncio.get_running_loop()
        deadline = asyncio.timeout(None)

        def stop() -> None:
            deadline.reschedule(loop.time() + GRACE_S)
            self.chat.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(self.lock.keep(), name="lock"),
                group.create_task(self.actions.run(), name="actions"),
                group.create_task(self.confirmations.run(), name="confirmations"),
                group.create_task(self.polling.run(), name="polling"),
                group.create_task(self.delivery.run(), name="delivery"),
                group.create_task(self.sampling.run(), name="sampling"),
                group.create_task(self.watch.run(), name="watch"),
            ]
            if isinstance(self.order_clock, ChainClock):
                workers.append(group.create_task(self.order_clock.run(), name="order clock"))
            try:
                async with deadline:
                    await self.chat.run()
                    async with asyncio.TaskGroup() as drains:
                        drains.create_task(self.actions.drain(), name="actions")
                        drains.create_task(self.delivery.drain(), name="delivery")
            except TimeoutError:
                _LOG.warning("stopped in the middle of something; the next start goes on from there")
            for worker in workers:
                worker.cancel()


async def run(config: settings.Settings) -> None:
    """Run the bot. Raises ConfigurationError before Telegram is touched, AlreadyRunning, VaultError."""
    async with open_edges(config) as edges:
        program = build(config, edges)
        spare_collector()
        _LOG.info("started")
        await program.run()
    _LOG.info("stopped")


def spare_collector() -> None:
    """Keep the garbage collector from looking again and again at what lives as long as the program.

    A full collection would hold up the event loop for 60 ms now and then.
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def open_edges(config: settings.Settings) -> AsyncIterator[Edges]:
    """Open everything, closing it again in the opposite order. Talks to nobody but the database yet."""
    ring = keyring.load(config.keyring_file, database_folder=config.database_folder)
    clock = clocks.SystemClock()
    async with AsyncExitStack() as stack:
        lock = await stack.enter_async_context(storage.acquire_instance_lock(config.database_url))
        stores = await stack.enter_async_context(storage.Storage.open(config.database_url))
        await rotation.require_known_keys(stores.wallets, ring)
        key = config.jupiter_api_key.get_secret_value()
        jupiter = JupiterTransport(config.jupiter_api_url, key, config.jupiter_rps)
        chain = RpcChain(await stack.enter_async_context(Rpc(config.solana_rpc_url)))
        order_clock: ports.Clock = clock
        if config.order_clock == "chain":
            order_clock = ChainClock(chain)
            try:
                await order_clock.sync()
            except errors.GatewayError:
                _LOG.warning("the cluster's clock cannot be read yet")
        yield Edges(
            lock=lock,
            stores=stores,
            vault=Vault(ring),
            jupiter=await stack.enter_async_context(jupiter),
            chain=chain,
            telegram=await stack.enter_async_context(BotConnection(config.token, config.telegram_api_url)),
            painter=await stack.enter_async_context(WorkerPainter()),
            clock=clock,
            order_clock=order_clock,
        )


def build(config: settings.Settings, edges: Edges) -> Program:
    """Put the services together. Nothing runs yet."""
    stores, clock, order_clock = edges.stores, edges.clock, edges.order_clock
    sender, chain = edges.telegram.sender, edges.chain
    tape = Tape(stores.prices, order_clock)
    price_source = JupiterPrices(edges.jupiter, tape.hear)
    submitter = RpcSubmitter(chain, simulate=config.simulation)
    access = Access(open=config.access == "open", allowed=config.allowed_users, admins=config.admin_users)
    made = assembly.assemble(
        assembly.Outside(
            stores=stores,
            gateway=JupiterRecurring(edges.jupiter),
            directory=JupiterTokens(edges.jupiter),
            price_source=price_source,
            chain=chain,
            prover=ChainOrderProver(chain),
            submitter=submitter,
            signer=PolicySigner(edges.vault),
            vault=edges.vault,
            clock=clock,
            order_clock=order_clock,
            cards=functools.partial(ActionCards, sender),
            messenger=functools.partial(ChatMessenger, sender, clock=clock, order_clock=order_clock),
        ),
        assembly.Terms(
            admins=config.admin_users,
            preferences=Preferences(priority_fee_cap=config.priority_fee_cap, submit_via=config.submit_via),
            max_wallets=config.max_wallets,
            export_delay=config.export_delay,
            rps=config.jupiter_rps,
        ),
    )
    services = registry.Services(
        people=made.people,
        access=access,
        wallets=made.wallets,
        orders=made.orders,
        reports=made.reports,
        home=made.home,
        fill_log=made.fill_log,
        subjects=made.subjects,
        archive=made.archive,
        statements=made.statements,
        tokens=made.tokens,
        proposals=made.proposals,
        confirmations=made.confirmations,
        health=made.health,
        status=StatusBoard(
            wallets=made.wallets,
            polls=stores.polls,
            outbox=stores.outbox,
            troubles=stores.troubles,
            submitter=submitter,
            health=made.health,
            access=access,
        ),
        dialogs=stores.dialogs,
        inbox=stores.inbox,
        jobs=stores.jobs,
        clock=clock,
        order_clock=order_clock,
        submit_via=config.submit_via,
        painter=edges.painter,
        draw_qr=qr.draw_address,
        sandbox=config.order_clock == "chain",
    )
    return Program(
        lock=edges.lock,
        chat=ChatApp(edges.telegram, services, made.cards),
        actions=made.actions,
        confirmations=made.confirmations,
        polling=made.polling,
        delivery=made.delivery,
        watch=made.watch,
        sampling=Sampling(
            source=price_source,
            tape=tape,
            history=stores.prices,
            orders=stores.orders,
            clock=clock,
            order_clock=order_clock,
            rps=config.jupiter_rps,
        ),
        order_clock=order_clock,
    )
