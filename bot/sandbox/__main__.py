"""`python -m bot.sandbox`: the stand-ins alone. `recurring-bot sandbox` starts them together with the bot."""

import asyncio
import socket
from pathlib import Path
from typing import Annotated

import typer

from bot.sandbox import address, server
from bot.sandbox.slots import SECONDS_PER_SLOT


def main(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 = any.")] = 8080,
    speed: Annotated[float, typer.Option(min=0.0, help="Seconds of order time in a second.")] = 10.0,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="New wallets start empty.")] = False,
    seed: Annotated[str | None, typer.Option(help="For a market that repeats itself.")] = None,
    slot: Annotated[
        float, typer.Option(min=0.01, help="Seconds of a slot: what is not sent lapses after 150.")
    ] = SECONDS_PER_SLOT,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
    listener: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve stand-ins for Telegram, Jupiter and Solana. No real money, and no place for a real key."""
    try:
        given = address.bind(port) if listener is None else socket.socket(fileno=listener)
    except address.PortTaken as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from None
    host, actual = given.getsockname()[:2]
    typer.echo(f"Stand-ins: http://{host}:{actual}")
    asyncio.run(
        server.serve(given, speed=speed, data=data, welcome=not plain, seed=seed, parent=parent, slot_s=slot)
    )


if __name__ == "__main__":
    typer.run(main)
