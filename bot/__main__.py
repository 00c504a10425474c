"""`python -m bot` is `recurring-bot`."""

from bot import cli

if __name__ == "__main__":
    cli.main()
