"""Single requests fail on the way from the tap to the end of a card: each is done once, and says so.

The faults are switched on in the stand-ins, so that they reach the bot over a real connection.
"""

from typing import Any

import pytest

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
        steps.confirm_all(cards)
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
