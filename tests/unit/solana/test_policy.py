"""A transaction is what was confirmed, or it is refused with a rule and a reason."""

import base64
import itertools
from dataclasses import replace

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot import errors
from bot.domain import intents
from bot.solana import build, policy, programs
from bot.solana.programs import ids, jupiter, native
from tests.fakes import sandbox, solana
from tests.fakes.solana import refusal
from tests.mutations import trial
from tests.mutations.draft import parse

LIMITS = intents.Limits()
USER = Pubkey.from_string(solana.USER)
THIEF = solana.STRANGER


@pytest.mark.parametrize("case", solana.every(), ids=lambda case: case.name)
def test_honest_transactions_pass(case: solana.Case) -> None:
    """The real transactions as they stand, and those of the same shape, are accepted for their intents."""
    checked = policy.check(case.transaction, case.intent, LIMITS)
    assert checked.message_bytes == checked.decoded.message_bytes
    assert checked.priority_fee_lamports <= 20_000


def test_no_transaction_passes_for_another_intent() -> None:
    """What one person confirmed never covers another transaction, however alike."""
    for case, other in itertools.permutations(solana.every(), 2):
        # Whether a receiver has an account already is not part of what is confirmed.
        if {case.name, other.name} != {"send-token", "send-token-new"}:
            assert case.intent != other.intent
            refusal(case.transaction, other.intent)


def test_a_share_of_all_mutations_is_refused() -> None:
    """One thing changed is refused, but for the neutral changes; the long run tries all of them."""
    counts = trial.run(solana.every(), share=0.01, pair_count=50, seed=7)
    assert counts["refused"] > 4_000
    assert counts["accepted"] > 50


def test_every_structural_mutation_of_the_real_ones_is_refused() -> None:
    """Header, keys, accounts, signatures: all single changes of the real transactions, each time."""
    counts = trial.run_structural(solana.real())
    assert counts["refused"] > 8_000
    # Each with another blockhash and as version 0; the superfluous account is one of three alike.
    assert counts["accepted"] == 2 * 5 + 3


def test_every_structural_mutation_of_the_sandboxs_is_refused() -> None:
    """What the sandbox crafts is accepted as it stands, and with one thing changed no more than the rest."""
    counts = trial.run_structural(sandbox.cases())
    assert counts["refused"] > 10_000
    # As above, and the cancel's withdrawal may name the account that it pays SOL into.
    assert counts["accepted"] == 2 * 7 + 3 + 1


# --- what the person is told, and what is handed on ---


def test_a_create_tells_its_order() -> None:
    """The new order's address is derived from the arguments, not read from an answer."""
    case = solana.real()[0]
    checked = policy.check(case.transaction, case.intent, LIMITS)
    assert checked.order == "FGXoHmS8MXU6pgzoJFHj86ZAW7wCFKodp6wgWi5WnoW7"
    assert policy.check(solana.deposit_sol().transaction, solana.deposit_sol().intent, LIMITS).order is None


def test_a_refusal_names_rule_and_instruction() -> None:
    """The operator reads which instruction broke which rule, and both values."""
    case = solana.real()[2]
    assert isinstance(case.intent, intents.Deposit)
    refused = refusal(case.transaction, replace(case.intent, amount_raw=999_999))
    assert (refused.rule, refused.instruction) == ("G16", 3)
    assert "amount is 1000000, confirmed was 999999" in refused.reason
    assert "nothing was signed" in refused.message


def test_attach_takes_only_the_wallets_signature() -> None:
    """A signature of another key, or of other bytes, never becomes a transaction."""
    key = Keypair()
    intent = intents.Unwrap(user=str(key.pubkey()))
    checked = policy.check(build.unwrap(intent, solana.BLOCKHASH), intent, LIMITS)
    signature = key.sign_message(checked.message_bytes)
    signed = VersionedTransaction.from_bytes(checked.attach(bytes(signature)))
    assert signed.signatures == [signature]
    assert signed.verify_with_results() == [True]
    for wrong in (
        Keypair().sign_message(checked.message_bytes),
        key.sign_message(b"else"),
        Signature.default(),
    ):
        with pytest.raises(errors.SigningError):
            checked.attach(bytes(wrong))


# --- what a lying API might add ---

OWN_USDC = programs.ata(USER, ids.USDC_MINT)
APPROVE = native.TOKEN[4].build({"amount": 2**60}, {"source": OWN_USDC, "delegate": THIEF, "owner": USER})
SET_AUTHORITY = Instruction(
    ids.TOKEN,
    b"\6\2\1" + bytes(THIEF),
    [
        AccountMeta(OWN_USDC, is_signer=False, is_writable=True),
        AccountMeta(USER, is_signer=True, is_writable=False),
    ],
)
NONCE = Instruction(
    ids.SYSTEM,
    b"\4\0\0\0",
    [
        AccountMeta(THIEF, is_signer=False, is_writable=True),
        AccountMeta(USER, is_signer=True, is_writable=False),
    ],
)
TRANSFER = native.TRANSFER_SOL.build({"lamports": 1}, {"from": USER, "to": THIEF})
TOKENS = native.TRANSFER_CHECKED.build(
    {"amount": 1, "decimals": 6},
    {
        "source": OWN_USDC,
        "mint": ids.USDC_MINT,
        "destination": programs.ata(THIEF, ids.USDC_MINT),
        "authority": USER,
    },
)
LIES = {
    "approve": (APPROVE, "G10"),
    "set authority": (SET_AUTHORITY, "G10"),
    "nonce": (NONCE, "G6"),
    "transfer": (TRANSFER, "G9"),
    "tokens": (TOKENS, "G10"),
    "memo": (Instruction(ids.MEMO, b"hi", [AccountMeta(USER, is_signer=True, is_writable=False)]), "G13"),
    "unknown program": (Instruction(THIEF, b"", []), "G7"),
    "account for a stranger": (build.creation(USER, THIEF, ids.USDC_MINT), "G11"),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("last", [False, True], ids=["before", "after"])
def test_an_added_instruction_is_refused(lie: str, last: bool) -> None:
    """Whatever comes on top of a deposit is named by its own rule."""
    case = solana.deposit_sol()
    assert isinstance(case.intent, intents.Deposit)
    cast = solana.price_cast(ids.WSOL_MINT, ids.USDC_MINT)
    core = jupiter.DEPOSIT_VA.build({"amount": case.intent.amount_raw}, cast)
    added, rule = LIES[lie]
    instructions = [core, added] if last else [added, core]
    assert refusal(solana.pack(instructions), case.intent).rule == rule


def test_another_fee_payer_is_refused() -> None:
    """The wallet pays for its own transaction, and is the only one to sign."""
    case = solana.ours()[0]
    transfer = native.TRANSFER_SOL.build({"lamports": 1_500_000_000}, {"from": USER, "to": THIEF})
    assert refusal(solana.pack([transfer], payer=THIEF), case.intent).rule == "G4"
    metas = [*transfer.accounts, AccountMeta(THIEF, is_signer=True, is_writable=True)]
    cosigned = Instruction(ids.SYSTEM, bytes(transfer.data), metas)
    assert refusal(solana.pack([cosigned]), case.intent).rule == "G4"


def test_a_transaction_without_blockhash_is_refused() -> None:
    """The empty blockhash belongs to no block."""
    case = solana.ours()[0]
    transfer = native.TRANSFER_SOL.build({"lamports": 1_500_000_000}, {"from": USER, "to": THIEF})
    assert refusal(solana.pack([transfer], blockhash=str(Hash.default())), case.intent).rule == "G6"


def test_a_signed_transaction_is_refused() -> None:
    """What is to be signed carries no signature yet."""
    case = solana.ours()[0]
    decoded = policy.check(case.transaction, case.intent, LIMITS).decoded
    signed = VersionedTransaction.populate(decoded.transaction.message, [Signature(bytes([7] * 64))])
    assert refusal(base64.b64encode(bytes(signed)).decode(), case.intent).rule == "G4"


@pytest.mark.parametrize("limit", [1_400_001, 2**32 - 1])
def test_an_impossible_compute_limit_is_refused(limit: int) -> None:
    """No transaction can use more than 1.4 million units, whatever they cost."""
    transfer = native.TRANSFER_SOL.build({"lamports": 1_500_000_000}, {"from": USER, "to": THIEF})
    budget = [
        native.SET_COMPUTE_UNIT_LIMIT.build({"units": limit}, {}),
        native.SET_COMPUTE_UNIT_PRICE.build({"micro_lamports": 0}, {}),
    ]
    packed = solana.pack([*budget, transfer], budget=False)
    assert refusal(packed, solana.ours()[0].intent).rule == "G8"


def _header(case: solana.Case, *, read_only: int) -> str:
    """The transaction with more or fewer read-only accounts than its instructions ask for."""
    draft = parse(case.transaction)
    signers, signed, unsigned = draft.header
    return replace(draft, header=(signers, signed, unsigned + read_only)).encode()


def test_flags_are_exactly_those_needed() -> None:
    """An account that needs no change is read only, and one that must change is not."""
    case = solana.real()[2]
    assert "nobody confirmed" in refusal(_header(case, read_only=-1), case.intent).reason
    assert "must change" in refusal(_header(case, read_only=1), case.intent).reason
    # The empty slot of a withdrawal makes the VA program writable; nothing does in a deposit.
    draft = parse(case.transaction)
    place = draft.keys.index(bytes(ids.VA))
    first = len(draft.keys) - draft.header[2]
    order = list(range(len(draft.keys)))
    order[place], order[first] = first, place
    promoted = replace(
        draft,
        header=(1, 0, draft.header[2] - 1),
        keys=tuple(draft.keys[number] for number in order),
        instructions=tuple(
            replace(ix, program=order[ix.program], accounts=tuple(order[number] for number in ix.accounts))
            for ix in draft.instructions
        ),
    )
    assert "nothing needs that" in refusal(promoted.encode(), case.intent).reason


@pytest.mark.parametrize("writable", [False, True])
def test_an_account_that_nothing_uses_is_refused(writable: bool) -> None:
    """Whatever an unused account may be for, nobody confirmed it."""
    case = solana.real()[2]
    more, _ = parse(case.transaction).place(THIEF, writable=writable)
    refused = refusal(more.encode(), case.intent)
    assert refused.rule == "G14"
    assert "nothing uses it" in refused.reason
