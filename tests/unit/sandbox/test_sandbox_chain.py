"""The sandbox's chain drops, fails and keeps transactions as a real one does."""

from pathlib import Path

import pytest
from solders.keypair import Keypair
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot.sandbox import failures, messages, steps
from bot.sandbox.slots import LIFETIME
from tests.fakes.sandbox import SOL, Harness


def test_a_transfer_costs_the_fee_and_arrives() -> None:
    """The receiver gets the amount, the payer pays it and 5,000 lamports."""
    harness = Harness()
    user, other = harness.wallet(), Keypair().pubkey()
    landed = harness.chain.submit(harness.transfer(user, other, SOL))
    assert landed.err is None
    assert landed.fee == 5_000
    assert harness.chain.lamports(other) == SOL
    assert harness.chain.lamports(user.pubkey()) == 4 * SOL - 5_000


def test_the_same_transaction_lands_once() -> None:
    """A replay is dropped and moves nothing, even after a restart forgot what LiteSVM knew."""
    harness = Harness()
    user, other = harness.wallet(), Keypair().pubkey()
    transaction = harness.transfer(user, other, SOL)
    harness.chain.submit(transaction)
    with pytest.raises(failures.Dropped) as dropped:
        harness.chain.submit(transaction)
    assert dropped.value.err == "AlreadyProcessed"
    assert harness.chain.lamports(other) == SOL


def test_a_replay_is_dropped_after_a_restart(tmp_path: Path) -> None:
    """What landed is remembered on disk, not only by the process."""
    harness = Harness(tmp_path / "kept.sqlite3")
    user, other = harness.wallet(), Keypair().pubkey()
    transaction = harness.transfer(user, other, SOL)
    harness.chain.submit(transaction)
    harness.standins.store.close()
    again = Harness(tmp_path / "kept.sqlite3", clocks=harness.clocks)
    with pytest.raises(failures.Dropped, match="already been processed"):
        again.chain.submit(transaction)
    assert again.chain.lamports(other) == SOL
    again.standins.store.close()


@pytest.mark.parametrize(("blocks", "lands"), [(LIFETIME, True), (LIFETIME + 1, False)])
def test_a_blockhash_lives_for_150_blocks(blocks: int, lands: bool) -> None:
    """The last valid block height is the last one: not one block more, not one less."""
    harness = Harness()
    user, other = harness.wallet(), Keypair().pubkey()
    transaction = harness.transfer(user, other, SOL)
    _, last = harness.chain.slots.latest()
    harness.pass_slots(blocks)
    assert (harness.chain.slots.height() <= last) is lands
    if lands:
        harness.chain.submit(transaction)
    else:
        with pytest.raises(failures.Dropped, match="Blockhash not found"):
            harness.chain.submit(transaction)
    assert harness.chain.lamports(other) == (SOL if lands else 0)


def test_a_transaction_signed_before_a_restart_lands_after_it(tmp_path: Path) -> None:
    """Blockhashes outlive the process that gave them out."""
    harness = Harness(tmp_path / "kept.sqlite3")
    user, other = harness.wallet(), Keypair().pubkey()
    transaction = harness.transfer(user, other, SOL)
    harness.pass_slots(20)
    harness.standins.store.close()
    again = Harness(tmp_path / "kept.sqlite3", clocks=harness.clocks)
    assert again.chain.submit(transaction).err is None
    again.standins.store.close()


def test_without_every_signature_nothing_lands() -> None:
    """Unsigned, half signed and wrongly signed transactions are dropped before anything moves."""
    harness = Harness()
    user, other = harness.wallet(), harness.wallet()
    blockhash, _ = harness.chain.slots.latest()
    both = [
        steps.send_lamports(user.pubkey(), other.pubkey(), SOL),
        steps.send_lamports(other.pubkey(), user.pubkey(), SOL // 2),
    ]
    bare = messages.unsigned(both, user.pubkey(), blockhash)
    half = messages.sign(bare, user)
    forged = VersionedTransaction.populate(bare.message, [half.signatures[0], Signature.new_unique()])
    for transaction in (bare, half, forged):
        with pytest.raises(failures.Dropped) as dropped:
            harness.chain.submit(transaction)
        assert dropped.value.err == "SignatureFailure"
    assert harness.chain.lamports(other.pubkey()) == 5 * SOL
    assert harness.chain.submit(messages.sign(bare, user, other)).err is None


def test_a_failing_transaction_lands_and_costs_only_its_fee() -> None:
    """More than there is: the error is recorded, the fee is gone, nothing else moved."""
    harness = Harness()
    user, other = harness.wallet(), Keypair().pubkey()
    landed = harness.chain.submit(harness.transfer(user, other, 50 * SOL))
    assert landed.err == {"InstructionError": [0, {"Custom": 1}]}
    assert harness.chain.lamports(user.pubkey()) == 5 * SOL - 5_000
    assert harness.chain.lamports(other) == 0


def test_who_has_no_sol_sends_nothing() -> None:
    """A payer without an account cannot even pay a fee: dropped."""
    harness = Harness()
    with pytest.raises(failures.Dropped) as dropped:
        harness.chain.submit(harness.transfer(Keypair(), Keypair().pubkey(), 1))
    assert dropped.value.err == "AccountNotFound"


def test_priority_fees_are_taken() -> None:
    """Compute limit times price, rounded up, on top of the base fee."""
    harness = Harness()
    user = harness.wallet()
    blockhash, _ = harness.chain.slots.latest()
    parts = [
        steps.set_limit(10_001),
        steps.set_price(200_000),
        steps.send_lamports(user.pubkey(), Keypair().pubkey(), SOL),
    ]
    transaction = messages.sign(messages.unsigned(parts, user.pubkey(), blockhash), user)
    landed = harness.chain.submit(transaction)
    assert landed.fee == 5_000 + 2_001 == messages.fee_of(transaction.message)


def test_statuses_settle_block_by_block() -> None:
    """Processed at once, confirmed one block later, finalized after the configured number."""
    harness = Harness(finality=4)
    user = harness.wallet()
    landed = harness.chain.submit(harness.transfer(user, Keypair().pubkey(), SOL))
    seen = []
    for _ in range(5):
        seen.append(harness.chain.slots.commitment_of(landed.height))
        harness.pass_slots(1)
    assert seen == ["processed", "confirmed", "confirmed", "confirmed", "finalized"]
