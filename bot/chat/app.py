"""The chat as one thing to run: the library's Application around our own loop, processor and limiter."""

import asyncio
import logging
from typing import Any, cast

from telegram import BotCommand, Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, CallbackContext, TypeHandler

from bot import ports, texts
from bot.chat import routes
from bot.chat.connection import BotConnection
from bot.chat.delivery import Bot
from bot.chat.dispatch import Dispatcher
from bot.chat.jobs import JobRunner
from bot.chat.processor import FairProcessor
from bot.chat.updates import Privacy, UpdateLoop
from bot.services import registry

log = logging.getLogger(__name__)

Facts = dict[Any, Any]
Context = CallbackContext[Bot, Facts, Facts, Facts]
App = Application[Bot, Context, Facts, Facts, Facts, None]


def build_application(bot: Bot, processor: FairProcessor, dispatcher: Dispatcher) -> App:
    """The Application without updater, job queue and persistence, which are ours.

    One handler takes every update to the routes; one error handler explains whatever is raised there.
    """
    builder = ApplicationBuilder().bot(bot).concurrent_updates(processor).updater(None).job_queue(None)
    # The builder's types forget what the bot's rate limiter takes.
    application = cast("App", builder.build())

    async def dispatch(update: Update, _: Context) -> None:
        await dispatcher.dispatch(update)

    async def explain(update: object, context: Context) -> None:
        if context.error is not None:
            await dispatcher.explain(update, context.error)

    application.add_handler(TypeHandler(Update, dispatch))
    application.add_error_handler(explain)
    return application


class ChatApp:
    """Everything that the chat does by itself: `await ChatApp(…).run()`, until `stop()`."""

    def __init__(self, connection: BotConnection, services: registry.Services, cards: ports.Cards) -> None:
        self._bot = connection.bot
        self._dispatcher = Dispatcher(services, connection.sender, cards)
        self._processor = FairProcessor(self._dispatcher.too_fast)
        self.application = build_application(self._bot, self._processor, self._dispatcher)
        self._jobs = JobRunner(connection.sender, services)
        self.updates = UpdateLoop(
            self._bot,
            services.inbox,
            services.health,
            prepare=self._prepare,
            handle=self._handle,
            judge=self._dispatcher.judge,
            reconnect=connection.reconnect_updates,
        )

    async def run(self) -> None:
        """Until stop(). Telegram being down is waited for.

        Raises a group with ConfigurationError: the token is refused, or another program uses it.
        """
        async with asyncio.TaskGroup() as group:
            jobs = group.create_task(self._jobs.run())
            await self.updates.run()
            jobs.cancel()

    def stop(self) -> None:
        """Take no more updates; `run` returns when those in work are done, or after 20 seconds."""
        self.updates.stop()

    async def _prepare(self) -> None:
        await self.application.initialize()
        await self._bot.delete_webhook()
        await self._bot.set_my_commands(
            [BotCommand(name, says) for name, says in texts.COMMAND_MENU.items() if name in routes.COMMANDS]
        )
        await self._describe()

    async def _describe(self) -> None:
        """What an empty chat shows. Worth no failure at start, and Telegram allows few changes a day."""
        try:
            if (await self._bot.get_my_description()).description != texts.DESCRIPTION:
                await self._bot.set_my_description(texts.DESCRIPTION)
        except TelegramError as exc:
            log.info("the description was not set: %s", type(exc).__name__)

    async def _handle(self, update: Update, privacy: Privacy) -> None:
        work = self.application.process_update(update)
        user = update.effective_user
        if privacy is Privacy.SECRET and user is not None:
            await self._processor.process_first(user.id, work)
        else:
            await self._processor.process_update(update, work)
