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
    """Promised: every command answers within 300 ms of our own time. CPU, from the update to the last answer;
    of what sends files, also to the first, which says that they come."""
    ours, fresh = (asyncio.run(_costs(seed, size)) for size in (busy.BUSY, busy.NEW))
    for name, cost in ours.items():
        yield Figure(
            f"at_size/{name}", cost * 1e3, "ms of CPU", fresh[name] * 1e3, "1 wallet, 3 orders, 6 fills"
        )


async def _costs(seed: int, size: busy.Size) -> dict[str, float]:
    """CPU seconds by what was measured, the median of a few."""
    with tempfile.TemporaryDirectory() as name:
        async with desk.open_desk(Path(name), seed, size) as of:
            costs = {}
            for command in COMMANDS:
                steps = [await of.write(command) for _ in range(_REPEATS)]
                name = command[1:].replace(" ", "_")
                costs[name] = median(step.cpu_s for step in steps)
                if command.startswith("/export"):
                    costs[f"{name}_first_answer"] = median(step.first_s for step in steps)
            return costs
