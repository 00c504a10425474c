"""The crash test: customers confirm deposits, fills arrive, the bot is killed; then everything is counted.

python -m tests.crash --actions 200 --seed 1 [--submit-via rpc]
"""

import asyncio
import collections
import contextlib
import itertools
import random
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import storage
from bot.sandbox.slots import SECONDS_PER_SLOT
from tests import harness
from tests.crash import telling, world

Json = dict[str, Any]

CUSTOMERS = 4
SETTLE_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was counted. Everything after `told` has to be zero."""

    kills: int
    confirmed: Mapping[str, int]
    """Cards whose Confirm was tapped, by kind."""
    done: int
    """Cards that say Done."""
    fills: int
    """Trades of the ledger since the wallets were added, until every card had come to its end."""
    told: int
    """Of these, in messages."""
    untold: int
    """Executions that no card tells of: doubles, or done while the card says it was not."""
    untrue: int
    """Cards that say Done of what never happened."""
    unsettled: int
    """Confirmed cards that never came to an end."""
    lost_fills: int
    """Trades that no message tells of."""
    unmarked_repeats: int
    """Trades that were told again by a message that does not say that it may be a repeat."""
    disordered: int
    """Fills that were told after a later one of their order, and news that overtook others of their chat."""
    closed_wallets: int
    """Wallets that the vault cannot open afterwards."""

    @property
    def flawless(self) -> bool:
        return not (
            self.untold
            or self.untrue
            or self.unsettled
            or self.lost_fills
            or self.unmarked_repeats
            or self.disordered
            or self.closed_wallets
        )


def run(
    folder: Path,
    *,
    kills: int,
    actions: int = 0,
    seed: int = 1,
    submit_via: str = "jupiter",
    crowd: int = CUSTOMERS,
    slot_s: float = SECONDS_PER_SLOT,
) -> Outcome:
    """One whole run: at least so many kills, and so many confirmed actions.

    `slot_s` is how long a block takes: what was signed and not sent lapses after 150. Raises AssertionError
    when it cannot even be carried out.
    """
    with world.world(folder, submit_via=submit_via, slot_s=slot_s) as made:
        people = [
            world.Customer(made.box.chat(9000 + place), made.box, random.Random(f"{seed}-{place}"))
            for place in range(crowd)
        ]
        for person in people:
            person.arrive()
        made.box.faults(*world.FAULTS)
        enough = _Enough(made, people, kills, actions)
        killer = world.Killer(made, enough, random.Random(seed))
        killer.start()
        counter = itertools.count(1)  # its next() is atomic
        with futures.ThreadPoolExecutor(crowd) as pool:
            busy = [pool.submit(_keep_acting, person, killer, counter) for person in people]
        killer.join()
        for each in busy:
            each.result()
        assert enough(), f"{made.kills} kills, and only {enough.confirmed} actions were confirmed"
        made.box.faults()
        _settle(lambda: not any(_open(person) for person in people))
        # What is filled from here on may still be on its way when it is counted.
        trades = made.box.ledger()["trades"]
        _settle(lambda: not any(one.lost for one in _hear(made, people, trades)))
        outcome = _count(made, people, trades)
        if not outcome.flawless:
            _explain(made, people, trades)
        assert not made.exits, f"the bot had ended by itself: {made.exits}"
        return outcome


def _settle(over: Callable[[], bool]) -> None:
    """Wait until it is over, but not for ever: what is counted then is as it is."""
    deadline = time.monotonic() + SETTLE_S
    while not over() and time.monotonic() < deadline:
        time.sleep(0.5)


@dataclass(frozen=True)
class _Enough:
    """When to stop: at the earliest after so many kills and confirmed actions."""

    made: world.World
    people: list[world.Customer]
    kills: int
    actions: int

    @property
    def confirmed(self) -> int:
        return sum(len(person.confirmed) for person in self.people)

    @property
    def stuck(self) -> bool:
        """A bot that is killed this often without confirming enough never will."""
        return self.made.kills >= max(10 * self.kills, 2 * self.actions)

    def __call__(self) -> bool:
        return self.made.kills >= self.kills and self.confirmed >= self.actions


def _keep_acting(person: world.Customer, killer: world.Killer, counter: Iterator[int]) -> None:
    while killer.is_alive():
        person.act(next(counter))


def _explain(made: world.World, people: list[world.Customer], trades: list[Json]) -> None:
    """What a flawed run leaves to look at."""
    for person, heard in zip(people, _hear(made, people, trades), strict=True):
        for message in _open(person):
            card = f"{message['text']}\n{message['buttons']}"
            sys.stderr.write(f"person {person.chat.user}, unsettled card {message['id']}:\n{card}\n")
        said, done = told(person), landed(made.box, person)
        sys.stderr.write(f"person {person.chat.user}: {said} said to be done, {done} done\n")
        for trade in trades:
            if trade["txId"] not in heard.lost:
                continue
            facts = {name: trade[name] for name in ("txId", "orderKey", "confirmedAt")}
            facts["since"] = person.since
            sys.stderr.write(f"person {person.chat.user}: nobody told of {facts}\n")
            stored = _stored(made, trade["orderKey"], trade["txId"])
            sys.stderr.write(f"{stored}\n")
            ids = {row[-2] for row in stored["outbox"] if isinstance(row, tuple)}
            sent = [message for message in person.chat.messages() if message["id"] in ids]
            sys.stderr.write(f"what was recorded as sent: {sent}\n")
    sys.stderr.write((made.folder / "bot.log").read_text()[-4000:])


def _stored(made: world.World, order: str, signature: str) -> dict[str, list[object]]:
    """What the bot's database knows of a fill."""
    queries = {
        "order": ("SELECT * FROM orders WHERE key = ?", order),
        "fill": ("SELECT * FROM fills WHERE signature = ?", signature),
        "outbox": ("SELECT * FROM outbox WHERE notice LIKE ?", f"%{signature}%"),
    }
    with contextlib.closing(sqlite3.connect(made.folder / "bot" / "bot.db")) as database:
        return {name: database.execute(text, (value,)).fetchall() for name, (text, value) in queries.items()}


def _cards(person: world.Customer) -> list[dict[str, Any]]:
    """Every card whose Confirm was tapped."""
    return [message for message in person.chat.messages() if message["id"] in person.confirmed]


def _open(person: world.Customer) -> list[dict[str, Any]]:
    """Confirmed cards that tell no end."""
    return [card for card in _cards(person) if not any(end in card["text"] for end in world.FINAL)]


def told(person: world.Customer) -> list[str]:
    """Signatures of everything that the cards say is done."""
    done = [card["html"] for card in _cards(person) if "Done" in card["text"]]
    return sorted(found for html in done for found in re.findall(r"/tx/([1-9A-HJ-NP-Za-km-z]{80,90})", html))


def landed(box: harness.Sandbox, person: world.Customer) -> list[str]:
    """Signatures of everything that was done in the person's name."""
    return sorted(
        entry["signature"]
        for entry in box.ledger()["transactions"]
        if entry["user"] == person.pubkey and entry["ok"] and entry["kind"] in world.KINDS
    )


@dataclass(frozen=True)
class _Heard:
    """What one person was told of the trades that are counted."""

    due: frozenset[str]
    lost: frozenset[str]
    unmarked: int
    disordered: int


def _hear(made: world.World, people: list[world.Customer], trades: list[Json]) -> list[_Heard]:
    """For each person. `trades` as the ledger tells them, those of one order oldest first."""
    stored = asyncio.run(_read(made.env["DATABASE_URL"]))
    fills: dict[str, list[str]] = {}
    for trade in trades:
        fills.setdefault(trade["orderKey"], []).append(trade["txId"])
    return [_hear_one(person, trades, fills, stored) for person in people]


def _hear_one(
    person: world.Customer, trades: list[Json], fills: telling.Fills, stored: telling.Stored
) -> _Heard:
    user = person.chat.user
    due = frozenset(
        trade["txId"]
        for trade in trades
        if trade["user"] == person.pubkey and trade["confirmedAt"] > person.since
    )
    read = (telling.read(message, user, fills, stored) for message in person.chat.messages())
    heard = telling.hear(told for told in read if told is not None)
    return _Heard(
        due=due,
        lost=due - heard.latest.keys(),
        unmarked=sum(not repeat.marked for repeat in heard.repeats),
        disordered=telling.disorder(heard, fills.values(), stored.sent.get(user, ())),
    )


async def _read(url: str) -> telling.Stored:
    async with storage.Storage.open(url) as stores:
        return await telling.read_stores(stores)


def _count(made: world.World, people: list[world.Customer], trades: list[Json]) -> Outcome:
    verified = made.command("keys", "verify")
    opened = f"Opened all {len(people)} wallets" in verified.stdout
    said = {person.chat.user: collections.Counter(told(person)) for person in people}
    done = {person.chat.user: collections.Counter(landed(made.box, person)) for person in people}
    cards = [card for person in people for card in _cards(person)]
    heard = _hear(made, people, trades)
    return Outcome(
        kills=made.kills,
        confirmed=dict(collections.Counter(kind for person in people for kind in person.confirmed.values())),
        done=sum(counter.total() for counter in said.values()),
        fills=sum(len(one.due) for one in heard),
        told=sum(len(one.due - one.lost) for one in heard),
        # A second execution of a confirmed card is one that no card tells of.
        untold=sum((done[user] - said[user]).total() for user in said),
        untrue=sum((said[user] - done[user]).total() for user in said)
        + sum("Done" in card["text"] for card in cards)
        - sum(counter.total() for counter in said.values()),
        unsettled=sum(len(_open(person)) for person in people),
        lost_fills=sum(len(one.lost) for one in heard),
        unmarked_repeats=sum(one.unmarked for one in heard),
        disordered=sum(one.disordered for one in heard),
        closed_wallets=0 if opened else len(people),
    )
