"""How things stand: when each wallet was last looked at, who answers, and what waits to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot import errors, ports
from bot.domain import wallets
from bot.ports import Outgoing
from bot.services import patience
from bot.services.health import JUPITER, SOLANA, TELEGRAM, UPDATES, Health, ServiceHealth
from bot.services.people import Access
from bot.services.wallets import Wallets

SERVICES: Final = (JUPITER, SOLANA, TELEGRAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletLook:
    wallet: wallets.Wallet
    last_ok_at: datetime | None
    """Real time of the last look that succeeded; None = there was none yet."""
    failures: int
    """Looks that failed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    wallets: Sequence[WalletLook]
    services: Mapping[str, ServiceHealth | None]
    """By name; None = nobody had a reason to ask it yet."""
    unsent: int = 0
    """Notices to this person that wait."""
    queue: Mapping[Outgoing, int] | None
    """Everybody's notices by state; for admins only."""
    troubles: Sequence[ports.Trouble] | None = None
    """What is known to be wrong, oldest first; for admins only."""


class StatusBoard:
    def __init__(
        self,
        *,
        wallets: Wallets,
        polls: ports.PollStore,
        outbox: ports.Outbox,
        troubles: ports.TroubleStore,
        submitter: ports.Submitter,
        health: Health,
        access: Access,
    ) -> None:
        self._wallets = wallets
        self._polls = polls
        self._outbox = outbox
        self._troubles = troubles
        self._submitter = submitter
        self._health = health
        self._access = access

    async def look(self, user_id: int) -> Status:
        """What this person may know. Asks the node whether it is there; its silence is no error."""
        await self._ask_node()
        looks = []
        for wallet in await self._wallets.list_of(user_id):
            target = await self._polls.find(wallet.pubkey)
            looks.append(
                WalletLook(
                    wallet=wallet,
                    last_ok_at=target.last_ok_at if target else None,
                    failures=target.failures if target else 0,
                )
            )
        is_admin = user_id in self._access.admins
        return Status(
            wallets=looks,
            services=self._services(),
            unsent=await self._outbox.count_unsent(user_id),
            queue=await self._outbox.counts() if is_admin else None,
            troubles=await self._troubles.list_open() if is_admin else None,
        )

    def _services(self) -> dict[str, ServiceHealth | None]:
        known = {service.name: service for service in self._health.services()}
        # Telegram is two things that can break one without the other; people care for the whole.
        halves = [known[name] for name in (TELEGRAM, UPDATES) if name in known]
        telegram = min(halves, key=lambda half: half.ok, default=None)
        return {name: telegram if name == TELEGRAM else known.get(name) for name in SERVICES}

    async def _ask_node(self) -> None:
        """The others are asked all the time by what runs anyway."""
        try:
            await patience.within(patience.EXTRA_S, SOLANA, self._submitter.fetch_finalized())
        except errors.GatewayError as exc:
            self._health.record(SOLANA, ok=False, detail=exc.message)
        else:
            self._health.record(SOLANA, ok=True)
