"""What Jupiter's programs do to money and to order accounts, through the API as a person's bot uses it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bot.domain import intents
from bot.sandbox import messages, orderstate, steps, tokens
from bot.sandbox.book import Entry
from bot.solana import policy, programs
from bot.solana.programs import accounts, ids
from tests.fakes.sandbox import SOL, Harness, craft_every_kind, decode, sign

TOKEN_RENT = steps.RENT_TOKEN_ACCOUNT


def _price(harness: Harness, entry: Entry) -> accounts.ValueAverage:
    state = harness.chain.order(Pubkey.from_string(entry.key))
    assert isinstance(state, accounts.ValueAverage)
    return state


def _vault(harness: Harness, entry: Entry) -> int:
    return harness.chain.tokens(programs.ata(Pubkey.from_string(entry.key), entry.state.input_mint))


async def test_a_deposit_moves_exactly_its_amount_into_the_order() -> None:
    """Wallet, vault and the order's own numbers agree to the base unit."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    before, vault, wallet = _price(harness, entry), _vault(harness, entry), harness.usdc(user.pubkey())
    outcome = await harness.execute(user, await harness.deposit(user, entry, 10_000_001))
    assert outcome["status"] == "Success"
    assert outcome["order"] == entry.key
    after = _price(harness, entry)
    assert after.in_deposited - before.in_deposited == 10_000_001
    assert after.in_left - before.in_left == 10_000_001
    assert _vault(harness, entry) - vault == 10_000_001
    assert wallet - harness.usdc(user.pubkey()) == 10_000_001


@pytest.mark.parametrize("amount", [1_000_000, None])
async def test_a_withdrawal_moves_its_amount_or_everything(amount: int | None) -> None:
    """No amount means whatever is left when it lands."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    before, wallet = _price(harness, entry), harness.usdc(user.pubkey())
    outcome = await harness.execute(user, await harness.withdraw(user, entry, amount))
    assert outcome["status"] == "Success"
    taken = before.in_left if amount is None else amount
    after = _price(harness, entry)
    assert harness.usdc(user.pubkey()) - wallet == taken > 0
    assert after.in_withdrawn == taken
    assert after.in_left == before.in_left - taken == _vault(harness, entry)


async def test_more_than_there_is_fails_with_the_programs_code_and_costs_the_fee() -> None:
    """The transaction lands, fails with 6012 at the core instruction and changes no order."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    before, sol = _price(harness, entry), harness.chain.lamports(user.pubkey())
    outcome = await harness.execute(user, await harness.withdraw(user, entry, before.in_left + 1))
    assert outcome["status"] == "Failed"
    landed = harness.chain.landed[outcome["signature"]]
    assert landed.err == {"InstructionError": [2, {"Custom": orderstate.INSUFFICIENT_BALANCE}]}
    assert sol - harness.chain.lamports(user.pubkey()) == landed.fee > 0
    assert _price(harness, entry) == before


async def test_a_create_locks_rent_and_funds_and_a_cancel_returns_them() -> None:
    """Two vaults and the order account: 6,980,880 lamports, all of which come back."""
    harness = Harness()
    user = harness.wallet()
    sol, usdc = harness.chain.lamports(user.pubkey()), harness.usdc(user.pubkey())
    opened = await harness.execute(user, await harness.create(user))
    order = Pubkey.from_string(opened["order"])
    state = harness.chain.order(order)
    assert isinstance(state, accounts.Dca)
    assert (state.in_deposited, state.in_amount_per_cycle, state.cycle_frequency) == (
        200_000_000,
        100_000_000,
        86_400,
    )
    fee = harness.chain.landed[opened["signature"]].fee
    assert sol - harness.chain.lamports(user.pubkey()) - fee == 6_980_880
    assert usdc - harness.usdc(user.pubkey()) == 200_000_000
    closed = await harness.execute(
        user, await harness.cancel(user, harness.standins.book.orders[opened["order"]])
    )
    assert closed["status"] == "Success"
    fee += harness.chain.landed[closed["signature"]].fee
    assert harness.chain.lamports(user.pubkey()) == sol - fee
    assert harness.usdc(user.pubkey()) == usdc
    assert harness.chain.account(order) is None
    entry = harness.standins.book.orders[opened["order"]]
    assert entry.user_closed
    assert entry.close_tx == closed["signature"]


async def test_sol_is_wrapped_for_a_create_and_comes_back_wrapped() -> None:
    """Nothing stays in the wallet's wrapped account on the way in; a cancel pays into it."""
    harness = Harness()
    user = harness.wallet()
    wrapped = programs.ata(user.pubkey(), ids.WSOL_MINT)
    crafted = await harness.create(
        user, inputMint=str(ids.WSOL_MINT), outputMint=str(tokens.USDC.mint), inAmount=2 * SOL
    )
    opened = await harness.execute(user, crafted)
    assert opened["status"] == "Success"
    assert harness.chain.account(wrapped) is None
    entry = harness.standins.book.orders[opened["order"]]
    assert _vault(harness, entry) == 2 * SOL
    await harness.execute(user, await harness.cancel(user, entry))
    assert harness.chain.tokens(wrapped) == 2 * SOL


async def test_a_price_order_is_cancelled_with_what_is_left() -> None:
    """Emptied, closed, rent returned, all in one transaction."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    left, usdc = _price(harness, entry).in_left, harness.usdc(user.pubkey())
    sol = harness.chain.lamports(user.pubkey())
    outcome = await harness.execute(user, await harness.cancel(user, entry))
    assert outcome["status"] == "Success"
    assert harness.usdc(user.pubkey()) - usdc == left
    rent = steps.rent(accounts.ValueAverage.SIZE) + 2 * TOKEN_RENT
    assert (
        harness.chain.lamports(user.pubkey()) - sol == rent - harness.chain.landed[outcome["signature"]].fee
    )
    assert not harness.standins.book.orders[entry.key].active


async def test_all_or_nothing() -> None:
    """A good deposit followed by something that fails: neither happens, the order account is as it was."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    before, wallet = _price(harness, entry), harness.usdc(user.pubkey())
    crafted = decode((await harness.deposit(user, entry, 5_000_000))["transaction"])
    parts = messages.decompile(crafted.message)
    parts = [*parts[1:], steps.send_lamports(user.pubkey(), Keypair().pubkey(), 100 * SOL)]
    blockhash, _ = harness.chain.slots.latest()
    landed = harness.chain.submit(messages.sign(messages.unsigned(parts, user.pubkey(), blockhash), user))
    assert landed.err == {"InstructionError": [3, {"Custom": 1}]}
    assert _price(harness, entry) == before
    assert harness.usdc(user.pubkey()) == wallet


async def test_nobody_else_takes_from_an_order() -> None:
    """The program checks whose order it is, also when a stranger builds the instruction."""
    harness = Harness()
    user, thief = harness.wallet(), harness.wallet()
    entry = harness.price_order(user)
    state = _price(harness, entry)
    cast = programs.cast(
        program=ids.VA,
        user=thief.pubkey(),
        order=Pubkey.from_string(entry.key),
        input_mint=state.input_mint,
        output_mint=state.output_mint,
    )
    theft = programs.build(ids.VA, "withdraw", {"amount": None, "withdrawal": "In"}, cast)
    blockhash, _ = harness.chain.slots.latest()
    bare = messages.unsigned([theft], thief.pubkey(), blockhash)
    landed = harness.chain.submit(messages.sign(bare, thief))
    assert landed.err == {"InstructionError": [0, {"Custom": orderstate.WRONG_USER}]}
    assert _price(harness, entry) == state


async def test_a_wrong_account_in_any_slot_is_refused() -> None:
    """Every account of a deposit is checked; none can be exchanged for a stranger's."""
    harness = Harness()
    user, stranger = harness.wallet(), harness.wallet()
    entry = harness.price_order(user)
    before = _price(harness, entry)
    core = messages.decompile(decode((await harness.deposit(user, entry, 1_000_000))["transaction"]).message)[
        -1
    ]
    blockhash, _ = harness.chain.slots.latest()
    for slot in range(1, len(core.accounts)):
        metas = list(core.accounts)
        metas[slot] = type(metas[slot])(stranger.pubkey(), metas[slot].is_signer, metas[slot].is_writable)
        changed = type(core)(core.program_id, bytes(core.data), metas)
        bare = messages.unsigned([changed], user.pubkey(), blockhash)
        landed = harness.chain.submit(messages.sign(bare, user))
        assert landed.err is not None, slot
    assert _price(harness, entry) == before


async def test_every_crafted_transaction_passes_the_strict_policy() -> None:
    """The sandbox hands out what the real service hands out, as far as the signer can tell."""
    harness = Harness()
    user = harness.wallet()
    now = datetime.fromtimestamp(harness.chain.time.now(), UTC)
    for intent, crafted in await craft_every_kind(harness, user):
        checked = policy.check(crafted["transaction"], intent, intents.Limits(), now=now)
        assert checked.blockhash


async def test_crafted_limits_are_enough() -> None:
    """The compute limit is measured, not guessed, when the wallet is funded."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    for crafted in (await harness.deposit(user, entry, 1_000_000), await harness.withdraw(user, entry, None)):
        assert (await harness.execute(user, crafted))["status"] == "Success"


async def test_an_unfunded_wallet_gets_a_transaction_that_fails() -> None:
    """As with the real service: it guesses too low a limit and leaves the failing to the chain."""
    harness = Harness()
    user = harness.wallet(usdc=0)
    entry = harness.price_order(user)
    crafted = await harness.deposit(user, entry, 1_000_000)
    limit = messages.decompile(decode(crafted["transaction"]).message)[0]
    assert int.from_bytes(bytes(limit.data)[1:], "little") == 11_289
    assert (await harness.execute(user, crafted))["status"] == "Failed"


async def test_execute_takes_only_what_was_handed_out() -> None:
    """Another transaction under the same request id, or an unknown id: refused, nothing sent."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    one, other = await harness.deposit(user, entry, 1_000_000), await harness.deposit(user, entry, 2_000_000)
    sent = len(harness.chain.landed)
    for request_id, transaction in ((one["requestId"], other), ("unknown", one)):
        body = {"requestId": request_id, "signedTransaction": sign(transaction["transaction"], user)}
        answer = await harness.post("/recurring/v1/execute", body)
        assert answer.status_code == 400
    assert len(harness.chain.landed) == sent


async def test_executing_twice_is_the_same_as_once() -> None:
    """The second answer repeats the first; the money moved once."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    crafted = await harness.deposit(user, entry, 1_000_000)
    wallet = harness.usdc(user.pubkey())
    assert await harness.execute(user, crafted) == await harness.execute(user, crafted)
    assert wallet - harness.usdc(user.pubkey()) == 1_000_000


async def test_a_price_order_that_sells_sol_takes_and_returns_sol() -> None:
    """A deposit wraps exactly its amount; a withdrawal hands out native SOL; the policy accepts both."""
    harness = Harness()
    user = harness.wallet()
    now = int(harness.chain.time.now())
    entry = harness.standins.newcomers._open_price(
        user.pubkey(), tokens.SOL.mint, tokens.USDC.mint, 3 * SOL, 25_000_000, now + 10
    )
    about: dict[str, Any] = {
        "user": str(user.pubkey()),
        "order": entry.key,
        "input_mint": str(tokens.SOL.mint),
        "output_mint": str(tokens.USDC.mint),
        "order_index": entry.state.idx,
    }
    for intent, crafted, change in (
        (intents.Deposit(**about, amount_raw=SOL), await harness.deposit(user, entry, SOL), -SOL),
        (intents.Withdraw(**about, amount_raw=SOL), await harness.withdraw(user, entry, SOL), SOL),
    ):
        policy.check(crafted["transaction"], intent, intents.Limits())
        before = harness.chain.lamports(user.pubkey())
        done = await harness.execute(user, crafted)
        assert done["status"] == "Success"
        fee = harness.chain.landed[done["signature"]].fee
        assert harness.chain.lamports(user.pubkey()) - before == change - fee
    assert harness.chain.account(programs.ata(user.pubkey(), ids.WSOL_MINT)) is None
    assert _price(harness, entry).in_left == 3 * SOL == _vault(harness, entry)
