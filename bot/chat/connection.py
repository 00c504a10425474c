"""The bot's connection to the Bot API: opened first, because the services' messages leave through it."""

from types import TracebackType
from typing import Self

from telegram.error import EndPointNotFound, InvalidToken
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot import errors
from bot.chat.delivery import Bot, Sender, translated
from bot.chat.limiter import IN_FLIGHT, ChatLimiter
from bot.chat.request import ChatRequest
from bot.chat.updates import BAD_TOKEN

READ_S = 20.0
CONNECT_S = 10.0


class BotConnection:
    """Opening it talks to nobody, so that the bot can start while Telegram is down."""

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        request: BaseRequest | None = None,
        updates_request: BaseRequest | None = None,
    ) -> None:
        root = api_url.rstrip("/")
        self._request = request or build_request(IN_FLIGHT + 2)
        self._updates_request = updates_request or build_request(2)
        self.bot: Bot = ExtBot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._request,
            get_updates_request=self._updates_request,
            rate_limiter=ChatLimiter(),
        )
        self.sender = Sender(self.bot)

    async def fetch_name(self) -> str:
        """What this bot is called. Raises ConfigurationError (a refused token), the DeliveryError family."""
        with translated():
            try:
                me = await self.bot.get_me()
            except (InvalidToken, EndPointNotFound):
                # The library's text quotes the token.
                raise errors.ConfigurationError(BAD_TOKEN) from None
        return me.name

    async def reconnect_updates(self) -> None:
        """Drop the connections that updates come through: they may be half open."""
        await self._updates_request.shutdown()
        await self._updates_request.initialize()

    async def __aenter__(self) -> Self:
        await self._request.initialize()
        await self._updates_request.initialize()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._request.shutdown()
        await self._updates_request.shutdown()


def build_request(connections: int) -> BaseRequest:
    return ChatRequest(
        connection_pool_size=connections,
        read_timeout=READ_S,
        write_timeout=READ_S,
        connect_timeout=CONNECT_S,
        pool_timeout=CONNECT_S,
    )
