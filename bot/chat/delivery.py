"""Sends, edits and deletes messages; the one place where Telegram's errors become ours."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot import errors
from bot.chat import markup, request
from bot.chat.limiter import Pace

Bot = ExtBot[Pace]

_NEVER_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
)
"""Names of httpx errors after which nothing can have left; by name, because httpx is not ours to import."""
_GONE = ("chat not found", "user is deactivated", "bot can't initiate conversation", "peer_id_invalid")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the DeliveryError family for everything that the library raises.

    BadRequest is a NetworkError there, so the order matters. Whatever may have been delivered is
    DeliveryUnknown: a read time-out, a broken answer, a 5xx.
    """
    try:
        yield
    except RetryAfter as exc:
        wait = timedelta(seconds=request.retry_after_s(exc))
        raise errors.DeliveryDelayed(retry_after=wait) from exc
    except Forbidden as exc:
        raise errors.ChatGone from exc
    except BadRequest as exc:
        if any(words in exc.message.casefold() for words in _GONE):
            raise errors.ChatGone from exc
        raise errors.DeliveryRejected(f"Telegram refuses this message: {exc.message}") from exc
    except ChatMigrated as exc:
        raise errors.ChatGone from exc
    except NetworkError as exc:
        if type(exc.__cause__).__name__ in _NEVER_SENT:
            raise errors.DeliveryDelayed from exc
        raise errors.DeliveryUnknown from exc
    except (InvalidToken, EndPointNotFound, Conflict) as exc:
        raise errors.DeliveryDelayed(retry_after=timedelta(seconds=30)) from exc
    except TelegramError as exc:
        raise errors.DeliveryUnknown from exc


class Sender:
    """The calls of the Bot API that this bot makes, in terms of screens."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(
        self,
        chat_id: int,
        screen: markup.Screen,
        *,
        pace: Pace = Pace.REPLY,
        protect: bool = False,
        silent: bool = False,
    ) -> int:
        """Send a fresh message and return its id; markup that Telegram refuses goes out as plain text, once.

        A silent one arrives without a sound. Raises the DeliveryError family.
        """
        try:
            return await self._send(chat_id, screen.html, ParseMode.HTML, screen, pace, protect, silent)
        except errors.DeliveryRejected:
            return await self._send(chat_id, markup.plain(screen.html), None, screen, pace, protect, silent)

    async def _send(
        self,
        chat_id: int,
        text: str,
        mode: ParseMode | None,
        screen: markup.Screen,
        pace: Pace,
        protect: bool,
        silent: bool,
    ) -> int:
        with translated():
            message = await self._bot.send_message(
                chat_id,
                text,
                parse_mode=mode,
                reply_markup=keyboard(screen),
                link_preview_options=_NO_PREVIEW,
                protect_content=protect,
                disable_notification=silent or None,
                rate_limit_args=pace,
            )
        return message.message_id

    async def send_file(
        self, chat_id: int, attachment: markup.Attachment, caption: markup.Screen, *, pace: Pace = Pace.REPLY
    ) -> int:
        """Send a picture or a file with its caption and buttons; returns the message's id.

        Raises the DeliveryError family.
        """
        try:
            return await self._send_file(chat_id, attachment, caption.html, ParseMode.HTML, caption, pace)
        except errors.DeliveryRejected:
            words = markup.plain(caption.html)[: markup.CAPTION_LIMIT]
            return await self._send_file(chat_id, attachment, words, None, caption, pace)

    async def _send_file(
        self,
        chat_id: int,
        attachment: markup.Attachment,
        text: str,
        mode: ParseMode | None,
        screen: markup.Screen,
        pace: Pace,
    ) -> int:
        with translated():
            if attachment.picture:
                message = await self._bot.send_photo(
                    chat_id,
                    attachment.content,
                    caption=text,
                    filename=attachment.name,
                    parse_mode=mode,
                    reply_markup=keyboard(screen),
                    rate_limit_args=pace,
                )
            else:
                message = await self._bot.send_document(
                    chat_id,
                    attachment.content,
                    caption=text,
                    filename=attachment.name,
                    parse_mode=mode,
                    reply_markup=keyboard(screen),
                    rate_limit_args=pace,
                )
        return message.message_id

    async def edit(
        self, chat_id: int, message_id: int, screen: markup.Screen, *, pace: Pace = Pace.REPLY
    ) -> None:
        """Replace a message of ours; repeating it is harmless. Raises the DeliveryError family."""
        try:
            await self._edit(chat_id, message_id, screen.html, ParseMode.HTML, screen, pace)
        except errors.DeliveryRejected as exc:
            if "not found" in exc.message or "can't be edited" in exc.message:
                raise
            await self._edit(chat_id, message_id, markup.plain(screen.html), None, screen, pace)

    async def _edit(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        mode: ParseMode | None,
        screen: markup.Screen,
        pace: Pace,
    ) -> None:
        try:
            with translated():
                await self._bot.edit_message_text(
                    text,
                    chat_id=chat_id,
                    message_id=message_id,
                    parse_mode=mode,
                    reply_markup=keyboard(screen),
                    link_preview_options=_NO_PREVIEW,
                    rate_limit_args=pace,
                )
        except errors.DeliveryRejected as exc:
            if "is not modified" not in exc.message:
                raise

    async def delete(self, chat_id: int, message_id: int) -> bool:
        """Whether the message is gone now. Raises DeliveryDelayed and DeliveryUnknown: try again."""
        try:
            with translated():
                await self._bot.delete_message(chat_id, message_id)
        except errors.DeliveryRejected as exc:
            return "to delete not found" in exc.message
        except errors.ChatGone:
            return False
        return True

    async def show_uploading(self, chat_id: int) -> None:
        """Show for a few seconds that a picture is on its way; that this is lost matters to nobody."""
        try:
            with translated():
                await self._bot.send_chat_action(chat_id, ChatAction.UPLOAD_PHOTO)
        except errors.DeliveryError:
            return

    async def answer(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Stop the button's spinner; that it is too late for it, or lost, matters to nobody."""
        try:
            with translated():
                await self._bot.answer_callback_query(query_id, text[:200] or None, show_alert=alert)
        except errors.DeliveryError:
            return


def keyboard(screen: markup.Screen) -> InlineKeyboardMarkup | None:
    if not screen.keyboard:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in screen.keyboard])


def _button(button: markup.Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        button.label,
        url=button.url or None,
        callback_data=button.data or None,
        copy_text=CopyTextButton(button.copy) if button.copy else None,
        style=button.style.value if button.style else None,
    )


def plain_screen(text: str) -> markup.Screen:
    """A sentence as a screen of its own."""
    return markup.Screen(html.escape(text, quote=False))
