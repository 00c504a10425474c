"""What commands cost who has three wallets, 45 orders and 2,000 fills, beside somebody who has just begun."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks import busy, desk
from tests.benchmarks.figures import Figure

PROMISED_MS: Final = 300
MOST_STATEMENTS: Final = 100
"""That any command or button may take: what does not depend on how busy the machine is."""
COMMANDS: Final = (
    "/start",
    "/orders",
    "/orders history",
    "/orders 2",
    "/orders usdc",
    "/fills",
    "/fills 2",
    "/export 2",
    "/export all",
    "/deposit",
    "/withdraw",
    "/cancel",
    "/wallet",
    "/status",
    "/settings",
    "/new",
    "/send",
    "/help",
)
_REPEATS: Final = 5


def at_size(seed: int) -> Iterator[Figure]:
    """Promised: every command under 300 ms of our own time. CPU, from the update to the last answer."""
    ours, fresh = (asyncio.run(_costs(seed, size)) for size in (busy.BUSY, busy.NEW))
    for command in COMMANDS:
        yield Figure(
            f"at_size/{command[1:].replace(' ', '_')}",
            ours[command] * 1e3,
            "ms of CPU",
            fresh[command] * 1e3,
            "1 wallet, 3 orders, 6 fills",
        )


async def _costs(seed: int, size: busy.Size) -> dict[str, float]:
    """CPU seconds of each command, the median of a few."""
    with tempfile.TemporaryDirectory() as name:
        async with desk.open_desk(Path(name), seed, size) as of:
            return {
                command: median([(await of.write(command)).cpu_s for _ in range(_REPEATS)])
                for command in COMMANDS
            }
