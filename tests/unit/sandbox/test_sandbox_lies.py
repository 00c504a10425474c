"""Every lie is a real one: it changes what a person would sign, and the signer's policy refuses it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bot import errors
from bot.domain import intents, orders
from bot.jupiter.orders import parse_orders
from bot.sandbox import lies, messages, tokens
from bot.sandbox.book import Entry
from bot.solana import policy, proof
from tests.fakes.sandbox import Harness, decode

KINDS = {
    "deposit": lies.IN_TRANSACTIONS - {"price_bounds"},
    "withdraw": lies.IN_TRANSACTIONS - {"price_bounds"},
    "create": lies.IN_TRANSACTIONS,
}
CASES = [(kind, lie) for kind, told in KINDS.items() for lie in sorted(told)]


async def _ask(harness: Harness, kind: str, user: Keypair, entry: Entry) -> tuple[intents.Intent, Any]:
    """What the person confirmed, and what came back."""
    about: dict[str, Any] = {
        "user": str(user.pubkey()),
        "input_mint": str(entry.state.input_mint),
        "output_mint": str(entry.state.output_mint),
    }
    if kind == "create":
        confirmed = intents.CreateOrder(
            **about, amount_raw=200_000_000, number_of_orders=2, interval_s=86_400
        )
        return confirmed, await harness.create(user)
    about |= {"order": entry.key, "order_index": entry.state.idx}
    if kind == "deposit":
        return intents.Deposit(**about, amount_raw=5_000_000), await harness.deposit(user, entry, 5_000_000)
    return intents.Withdraw(**about, amount_raw=None), await harness.withdraw(user, entry, None)


@pytest.mark.parametrize(("kind", "lie"), CASES)
async def test_a_lie_changes_the_transaction_and_is_refused(kind: str, lie: str) -> None:
    """The same request without the lie is accepted, with it refused."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    now = datetime.fromtimestamp(harness.chain.time.now(), UTC)
    intent, honest = await _ask(harness, kind, user, entry)
    policy.check(honest["transaction"], intent, intents.Limits(), now=now)
    harness.standins.faults.replace([{"target": "jupiter", "kind": "lie", "lie": lie, "count": 1}])
    intent, lied = await _ask(harness, kind, user, entry)
    assert _essence(lied) != _essence(honest)
    with pytest.raises(errors.TransactionMismatch):
        policy.check(lied["transaction"], intent, intents.Limits(), now=now)
    intent, honest = await _ask(harness, kind, user, entry)
    policy.check(honest["transaction"], intent, intents.Limits(), now=now)


def _essence(crafted: Any) -> Any:
    message = decode(crafted["transaction"]).message
    return message.account_keys[0], messages.decompile(message)


async def test_a_transfer_lie_would_really_pay_the_liar() -> None:
    """The lies are not decoration: signed, this one takes a SOL."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    harness.standins.faults.replace([{"target": "jupiter", "kind": "lie", "lie": "transfer"}])
    await harness.execute(user, await harness.deposit(user, entry, 5_000_000))
    assert harness.chain.lamports(lies.LIAR) == 1_000_000_000


async def test_a_foreign_order_looks_like_ones_own_and_is_not() -> None:
    """It is listed under the person's name, exists on chain, and no index proves it theirs."""
    harness = Harness()
    user = harness.wallet()
    own = harness.time_order(user)
    harness.standins.faults.replace([{"target": "jupiter", "kind": "lie", "lie": "foreign_order"}])
    answer = await harness.orders(user)
    page, problems = parse_orders(answer, str(user.pubkey()), orders.Status.ACTIVE, 1)
    assert problems == []
    (foreign,) = [seen.order for seen in page.orders if seen.order.key != own.key]
    assert foreign.owner == str(user.pubkey())
    state = harness.chain.order(Pubkey.from_string(foreign.key))
    assert state is not None
    assert state.user == lies.LIAR
    assert proof.find_index(foreign, proof.near(foreign.created_at)) is None
    (mine,) = [seen.order for seen in page.orders if seen.order.key == own.key]
    assert proof.find_index(mine, proof.near(mine.created_at)) == own.state.idx


async def test_wrong_decimals_are_told_by_the_directory_only() -> None:
    """The mint account on chain keeps telling the truth."""
    harness = Harness()
    harness.standins.faults.replace([{"target": "jupiter", "kind": "lie", "lie": "decimals", "count": 1}])
    query = {"query": str(tokens.USDC.mint)}
    lied = (await harness.http.get("/tokens/v2/search", params=query)).json()
    honest = (await harness.http.get("/tokens/v2/search", params=query)).json()
    assert (lied[0]["decimals"], honest[0]["decimals"]) == (9, 6)


def test_every_lie_has_a_place() -> None:
    """A lie that no case tells would be untested."""
    assert {lie for _, lie in CASES} | lies.IN_ANSWERS == lies.ALL
