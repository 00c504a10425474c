"""Runs the chat's durable timers: reveals exports, deletes messages."""

import asyncio
import logging
from datetime import timedelta

from bot import errors, ports, texts
from bot.chat import delivery, export_screens, markup, updates, wallet_screens
from bot.chat.context import persistently
from bot.chat.delivery import Sender
from bot.services import registry

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
PAUSE_AFTER_ERROR_S = 5.0
AGAIN = timedelta(seconds=10)
SHOWN_FOR = timedelta(seconds=60)
LISTENED_FOR = timedelta(seconds=30)
"""No key is shown before Telegram was heard for so long without a break: a Stop that was pressed while we, or
Telegram, were away has arrived by then."""
GIVE_UP_AFTER = timedelta(hours=47)
"""Telegram lets a bot delete messages younger than 48 hours."""


class JobRunner:
    def __init__(self, sender: Sender, services: registry.Services) -> None:
        self._sender = sender
        self._services = services

    async def run(self) -> None:
        """Forever."""
        while True:
            pause = LOOK_EVERY_S
            try:
                await self.run_once()
            except errors.BotError:
                log.exception("jobs wait")
                pause = PAUSE_AFTER_ERROR_S
            await asyncio.sleep(pause)

    async def run_once(self) -> None:
        """Do everything that is due, one after the other."""
        for job in await self._services.jobs.list_due(self._services.clock.now()):
            try:
                await self._do(job)
            except (errors.DeliveryDelayed, errors.DeliveryUnknown):
                await self._later(job)
            except errors.ChatGone:
                await self._services.jobs.finish(job.id)
                await self._services.people.lost(job.user_id)

    async def _do(self, job: ports.Job) -> None:
        match job.kind:
            case "delete":
                await self._delete(job)
            case "reveal" if "message_id" not in job.payload:
                await self._give_up(job)
            case "reveal" if self._would_have_heard():
                await self._reveal(job)
            case "reveal":
                await self._services.jobs.postpone(job.id, self._services.clock.now() + AGAIN)
            case _:
                log.error("job %s is of unknown kind", job.id)
                await self._services.jobs.finish(job.id)

    def _would_have_heard(self) -> bool:
        """Whether a Stop that the person pressed would have reached us."""
        now = self._services.clock.now()
        seen = (service for service in self._services.health.services() if service.name == updates.SERVICE)
        return any(service.ok and now - service.since >= LISTENED_FOR for service in seen)

    async def _later(self, job: ports.Job) -> None:
        if self._services.clock.now() - job.due_at > GIVE_UP_AFTER:
            await self._services.jobs.finish(job.id)
        else:
            await self._services.jobs.postpone(job.id, self._services.clock.now() + AGAIN)

    async def _delete(self, job: ports.Job) -> None:
        gone = await self._sender.delete(job.chat_id, int(job.payload["message_id"]))
        if not await self._services.jobs.finish(job.id) or gone:
            return
        log.warning("job %s: Telegram does not let a message be deleted", job.id)
        await self._sender.send(job.chat_id, markup.Screen(texts.DELETE_FAILED))

    async def _give_up(self, job: ports.Job) -> None:
        """An export that was never announced: a kill came first, and the tap was not handled again."""
        said = texts.EXPORT_UNANNOUNCED.format(wallet=await self._wallet(job))
        await self._sender.send(job.chat_id, markup.Screen(said))
        await self._services.jobs.finish(job.id)

    async def _reveal(self, job: ports.Job) -> None:
        """The message that will hold the key, and its deletion, exist before the key is opened."""
        coming = await self._sender.send(
            job.chat_id, delivery.plain_screen(texts.EXPORT_COMING), protect=True
        )
        due = self._services.clock.now() + SHOWN_FOR
        await self._services.wallets.schedule_delete(job.user_id, job.chat_id, coming, due)
        try:
            key = await self._services.wallets.unsafe_reveal(job)
        except errors.VaultError as exc:
            log.exception("job %s: the key cannot be opened", job.id)
            await self._services.jobs.finish(job.id)
            await self._sender.send(job.chat_id, delivery.plain_screen(exc.message))
            return
        if key is None:
            await self._sender.delete(job.chat_id, coming)
            return
        wallet = await self._wallet(job)
        screen = export_screens.build_key(wallet, key, SHOWN_FOR)
        try:
            await persistently(lambda: self._sender.edit(job.chat_id, coming, screen))
        except errors.DeliveryError:
            log.warning("job %s: the export could not be shown", job.id)
            await self._sender.send(job.chat_id, markup.Screen(texts.EXPORT_FAILED))
            return
        await self._close_announcement(job, wallet)

    async def _close_announcement(self, job: ports.Job, wallet: str) -> None:
        """Its Stop comes too late from now on; a Stop that stays behind says so when it is pressed."""
        screen = export_screens.build_shown(wallet, int(job.payload["wallet_id"]))
        try:
            await self._sender.edit(job.chat_id, int(job.payload["message_id"]), screen)
        except errors.DeliveryError as exc:
            log.info("job %s: its announcement keeps its button: %s", job.id, type(exc).__name__)

    async def _wallet(self, job: ports.Job) -> str:
        try:
            wallet = await self._services.wallets.get(job.user_id, int(job.payload["wallet_id"]))
        except (errors.BotError, KeyError, TypeError, ValueError):
            return texts.YOUR_WALLET
        return wallet_screens.name_of(wallet)
