"""The main paths by real buttons on the real page, at a phone's width: several people side by side."""

import asyncio

from solders.keypair import Keypair

from bot.domain import amounts
from tests import harness
from tests.e2e import browser, charts, steps


async def test_the_main_paths_by_real_buttons(sandbox: harness.Sandbox, phones: browser.Phones) -> None:
    """Each way from START to the end of its cards, without typing a command where there is a button."""
    ways = (
        deposit,
        withdraw_and_watch,
        open_an_order,
        order_anew,
        cancel,
        send,
        charts.see_an_order_and_a_wallet_at_a_glance,
        charts.see_prices_that_were_sampled,
    )
    begun = await phones(len(ways))
    async with asyncio.TaskGroup() as group:
        for way, phone in zip(ways, begun, strict=True):
            group.create_task(way(sandbox, phone), name=way.__name__)
    for phone in begun:
        assert not await phone.overflows()


async def deposit(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """A look around, then a deposit: two taps on Confirm are one, and the record of it stays."""
    person = await browser.move_in(sandbox, phone)
    await phone.press("History", "Finished orders", "USDC → JUP", "100 %")
    await phone.press("Home", "🏠 Home", "Active orders: 2")
    await phone.press("Wallets", "👛 Wallets")
    await phone.press("Wallet 1", "2500 USDC", person.wallet)
    key, had = steps.order_key(person, "price"), steps.usdc(person)
    before = int(steps.order_of(person, key)["rawInDeposited"])

    await phone.press("Home", "🏠 Home")
    await phone.press("Deposit", "Into which order?")
    await phone.press(f"#{person.price}", "Available: 2500 USDC")
    await phone.press("25 %", "Confirm: deposit", "625 USDC")
    done = await phone.confirm(times=2)
    assert int(steps.order_of(person, key)["rawInDeposited"]) - before == 625_000_000
    assert had - steps.usdc(person) == 625_000_000
    assert steps.holdings(person).kinds.count("price_deposit") == 1

    await phone.press(f"Order #{person.price}", "price order · active")
    assert (await phone.wait("Deposit: 625 USDC", "Done")).id == done.id, "the record is still there"


async def withdraw_and_watch(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """A part, then everything; and fills come by themselves."""
    person = await browser.move_in(sandbox, phone)
    key, filling = steps.order_key(person, "price"), steps.order_key(person, "time")
    await phone.press(f"#{person.price}", "price order · active")
    await phone.press("Withdraw", "In the order:")
    await phone.say("40.5", "Confirm: withdraw", "40.5 USDC")
    await phone.confirm()
    assert int(steps.order_of(person, key)["rawInWithdrawn"]) == 40_500_000
    await phone.choose("withdraw", "From which order?")
    await phone.press(f"#{person.price}", "In the order:")
    await phone.press("All", "Confirm: withdraw", "everything that is left")
    await phone.confirm()
    left = steps.order_of(person, key)
    assert int(left["rawInWithdrawn"]) + int(left["rawInUsed"]) == int(left["rawInDeposited"])
    await _filled(sandbox, filling)
    # One by itself, or several that were found together.
    await phone.wait("🟢", "Fill ", "USDC → SOL")


async def _filled(sandbox: harness.Sandbox, order: str) -> None:
    """Wait until the keeper has filled it for the first time: how late is up to its luck."""

    def look() -> bool:
        return any(trade["orderKey"] == order for trade in sandbox.ledger()["trades"])

    await asyncio.to_thread(harness.wait_until, look, "the first fill", 2 * harness.WAIT_S)


async def open_an_order(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """Question by question, one answer of them wrong."""
    person = await browser.move_in(sandbox, phone)
    known = {order["order"] for order in sandbox.orders(person.wallet)}
    had = steps.usdc(person)
    await phone.choose("new", "1 of 7")
    await phone.press("USDC", "2 of 7")
    await phone.press("SOL", "3 of 7")
    await phone.say("500", "4 of 7")
    await phone.press("20", "minimum for each part is 50 USD", "Try again, or stop")
    await phone.press("10", "5 of 7")
    await phone.press("1 day", "6 of 7")
    await phone.say("10 and 9000", "7 of 7")
    await phone.say(
        "2027-06-01 14:30", "Confirm: open a time order", "500 USDC in all", "10 parts of 50 USDC"
    )
    await phone.confirm()
    (order,) = [one for one in sandbox.orders(person.wallet) if one["order"] not in known]
    assert int(order["rawInDeposited"]) == had - steps.usdc(person) == 500_000_000


async def order_anew(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """A deposit into a time order becomes a new order like it."""
    person = await browser.move_in(sandbox, phone)
    had = steps.usdc(person)
    await phone.say(f"/deposit {person.time} 50", "no way to add funds")
    await phone.press(
        "New, same settings", "Confirm: open a time order", "500 USDC in all", "10 parts of 50 USDC"
    )
    await phone.confirm()
    assert had - steps.usdc(person) == 500_000_000


async def cancel(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """Asked which, thought better of it, and done after all: what the card says comes back."""
    person = await browser.move_in(sandbox, phone)
    key, had = steps.order_key(person, "price"), steps.usdc(person)
    left = steps.left_in(person, "price")
    await phone.say("/cancel", "Which one?")
    await phone.press(f"#{person.price}", f"Confirm: cancel order #{person.price}", "Comes back, as of now:")
    await phone.press("Keep the order", "Not confirmed. Nothing was done.")
    assert steps.usdc(person) == had
    await phone.say(f"/cancel {person.price}", f"Confirm: cancel order #{person.price}")
    await phone.confirm()
    assert steps.usdc(person) - had == left
    assert steps.order_of(person, key)["status"] == "history"


async def send(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """From the wallet's screen, and in one line: exactly that arrives."""
    await browser.move_in(sandbox, phone)
    to = str(Keypair().pubkey())
    await phone.say("/wallet", "👛 Wallets")
    await phone.press("Wallet 1", "2500 USDC")
    await phone.press("Send", "How much of what")
    await phone.say(f"1.5 NOPE {to}", "no token of that name", "Try again")
    await phone.say(f"1.5 USDC {to}", "Confirm: send tokens", to, "never sent anything")
    await phone.confirm()
    await phone.say(f"/send 0.25 SOL {to}", "Confirm: send SOL", to)
    await phone.confirm()
    assert sandbox.ledger()["balances"][to] == {amounts.USDC_MINT: "1500000", "SOL": "250000000"}
