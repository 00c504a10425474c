"""Confirmations: one-shot, per person, expiring. The only way from a proposal to an action."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from bot import errors, ports
from bot.domain import actions, intents

_LOG = logging.getLogger(__name__)

LIFETIME: Final = timedelta(minutes=2)
_TOKEN_BYTES: Final = 16
_EXPIRE_EVERY_S: Final = 5.0
_SHOW_FOR: Final = timedelta(hours=1)
"""How long a card that expired is tried to be shown so; its buttons do nothing in any case."""


class Confirmations:
    def __init__(
        self,
        *,
        transaction: ports.Transactions,
        store: ports.ConfirmationStore,
        actions: ports.ActionStore,
        cards: ports.Cards,
        clock: ports.Clock,
        wake: Callable[[], None],
        submit_via: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`wake` tells the worker of actions that there is one (Actions.wake)."""
        self._transaction = transaction
        self._store = store
        self._actions = actions
        self._cards = cards
        self._clock = clock
        self._wake = wake
        self._submit_via = submit_via
        self._sleep = sleep

    async def issue(
        self,
        user_id: int,
        chat_id: int,
        intent: intents.Intent,
        limits: intents.Limits,
        *,
        submit_via: str | None = None,
    ) -> ports.Confirmation:
        """Record a pending confirmation, valid for two minutes from now in real time.

        `submit_via` is the person's choice; None = the operator's.
        """
        confirmation = ports.Confirmation(
            token=secrets.token_urlsafe(_TOKEN_BYTES),
            user_id=user_id,
            chat_id=chat_id,
            message_id=None,
            intent=intent,
            limits=limits,
            submit_via=submit_via or self._submit_via,
            expires_at=self._clock.now() + LIFETIME,
        )
        await self._store.add(confirmation)
        return confirmation

    async def attach_message(self, token: str, message_id: int) -> None:
        """Bind the card. Call between sending the card and attaching its buttons."""
        await self._store.attach_message(token, message_id)

    async def confirm(self, user_id: int, chat_id: int, message_id: int, token: str) -> actions.Action:
        """Consume the confirmation and record the action, in one transaction; then work on it begins.

        Exactly one caller succeeds. Raises ConfirmationExpired for every other: used, expired, not yours.
        """
        now = self._clock.now()
        async with self._transaction():
            confirmation = await self._store.consume(token, user_id, chat_id, message_id, now)
            if confirmation is None:
                raise errors.ConfirmationExpired
            action = await self._actions.add(confirmation, now)
        self._wake()
        return action

    async def cancel(self, user_id: int, token: str) -> bool:
        """The person said no. False = it was no longer pending."""
        return await self._store.cancel(token, user_id)

    async def find_action(self, user_id: int, action_id: int) -> actions.Action | None:
        action = await self._actions.find(action_id)
        return action if action is not None and action.user_id == user_id else None

    async def list_unsettled(self, user_id: int) -> list[actions.Action]:
        """What this person confirmed and what is not settled yet, oldest first."""
        return [action for action in await self._actions.list_unsettled() if action.user_id == user_id]

    async def expire_once(self) -> int:
        """One turn: let the cards past their time say so. Returns how many are left to show.

        A confirmation stays pending until its card was seen to: a restart in between loses nothing.
        """
        now, left = self._clock.now(), 0
        for confirmation in await self._store.list_expired(now):
            try:
                if confirmation.message_id is not None:
                    await self._cards.show_expired(confirmation)
            except (errors.DeliveryDelayed, errors.DeliveryUnknown):
                if now - confirmation.expires_at < _SHOW_FOR:
                    left += 1
                    continue
            except errors.DeliveryError as exc:
                _LOG.debug("an expired card cannot be shown: %s", exc)
            await self._store.record_expired(confirmation.token)
        return left

    async def run(self) -> None:
        """Forever: expire old cards and let them say so."""
        while True:
            try:
                await self.expire_once()
            except Exception:  # noqa: BLE001 - top of a supervised loop
                _LOG.exception("expiring confirmations failed")
            await self._sleep(_EXPIRE_EVERY_S)
