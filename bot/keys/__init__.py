"""The only code that ever holds a private key."""
