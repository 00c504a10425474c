"""Confirmed actions, from the tap to their end: the only way by which money moves.

Every step is committed before the next side effect, and every unsettled action is taken up again at start:
so an action happens once or not at all, and its card says which.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot import errors, ports
from bot.domain import actions, intents, orders
from bot.domain.actions import State
from bot.ports import Priority
from bot.services.crafting import Crafting
from bot.services.operators import Operators
from bot.services.settling import Settling
from bot.services.sync import Sync
from bot.services.tokens import Tokens
from bot.services.upkeep import Upkeep

_LOG = logging.getLogger(__name__)

_AT_ONCE: Final = 8
"""Steps at once; an action that waits between two steps takes no place."""
_DRAIN_LOOK_S: Final = 0.1
_IDLE_S: Final = 5.0
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_LOOK_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 15.0
_FOLLOW_S: Final = (0.0, 2.0, 4.0, 8.0, 15.0)
"""Jupiter's list lags behind the chain: pauses before looks for what has just landed."""


class Actions:
    def __init__(
        self,
        *,
        store: ports.ActionStore,
        wallets: ports.WalletStore,
        orders: ports.OrderStore,
        chain: ports.Chain,
        gateway: ports.OrderGateway,
        submitter: ports.Submitter,
        signer: ports.Signer,
        cards: ports.Cards,
        tokens: Tokens,
        sync: Sync,
        operators: Operators,
        clock: ports.Clock,
        order_clock: ports.Clock,
        fee_limit: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._orders = orders
        self._sync = sync
        self._sleep = sleep
        self._crafting = Crafting(
            store=store,
            wallets=wallets,
            chain=chain,
            gateway=gateway,
            submitter=submitter,
            signer=signer,
            tokens=tokens,
            operators=operators,
            clock=clock,
            order_clock=order_clock,
            fee_limit=fee_limit,
        )
        self._settling = Settling(store=store, gateway=gateway, submitter=submitter, clock=clock)
        self._upkeep = Upkeep(cards=cards, store=store, clock=clock, sleep=sleep)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._wanted = asyncio.Event()
        self._busy: set[int] = set()

    def wake(self) -> None:
        """There is a new action to work on."""
        self._wanted.set()

    async def run(self) -> None:
        """Forever: work on whatever is unsettled, and keep the cards true."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._upkeep.run())
            while True:
                self._wanted.clear()
                try:
                    for action in await self._store.list_unsettled():
                        if action.id not in self._busy:
                            self._busy.add(action.id)
                            tasks.create_task(self._own(action))
                    await self._upkeep.show_unshown()
                except errors.StorageError:
                    _LOG.exception("the actions could not be listed")
                try:
                    async with asyncio.timeout(_IDLE_S):
                        await self._wanted.wait()
                except TimeoutError:
                    pass

    async def drain(self) -> None:
        """Until nothing is in work and every card shows its end. The caller bounds the wait."""
        while self._wanted.is_set() or self._busy or await self._store.list_unshown():
            await self._sleep(_DRAIN_LOOK_S)

    async def settle_once(self) -> int:
        """One turn: work on everything unsettled to its end, then show every card that does not show its end.

        Returns how many actions there were.
        """
        unsettled = [action for action in await self._store.list_unsettled() if action.id not in self._busy]
        for action in unsettled:
            await self._own(action)
        await self._upkeep.show_unshown()
        await self._upkeep.show_once()
        return len(unsettled)

    async def work(self, action: actions.Action) -> actions.Action:
        """Take an action to its end, however long the outside world takes. Durable step by step.

        Raises StorageError when the database fails: what was recorded is the truth to go on from.
        """
        self._upkeep.show_soon(action)
        failures = looks = 0
        while not action.final:
            try:
                async with self._slots:
                    after = await self._step(action)
            except (errors.GatewayUnavailable, errors.UnexpectedResponse) as exc:
                failures += 1
                _LOG.info("action %d waits: %s", action.id, exc)
                await self._sleep(_pause_s(failures, exc))
                continue
            failures = 0
            if after.state is not action.state:
                self._upkeep.show_soon(after)
            elif not after.final:
                looks += 1
                await self._sleep(min(_LONGEST_LOOK_S, _FIRST_PAUSE_S * looks))
            action = after
        return action

    async def _step(self, action: actions.Action) -> actions.Action:
        if action.state in {State.CONFIRMED, State.CRAFTED}:
            return await self._crafting.step(action)
        return await self._settling.step(action)

    async def _own(self, action: actions.Action) -> None:
        """Top of one action's task: whatever goes wrong here leaves the action to the next turn."""
        self._busy.add(action.id)
        try:
            settled = await self.work(action)
        except Exception:  # noqa: BLE001 - top of a supervised task; the next turn goes on from what is stored
            _LOG.exception("action %d is left for the next turn", action.id)
            await self._sleep(_IDLE_S)
            return
        finally:
            self._busy.discard(action.id)
        try:
            await self._follow(settled)
        except Exception:  # noqa: BLE001 - top of a supervised task; the action itself is settled
            _LOG.exception("the orders after action %d could not be read", action.id)

    async def _follow(self, action: actions.Action) -> None:
        """After it landed: look at the wallet's orders until they show it, so that screens do, too."""
        intent = action.intent
        if action.state is not State.LANDED or isinstance(intent, intents.Send | intents.Unwrap):
            return
        key = intents.order_of(intent) or (action.signed.order if action.signed else None) or ""
        before = await self._orders.find(intent.user, key)
        for pause_s in _FOLLOW_S:
            if pause_s:
                await self._sleep(pause_s)
            try:
                await self._sync.refresh(intent.user, priority=Priority.PERSON)
            except errors.GatewayError as exc:
                _LOG.debug("orders after action %d: %s", action.id, exc)
                continue
            if _shows(intent, before, await self._orders.find(intent.user, key)):
                return


def _shows(intent: intents.Intent, before: orders.Order | None, after: orders.Order | None) -> bool:
    """Whether the order as listed now has seen what landed."""
    if after is None:
        return False
    if isinstance(intent, intents.CreateOrder):
        return True
    if isinstance(intent, intents.CancelOrder):
        return not after.active
    moved = (after.in_deposited_raw, after.in_withdrawn_raw, after.out_withdrawn_raw)
    return before is None or moved != (
        before.in_deposited_raw,
        before.in_withdrawn_raw,
        before.out_withdrawn_raw,
    )


def _pause_s(failures: int, exc: errors.GatewayError) -> float:
    pause: float = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(failures, 10))
    if isinstance(exc, errors.RateLimited) and exc.retry_after is not None:
        return max(pause, min(_LONGEST_PAUSE_S, exc.retry_after.total_seconds()))
    return pause
