"""A strict stand-in for Telegram: Bot API server, the people who use the bot, and a chat page.

Strict where Telegram is (limits, words of refusals, broken HTML, expired taps), or it would prove nothing.
"""

from bot.sandbox.telegram.people import Impossible, Tap
from bot.sandbox.telegram.standin import Telegram

__all__ = ["Impossible", "Tap", "Telegram"]
