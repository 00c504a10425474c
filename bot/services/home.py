"""What a person finds when they come in: what needs them, what they hold, and what happens next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot import ports
from bot.domain import actions, costs, funding, orders, wallets
from bot.services.balances import Balances
from bot.services.confirmations import Confirmations
from bot.services.orders import Orders, OrderSummary
from bot.services.wallets import Wallets

SHOWN: Final = 5
"""Wallets that are looked at; what is known of the others is shown as it was last seen."""
LEAST_LAMPORTS: Final = costs.TOKEN_ACCOUNT_RENT
"""With less than this many a wallet cannot be counted on to pay fees and rents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What a person should know first; nothing is listed that they can do nothing about."""

    exports: Sequence[tuple[wallets.Wallet, ports.Job]] = ()
    """Keys that will be shown, and can still be stopped."""
    unsettled: Sequence[actions.Action] = ()
    """Confirmed, and not known yet how they end; oldest first."""
    low: Sequence[OrderSummary] = ()
    """Price orders that hold less than their next buy takes."""
    overdue: Sequence[OrderSummary] = ()
    """Orders whose fill did not come, unless their price range may be why."""
    no_sol: Sequence[wallets.Wallet] = ()
    """Owned wallets that could not pay a fee when they were last looked at."""
    broken: int = 0
    """Wallets that cannot be opened."""

    def __bool__(self) -> bool:
        return bool(self.exports or self.unsettled or self.low or self.overdue or self.no_sol or self.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    wallets: Sequence[wallets.Wallet]
    """The default first, then oldest first."""
    balances: Mapping[int, Balances]
    """By wallet id, as far as known."""
    active: int
    next_fill: OrderSummary | None
    attention: Attention


class HomeBoard:
    def __init__(
        self, *, wallets: Wallets, orders: Orders, confirmations: Confirmations, order_clock: ports.Clock
    ) -> None:
        self._wallets = wallets
        self._orders = orders
        self._confirmations = confirmations
        self._order_clock = order_clock

    async def look(self, user_id: int) -> Home:
        """Orders from what is known; balances are looked at for a moment at most. Raises StorageError."""
        mine = sorted(await self._wallets.list_of(user_id), key=lambda wallet: not wallet.default)
        known = await self._orders.list_of(user_id, orders.Status.ACTIVE, fresh=False)
        await self._wallets.glance(mine[:SHOWN])
        balances = {wallet.id: seen for wallet in mine if (seen := self._wallets.find_balances(wallet))}
        overdue = {view.number for view in known.items if self._is_overdue(view)}
        coming = [view for view in known.items if view.next_fill_at and view.number not in overdue]
        return Home(
            wallets=mine,
            balances=balances,
            active=known.total,
            next_fill=min(coming, key=lambda view: view.next_fill_at or view.order.created_at, default=None),
            attention=Attention(
                exports=await self._exports(user_id, mine),
                unsettled=await self._confirmations.list_unsettled(user_id),
                low=[view for view in known.items if _is_low(view)],
                overdue=[view for view in known.items if view.number in overdue and not _has_range(view)],
                no_sol=[wallet for wallet in mine if _lacks_sol(wallet, balances.get(wallet.id))],
                broken=len(await self._wallets.list_broken(user_id)),
            ),
        )

    async def _exports(
        self, user_id: int, mine: Sequence[wallets.Wallet]
    ) -> list[tuple[wallets.Wallet, ports.Job]]:
        by_id = {wallet.id: wallet for wallet in mine}
        announced = [(job.payload["wallet_id"], job) for job in await self._wallets.list_exports(user_id)]
        return [(by_id[wallet_id], job) for wallet_id, job in announced if wallet_id in by_id]

    def _is_overdue(self, view: OrderSummary) -> bool:
        last = view.last_fill.confirmed_at if view.last_fill else None
        return orders.overdue_since(view.order, last, self._order_clock.now()) is not None


def _is_low(view: OrderSummary) -> bool:
    last = view.last_fill.in_raw if view.last_fill else None
    return funding.is_low(view.order, funding.next_cycle_raw(view.order, None, None, last))


def _has_range(view: OrderSummary) -> bool:
    return bool(view.order.min_out_raw or view.order.max_out_raw)


def _lacks_sol(wallet: wallets.Wallet, seen: Balances | None) -> bool:
    return wallet.owned and seen is not None and seen.lamports < LEAST_LAMPORTS
