"""Jupiter, the RPC or Telegram fail in the middle: true words, nothing twice, and it goes on by itself.

Each fault is switched on in the stand-ins, so that it reaches the bot over a real connection.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import harness
from tests.e2e import steps

Fault = dict[str, Any]

KINDS = ("slow", "drop", "lost", "error", "error_after", "malformed")
CALLS = {
    "jupiter": ("priceDeposit", "priceWithdraw", "/execute"),
    "rpc": (
        "getTokenAccountsByOwner",
        "simulateTransaction",
        "getLatestBlockhash",
        "sendTransaction",
        "getSignatureStatuses",
    ),
    "telegram": ("answerCallbackQuery", "editMessageText"),
}
"""What the bot calls between the tap and the end of a card."""


def _more(service: str, people: int) -> list[Fault]:
    """What cannot be met by every call: it makes the bot wait for longer."""
    match service:
        case "rpc":
            # Jupiter loses what it is given as well, so that everything is sent through the RPC.
            lost = {"target": "jupiter", "kind": "drop", "match": "/execute", "count": people}
            return [lost, {"target": "rpc", "kind": "rate_limit", "match": "getMultipleAccounts", "count": 1}]
        case "telegram":
            kinds = {"lost": "getUpdates", "error_after": "getUpdates", "rate_limit": "editMessageText"}
            return [
                {"target": "telegram", "kind": kind, "match": call, "count": 1}
                for kind, call in kinds.items()
            ]
    return []


SOON_S = 15.0
AWAY: dict[str, Fault] = {
    "jupiter": {"target": "jupiter", "kind": "drop"},
    "rpc": {"target": "rpc", "kind": "error", "status": 503},
    "telegram": {"target": "telegram", "kind": "drop"},
}


def _confirm_all(cards: Sequence[steps.Card]) -> None:
    for card in cards:
        card.confirm()


@pytest.mark.parametrize("service", CALLS)
def test_every_fault_of_a_service_in_the_middle_of_moving_money(people: steps.People, service: str) -> None:
    """Every call on the way meets every kind of fault, with many at it at once; each is done once."""
    with people.some(8) as crowd:
        box, depositors, withdrawers = crowd[0].box, crowd[:4], crowd[4:]
        before = [steps.holdings(person) for person in crowd]
        cards = steps.offer_all(
            [(person, f"/deposit {person.price} 2") for person in depositors]
            + [(person, f"/withdraw {person.price} 2") for person in withdrawers]
        )
        faults = [
            {"target": service, "kind": kind, "match": call, "count": 1, "seconds": 0.7}
            for call in CALLS[service]
            for kind in KINDS
        ]
        faults += _more(service, len(crowd))
        box.faults(*faults)
        _confirm_all(cards)
        for card in cards:
            card.done()
        hits = dict(zip(((fault["match"], fault["kind"]) for fault in faults), box.fault_hits(), strict=True))
        assert not [fault for fault, count in hits.items() if not count], "faults that hit nothing"
        for then, person in zip(before, depositors, strict=False):
            steps.moved(then, person, kinds=["price_deposit"], deposited=2_000_000)
        for then, person in zip(before[4:], withdrawers, strict=True):
            steps.moved(then, person, kinds=["price_withdraw"], withdrawn=2_000_000)


def test_jupiter_asks_to_slow_down_in_the_middle_of_moving_money(people: steps.People) -> None:
    """Refused with 429 when it was asked for the transaction, and again with the signed one: done once."""
    with people.some(1) as [person]:
        before = steps.holdings(person)
        card = steps.offer(person, f"/deposit {person.price} 2")
        limit: Fault = {"target": "jupiter", "kind": "rate_limit", "count": 1}
        person.box.faults(limit | {"match": "priceDeposit"}, limit | {"match": "/execute"})
        card.confirm()
        card.done()
        assert person.box.fault_hits() == [1, 1]
        steps.moved(before, person, kinds=["price_deposit"], deposited=2_000_000)


@pytest.mark.parametrize("service", ["jupiter", "rpc"])
def test_a_service_that_is_away_is_named_and_waited_for(people: steps.People, service: str) -> None:
    """Confirmed cards say that nothing is signed; a new question is told why not; then all of it goes on."""
    name = {"jupiter": "Jupiter", "rpc": "Solana"}[service]
    with people.some(3) as [depositor, withdrawer, asker]:
        box = depositor.box
        before = [steps.holdings(person) for person in (depositor, withdrawer, asker)]
        cards = steps.offer_all(
            [(depositor, f"/deposit {depositor.price} 2"), (withdrawer, f"/withdraw {withdrawer.price} all")]
        )
        box.faults(AWAY[service])
        _confirm_all(cards)
        for card in cards:
            card.wait("Nothing is signed yet")
        steps.ask_until(
            asker,
            f"/deposit {asker.price} 2",
            f"{name} does not answer right now. Nothing was sent.",
            "moved no money",
        )
        for person, card, then in zip((depositor, withdrawer), cards, before, strict=False):
            assert "Nothing is signed yet" in card.text()
            assert steps.unmoved(then, steps.holdings(person))
        box.faults()
        for card in cards:
            card.done()
        steps.moved(before[0], depositor, kinds=["price_deposit"], deposited=2_000_000)
        assert steps.holdings(withdrawer).kinds[len(before[1].kinds) :] == ["price_withdraw"]
        assert steps.left_in(withdrawer, "price") == 0
        card = steps.offer(asker, f"/deposit {asker.price} 2")
        card.tap("Cancel")
        assert steps.unmoved(before[2], steps.holdings(asker))


def test_while_jupiter_is_away_orders_are_shown_with_their_age(people: steps.People) -> None:
    """What was seen last, marked as such with the reason; the rest of the chat works; then fresh again."""
    with people.some(1) as [person]:
        steps.say(person.chat, "/orders", "Active orders", "price")
        person.box.faults(AWAY["jupiter"])
        old = steps.ask_until(person, "/orders", "As last seen just now. Jupiter does not answer right now.")
        assert steps.numbers_in(old)["price"] == person.price
        listed = steps.say(person.chat, "/wallet", "👛 Wallets")
        person.chat.tap(listed, harness.label(listed, "Wallet 1"), wait=0)
        person.chat.wait(" SOL", " USDC", after=listed["id"] - 1)
        person.box.faults()
        fresh = steps.say(person.chat, "/orders", "Active orders", "price")
        assert "As last seen" not in fresh["text"]


def test_what_was_asked_while_telegram_was_away_is_answered_once_it_is_back(people: steps.People) -> None:
    """The tap made before it went away counts once; the command sent meanwhile gets its answer."""
    with people.some(2) as [person, asker]:
        box = person.box
        before = steps.holdings(person)
        card = steps.offer(person, f"/deposit {person.price} 2")
        box.faults(AWAY["telegram"])
        card.confirm()
        start = steps.last_id(asker.chat)
        asker.chat.send("/help")
        harness.wait_until(lambda: box.fault_hits()[0] >= 2, "failing calls")
        assert asker.chat.find(after=start) is None
        assert "Nothing happens before you press Confirm" in card.text()
        box.faults()
        asker.chat.wait("What works", after=start)
        card.done()
        steps.moved(before, person, kinds=["price_deposit"], deposited=2_000_000)


def test_a_service_that_hangs_does_not_keep_people_waiting(people: steps.People) -> None:
    """Within some ten seconds: old orders with their age, a wallet without balances, each with the reason."""
    with people.some(3) as [looker, owner, depositor]:
        box = looker.box
        listed = steps.say(owner.chat, "/wallet", "👛 Wallets")
        hang: Fault = {"kind": "slow", "seconds": 60}
        box.faults(hang | {"target": "jupiter"}, hang | {"target": "rpc"})
        owner.chat.tap(listed, harness.label(listed, "Wallet 1"), wait=0)
        with ThreadPoolExecutor() as both:
            deposit, away = f"/deposit {depositor.price} 2", "Jupiter does not answer right now"
            asking = [
                both.submit(steps.ask_until, looker, "/orders", "As last seen", away, within=SOON_S),
                both.submit(steps.ask_until, depositor, deposit, away, "moved no money", within=SOON_S),
            ]
            why = ("cannot read its balances now", "Solana does not answer right now")
            owner.chat.wait(*why, after=listed["id"] - 1, timeout=SOON_S)
            for answer in asking:
                answer.result()
