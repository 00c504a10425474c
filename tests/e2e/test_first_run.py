"""What a newcomer does in the first minutes, through the chat alone; the ledger says whether it happened."""

import re

import pytest
from solders.keypair import Keypair

from tests import harness
from tests.e2e import steps, together

FILL = re.compile(r"Fill (\d+)/10")


# --- the main path ---------------------------------------------------------------------------------------


def the_first_minutes(people: steps.People) -> None:
    """Start, create, look around, deposit once although tapped twice, withdraw a part and then everything."""
    chat = people.stranger()
    chat.send("/start")
    start = chat.wait("custodial", "no real funds")
    assert {"👁 Watch an address", "✨ Create a wallet", "🔑 Import a wallet"} <= steps.labels(start)
    created = steps.press(chat, start, "Create", "Wallet created")
    address = steps.ADDRESS.search(created["text"])
    assert address is not None
    funded = steps.press(chat, created, "Open wallet", "2500 USDC", "5.")
    assert address[0] in funded["text"]

    active = steps.say(chat, "/orders", "Active orders", "price order", "time order")
    person = steps.Person(people.box, chat, address[0], steps.numbers_in(active))
    finished = steps.press(chat, active, "History", "Finished orders", "USDC → JUP", "100 %")
    assert "Active" in harness.label(finished, "Active")

    key = steps.order_key(person, "price")
    before, had = steps.order_of(person, key), steps.usdc(person)
    card = steps.offer(person, f"/deposit {person.price} 12.5")
    assert card.tap("Confirm", times=2)["toasts"] == ["Confirmed"]
    card.done()
    after = steps.order_of(person, key)
    assert int(after["rawInDeposited"]) - int(before["rawInDeposited"]) == 12_500_000
    assert had - steps.usdc(person) == 12_500_000
    assert steps.holdings(person).kinds.count("price_deposit") == 1

    card = steps.offer(person, f"/withdraw {person.price} 40")
    card.confirm()
    card.done()
    assert int(steps.order_of(person, key)["rawInWithdrawn"]) == 40_000_000

    card = steps.offer(person, f"/withdraw {person.price} all")
    assert "everything that is left" in card.text()
    card.confirm()
    card.done()
    left = steps.order_of(person, key)
    assert int(left["rawInWithdrawn"]) + int(left["rawInUsed"]) == int(left["rawInDeposited"])
    assert steps.usdc(person) - had == int(left["rawInWithdrawn"]) - 12_500_000
    assert steps.holdings(person).kinds.count("price_withdraw") == 2


def fills_arrive_while_one_watches(people: steps.People) -> None:
    """Every fill of the time order is told once, in order, by one call; the last one tells the result."""
    with people.some(1) as [person]:
        chat = person.chat

        def told() -> list[int]:
            texts = [message["text"] for message in chat.shown() if message["from"] == "bot"]
            return [int(number) for text in texts for number in FILL.findall(text)]

        person.box.advance(12 * 60)
        chat.send("/orders")  # who asks makes the bot look at once
        harness.wait_until(lambda: len(set(told())) == 10, "ten fills", 60)
        assert told() == list(range(1, 11))
        for message in chat.shown():
            if FILL.search(message["text"]):
                assert [call["method"] for call in chat.calls(message["id"])] == ["sendMessage"]
        last = chat.wait("Fill 10/10", f"#{person.time} is finished", "In all:")
        record = last["text"]
        opened = steps.press(chat, last, f"Order #{person.time}", "time order · finished")
        assert opened["id"] > last["id"]
        assert chat.find("Fill 10/10", record.splitlines()[1]) is not None


# --- wallets ---------------------------------------------------------------------------------------------


def an_address_is_watched_without_a_key(people: steps.People) -> None:
    """Its orders are shown and nothing of it can be moved; it is forgotten again."""
    with people.some(1) as [person]:
        chat = person.chat
        watched = str(Keypair().pubkey())
        added = steps.say(chat, f"/watch {watched} Aunt Mary", "Watching", "Aunt Mary", watched)
        wallet = steps.press(chat, added, "Open wallet", "only watched", "2500 USDC")
        assert not {"📤 Send", "🔑 Export key", "🗑 Remove"} & steps.labels(wallet)
        asked = steps.press(chat, wallet, "Stop watching", "Stop watching Aunt Mary")
        gone = steps.press(chat, asked, "Stop watching", "was removed")
        assert not any("Aunt Mary" in label for label in steps.labels(gone))


def an_imported_wallet_can_be_renamed_exported_and_removed(people: steps.People) -> None:
    """A stopped export shows nothing; the next one shows the very key; a removed wallet is gone."""
    key, chat = Keypair(), people.stranger()
    person = steps.import_wallet(people.box, chat, key)
    assert str(key) not in str(chat.shown())
    wallet = steps.press(
        chat, steps.say(chat, "/wallet", "👛 Wallets"), "Wallet 1", "2500 USDC", person.wallet
    )

    steps.press(chat, wallet, "Rename", "new name")
    wallet = steps.say(chat, "Savings", "Renamed", "Savings")

    explained = steps.press(chat, wallet, "Export key", "Whoever sees it")
    announced = steps.press(chat, explained, "Start export", "asked for", "Stop")
    steps.press(chat, chat.wait_button(announced["id"], "Stop"), "Stop", "Export stopped")

    steps.press(chat, explained, "Start export", "asked for", "Stop")
    shown = chat.wait(str(key), "deletes itself", timeout=60)
    assert shown["protected"]
    assert "spoiler" in shown["html"]
    assert len([message for message in chat.messages() if str(key) in (message["text"] or "")]) == 2

    wallet = steps.press(chat, steps.say(chat, "/wallet", "👛 Wallets"), "Savings", "2500 USDC")
    lost = ("2500 USDC", "Active orders that pay out to it: ")
    asked = steps.press(chat, wallet, "Remove", "Once it is erased", *lost)
    kept = steps.press(chat, asked, "Keep it", person.wallet)
    asked = steps.press(chat, kept, "Remove", "Once it is erased")
    last = steps.press(chat, asked, "Remove anyway", "Erase the key of Savings for good?", person.wallet)
    steps.press(chat, last, "Erase for good", "was removed", "no wallet here yet")


WAYS = (
    an_imported_wallet_can_be_renamed_exported_and_removed,
    the_first_minutes,
    fills_arrive_while_one_watches,
    an_address_is_watched_without_a_key,
)


@pytest.mark.parametrize("way", WAYS, ids=together.name)
def test_a_newcomer(begun: together.Together, way: together.Way) -> None:
    """They have begun together; each comes to its end."""
    begun.end(way)
