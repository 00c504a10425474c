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
    async def meet(self, user_id: int, chat_id: int) -> ports.Person:
        """Record that this person is here; held notices of a returned person are released."""
        raise NotImplementedError

    async def find(self, user_id: int) -> ports.Person | None:
        raise NotImplementedError

    async def may_leave(self, user_id: int) -> bool:
        """Whether someone who may no longer use the bot still owns a wallet here (export, withdraw, cancel)."""
        raise NotImplementedError

    async def lost(self, user_id: int) -> None:
        """The chat is blocked or gone."""
        raise NotImplementedError
