"""From one update to one handler: who may, what is meant, what is secret, and what to say when it fails."""

import logging
import re
import secrets as random_source
from collections.abc import Mapping
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot import errors, ports, texts
from bot.chat import callbacks, delivery, markup, render, routes
from bot.chat.context import Turn, find_dialog, persistently
from bot.chat.doorway import Doorway
from bot.chat.handlers import confirm, start, wallets
from bot.chat.updates import Privacy
from bot.domain import addresses, secrets
from bot.services import registry

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+|\Z)")
LONGEST_ANSWER = 500


class Dispatcher:
    def __init__(self, services: registry.Services, sender: delivery.Sender, cards: ports.Cards) -> None:
        self._services = services
        self._sender = sender
        self._cards = cards
        self._doorway = Doorway(sender)

    # --- before anything is stored ---

    async def judge(self, update: Update, busy: bool) -> Privacy:
        """Whether an update may be stored. `busy`: something of this person is still in work."""
        message = update.message or update.edited_message
        if message is None or message.from_user is None:
            return Privacy.PLAIN
        text = _text(message)
        if secrets.looks_secret(text):
            return Privacy.SECRET
        if _COMMAND.match(text):
            return Privacy.PLAIN
        dialog = await self._services.dialogs.find(message.from_user.id)
        if dialog is not None and dialog.get("kind") == "import":
            return Privacy.SECRET
        return Privacy.IN_DOUBT if busy else Privacy.PLAIN

    # --- one update ---

    async def dispatch(self, update: Update) -> None:
        """Handle one update. Raises what the handler raised; see `explain`."""
        if update.my_chat_member is not None:
            await self._membership(update)
        elif update.callback_query is not None:
            await self._tap(update.callback_query)
        elif update.message is not None:
            await self._message(update.message)
        elif update.edited_message is not None and secrets.looks_secret(_text(update.edited_message)):
            await self._message(update.edited_message)

    async def _membership(self, update: Update) -> None:
        """Blocked or unblocked; nothing is said."""
        change = update.my_chat_member
        if change is None or change.chat.type != ChatType.PRIVATE:
            return
        if change.new_chat_member.status in {ChatMemberStatus.BANNED, ChatMemberStatus.LEFT}:
            await self._services.people.lost(change.from_user.id)
        elif await self._services.people.find(change.from_user.id):
            await self._services.people.meet(change.from_user.id, change.chat.id)

    async def _message(self, message: Message) -> None:
        user = message.from_user
        if user is None or user.is_bot:
            return
        text = _text(message)
        command = _COMMAND.match(text)
        if message.chat.type != ChatType.PRIVATE:
            if command or secrets.looks_secret(text):
                await self._doorway.refuse_group(
                    message.chat.id, delivery.plain_screen(texts.PRIVATE_CHAT_ONLY)
                )
            return
        deleted: bool | None = None
        if secrets.looks_secret(text):
            deleted = await self._delete(message)
        if not await self._may_come_in(user.id):
            said = texts.PRIVATE_BOT.format(user_id=user.id)
            await self._doorway.refuse_stranger(message.chat.id, markup.Screen(said))
            return
        turn = Turn(
            services=self._services,
            sender=self._sender,
            cards=self._cards,
            person=await self._person(user.id, message.chat.id),
            message_id=message.message_id,
            text=text,
        )
        if deleted is not None or not command:
            await self._answer(turn, message, deleted)
        else:
            turn.text = text[command.end() :].strip()
            await self._command(turn, command[1].casefold())

    async def _command(self, turn: Turn, name: str) -> None:
        route = routes.COMMANDS.get(name)
        if route is None or not route.keeps_dialog:
            await turn.end_dialog()
        if route is None:
            await turn.send(start.help_screen(texts.UNKNOWN_COMMAND))
        elif await self._allowed(turn, leaving=route.leaving):
            if len(turn.text) > LONGEST_ANSWER:
                await turn.send(start.help_screen(texts.LONG_TEXT))
            else:
                await route.handler(turn)

    async def _answer(self, turn: Turn, message: Message, deleted: bool | None) -> None:
        """Text that is no command: the answer to an open question, a secret, or a misunderstanding."""
        dialog = await find_dialog(self._services, turn.user_id)
        kind = dialog["kind"] if dialog else None
        if kind == "import":
            if await self._allowed(turn, leaving=False):
                gone = deleted if deleted is not None else await self._delete(message)
                await wallets.take_key(turn, deleted=gone)
        elif deleted is not None:
            fate = texts.KEY_DELETED if deleted else texts.KEY_NOT_DELETED
            await turn.send(markup.screen([texts.KEY_ANYWHERE, fate], [markup.button(texts.B_HOME, "home")]))
        elif message.text is None:
            await turn.send(start.help_screen(texts.NOT_TEXT))
        elif len(turn.text) > LONGEST_ANSWER:
            await turn.send(start.help_screen(texts.LONG_TEXT))
        elif dialog is not None and kind in routes.ANSWERS:
            if await self._allowed(turn, leaving=kind in routes.ANSWERS_LEAVING):
                await self._open_question(turn, dialog)
        else:
            await self._out_of_the_blue(turn)

    async def _open_question(self, turn: Turn, dialog: Mapping[str, Any]) -> None:
        try:
            await routes.ANSWERS[dialog["kind"]](turn, dialog)
        except errors.InvalidInput as exc:
            await self._ask_again(turn, exc)

    async def _ask_again(self, turn: Turn, refusal: errors.InvalidInput) -> None:
        """The question stays open."""
        lines = [f"⚠️ {render.sentence(refusal.message)}", texts.TRY_AGAIN]
        await turn.send(
            markup.screen(lines, [markup.button(texts.B_STOP, "stop"), markup.button(texts.B_HOME, "home")])
        )

    async def _out_of_the_blue(self, turn: Turn) -> None:
        text = turn.text.strip()
        if addresses.is_address(text):
            watch = markup.button(texts.B_WATCH_IT, "watchit", text, style=markup.Style.PRIMARY)
            lines = [texts.ADDRESS_PASTED]
            await turn.send(markup.screen(lines, [watch, markup.button(texts.B_HOME, "home")]))
        else:
            await turn.send(start.help_screen(texts.NOT_UNDERSTOOD))

    async def _tap(self, query: CallbackQuery) -> None:
        message, user = query.message, query.from_user
        if message is None or message.chat.type != ChatType.PRIVATE:
            await self._sender.answer(query.id, texts.PRIVATE_CHAT_ONLY, alert=True)
            return
        if not await self._may_come_in(user.id):
            await self._sender.answer(query.id, texts.PRIVATE_BOT_SHORT.format(user_id=user.id), alert=True)
            return
        wanted = callbacks.parse(query.data)
        turn = Turn(
            services=self._services,
            sender=self._sender,
            cards=self._cards,
            person=await self._person(user.id, message.chat.id),
            message_id=message.message_id,
            query_id=query.id,
            screen_html=message.text_html if isinstance(message, Message) and message.text else "",
            callback=wanted or callbacks.Callback(""),
        )
        route = routes.BUTTONS.get(turn.callback.verb)
        if route is None:
            await confirm.gone(turn)
            return
        if not route.answers:
            await turn.answer()
        if not await self._allowed(turn, leaving=route.leaving):
            return
        if not route.keeps_dialog and not route.answers:
            await turn.end_dialog()
        try:
            await route.handler(turn)
        except ValueError:
            log.info("a button with unusable arguments: %s", turn.callback.verb)
            await confirm.gone(turn)
        except errors.InvalidInput as exc:
            if not route.keeps_dialog:
                raise
            await self._ask_again(turn, exc)

    # --- who may ---

    async def _may_come_in(self, user_id: int) -> bool:
        return self._services.access.may_use(user_id) or await self._services.people.may_leave(user_id)

    async def _allowed(self, turn: Turn, *, leaving: bool) -> bool:
        """Whoever was removed from the list keeps the ways out, and is told so about the others."""
        if leaving or self._services.access.may_use(turn.user_id):
            return True
        await turn.send(markup.screen([texts.LEAVING_ONLY], [markup.button(texts.B_HOME, "home")]))
        return False

    async def _person(self, user_id: int, chat_id: int) -> ports.Person:
        known = await self._services.people.find(user_id)
        if known is None or known.blocked or known.chat_id != chat_id:
            return await self._services.people.meet(user_id, chat_id)
        return known

    async def _delete(self, message: Message) -> bool:
        try:
            return await self._sender.delete(message.chat.id, message.message_id)
        except errors.DeliveryError:
            log.warning("a message that may hold a secret could not be deleted")
            return False

    # --- when it fails ---

    async def explain(self, update: object, error: BaseException) -> None:
        """Say what happened and whether money moved; a short id leads from the message to the log."""
        where = update if isinstance(update, Update) else None
        chat = where.effective_chat if where else None
        user = where.effective_user if where else None
        if isinstance(error, errors.ChatGone):
            if user:
                await self._services.people.lost(user.id)
            return
        if isinstance(error, errors.DeliveryError):
            log.warning("an answer could not be delivered: %s", type(error).__name__)
            return
        lines = self._describe(where, error)
        if chat is None:
            return
        screen = markup.screen(lines, [markup.button(texts.B_HOME, "home")])
        try:
            if where and where.callback_query:
                await self._sender.answer(where.callback_query.id)
            await persistently(lambda: self._sender.send(chat.id, screen))
        except errors.DeliveryError as exc:
            log.warning("an explanation could not be delivered: %s", type(exc).__name__)

    def _describe(self, update: Update | None, error: BaseException) -> list[str]:
        if isinstance(error, errors.UserError):
            log.info("refused: %s", type(error).__name__)
            return [f"⚠️ {render.sentence(error.message)}"]
        error_id = random_source.token_hex(3)
        shown_id = texts.ERROR_ID.format(id=error_id)
        confirming = _is_confirm(update)
        if isinstance(error, errors.GatewayError) and not confirming:
            log.warning("error %s: %s: %s", error_id, type(error).__name__, error.message)
            unreadable = isinstance(error, errors.UnexpectedResponse)
            said = texts.UNREADABLE if unreadable else render.sentence(error.message)
            return [f"⚠️ {said}", texts.GATEWAY, shown_id]
        log.error("error %s", error_id, exc_info=error)
        if isinstance(error, errors.SigningError) and not confirming:
            return [f"🛑 {render.sentence(error.message)}", shown_id]
        if confirming:
            return [f"⚠️ {texts.UNEXPECTED_CONFIRM}", shown_id]
        said = texts.STORAGE if isinstance(error, errors.StorageError) else texts.UNEXPECTED
        return [f"⚠️ {said}", shown_id]

    async def too_fast(self, update: Update) -> None:
        """Told once per flood; nothing else is done for what was dropped."""
        chat = update.effective_chat
        try:
            if update.callback_query:
                await self._sender.answer(update.callback_query.id, texts.TOO_FAST, alert=True)
            elif chat is not None and chat.type == ChatType.PRIVATE:
                await self._sender.send(chat.id, delivery.plain_screen(texts.TOO_FAST))
        except errors.DeliveryError as exc:
            log.info("could not say that it is too fast: %s", type(exc).__name__)


def _text(message: Message) -> str:
    return message.text or message.caption or ""


def _is_confirm(update: Update | None) -> bool:
    wanted = callbacks.parse(update.callback_query.data) if update and update.callback_query else None
    return wanted is not None and wanted.verb == "ok"
