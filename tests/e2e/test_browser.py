"""The main path by pressing real buttons on the real page, at a phone's width."""

from solders.keypair import Keypair

from bot.domain import amounts
from tests import harness
from tests.e2e import browser, steps


def move_in(sandbox: harness.Sandbox, phone: browser.Phone) -> steps.Person:
    """Press START, create a wallet, look at the orders."""
    phone.start()
    phone.wait("custodial", "no real funds")
    created = phone.press("Create a wallet", "Wallet created")
    address = steps.ADDRESS.search(created.text)
    assert address is not None
    listed = phone.press("Orders", "Active orders", "price order", "time order")
    numbers = {family: int(number) for number, family in steps.LISTED.findall(listed.text)}
    return steps.Person(sandbox, sandbox.chat(phone.person), address[0], numbers)


def test_a_newcomer_deposits_withdraws_and_watches_fills(
    sandbox: harness.Sandbox, phone: browser.Phone
) -> None:
    """START to the last withdrawal without typing a command; a double tap on Confirm deposits once."""
    phone.page.locator("#description").filter(has_text="custodial").wait_for()
    person = move_in(sandbox, phone)
    phone.press("History", "Finished orders", "USDC → JUP", "100 %")
    phone.press("Home", "🏠 Home", "Active orders: 2")
    phone.press("Wallets", "👛 Wallets")
    phone.press("Wallet 1", "2500 USDC", person.wallet)
    key, had = steps.order_key(person, "price"), steps.usdc(person)
    before = int(steps.order_of(person, key)["rawInDeposited"])

    phone.press("Home", "🏠 Home")
    phone.press("Deposit", "Into which order?")
    phone.press(f"#{person.price}", "Available: 2500 USDC")
    phone.press("25 %", "Confirm: deposit", "625 USDC")
    done = phone.confirm(times=2)
    assert int(steps.order_of(person, key)["rawInDeposited"]) - before == 625_000_000
    assert had - steps.usdc(person) == 625_000_000
    assert steps.holdings(person).kinds.count("price_deposit") == 1

    phone.press(f"Order #{person.price}", "price order · active")
    assert phone.wait("Deposit: 625 USDC", "Done").id == done.id, "the record is still there"
    phone.press("Withdraw", "In the order:")
    phone.say("40.5", "Confirm: withdraw", "40.5 USDC")
    phone.confirm()
    assert int(steps.order_of(person, key)["rawInWithdrawn"]) == 40_500_000
    phone.choose("withdraw", "From which order?")
    phone.press(f"#{person.price}", "In the order:")
    phone.press("All", "Confirm: withdraw", "everything that is left")
    phone.confirm()
    left = steps.order_of(person, key)
    assert int(left["rawInWithdrawn"]) + int(left["rawInUsed"]) == int(left["rawInDeposited"])

    sandbox.advance(90)
    phone.wait("Fill ", "USDC → SOL", "Bought")
    assert not phone.overflows()


def test_new_cancel_and_send_by_buttons(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """An order is opened question by question, closed again, and money is sent."""
    person = move_in(sandbox, phone)
    known = {order["order"] for order in sandbox.orders(person.wallet)}
    had = steps.usdc(person)
    phone.choose("new", "1 of 7")
    phone.press("USDC", "2 of 7")
    phone.press("SOL", "3 of 7")
    phone.say("500", "4 of 7")
    phone.press("20", "minimum for each part is 50 USD", "Try again, or stop")
    phone.press("10", "5 of 7")
    phone.press("1 day", "6 of 7")
    phone.say("10 and 9000", "7 of 7")
    phone.say("2027-06-01 14:30", "Confirm: open a time order", "500 USDC in all", "10 parts of 50 USDC")
    phone.confirm()
    (order,) = [one for one in sandbox.orders(person.wallet) if one["order"] not in known]
    assert int(order["rawInDeposited"]) == had - steps.usdc(person) == 500_000_000

    phone.say("/cancel", "Which one?")
    phone.press("#4", "Confirm: cancel order #4", "Comes back, as of now: 500 USDC")
    phone.press("Keep the order", "Not confirmed. Nothing was done.")
    assert steps.usdc(person) == had - 500_000_000
    phone.say("/cancel 4", "Confirm: cancel order #4")
    phone.confirm()
    assert steps.usdc(person) == had
    assert steps.order_of(person, order["order"])["status"] == "history"

    to = str(Keypair().pubkey())
    phone.say("/wallet", "👛 Wallets")
    phone.press("Wallet 1", "2500 USDC")
    phone.press("Send", "How much of what")
    phone.say(f"1.5 NOPE {to}", "no token of that name", "Try again")
    phone.say(f"1.5 USDC {to}", "Confirm: send tokens", to, "never sent anything")
    phone.confirm()
    phone.say(f"/send 0.25 SOL {to}", "Confirm: send SOL", to)
    phone.confirm()
    assert sandbox.ledger()["balances"][to] == {amounts.USDC_MINT: "1500000", "SOL": "250000000"}
    assert not phone.overflows()


def test_what_a_time_order_cannot_do_leads_on(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """A deposit into one becomes a new order like it, a withdrawal its cancelling; /new works in one line."""
    person = move_in(sandbox, phone)
    had = steps.usdc(person)
    phone.say(f"/deposit {person.time} 50", "no way to add funds")
    phone.press("New, same settings", "Confirm: open a time order", "500 USDC in all", "10 parts of 50 USDC")
    phone.confirm()
    assert had - steps.usdc(person) == 500_000_000

    known = {order["order"] for order in sandbox.orders(person.wallet)}
    phone.say("/new 300 USDC to SOL in 0 every 1d", "at least 2 parts")
    phone.say("/new 300 USDC to SOL in 3 every 0h", "at least 30 seconds")
    card = phone.say(
        "/new 300 USDC to SOL in 3 every 2d above 10 from 2027-06-01", "Confirm: open a time order"
    )
    assert card.has("3 parts of 100 USDC, every 2 days", "from 10 to any USDC per SOL")
    phone.confirm()
    (order,) = [one for one in sandbox.orders(person.wallet) if one["order"] not in known]
    assert (order["family"], int(order["rawInDeposited"])) == ("time", 300_000_000)

    had = steps.usdc(person)
    phone.say(f"/withdraw {order['order'][:8]} 1", "no way to take part of its funds out")
    phone.press("Cancel, get rest", "Confirm: cancel", "Comes back, as of now: 300 USDC")
    phone.confirm()
    assert steps.usdc(person) - had == 300_000_000
    assert steps.order_of(person, order["order"])["status"] == "history"
    assert not phone.overflows()
