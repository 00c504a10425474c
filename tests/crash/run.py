"""The crash test: customers confirm deposits, fills arrive, the bot is killed; then everything is counted.

python -m tests.crash --kills 50 --seed 1 [--submit-via rpc]
"""

import itertools
import random
import sys
import time
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import harness
from tests.crash import world

CUSTOMERS = 4
SETTLE_S = 180.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was counted. Everything but the first four has to be zero."""

    kills: int
    confirmed: int
    done: int
    fills: int
    doubled: int
    """Confirmed amounts that reached their order more than once."""
    untrue: int
    """Cards that say Done without a deposit, or anything else with one."""
    unsettled: int
    """Cards of confirmed deposits that never came to an end."""
    lost_fills: int
    """Trades of the ledger, after the wallet was added, that no message names."""
    unmarked_repeats: int
    """Trades that two messages name, of which none says that it may be a repeat."""
    closed_wallets: int
    """Wallets that the vault cannot open afterwards."""

    @property
    def flawless(self) -> bool:
        return not any(
            (
                self.doubled,
                self.untrue,
                self.unsettled,
                self.lost_fills,
                self.unmarked_repeats,
                self.closed_wallets,
            )
        )


def run(folder: Path, *, kills: int, seed: int, submit_via: str = "jupiter") -> Outcome:
    """One whole run, some 4 seconds a kill. Raises AssertionError when it cannot even be carried out."""
    with world.world(folder, submit_via=submit_via) as made:
        people = [world.Customer(made.box.chat(9000 + place), made.box) for place in range(CUSTOMERS)]
        for person in people:
            person.arrive()
        made.box.faults(*world.FAULTS)
        killer = world.Killer(made, kills, random.Random(seed))
        killer.start()
        # Amounts that occur once: 1.000001, 1.000002 … (next() of a count is atomic)
        amounts = itertools.count(1_000_001)
        with futures.ThreadPoolExecutor(CUSTOMERS) as crowd:
            busy = [crowd.submit(_keep_depositing, person, killer, amounts) for person in people]
        killer.join()
        for each in busy:
            each.result()
        assert made.kills == kills
        made.box.faults()
        deadline = time.monotonic() + SETTLE_S
        while time.monotonic() < deadline and not all(_is_settled(made.box, person) for person in people):
            time.sleep(0.5)
        outcome = _count(made, people)
        if not outcome.flawless:
            _explain(made, people)
        assert not made.exits, f"the bot had ended by itself: {made.exits}"
        return outcome


def _keep_depositing(person: world.Customer, killer: world.Killer, amounts: Iterator[int]) -> None:
    while killer.is_alive():
        person.deposit(next(amounts))


def _explain(made: world.World, people: list[world.Customer]) -> None:
    """What a flawed run leaves to look at."""
    for person in people:
        for raw, text, message in _cards(person):
            if raw in _open(person):
                card = f"{text}\n{message['buttons']}"
                sys.stderr.write(f"person {person.chat.user}, {raw} raw, unsettled card:\n{card}\n")
        for signature in _fills(made.box, person)[0]:
            sys.stderr.write(f"person {person.chat.user}: nobody told of {signature}\n")
    sys.stderr.write((made.folder / "bot.log").read_text()[-4000:])


def _is_settled(box: harness.Sandbox, person: world.Customer) -> bool:
    return not _open(person) and not _fills(box, person)[0]


def _open(person: world.Customer) -> list[int]:
    """Confirmed amounts of which no card tells the end, or one can still be confirmed.

    A card whose sending got no answer is sent again; the first copy never gets buttons, and is no promise.
    """
    ended, live = set(), set()
    for raw, text, message in _cards(person):
        if any(end in text for end in world.FINAL):
            ended.add(raw)
        if "Confirm" in str(message["buttons"]):
            live.add(raw)
    return [raw for raw in person.asked if raw not in ended or raw in live]


def _cards(person: world.Customer) -> list[tuple[int, str, dict[str, Any]]]:
    """(raw amount, text, message) of every card whose Confirm was tapped."""
    shown = [m for m in person.chat.messages() if m["from"] == "bot" and not m["deleted"]]
    return [
        (raw, message["text"], message)
        for raw in person.asked
        for message in shown
        if f"Deposit: {world.text_of(raw).rstrip('0')} USDC" in message["text"]
    ]


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
    doubled = untrue = done = lost = unmarked = unsettled = 0
    ledger = made.box.ledger()
    for person in people:
        landed = {t["signature"] for t in ledger["transactions"] if t["ok"] and t["user"] == person.pubkey}
        seen: dict[int, int] = {}
        moved = 0
        unsettled += len(_open(person))
        for raw, text, message in _cards(person):
            says = "Done" in text
            on_chain = sum(signature in message["html"] for signature in landed)
            untrue += says != bool(on_chain)
            seen[raw] = seen.get(raw, 0) + on_chain
            moved += raw * on_chain
        done += sum(seen.values())
        doubled += sum(count > 1 for count in seen.values())
        order = next(o for o in ledger["orders"] if o["order"] == person.order["order"])
        # Whatever reached the order without a card that says so shows here.
        untrue += int(order["rawInDeposited"]) - int(person.order["rawInDeposited"]) != moved
        missing, repeats = _fills(made.box, person)
        lost, unmarked = lost + len(missing), unmarked + repeats
    verified = made.command("keys", "verify")
    opened = f"Opened all {len(people)} wallets" in verified.stdout
    return Outcome(
        kills=made.kills,
        confirmed=sum(len(person.asked) for person in people),
        done=done,
        fills=sum(len(_news(made.box, person)) for person in people),
        doubled=doubled,
        untrue=untrue,
        unsettled=unsettled,
        lost_fills=lost,
        unmarked_repeats=unmarked,
        closed_wallets=0 if opened else len(people),
    )
