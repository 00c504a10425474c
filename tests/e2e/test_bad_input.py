"""Whatever people type or tap: one clear sentence, and the ledger is as it was.

Every handler in a group and as a stranger: tests/unit/chat/test_access.py.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from solders.keypair import Keypair

from bot.domain import addresses
from tests import harness
from tests.e2e import steps, together

AMOUNTS = [
    ("0", "must be more than zero"),
    ("0.0000", "must be more than zero"),
    ("-5", "cannot be negative"),
    ("1.1234567", "it has 6 decimal places"),
    ("1e9", "write the number out"),
    ("1,000", "Could be 1000 or 1.000: please type digits with at most one point"),
    ("1.000,5", "Could be 10005 or 1000.5"),
    ("1 000", "Could be 1000"),
    ("🚀", "not an amount"),
    ("10 🚀", "not an amount"),
    ("１０", "not an amount"),
    ("0x10", "not an amount"),
    ("NaN", "not an amount"),
    ("<b>5</b>", "not an amount"),
    ("0%", "from 1% to 100%"),
    ("250%", "from 1% to 100%"),
    ("9" * 30, "more than any token account can hold"),
    ("9 " * 200, "too long for an amount"),
]
TOO_MUCH = [
    ("/deposit {price} 2501", "there is 2500 USDC to use, and you asked for 2501"),
    ("/withdraw {price} 251", "and you asked for 251"),
    ("/withdraw {price} all out", "there is no SOL to use"),
]
ORDERS = [
    ("/deposit 99 1", "You have no order #99"),
    ("/withdraw #99 1", "You have no order #99"),
    ("/cancel 99", "You have no order #99"),
    ("/orders 99", "You have no order #99"),
    ("/deposit 0 1", "You have no order #0"),
    ("/deposit zzzzzz 1", "no order that fits “zzzzzz”"),
    ("/deposit 🚀 1", "You have no order that fits"),
    ("/deposit -1 1", "Name an order by its number"),
    ("/deposit {time} 1", "is a time order"),
    ("/withdraw {time} 1", "is a time order"),
]
SOMEBODY = Keypair.from_seed(bytes(32)).pubkey()
ELSEWHERE = [
    ("/watch nonsense", "not a Solana address"),
    ("/watch 1111", "not a Solana address"),
    ("/watch 🚀", "not a Solana address"),
    ("/send 1 USDC nonsense", "not a Solana address"),
    (f"/send 1 NOPE {SOMEBODY}", "no token of that name"),
    ("/send 1 USDC 4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", "belongs to a program"),
    (f"/send 5000 USDC {SOMEBODY}", "there is 2500 USDC to use"),
    ("/new 50 USDC to SOL in 2 every 1d", "minimum for an order is 100 USD"),
    ("/new 500 USDC to SOL in 20 every 1d", "minimum for each part is 50 USD"),
    ("/new 500 USDC to SOL in 1 every 1d", "at least 2 parts"),
    ("/new 300 USDC to SOL in 3 every 0h", "at least 30 seconds"),
    ("/new 500 USDC to USDC in 5 every 1d", "two different ones"),
    ("/new 500 USDC to NOPE in 5 every 1d", "do not know a token called NOPE"),
    ("/new 500 USDC to PYUSD in 5 every 1d", "Token-2022"),
    ("/new 9000 USDC to SOL in 10 every 1d", "there is 2500 USDC to use"),
    ("/new 1e3 USDC to SOL in 10 every 1d", "write the number out"),
    ("/new everything", "I read new orders like this"),
    ("/nonsense", "do not know that command"),
    ("🚀", "did not understand that"),
    ("a b " * 500, "too long for me to read"),
]
SIDE_BY_SIDE = 4
"""Telegram's pace is one message a second per chat, so several people share the work."""


@contextmanager
def _unharmed(people: steps.People) -> Iterator[list[steps.Person]]:
    """People to whom nothing happens: what they have is looked at before and after."""
    with people.some(SIDE_BY_SIDE) as crowd:
        before = [steps.holdings(person) for person in crowd]
        yield crowd
        after = [steps.holdings(person) for person in crowd]
        assert all(map(steps.unmoved, before, after))


def _each_is_answered(crowd: Sequence[steps.Person], cases: Sequence[tuple[str, str]]) -> None:
    """Every text gets an answer with these words, and none gets a card."""
    for start in range(0, len(cases), len(crowd)):
        batch = list(zip(crowd, cases[start:], strict=False))
        before = [steps.last_id(person.chat) for person, _ in batch]
        for person, (text, _) in batch:
            person.chat.send(text.format(**person.numbers))
        for (person, (text, words)), after in zip(batch, before, strict=True):
            answer = person.chat.wait(words, after=after)
            assert answer["text"].count("\n") < 60, f"{text!r} is not answered by a sentence"
            assert not steps.labels(answer) & {steps.CONFIRM}


def unusable_amounts_of_a_deposit_are_explained(people: steps.People) -> None:
    """Zero, negative, too fine, grouped, in words: each refusal says what is wrong with it."""
    with _unharmed(people) as crowd:
        _each_is_answered(crowd, [("/deposit {price} " + amount, words) for amount, words in AMOUNTS])


def unusable_amounts_of_a_withdrawal_are_explained(people: steps.People) -> None:
    """The same amounts the other way."""
    with _unharmed(people) as crowd:
        _each_is_answered(crowd, [("/withdraw {price} " + amount, words) for amount, words in AMOUNTS])


def more_than_there_is_is_refused_with_the_numbers(people: steps.People) -> None:
    """Beyond the balance, beyond the order, and from a side where nothing waits."""
    with _unharmed(people) as crowd:
        _each_is_answered(crowd, TOO_MUCH)


def orders_that_are_none_are_explained(people: steps.People) -> None:
    """Unknown numbers, unknown addresses, no number at all, and the family that cannot do it."""
    with _unharmed(people) as crowd:
        _each_is_answered(crowd, ORDERS)


def every_other_wrong_input_has_its_own_sentence(people: steps.People) -> None:
    """Addresses, tokens, minimums, commands, and texts that are none."""
    with _unharmed(people) as crowd:
        _each_is_answered(crowd, ELSEWHERE)


def ten_thousand_characters_are_answered(people: steps.People) -> None:
    """Apps cut such a text into messages of 4096; each of them is told to be too long."""
    with people.some(1) as [person]:
        before = steps.holdings(person)
        start = steps.last_id(person.chat)
        person.chat.send("long text " * 1000)

        def answers() -> bool:
            said = [message["text"] for message in person.chat.shown() if message["id"] > start]
            return sum("too long for me to read" in text for text in said) == 3

        harness.wait_until(answers, "an answer to each of the three parts")
        steps.say(person.chat, f"/deposit {person.price} " + "1," * 2000, "too long")
        assert steps.unmoved(before, steps.holdings(person))


def a_question_is_asked_until_it_is_answered(people: steps.People) -> None:
    """In the middle of a deposit by buttons a wrong amount is explained, and the next one counts."""
    with people.some(1) as [person]:
        chat = person.chat
        before = steps.holdings(person)
        asked = steps.say(chat, f"/deposit {person.price}", "Available:")
        for amount, words in (
            ("1,000", "Could be 1000 or 1.000"),
            ("🚀", "not an amount"),
            ("9999", "to use"),
        ):
            steps.say(chat, amount, words, "Try again, or stop")
        chat.send("2.5")
        card = steps.Card(chat, chat.wait("Confirm: deposit", "2.5 USDC", after=asked["id"])["id"])
        card.ready()
        card.tap("Cancel")
        card.wait("Nothing was done.")
        assert steps.unmoved(before, steps.holdings(person))


def somebody_elses_order_is_not_found_and_a_watched_one_moves_nothing(people: steps.People) -> None:
    """By its address it does not exist for others; whoever watches the wallet sees it, and only that."""
    with people.some(2) as [owner, other]:
        before = [steps.holdings(person) for person in (owner, other)]
        theirs = steps.order_key(owner, "price")
        for command in ("/deposit {} 1", "/withdraw {} 1", "/cancel {}"):
            steps.say(other.chat, command.format(theirs), "You have no order that fits")
        watcher = other.box.chat(owner.chat.user + 100_000)
        steps.say(watcher, f"/watch {owner.wallet}", "Watching")
        listed = steps.say(watcher, "/orders", "Active orders", "price")
        number = steps.numbers_in(listed)["price"]
        for command in ("/deposit {} 1", "/withdraw {} 1", "/cancel {}"):
            steps.say(watcher, command.format(number), "watched only", "no key here")
        assert all(map(steps.unmoved, before, [steps.holdings(person) for person in (owner, other)]))


# --- secrets ---------------------------------------------------------------------------------------------


def _bad_keys() -> list[tuple[str, str]]:
    key = bytes(Keypair())
    other = bytes(Keypair())
    return [
        ("hello", "not a private key"),
        (addresses.encode_base58(key[:63]), "not a private key"),
        (addresses.encode_base58(key[:32] + other[32:]), "two halves do not belong together"),
        (str(list(key[:63])), "not a private key"),
        (str([*key[:63], 999]), "not a private key"),
        ("abandon " * 11 + "about", "seed phrase"),
    ]


def unusable_keys_are_refused_and_deleted(people: steps.People) -> None:
    """Whatever was sent as a key leaves the chat, makes no wallet, and is in no log."""
    cases = _bad_keys()
    with people.some(len(cases)) as crowd:
        for person in crowd:
            prompt = steps.say(person.chat, "/wallet", "Wallets")
            person.chat.tap(prompt, harness.label(prompt, "Import"), wait=0)
        before = [person.chat.wait("Import a wallet", "private key")["id"] for person in crowd]
        for person, (text, _) in zip(crowd, cases, strict=True):
            person.chat.send(text)
        for person, (text, words), after in zip(crowd, cases, before, strict=True):
            person.chat.wait(words, "I deleted your message", after=after)
            assert text.strip() not in [message["text"] for message in person.chat.shown()]
        for person in crowd:
            listed = steps.say(person.chat, "/wallet", "👛 Wallets")
            assert listed["text"].count("Wallet ") == 1
        log = (crowd[0].box.data / "sandbox.log").read_text()
        assert not [text for text, _ in cases[1:] if text in log]


def secrets_in_the_wrong_place_are_deleted_at_once(people: steps.People) -> None:
    """A key or a seed phrase that nobody asked for: gone from the chat, said to be exposed, not imported."""
    secrets = [
        addresses.encode_base58(bytes(Keypair())),
        "legal winner thank year wave sausage worth useful " * 3,
    ]
    with people.some(len(secrets)) as crowd:
        for person, secret in zip(crowd, secrets, strict=True):
            steps.say(
                person.chat, secret, "looked like a private key or a seed phrase", "I deleted your message"
            )
            assert secret.strip() not in [message["text"] for message in person.chat.shown()]
            listed = steps.say(person.chat, "/wallet", "👛 Wallets")
            assert listed["text"].count("Wallet ") == 1


# --- taps ------------------------------------------------------------------------------------------------


def the_second_tap_on_confirm_does_nothing(people: steps.People) -> None:
    """Two taps at once, and one afterwards: one deposit, and the others are told that they did nothing."""
    with people.some(1) as [person]:
        before = steps.holdings(person)
        card = steps.offer(person, f"/deposit {person.price} 3")
        token = steps.data(card.message(), "Confirm")
        said = card.tap("Confirm", times=2)
        assert said["toasts"] == ["Confirmed"]
        assert "Nothing was done by this tap" in said["alerts"][0]
        card.done()
        late = person.chat.forge_tap(card.message(), token)
        assert late["answered"], f"no answer to the late tap: {card.calls()}"
        assert "Nothing was done by this tap" in "".join(late["alerts"]), (late, person.chat.shown()[-2:])
        answers = [call for call in card.calls() if call["method"] == "answerCallbackQuery"]
        assert [call["error"] for call in answers] == ["", "", ""], "each tap is answered exactly once"
        assert sum(call["method"] == "sendMessage" for call in card.calls()) == 1
        steps.moved(before, person, kinds=["price_deposit"], deposited=3_000_000)


def two_hundred_taps_are_one_signature(people: steps.People) -> None:
    """However hard the button is hit, the ledger shows one transaction."""
    with people.some(1) as [person]:
        before = steps.holdings(person)
        card = steps.offer(person, f"/withdraw {person.price} 4")
        message = card.message()
        said = person.chat.tap(message, harness.label(message, "Confirm"), times=200, wait=0.02)
        assert said["toasts"].count("Confirmed") <= 1
        card.done()
        steps.moved(before, person, kinds=["price_withdraw"], withdrawn=4_000_000)


def a_tap_by_somebody_else_does_nothing(people: steps.People) -> None:
    """A stolen token is worth nothing in another chat, and stays good for its owner."""
    with people.some(2) as [owner, thief]:
        before = steps.holdings(owner)
        card = steps.offer(owner, f"/deposit {owner.price} 1")
        token = steps.data(card.message(), "Confirm")
        own = steps.say(thief.chat, "/help", "What works")
        said = thief.chat.forge_tap(own, token)
        assert "no longer valid" in said["alerts"][0]
        assert steps.unmoved(before, steps.holdings(owner))
        elsewhere = steps.say(owner.chat, "/help", "What works")
        said = owner.chat.forge_tap(elsewhere, token)
        assert "no longer valid" in said["alerts"][0]
        card.confirm()
        card.done()
        steps.moved(before, owner, kinds=["price_deposit"], deposited=1_000_000)


def a_group_is_no_place_to_talk_about_money(people: steps.People) -> None:
    """A command there is refused in one sentence, and so is a Confirm that was carried there."""
    with people.some(1) as [person]:
        before = steps.holdings(person)
        card = steps.offer(person, f"/deposit {person.price} 1")
        group = replace(person.chat, group=person.chat.user)
        refused = group.ask(f"/deposit {person.price} 1")
        assert "private chat" in refused["text"]
        said = group.forge_tap(refused, steps.data(card.message(), "Confirm"))
        assert "private chat" in said["alerts"][0]
        assert steps.unmoved(before, steps.holdings(person))
        card.confirm()
        card.done()
        steps.moved(before, person, kinds=["price_deposit"], deposited=1_000_000)


def a_tap_after_expiry_does_nothing(people: steps.People) -> None:
    """When its two minutes are over (moved in the database, not slept through) a card does nothing."""
    with people.some(1) as [person]:
        before = steps.holdings(person)
        card = steps.offer(person, f"/deposit {person.price} 1")
        token = steps.data(card.message(), "Confirm")
        path = person.box.data / "data" / "bot" / "bot.db"
        with closing(sqlite3.connect(path, timeout=20)) as database:
            changed = database.execute(
                "UPDATE confirmations SET expires_at = '2020-01-01 00:00:00.000000' WHERE token = ?",
                [token.partition(":")[2]],
            )
            assert changed.rowcount == 1
            database.commit()
        said = person.chat.forge_tap(card.message(), token)
        assert "no longer valid" in said["alerts"][0]
        assert "Expired. Nothing was done." in card.wait("Expired")
        assert not steps.labels(card.message()) & {steps.CONFIRM}
        assert steps.unmoved(before, steps.holdings(person))


# --- no SOL ----------------------------------------------------------------------------------------------


def without_sol_for_fees_nothing_is_signed(people: steps.People) -> None:
    """Before the card, and when the SOL left between card and tap: each says how much is needed."""
    key, chat = Keypair(), people.stranger()
    person = steps.import_wallet(people.box, chat, key)
    closing_time_order = steps.offer(person, f"/cancel {person.time}")
    closing_time_order.confirm()
    closing_time_order.done()  # its fills would bring new SOL
    card = steps.offer(person, f"/deposit {person.price} 5")
    steps.drain(people.box, key)
    before = steps.holdings(person)
    assert before.balances["SOL"] == 0
    card.confirm()
    end = card.end()
    assert "Not done" in end
    assert "SOL in the wallet" in end
    assert "it holds 0 SOL" in end
    assert "Nothing was signed" in end
    for command in ("/deposit {price} 5", "/withdraw {price} 5", "/cancel {price}"):
        steps.say(
            chat, command.format(**person.numbers), "That needs up to", "it holds 0 SOL", "Send it some SOL"
        )
    steps.say(chat, "/new 500 USDC to SOL in 10 every 1d", "it holds 0 SOL")
    assert steps.unmoved(before, steps.holdings(person))


WAYS = (
    without_sol_for_fees_nothing_is_signed,
    unusable_amounts_of_a_deposit_are_explained,
    unusable_amounts_of_a_withdrawal_are_explained,
    more_than_there_is_is_refused_with_the_numbers,
    orders_that_are_none_are_explained,
    every_other_wrong_input_has_its_own_sentence,
    ten_thousand_characters_are_answered,
    a_question_is_asked_until_it_is_answered,
    somebody_elses_order_is_not_found_and_a_watched_one_moves_nothing,
    unusable_keys_are_refused_and_deleted,
    secrets_in_the_wrong_place_are_deleted_at_once,
    the_second_tap_on_confirm_does_nothing,
    two_hundred_taps_are_one_signature,
    a_tap_by_somebody_else_does_nothing,
    a_group_is_no_place_to_talk_about_money,
    a_tap_after_expiry_does_nothing,
)


@pytest.mark.parametrize("way", WAYS, ids=together.name)
def test_bad_input(begun: together.Together, way: together.Way) -> None:
    """They have begun together; each comes to its end."""
    begun.end(way)
