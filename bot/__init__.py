"""Recurring Bot: a Telegram bot for recurring (DCA) orders on Jupiter."""

__version__ = "0.1.0"
