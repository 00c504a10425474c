"""A lying Jupiter: whatever it returns instead of what was confirmed, nothing is signed, and it is said.

The gain of every lie goes to somebody else; see bot/sandbox/lies.py for what each one is.
"""

import itertools
from collections.abc import Iterator

import pytest

from bot.domain import amounts
from bot.sandbox import launcher, lies
from tests import harness
from tests.e2e import steps

ACTIONS = {
    "deposit": "/deposit {price} 7",
    "withdraw": "/withdraw {price} 7",
    "withdraw all": "/withdraw {price} all",
    "create": "/new 500 USDC to SOL in 10 every 1d",
    "cancel price": "/cancel {price}",
    "cancel time": "/cancel {time}",
}
EVERY_KIND = frozenset(ACTIONS) - {"withdraw all"}
PLACES = {
    "amount": {"deposit", "withdraw", "withdraw all", "create"},
    "order": EVERY_KIND | {"withdraw all"},
    "transfer": EVERY_KIND,
    "approve": EVERY_KIND,
    "set_authority": EVERY_KIND,
    "nonce": EVERY_KIND,
    "fee_payer": EVERY_KIND,
    "priority_fee": EVERY_KIND,
    "destination": EVERY_KIND | {"withdraw all"},
    "price_bounds": {"create"},
}
"""Lie -> the actions whose transactions have a place for it."""
SAID = {
    "priority_fee": "That is more than the operator allows",
    "price_bounds": "at least 0.000000001 SOL for each part, where you confirmed no minimum",
}
"""Lies that are told more closely than as something other than confirmed."""
BONK = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"


@pytest.fixture(scope="module")
def patient(residents: steps.People) -> Iterator[Iterator[steps.Person]]:
    """People with a time order that lasts for days, in turn."""
    with residents.some(2) as chosen:
        yield itertools.cycle(steps.open_lasting_orders(chosen))


def test_every_lie_in_a_transaction_is_tried() -> None:
    """A new lie needs a line here."""
    assert set(PLACES) == lies.IN_TRANSACTIONS


@pytest.mark.parametrize("lie", sorted(PLACES))
def test_a_lie_in_a_transaction_is_never_signed(
    people: steps.People, patient: Iterator[steps.Person], lie: str
) -> None:
    """Every action that has a place for it is refused on its card; no signed byte leaves, nothing moves."""
    actions = sorted(PLACES[lie])
    others = [action for action in actions if action != "cancel time"]
    with people.some(len(others)) as crowd:
        cast = dict(zip(others, crowd, strict=True))
        if "cancel time" in actions:
            cast["cancel time"] = next(patient)
        box = crowd[0].box
        before = {action: steps.holdings(person) for action, person in cast.items()}
        cards = steps.offer_all(
            [(person, ACTIONS[action].format(**person.numbers)) for action, person in cast.items()]
        )
        box.faults({"target": "jupiter", "kind": "lie", "lie": lie}, *steps.COUNT_SIGNED)
        steps.confirm_all(cards)
        for action, card in zip(cast, cards, strict=True):
            end = card.end()
            assert "🛑 Refused" in end, (action, end)
            assert SAID.get(lie, "Jupiter returned a transaction that does something other") in end
            assert "nothing was signed" in end
            assert "solscan.io/tx" not in card.message()["html"]
        told, *signed = box.fault_hits()
        assert told >= len(cards)
        assert signed == [0, 0], "signed bytes left"
        for action, person in cast.items():
            assert steps.unmoved(before[action], steps.holdings(person)), action


def test_after_a_lie_the_truth_is_signed_again(people: steps.People) -> None:
    """A refusal is the end of that card only; the sandbox's operator hears of it, and of its end."""
    operator = people.box.chat(launcher.OPERATOR)
    operator.ask("/start")  # What others did before is told now, in however many messages.
    with people.some(1) as [person]:
        before = steps.holdings(person)
        card = steps.offer(person, f"/deposit {person.price} 7")
        person.box.faults({"target": "jupiter", "kind": "lie", "lie": "transfer", "count": 1})
        card.confirm()
        assert "🛑 Refused" in card.end()
        whose = f"of person {person.chat.user}, rule"
        operator.wait("Refused to sign", whose)
        again = steps.offer(person, f"/deposit {person.price} 7")
        again.confirm()
        again.done()
        steps.moved(before, person, kinds=["price_deposit"], deposited=7_000_000)

        def recovered() -> bool:
            """After the refusal; both may have come in one message."""
            said = "\n".join(message["text"] for message in operator.shown())
            return "are as confirmed again" in said.rpartition(whose)[2]

        harness.wait_until(recovered, "the end of the operator's trouble")


def test_somebody_elses_order_in_the_list_gets_no_card(
    sandbox: harness.Sandbox, people: steps.People, chat: harness.Chat
) -> None:
    """It is listed, because Jupiter says so; but no money moves for what is not proven to be the wallet's."""
    [person] = steps.move_in(sandbox, [chat])
    before = steps.holdings(person)
    own = {order["order"] for order in sandbox.orders(person.wallet)}
    sandbox.faults({"target": "jupiter", "kind": "lie", "lie": "foreign_order"}, *steps.COUNT_SIGNED)

    def look() -> set[int]:
        """Numbers that are new; a look of a moment ago counts as fresh."""
        listed = steps.LISTED.findall(steps.say(chat, "/orders", "Active orders")["text"])
        return {int(number) for number, _ in listed} - set(person.numbers.values())

    [foreign] = harness.wait_until(look, "the foreign order in the list")
    start = steps.last_id(chat)
    for command in ("/deposit {} 5", "/withdraw {} 5", "/withdraw {} all", "/cancel {}"):
        steps.say(chat, command.format(foreign), "could not prove that this order belongs to your wallet")
    assert chat.find("Confirm:", after=start) is None
    told, *signed = sandbox.fault_hits()
    assert told > 0
    assert signed == [0, 0]
    after = steps.holdings(person)
    assert steps.unmoved(before, after)
    assert set(after.orders) == own


def test_wrong_decimals_change_no_amount(people: steps.People) -> None:
    """What the token list says of decimals is not believed: the chain's are shown, asked for and sent."""
    with people.some(2) as [person, receiver]:
        box, chat = person.box, person.chat
        box.faults({"target": "jupiter", "kind": "lie", "lie": "decimals"})
        box.fund(person.wallet, tokens={BONK: 123_456_789})
        listed = steps.say(chat, "/wallet", "👛 Wallets")
        chat.tap(listed, harness.label(listed, "Wallet 1"))
        assert "1234.56789 BONK" in chat.wait("BONK", after=listed["id"] - 1)["text"]
        assert box.fault_hits()[0] > 0
        before = steps.holdings(receiver)
        card = steps.offer(person, f"/send 1.5 BONK {receiver.wallet}")
        assert "1.5 BONK" in card.text()
        card.confirm()
        card.done()
        arrived = steps.holdings(receiver).balances[BONK] - before.balances.get(BONK, 0)
        assert amounts.format_amount(arrived, 5) == "1.5"
