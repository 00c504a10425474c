"""People: who talks to the bot, whether they may, and how they want to be told."""

from dataclasses import dataclass

from bot import ports


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use this bot."""

    open: bool
    allowed: frozenset[int]
    admins: frozenset[int]

    def may_use(self, user_id: int) -> bool:
        return self.open or user_id in self.allowed or user_id in self.admins


class People:
    def __init__(
        self,
        transaction: ports.Transactions,
        store: ports.PeopleStore,
        wallets: ports.WalletStore,
        outbox: ports.Outbox,
    ) -> None:
        self._transaction = transaction
        self._store = store
        self._wallets = wallets
        self._outbox = outbox

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
