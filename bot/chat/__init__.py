"""The Telegram chat; the only importer of `telegram`."""
