"""The crash test of fills: orders fill, the bot is killed again and again; then it is counted who was told.

python -m tests.crash fills --fills 1500 --seed 1
"""

import asyncio
import itertools
import random
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot import storage
from tests import harness
from tests.crash import killing, telling, world
from tests.crash.market import LONG_UNLISTED_S, Market

_FIRST: Final = 9000
PATIENCE_S: Final = 90.0
"""After the last kill, in which the bot is to find and to tell everything by itself."""
SETTLE_S: Final = 120.0
HURRY_S: Final = 1.0
LOOKS: Final = ("/orders", "/orders history")
LOOK_EVERY: Final = 5
"""Seconds: answers go before notices, so that who asks all the time is told nothing else."""

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
    moments: Mapping[str, int]
    """When they were: killing.Moment."""
    looked: int
    """Kills of a bot that had read a list of orders since its start."""
    told: int
    """Kills of a bot that had begun to send a message since its start."""
    faults: int
    """Calls that were hit by one."""
    on_asking: int
    """Fills that were not told PATIENCE_S after the last kill, but once people looked at their orders."""
    count: telling.Count

    @property
    def flawless(self) -> bool:
        return self.count.flawless


def run(
    folder: Path,
    *,
    fills: int,
    kills: int,
    seed: int,
    wallets: int = 24,
    crowd: int = 20,
    hurry: bool = False,
) -> Outcome:
    """One whole run, some 8 fills a second and at least so many kills.

    Raises AssertionError when it cannot even be carried out.

    `hurry`: no fill is listed very late, and in the end people look at their orders, so that nobody waits
    for the next look of the bot's own.
    """
    port, dice, born_at = harness.free_port(), random.Random(seed), time.time()
    slow_s = HURRY_S if hurry else LONG_UNLISTED_S
    market = Market(seed, wallets, born_at, slow_s=slow_s)
    module = ["tests.crash.standins", *map(str, (port, seed, wallets, born_at, slow_s))]
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
        # Now and then somebody looks, so that two ways lead to a fill at once.
        done = killing.keep_killing(
            made, dice, market.ends_at, least=kills, between=lambda: dice.choice(people).send(LOOKS[0])
        )
        hits = sum(made.box.fault_hits())
        made.box.faults()
        counted = _settle(made, market, people, done.at, patience_s=0 if hurry else PATIENCE_S)
        unasked = counted
        if not counted.flawless:
            counted = _settle(made, market, people, done.at, patience_s=SETTLE_S, looking=True)
        if not counted.flawless:
            _explain(made, market, people)
        assert not made.exits, f"the bot had ended by itself: {made.exits}"
        return Outcome(
            kills=made.kills,
            moments=dict(done.moments),
            looked=done.looked,
            told=done.told,
            faults=hits,
            on_asking=0 if hurry else unasked.lost - counted.lost,
            count=counted,
        )


def _settle(
    made: world.World,
    market: Market,
    people: list[harness.Chat],
    kills: list[float],
    *,
    patience_s: float,
    looking: bool = False,
) -> telling.Count:
    """Wait until all is told, or patience is over; `looking`: people look at their orders meanwhile."""
    deadline, turns = time.monotonic() + patience_s, itertools.count()
    while not (counted := _count(made, market, people, kills)).flawless and time.monotonic() < deadline:
        if looking and (turn := next(turns)) % LOOK_EVERY == 0:
            for person in people:
                person.send(LOOKS[turn // LOOK_EVERY % 2])
        time.sleep(1)
    return counted


def _count(
    made: world.World, market: Market, people: list[harness.Chat], kills: list[float]
) -> telling.Count:
    stored = asyncio.run(_read(made.env["DATABASE_URL"]))
    chats = {person.user: _told(person, market, stored) for person in people}
    listed = made.box.client.get("/crash/answered").raise_for_status().json()
    answered = {(chat, message): at for chat, message, at in listed}
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
