"""What people do in these tests, in a few words each: move in, ask for a card, confirm it, see the end."""

import re
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from solders import system_program
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.transaction import VersionedTransaction

from tests import harness

FEE_LAMPORTS = 5_000
AT_LEAST = 12
"""So many people move in together: enough that each can rest while others are tested."""
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
COUNT_SIGNED = (
    {"target": "jupiter", "kind": "slow", "seconds": 0, "match": "/execute"},
    {"target": "rpc", "kind": "slow", "seconds": 0, "match": "sendTransaction"},
)
"""Faults that do nothing but count the requests by which signed bytes leave the bot."""
CONFIRM = "✅ Confirm"
ENDS = ("✅ Done", "❌ Not done", "❌ Failed on chain", "🛑 Refused")
NOTICES = ("🟢", "🏁", "🔔", "🪫", "🆕")
"""How messages begin that nobody asked for."""
ADDRESS = re.compile(r"^[1-9A-HJ-NP-Za-km-z]{32,44}$", re.MULTILINE)
LISTED = re.compile(r"#(\d+) \S+ → \S+ · (time|price)")

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody with a wallet, a price order and a time order."""

    box: harness.Sandbox = field(repr=False)
    chat: harness.Chat = field(repr=False)
    wallet: str
    numbers: dict[str, int]
    """Family -> the person's number of that active order."""

    @property
    def price(self) -> int:
        return self.numbers["price"]

    @property
    def time(self) -> int:
        return self.numbers["time"]


@dataclass(frozen=True)
class Card:
    """A confirm card in a chat."""

    chat: harness.Chat
    id: int

    def message(self) -> Json:
        return next(message for message in self.chat.messages() if message["id"] == self.id)

    def calls(self) -> list[Json]:
        """What the bot had Telegram do with it."""
        return self.chat.calls(self.id)

    def text(self) -> str:
        text: str = self.message()["text"]
        return text

    def ready(self) -> None:
        """Wait until it can be confirmed."""
        self.chat.wait_button(self.id, "Confirm")

    def tap(self, label: str, times: int = 1) -> Json:
        return self.chat.tap(self.message(), harness.label(self.message(), label), times)

    def confirm(self) -> None:
        """Tap, and leave it to the card to say what comes of it."""
        self.chat.tap({"id": self.id}, CONFIRM, wait=0)

    def end(self, timeout: float = harness.WAIT_S) -> str:
        """The whole card, once it says how it ended."""

        return self.wait(*ENDS, timeout=timeout)

    def done(self, timeout: float = harness.WAIT_S) -> None:
        """Wait for its end, which has to be a good one."""
        end = self.end(timeout)
        assert "✅ Done" in end, end

    def wait(self, *parts: str, timeout: float = harness.WAIT_S) -> str:
        """The whole card, once it contains one of these."""

        def look() -> str | None:
            text = self.text()
            return text if any(part in text for part in parts) else None

        try:
            return harness.wait_until(look, f"a card with one of {parts}", timeout)
        except AssertionError as exc:
            raise AssertionError(f"{exc}; it says {self.text()!r}") from None


def last_id(chat: harness.Chat) -> int:
    return max((message["id"] for message in chat.messages()), default=0)


def labels(message: Json) -> set[str]:
    return {button["text"] for row in message["buttons"] for button in row}


def data(message: Json, part: str) -> str:
    """What the button whose label contains this sends to the bot."""
    label = harness.label(message, part)
    return next(
        str(button["data"]) for row in message["buttons"] for button in row if button["text"] == label
    )


def say(chat: harness.Chat, text: str, *parts: str, timeout: float = harness.WAIT_S) -> Json:
    """Send, and wait for an answer with all these parts."""
    before = last_id(chat)
    chat.send(text)
    return chat.wait(*parts, after=before, timeout=timeout)


def ask_until(person: Person, text: str, *parts: str, within: float = harness.WAIT_S) -> Json:
    """Ask again until the answer has these parts: a look of a moment ago counts as fresh for some seconds.

    Every single answer has to come within so many seconds.
    """

    def asked() -> Json | None:
        before = last_id(person.chat)
        person.chat.send(text)

        def look() -> Json | None:
            new = [m for m in person.chat.shown() if m["id"] > before and m["from"] == "bot"]
            return next((message for message in new if not message["text"].startswith(NOTICES)), None)

        answer = harness.wait_until(look, f"an answer to {text!r}", within)
        return answer if all(part in answer["text"] for part in parts) else None

    return harness.wait_until(asked, f"an answer to {text!r} with {parts}")


def press(chat: harness.Chat, message: Json, label: str, *parts: str) -> Json:
    """Tap, and wait for that message or a newer one with all these parts."""
    chat.tap(message, harness.label(message, label), wait=0)
    return chat.wait(*parts, after=message["id"] - 1)


def offer(person: Person, text: str) -> Card:
    """The card that a command brings, ready to be confirmed."""
    return offer_all([(person, text)])[0]


def offer_all(wanted: Sequence[tuple[Person, str]]) -> list[Card]:
    """Several people's cards, all asked for at once."""
    before = [last_id(person.chat) for person, _ in wanted]
    for person, text in wanted:
        person.chat.send(text)
    cards = []
    for (person, _), after in zip(wanted, before, strict=True):
        card = Card(person.chat, person.chat.wait("Confirm:", after=after)["id"])
        card.ready()
        cards.append(card)
    return cards


def confirm_all(cards: Sequence[Card]) -> None:
    for card in cards:
        card.confirm()


def move_in(box: harness.Sandbox, chats: Sequence[harness.Chat]) -> list[Person]:
    """Newcomers create their wallets and look at their orders, all at once."""
    for chat in chats:
        chat.send("/start")
    for chat in chats:
        start = chat.wait("custodial")
        chat.tap(start, harness.label(start, "Create"), wait=0)
    for chat in chats:
        chat.wait("Wallet created")
        chat.send("/orders")
    return [look_around(box, chat) for chat in chats]


def look_around(box: harness.Sandbox, chat: harness.Chat) -> Person:
    """Read wallet and order numbers off the chat."""
    added = ADDRESS.search(chat.wait("its key")["text"])
    listed = chat.wait("Active orders", "price")
    assert added is not None, "no address where a wallet was added"
    return Person(box, chat, added[0], numbers_in(listed))


def numbers_in(listed: Json) -> dict[str, int]:
    """Family -> number of the oldest order of it in a list."""
    return {family: int(number) for number, family in LISTED.findall(listed["text"])}


def import_wallet(box: harness.Sandbox, chat: harness.Chat, key: Keypair) -> Person:
    """Like move_in, with a key that the test has, too."""
    start = say(chat, "/start", "custodial")
    chat.tap(start, harness.label(start, "Import"), wait=0)
    chat.wait("Import a wallet")
    chat.send(str(key))
    chat.wait("Wallet imported", "I deleted your message")
    listed = say(chat, "/orders", "Active orders", "price")
    return Person(box, chat, str(key.pubkey()), numbers_in(listed))


def open_lasting_orders(owners: Sequence[Person]) -> list[Person]:
    """The same people, with a time order that lasts for days as theirs."""
    cards = offer_all([(person, "/new 500 USDC to SOL in 10 every 1d") for person in owners])
    confirm_all(cards)
    for card in cards:
        card.done()
    found = []
    for person in owners:
        listed = say(person.chat, "/orders", "Active orders", "time")
        newest = max(int(number) for number, family in LISTED.findall(listed["text"]) if family == "time")
        found.append(replace(person, numbers=person.numbers | {"time": newest}))
    return found


def drain(box: harness.Sandbox, key: Keypair) -> None:
    """Send all SOL away, past the bot, with the owner's own key."""

    def call(method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = box.client.post("/rpc", json=body).raise_for_status().json()
        assert "error" not in answer, answer
        return answer["result"]

    owner = key.pubkey()
    rest = call("getBalance", str(owner))["value"] - FEE_LAMPORTS
    blockhash = Hash.from_string(call("getLatestBlockhash")["value"]["blockhash"])
    transfer = system_program.transfer(
        system_program.TransferParams(from_pubkey=owner, to_pubkey=Keypair().pubkey(), lamports=rest)
    )
    signed = VersionedTransaction(MessageV0.try_compile(owner, [transfer], [], blockhash), [key])
    call("sendTransaction", b64encode(bytes(signed)).decode(), {"encoding": "base64"})


@dataclass(frozen=True)
class Holdings:
    """What the ledger says of one person, but for what keepers and the sandbox's treasury do."""

    transactions: tuple[Json, ...]
    """Of this person's own, landed."""
    balances: dict[str, int]
    orders: dict[str, tuple[int, int]]
    """Order -> raw input deposited and withdrawn, both only ever changed by the person."""

    @property
    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.transactions]


def order_key(person: Person, family: str) -> str:
    """Address of the person's active order of a family."""
    mine = person.box.orders(person.wallet)
    return next(str(one["order"]) for one in mine if one["family"] == family and one["status"] == "active")


def left_in(person: Person, family: str) -> int:
    """Raw input left in the person's active order of a family."""
    key = order_key(person, family)
    return next(int(one["rawInLeft"]) for one in person.box.orders(person.wallet) if one["order"] == key)


def holdings(person: Person) -> Holdings:
    ledger = person.box.ledger()
    own = ledger["balances"].get(person.wallet, {})
    return Holdings(
        transactions=tuple(one for one in ledger["transactions"] if one["user"] == person.wallet),
        balances={mint: int(raw) for mint, raw in own.items()},
        orders={
            order["order"]: (int(order["rawInDeposited"]), int(order["rawInWithdrawn"]))
            for order in ledger["orders"]
            if order["user"] == person.wallet
        },
    )


def usdc(person: Person) -> int:
    return holdings(person).balances[USDC]


def order_of(person: Person, key: str) -> Json:
    """The order as the ledger has it now."""
    return next(order for order in person.box.orders(person.wallet) if order["order"] == key)


def unmoved(before: Holdings, after: Holdings) -> bool:
    """Whether nothing left the wallet and no order was touched; keepers may have paid something in."""
    return (
        after.transactions == before.transactions
        and after.orders == before.orders
        and after.balances[USDC] == before.balances[USDC]
        and all(after.balances.get(mint, 0) >= raw for mint, raw in before.balances.items())
    )


def moved(
    before: Holdings, person: Person, *, kinds: Sequence[str], deposited: int = 0, withdrawn: int = 0
) -> None:
    """Exactly these transactions landed since, and exactly this much USDC moved between wallet and orders."""
    after = holdings(person)
    assert after.kinds[len(before.kinds) :] == list(kinds)
    changes = [
        (now[0] - then[0], now[1] - then[1])
        for now, then in ((after.orders[order], before.orders[order]) for order in before.orders)
    ]
    assert (sum(change[0] for change in changes), sum(change[1] for change in changes)) == (
        deposited,
        withdrawn,
    )
    assert after.balances[USDC] - before.balances[USDC] == withdrawn - deposited


class People:
    """Persons who stay in one sandbox for several tests: moving in takes time, and so does Telegram's pace.

    Whoever rested longest is next. Who was in a test that failed is not asked again. Fit for several threads.
    """

    def __init__(self, box: harness.Sandbox, next_id: Callable[[], int]) -> None:
        self.box = box
        self._next_id = next_id
        self._rested: deque[Person] = deque()
        self._lock = threading.Lock()

    def stranger(self) -> harness.Chat:
        """The chat of somebody who was never here."""
        return self.box.chat(self._next_id())

    @contextmanager
    def some(self, count: int) -> Iterator[list[Person]]:
        with self._lock:
            missing = max(count, 0 if self._rested else AT_LEAST) - len(self._rested)
            if missing > 0:
                self._rested.extend(move_in(self.box, [self.stranger() for _ in range(missing)]))
            taken = [self._rested.popleft() for _ in range(count)]
        yield taken
        self._rested.extend(taken)
