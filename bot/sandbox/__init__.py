"""Local stand-ins for Telegram, Jupiter and Solana, in a process of their own."""
