"""Jupiter, the RPC or Telegram are away for a while: true words meanwhile, and then it goes on by itself.

Each is switched off in the stand-ins, so that the bot meets it over a real connection.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import harness
from tests.e2e import steps

Fault = dict[str, Any]

SOON_S = 15.0
AWAY: dict[str, Fault] = {
    "jupiter": {"target": "jupiter", "kind": "drop"},
    "rpc": {"target": "rpc", "kind": "error", "status": 503},
    "telegram": {"target": "telegram", "kind": "drop"},
}


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
        steps.confirm_all(cards)
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


@pytest.mark.parametrize("kind", ["lost", "error_after"])
def test_a_card_that_may_not_have_arrived_comes_again_and_only_one_can_be_confirmed(
    people: steps.People, kind: str
) -> None:
    """Telegram took the card, and its answer got lost: the card comes twice, and is good for one deposit."""
    with people.some(1) as [person]:
        before, start = steps.holdings(person), steps.last_id(person.chat)
        person.box.faults({"target": "telegram", "kind": kind, "match": "sendMessage", "count": 1})
        person.chat.send(f"/deposit {person.price} 2")

        def cards() -> list[dict[str, Any]]:
            sent = [message for message in person.chat.shown() if message["id"] > start]
            return [message for message in sent if "Confirm: deposit" in (message["text"] or "")]

        harness.wait_until(lambda: len(cards()) == 2, "the card, twice")
        card = steps.Card(person.chat, cards()[-1]["id"])
        card.ready()
        assert [steps.CONFIRM in steps.labels(message) for message in cards()] == [False, True]
        card.confirm()
        card.done()
        steps.moved(before, person, kinds=["price_deposit"], deposited=2_000_000)
