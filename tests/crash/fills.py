"""The crash test of fills: orders fill, the bot is killed again and again; then it is counted who was told.

python -m tests.crash fills --fills 1500 --seed 1
"""

import asyncio
import itertools
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot import storage
from tests import harness
from tests.crash import telling, world
from tests.crash.market import Market

_FIRST: Final = 9000
LONGEST_LIFE_S: Final = 1.0
"""From the bot's first call for updates to `kill -9`; as long as it took to start, on a slower machine."""
_IN_START: Final = 0.2
"""Share of the kills that do not wait for that call."""
SETTLE_S: Final = 120.0

FAULTS: Final[tuple[dict[str, Any], ...]] = tuple(
    {"target": target, "match": match, "kind": kind, "probability": probability, "seconds": 0.4}
    for target, match in (("jupiter", ""), ("telegram", "sendMessage"))
    for kind, probability in (
        ("drop", 0.05),
        ("lost", 0.07),
        ("error", 0.05),
        ("error_after", 0.07),
        ("malformed", 0.05),
        ("rate_limit", 0.01),
        ("slow", 0.15),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    kills: int
    faults: int
    """Calls that were hit by one."""
    count: telling.Count

    @property
    def flawless(self) -> bool:
        return self.count.flawless


def run(folder: Path, *, fills: int, seed: int, wallets: int = 24, crowd: int = 20) -> Outcome:
    """One whole run, some 8 fills a second. Raises AssertionError when it cannot even be carried out."""
    port, dice, born_at = harness.free_port(), random.Random(seed), time.time()
    market = Market(seed, wallets, born_at)
    module = ["tests.crash.standins", *map(str, (port, seed, wallets, born_at))]
    with world.among(folder, port, module, ORDER_CLOCK="system", JUPITER_RPS="20") as made:
        people = [made.box.chat(_FIRST + place) for place in range(crowd)]
        for place, wallet in enumerate(market.wallets):
            # Every third address is watched by two.
            for person in {place, place + 1} if place % 3 == 0 else {place}:
                people[person % crowd].ask(f"/watch {wallet}", timeout=60)
        epoch = time.time()
        market.begin(fills, epoch)
        made.box.client.post("/crash/begin", json={"fills": fills, "epoch": epoch}).raise_for_status()
        made.box.faults(*dice.sample(FAULTS, len(FAULTS)))
        kills = _keep_killing(made, dice, market.ends_at)
        hits = sum(made.box.fault_hits())
        made.box.faults()
        deadline = time.monotonic() + SETTLE_S
        while not (counted := _count(made, market, people, kills)).flawless:
            if time.monotonic() > deadline:
                _explain(made, market, people)
                break
            time.sleep(1)
        assert not made.exits, f"the bot had ended by itself: {made.exits}"
        return Outcome(kills=made.kills, faults=hits, count=counted)


def _keep_killing(made: world.World, dice: random.Random, until: float) -> list[float]:
    """Kill the bot and start it again until then; at which moments."""
    kills: list[float] = []
    started_at, asked, longest_s = time.time(), 0, LONGEST_LIFE_S
    while time.time() < until:
        if dice.random() > _IN_START:
            harness.wait_until(lambda: _asked(made) > asked, "the bot", harness.START_S)  # noqa: B023 - called here
            longest_s = max(LONGEST_LIFE_S, time.time() - started_at)
        time.sleep(dice.uniform(0, longest_s))
        kills.append(time.time())
        made.kill()
        asked, started_at = _asked(made), time.time()
        made.start()
    return kills


def _asked(made: world.World) -> int:
    """How often the bot asked for updates so far."""
    return int(_witness(made)["asked_for_updates"])


def _witness(made: world.World) -> dict[str, Any]:
    told: dict[str, Any] = made.box.client.get("/crash/witness").raise_for_status().json()
    return told


def _count(
    made: world.World, market: Market, people: list[harness.Chat], kills: list[float]
) -> telling.Count:
    stored = asyncio.run(_read(made.env["DATABASE_URL"]))
    chats = {person.user: _told(person, market, stored) for person in people}
    answered = {(chat, message): at for chat, message, at in _witness(made)["answered"]}
    return telling.count(market, stored, chats, answered, kills)


def _told(person: harness.Chat, market: Market, stored: telling.Stored) -> list[telling.Told]:
    fills = market.fills
    read = [telling.read(message, person.user, fills, stored) for message in person.messages()]
    return [told for told in read if told is not None]


async def _read(url: str) -> telling.Stored:
    async with storage.Storage.open(url) as stores:
        return await telling.read_stores(stores)


def _explain(made: world.World, market: Market, people: list[harness.Chat]) -> None:
    """What a flawed run leaves to look at."""
    stored = asyncio.run(_read(made.env["DATABASE_URL"]))
    for person in people:
        told = _told(person, market, stored)
        named = {fill for message in told for fill in message.fills}
        lost = set(itertools.chain(*telling.expected(market, stored, person.user))) - named
        sys.stderr.write(f"person {person.user}: {len(told)} messages; nobody told of {sorted(lost)}\n")
    for order in market.orders:
        happened = {trade.tx: trade.in_raw for trade in order.trades}
        if (known := stored.known.get(order.opened.key)) != happened:
            sys.stderr.write(f"order {order.opened.key}: happened {happened}, known {known}\n")
    sys.stderr.write((made.folder / "bot.log").read_text()[-4000:])
