"""New orders, what comes back when they are cancelled, and what is sent: exactly what the card said."""

import pytest
from solders.keypair import Keypair

from bot.domain import amounts
from tests import harness
from tests.e2e import steps, together

# --- new orders ------------------------------------------------------------------------------------------


def new_in_one_line_opens_exactly_that_order(people: steps.People) -> None:
    """Amount, parts, interval, range and start on chain are those of the card; then it is cancelled."""
    with people.some(1) as [person]:
        known = {order["order"] for order in person.box.orders(person.wallet)}
        before = steps.usdc(person)
        card = steps.offer(person, "/new 300 USDC to SOL in 3 every 2d between 10 and 9000 from 2027-06-01")
        for part in ("300 USDC in all", "3 parts of 100 USDC, every 2 days", "from 10 to 9000 USDC per SOL"):
            assert part in card.text()
        card.confirm()
        card.done()
        (order,) = [one for one in person.box.orders(person.wallet) if one["order"] not in known]
        assert (order["family"], order["outputMint"]) == ("time", amounts.WSOL_MINT)
        assert int(order["rawInDeposited"]) == before - steps.usdc(person) == 300_000_000

        said = ("100 USDC every 2 days", "from ≈ 10.00 up to ≈ 9000.00 USDC per SOL", "0 of 3 fills")
        steps.say(person.chat, f"/orders {order['order'][:8]}", *said)
        card = steps.offer(person, f"/cancel {order['order'][:8]}")
        assert "Comes back, as of now: 300 USDC" in card.text()
        card.confirm()
        card.done()
        assert steps.usdc(person) == before
        closed = steps.order_of(person, order["order"])
        assert (closed["status"], int(closed["rawInWithdrawn"])) == ("history", 300_000_000)


def sol_that_comes_back_wrapped_is_unwrapped(people: steps.People) -> None:
    """Where a withdrawal is not offered the order is cancelled; the wallet unwraps what comes back."""
    with people.some(1) as [person]:
        chat = person.chat
        known = {order["order"] for order in person.box.orders(person.wallet)}
        card = steps.offer(person, "/new 2 SOL to USDC in 2 every 1d from 2027-06-01")
        card.confirm()
        card.done()
        (order,) = [one for one in person.box.orders(person.wallet) if one["order"] not in known]
        refused = steps.say(chat, f"/withdraw {order['order'][:8]} 1", "is a time order")
        card = steps.Card(
            chat, steps.press(chat, refused, "Cancel, get rest", "Confirm: cancel", "2 SOL")["id"]
        )
        card.ready()
        card.confirm()
        card.done()
        assert steps.holdings(person).balances[amounts.WSOL_MINT] == 2 * amounts.LAMPORTS_PER_SOL

        wallet = steps.press(chat, steps.say(chat, "/wallet", "👛 Wallets"), "Wallet 1", "Wrapped SOL: 2 SOL")
        offered = steps.press(chat, wallet, "Unwrap", "Confirm: unwrap SOL", "As of now: 2 SOL")
        before = steps.holdings(person).balances["SOL"]
        card = steps.Card(chat, offered["id"])
        card.ready()
        card.confirm()
        card.done()
        assert steps.holdings(person).balances.get(amounts.WSOL_MINT, 0) == 0
        assert steps.holdings(person).balances["SOL"] > before + 2 * amounts.LAMPORTS_PER_SOL


def new_asks_for_tokens_amount_and_parts_until_they_can_be_done(people: steps.People) -> None:
    """Each wrong answer has its own sentence and is asked again."""
    with people.some(1) as [person]:
        chat = person.chat
        screen = steps.say(chat, "/new", "1 of 7")
        steps.press(chat, screen, "USDC", "2 of 7")
        said = _refused(
            chat,
            ("NOPE", "no such token"),
            ("jup", "possible look-alike"),
            ("So11111111111111111111111111111111111111112", "Which"),
        )
        steps.press(chat, chat.wait("Which", "2 of 7"), "SOL So11", "3 of 7")
        said |= _refused(
            chat, ("99.9", "minimum for an order is 100 USD"), ("9000", "and you asked for 9000")
        )
        steps.say(chat, "400", "4 of 7")
        said |= _refused(
            chat,
            ("1", "at least 2 parts"),
            ("2.5", "whole number"),
            ("20", "minimum for each part is 50 USD"),
        )
        steps.say(chat, "4", "5 of 7")
        assert len(said) == 8, "two answers have the same sentence"


def new_asks_for_times_and_prices_until_they_can_be_done(people: steps.People) -> None:
    """As before; and the card has what was answered."""
    with people.some(1) as [person]:
        chat = person.chat
        screen = steps.say(chat, "/new", "1 of 7")
        steps.press(chat, screen, "USDC", "2 of 7")
        steps.press(chat, chat.wait("2 of 7"), "SOL", "3 of 7")
        steps.say(chat, "400", "4 of 7")
        steps.say(chat, "4", "5 of 7")
        said = _refused(chat, ("soon", "I read times like"), ("500d", "at most a year"))
        steps.say(chat, "1d", "6 of 7")
        said |= _refused(chat, ("200 and 100", "is above the highest"), ("cheap", "I read price ranges like"))
        steps.say(chat, "100 and 200", "7 of 7")
        said |= _refused(chat, ("yesterday", "I read dates like"), ("2001-01-01", "lies in the past"))
        assert len(said) == 6, "two answers have the same sentence"
        before = steps.last_id(chat)
        steps.press(chat, chat.wait("7 of 7"), "Now", "Confirm: open a time order")
        card = steps.Card(chat, chat.wait("Confirm: open", "400 USDC in all", after=before)["id"])
        assert "4 parts of 100 USDC, every day" in card.text()
        card.ready()
        card.tap("Cancel")
        card.wait("Nothing was done")


def _refused(chat: harness.Chat, *answers: tuple[str, str]) -> set[str]:
    """What is said to wrong answers: each has to have these words."""
    return {steps.say(chat, answer, words)["text"] for answer, words in answers}


# --- sending ---------------------------------------------------------------------------------------------


def what_is_sent_arrives_exactly(people: steps.People) -> None:
    """Tokens and SOL, to an address that never had any; the first use is said, the second is not."""
    with people.some(1) as [person]:
        to = str(Keypair().pubkey())
        before = steps.holdings(person)
        card = steps.offer(person, f"/send 1.5 USDC {to}")
        for part in ("1.5 USDC", to, "never sent anything", "Opening the receiver's account"):
            assert part in card.text()
        card.confirm()
        card.done()
        card = steps.offer(person, f"/send 0.25 SOL {to}")
        assert "never sent anything" not in card.text()
        card.confirm()
        card.done()
        theirs = person.box.ledger()["balances"][to]
        assert theirs == {amounts.USDC_MINT: "1500000", "SOL": "250000000"}
        assert before.balances[amounts.USDC_MINT] - steps.usdc(person) == 1_500_000
        assert steps.holdings(person).kinds[len(before.kinds) :] == ["send", "send"]


WAYS = (
    sol_that_comes_back_wrapped_is_unwrapped,
    new_in_one_line_opens_exactly_that_order,
    new_asks_for_times_and_prices_until_they_can_be_done,
    new_asks_for_tokens_amount_and_parts_until_they_can_be_done,
    what_is_sent_arrives_exactly,
)


@pytest.mark.parametrize("way", WAYS, ids=together.name)
def test_orders(begun: together.Together, way: together.Way) -> None:
    """They have begun together; each comes to its end."""
    begun.end(way)
