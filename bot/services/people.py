"""People: who talks to the bot, whether they may, and how they want things done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot import errors, ports, texts
from bot.domain import amounts, quiet

ROUTES: Final = ("jupiter", "rpc")
"""Who hands a signed transaction to the network: Jupiter's `/execute`, or we do."""
_FEE_CAP = "priority_fee_cap"
_ROUTE = "submit_via"
_ZONE = "timezone"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use this bot."""

    open: bool
    allowed: frozenset[int]
    admins: frozenset[int]

    def may_use(self, user_id: int) -> bool:
        return self.open or user_id in self.allowed or user_id in self.admins


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How money is moved for somebody."""

    priority_fee_cap: int = 1_000_000
    """Lamports per transaction."""
    submit_via: str = ROUTES[0]


class People:
    def __init__(
        self,
        transaction: ports.Transactions,
        store: ports.PeopleStore,
        wallets: ports.WalletStore,
        outbox: ports.Outbox,
        *,
        clock: ports.Clock,
        operator: Preferences | None = None,
    ) -> None:
        """`operator`: what holds for people who chose nothing, and the highest fee cap for everybody."""
        self.operator = operator or Preferences()
        self._transaction = transaction
        self._store = store
        self._wallets = wallets
        self._outbox = outbox
        self._clock = clock

    async def meet(self, user_id: int, chat_id: int) -> ports.Person:
        """Record that this person is here; held notices of a returned person are released."""
        known = await self._store.find(user_id)
        if known is not None and not known.blocked and known.chat_id == chat_id:
            return known
        async with self._transaction():
            person = await self._store.record_seen(user_id, chat_id)
            await self._outbox.release(user_id)
        return person

    async def find(self, user_id: int) -> ports.Person | None:
        return await self._store.find(user_id)

    async def find_many(self, users: Collection[int]) -> dict[int, ports.Person]:
        return await self._store.find_many(users)

    async def may_leave(self, user_id: int) -> bool:
        """Whether someone who may no longer use the bot still owns a wallet here.

        They can still export, withdraw and cancel.
        """
        return any(wallet.owned for wallet in await self._wallets.list_of(user_id))

    async def lost(self, user_id: int) -> None:
        """The chat is blocked or gone: what is unsent is held until the person is back."""
        async with self._transaction():
            await self._store.record_blocked(user_id)
            await self._outbox.hold(user_id)

    # --- how they want it ---

    async def find_preferences(self, user_id: int) -> Preferences:
        person = await self._store.find(user_id)
        return self.preferences_of(person.settings if person else {})

    def preferences_of(self, settings: Mapping[str, Any]) -> Preferences:
        """What a person chose, as far as it makes sense and the operator's limit of today allows it."""
        cap, route = settings.get(_FEE_CAP), settings.get(_ROUTE)
        limit = self.operator.priority_fee_cap
        chosen = isinstance(cap, int) and not isinstance(cap, bool) and cap >= 0
        return Preferences(
            priority_fee_cap=min(int(cap or 0), limit) if chosen else limit,
            submit_via=route if route in ROUTES else self.operator.submit_via,
        )

    async def record_fee_cap(self, user_id: int, lamports: int) -> ports.Person:
        """Raises InvalidAmount above the operator's limit."""
        most = self.operator.priority_fee_cap
        if lamports > most:
            shown = amounts.format_amount(most, amounts.SOL_DECIMALS)
            raise errors.InvalidAmount(texts.FEE_ABOVE_OPERATORS.format(most=shown))
        return await self._record(user_id, {_FEE_CAP: lamports})

    async def record_route(self, user_id: int, route: str) -> ports.Person:
        """One of ROUTES. Raises ValueError for another."""
        if route not in ROUTES:
            raise ValueError(f"no way to submit: {route}")
        return await self._record(user_id, {_ROUTE: route})

    # --- when they want to be told ---

    def wishes_of(self, person: ports.Person) -> quiet.Wishes:
        return quiet.read(person.settings, person.timezone)

    async def record_timezone(self, user_id: int, name: str) -> ports.Person:
        """A name that the domain has understood; what is held back moves with it."""
        return await self._record_timing(user_id, {_ZONE: name})

    async def record_wishes(self, user_id: int, wishes: quiet.Wishes) -> ports.Person:
        """All but the zone. What is held back is held as it is wished from now on, or told at once.

        Raises InvalidInput for quiet hours that are no time or all of it.
        """
        if wishes.quiet is not None and not quiet.is_span(wishes.quiet):
            raise errors.InvalidInput(texts.QUIET_NO_SPAN)
        return await self._record_timing(user_id, quiet.write(wishes))

    async def find_planned(self, user_id: int) -> ports.Planned:
        """What is held back for this person."""
        return await self._outbox.find_planned(user_id)

    async def tell_planned(self, user_id: int) -> int:
        """Tell at once what is held back; how many that is."""
        now = self._clock.now()
        return await self._outbox.replan(user_id, now, now)

    async def _record_timing(self, user_id: int, changes: Mapping[str, Any]) -> ports.Person:
        async with self._transaction():
            person = await self._record(user_id, changes)
            now = self._clock.now()
            later = quiet.hold_until(self.wishes_of(person), now)
            await self._outbox.replan(user_id, now, later or now)
        return person

    async def _record(self, user_id: int, changes: Mapping[str, Any]) -> ports.Person:
        """Change these settings and leave the others; the person as known from now on."""
        async with self._transaction():
            person = await self._store.find(user_id)
            if person is None:
                raise errors.StorageError("There is nobody to keep these settings for.")
            await self._store.record_settings(user_id, {**person.settings, **changes})
            changed = await self._store.find(user_id)
        return changed or person
