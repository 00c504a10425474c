"""Cards: shown, confirmed, declined. The only place of the chat from which money moves."""

from collections.abc import Awaitable

from bot import errors, texts
from bot.chat import cards, markup, render
from bot.chat.context import Turn
from bot.services import proposals


async def offer(turn: Turn, proposing: Awaitable[proposals.Proposal]) -> None:
    """Show the card of a proposal as a fresh message.

    The card is sent, its message is bound to the confirmation, then its buttons appear: a tap can only
    come from the one message that says what is confirmed.
    """
    proposal = await proposing
    card = cards.build_proposal(proposal)
    token = proposal.confirmation.token
    message = await turn.send(card)
    await turn.services.confirmations.attach_message(token, message)
    await turn.edit(message, cards.with_buttons(card, token, proposal.intent))


async def confirm(turn: Turn) -> None:
    """Claim first, then answer: whoever comes second gets nothing."""
    try:
        action = await turn.services.confirmations.confirm(
            turn.user_id, turn.chat_id, turn.message_id, turn.callback.text(0)
        )
    except errors.ConfirmationExpired as exc:
        await turn.answer(exc.message, alert=True)
        return
    await turn.answer(texts.CONFIRM_TAKEN)
    await turn.cards.show_action(action)


async def decline(turn: Turn) -> None:
    if not await turn.services.confirmations.cancel(turn.user_id, turn.callback.text(0)):
        await turn.answer(texts.CONFIRM_GONE, alert=True)
        return
    await turn.answer()
    await turn.show(cards.build_declined(turn.screen_html))


async def gone(turn: Turn) -> None:
    """A button that no handler knows, or with arguments that make no sense."""
    await turn.answer(texts.STALE_BUTTON, alert=True)
    await turn.send(markup.screen([render.escape(texts.STALE_BUTTON)], [markup.button(texts.B_HOME, "home")]))
