"""The crash test: customers confirm deposits, fills arrive, the bot is killed; then everything is counted.

python -m tests.crash --actions 200 --seed 1 [--submit-via rpc]
"""

import collections
import contextlib
import itertools
import random
import re
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import harness
from tests.crash import world

CUSTOMERS = 4
SETTLE_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was counted. Everything after `fills` has to be zero."""

    kills: int
    confirmed: Mapping[str, int]
    """Cards whose Confirm was tapped, by kind."""
    done: int
    """Cards that say Done."""
    fills: int
    """Trades of the ledger since the wallets were added."""
    untold: int
    """Executions that no card tells of: doubles, or done while the card says it was not."""
    untrue: int
    """Cards that say Done of what never happened."""
    unsettled: int
    """Confirmed cards that never came to an end."""
    lost_fills: int
    """Trades that no message names."""
    unmarked_repeats: int
    """Trades that two messages name, without saying that they may be repeats."""
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
            or self.closed_wallets
        )


def run(folder: Path, *, kills: int, actions: int = 0, seed: int = 1, submit_via: str = "jupiter") -> Outcome:
    """One whole run, some 7 seconds a kill: at least so many kills, and so many confirmed actions.

    Raises AssertionError when it cannot even be carried out.
    """
    with world.world(folder, submit_via=submit_via) as made:
        people = [
            world.Customer(made.box.chat(9000 + place), made.box, random.Random(f"{seed}-{place}"))
            for place in range(CUSTOMERS)
        ]
        for person in people:
            person.arrive()
        made.box.faults(*world.FAULTS)
        enough = _Enough(made, people, kills, actions)
        killer = world.Killer(made, enough, random.Random(seed))
        killer.start()
        counter = itertools.count(1)  # its next() is atomic
        with futures.ThreadPoolExecutor(CUSTOMERS) as crowd:
            busy = [crowd.submit(_keep_acting, person, killer, counter) for person in people]
        killer.join()
        for each in busy:
            each.result()
        assert enough(), f"{made.kills} kills, and only {enough.confirmed} actions were confirmed"
        made.box.faults()
        deadline = time.monotonic() + SETTLE_S
        while time.monotonic() < deadline and not all(_is_settled(made.box, person) for person in people):
            time.sleep(0.5)
        outcome = _count(made, people)
        if not outcome.flawless:
            _explain(made, people)
        assert not made.exits, f"the bot had ended by itself: {made.exits}"
        return outcome


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


def _explain(made: world.World, people: list[world.Customer]) -> None:
    """What a flawed run leaves to look at."""
    for person in people:
        for message in _open(person):
            card = f"{message['text']}\n{message['buttons']}"
            sys.stderr.write(f"person {person.chat.user}, unsettled card {message['id']}:\n{card}\n")
        said, done = told(person), landed(made.box, person)
        sys.stderr.write(f"person {person.chat.user}: {said} said to be done, {done} done\n")
        for signature in _fills(made.box, person)[0]:
            trade = next(t for t in made.box.ledger()["trades"] if t["txId"] == signature)
            facts = {name: trade[name] for name in ("orderKey", "confirmedAt")} | {"since": person.since}
            sys.stderr.write(f"person {person.chat.user}: nobody told of {signature} {facts}\n")
            stored = _stored(made, trade["orderKey"], signature)
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


def _is_settled(box: harness.Sandbox, person: world.Customer) -> bool:
    return not _open(person) and not _fills(box, person)[0]


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


def _fills(box: harness.Sandbox, person: world.Customer) -> tuple[list[str], int]:
    """Trades of the person that no message names, and how many repeats say not that they may be one."""
    messages = [m for m in person.chat.messages() if m["from"] == "bot"]
    named = [(str(m["html"]) + str(m["buttons"]), m["text"]) for m in messages if "Fill" in m["text"]]
    lost, unmarked = [], 0
    for trade in _news(box, person):
        texts = [text for links, text in named if trade["txId"] in links]
        if not texts:
            lost.append(trade["txId"])
        elif len(texts) > 1 + sum("may be a repeat" in text for text in texts):
            unmarked += 1
    return lost, unmarked


def _news(box: harness.Sandbox, person: world.Customer) -> list[dict[str, Any]]:
    """Trades of the person's orders since the wallet was added."""
    return [
        trade
        for trade in box.ledger()["trades"]
        if trade["user"] == person.pubkey and trade["confirmedAt"] > person.since
    ]


def _count(made: world.World, people: list[world.Customer]) -> Outcome:
    verified = made.command("keys", "verify")
    opened = f"Opened all {len(people)} wallets" in verified.stdout
    said = {person.chat.user: collections.Counter(told(person)) for person in people}
    done = {person.chat.user: collections.Counter(landed(made.box, person)) for person in people}
    cards = [card for person in people for card in _cards(person)]
    fills = [_fills(made.box, person) for person in people]
    return Outcome(
        kills=made.kills,
        confirmed=dict(collections.Counter(kind for person in people for kind in person.confirmed.values())),
        done=sum(counter.total() for counter in said.values()),
        fills=sum(len(_news(made.box, person)) for person in people),
        # A second execution of a confirmed card is one that no card tells of.
        untold=sum((done[user] - said[user]).total() for user in said),
        untrue=sum((said[user] - done[user]).total() for user in said)
        + sum("Done" in card["text"] for card in cards)
        - sum(counter.total() for counter in said.values()),
        unsettled=sum(len(_open(person)) for person in people),
        lost_fills=sum(len(lost) for lost, _ in fills),
        unmarked_repeats=sum(repeats for _, repeats in fills),
        closed_wallets=0 if opened else len(people),
    )
