"""Confirmations: one-shot, per person, expiring. The only way from a proposal to an action."""

from bot.domain import actions


class Confirmations:
    async def attach_message(self, token: str, message_id: int) -> None:
        """Bind the card. Call between sending the card and attaching its buttons."""
        raise NotImplementedError

    async def confirm(self, user_id: int, chat_id: int, message_id: int, token: str) -> actions.Action:
        """Consume the confirmation and record the action, in one transaction; then work on it begins.

        Exactly one caller succeeds. Raises ConfirmationExpired for every other: used, expired, not yours.
        """
        raise NotImplementedError

    async def cancel(self, user_id: int, token: str) -> bool:
        """The person said no. False = it was no longer pending."""
        raise NotImplementedError

    async def find_action(self, user_id: int, action_id: int) -> actions.Action | None:
        raise NotImplementedError

    async def run(self) -> None:
        """Forever: expire old cards and let them say so."""
        raise NotImplementedError
