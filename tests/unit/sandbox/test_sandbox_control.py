"""The control API tells the whole ledger, moves time and hands out money."""

from typing import Any

import pytest
from solders.keypair import Keypair

from bot.sandbox import tokens
from tests.fakes.sandbox import SOL, Harness


async def _ledger(harness: Harness) -> Any:
    return (await harness.http.get("/sandbox/ledger")).json()


async def test_the_ledger_shows_what_moved() -> None:
    """A deposit: the order's numbers, the wallet's balance and one transaction of that kind."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    before = await _ledger(harness)
    done = await harness.execute(user, await harness.deposit(user, entry, 4_000_000))
    after = await _ledger(harness)
    (old,), (new,) = before["orders"], after["orders"]
    assert (new["order"], new["family"], new["user"]) == (entry.key, "price", str(user.pubkey()))
    assert int(new["rawInDeposited"]) - int(old["rawInDeposited"]) == 4_000_000
    assert int(new["rawInLeft"]) - int(old["rawInLeft"]) == 4_000_000
    owner, mint = str(user.pubkey()), str(tokens.USDC.mint)
    balances = [int(told["balances"][owner][mint]) for told in (before, after)]
    assert balances[0] - balances[1] == 4_000_000
    (deposit,) = [one for one in after["transactions"] if one["kind"] == "price_deposit"]
    assert (deposit["signature"], deposit["user"], deposit["ok"], deposit["err"]) == (
        done["signature"],
        owner,
        True,
        None,
    )
    spent = int(before["balances"][owner]["SOL"]) - int(after["balances"][owner]["SOL"])
    assert spent == int(deposit["fee"])


async def test_every_kind_of_transaction_has_its_name() -> None:
    """Create, cancel, withdraw, send and fills can be told apart."""
    harness = Harness()
    user = harness.wallet()
    price = harness.price_order(user)
    opened = await harness.execute(user, await harness.create(user))
    await harness.execute(user, await harness.withdraw(user, price, 1))
    await harness.execute(user, await harness.cancel(user, harness.book.orders[opened["order"]]))
    await harness.execute(user, await harness.cancel(user, price))
    harness.chain.submit(harness.transfer(user, Keypair().pubkey(), SOL))
    kinds = {
        one["kind"] for one in (await _ledger(harness))["transactions"] if one["user"] == str(user.pubkey())
    }
    assert kinds == {"time_create", "price_withdraw", "time_cancel", "price_cancel", "send"}


async def test_advance_does_what_falls_due_before_it_answers() -> None:
    """When it answers, the trades are in the ledger, with their times in order time."""
    harness = Harness()
    user = harness.wallet()
    harness.time_order(user)
    answer = await harness.ask("/sandbox/advance", {"seconds": 400})
    trades = (await _ledger(harness))["trades"]
    assert len(trades) == answer["cycles"] >= 4
    assert all(trade["confirmedAt"] <= answer["now"] for trade in trades)
    assert {trade["user"] for trade in trades} == {str(user.pubkey())}


@pytest.mark.parametrize("seconds", [-1, "5", None, True, 10**12])
async def test_time_goes_forward_only(seconds: object) -> None:
    """Anything else is refused and moves nothing."""
    harness = Harness()
    now = harness.standins.time.now()
    answer = await harness.post("/sandbox/advance", {"seconds": seconds})
    assert answer.status_code == 400
    assert harness.standins.time.now() == now


async def test_fund_gives_sol_and_tokens() -> None:
    """Raw base units, as numbers or text."""
    harness = Harness()
    user = Keypair().pubkey()
    body = {"address": str(user), "lamports": SOL, "tokens": {str(tokens.USDC.mint): "12345678"}}
    answer = await harness.ask("/sandbox/fund", body)
    assert len(answer["signatures"]) == 2
    assert (harness.chain.lamports(user), harness.usdc(user)) == (SOL, 12_345_678)


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "nobody"},
        {"address": None},
        {"lamports": -1},
        {"lamports": 1.5},
        {"lamports": 10**19},
        {"tokens": []},
        {"tokens": {"nothing": 1}},
        {"tokens": {str(tokens.USDC.mint): "many"}},
    ],
)
async def test_senseless_gifts_are_refused(changes: dict[str, object]) -> None:
    """400 with a sentence; nobody gets anything."""
    harness = Harness()
    before = len(harness.chain.landed)
    body = {"address": str(Keypair().pubkey()), "lamports": SOL} | changes
    answer = await harness.post("/sandbox/fund", body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert len(harness.chain.landed) == before
