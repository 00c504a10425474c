"""A transaction is what was confirmed, or it is refused with a rule and a reason."""

import base64
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot import errors
from bot.domain import costs, intents, orders
from bot.solana import build, policy, programs
from bot.solana.programs import ids, jupiter, native
from tests.fakes import solana
from tests.mutations import trial
from tests.mutations.draft import parse

LIMITS = intents.Limits()
USER = Pubkey.from_string(solana.USER)
THIEF = solana.STRANGER


def refusal(
    transaction: str,
    intent: intents.Intent,
    limits: intents.Limits = LIMITS,
    now: datetime | None = None,
) -> errors.TransactionMismatch:
    with pytest.raises(errors.TransactionMismatch) as caught:
        policy.check(transaction, intent, limits, now=now)
    return caught.value


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


# --- time orders ---


def create(**changes: object) -> str:
    """The crafted create with other arguments than those confirmed."""
    return solana.create_token(**changes).transaction


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_raw": 500_000_008},
        {"amount_raw": 5_000_000_007},
        {"number_of_orders": 9},
        {"interval_s": 86_401},
        {"min_out_raw": None},
        {"min_out_raw": 0},
        {"max_out_raw": None},
        {"min_out_raw": 249_999_998},
        {"max_out_raw": 333_333_335},
        {"start_at": None},
        {"start_at": solana.INDEX},
    ],
)
def test_create_arguments_are_the_confirmed_ones(changes: dict[str, object]) -> None:
    """Amount, cycle, bounds and start are compared with the intent."""
    refused = refusal(create(**changes), solana.create_token().intent)
    assert (refused.rule, refused.instruction) == ("G16", 3)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_a_bound_may_be_rounded_by_one(step: int) -> None:
    """One base unit of rounding in a minimum or maximum is tolerated."""
    changed = create(min_out_raw=250_000_000 + step, max_out_raw=333_333_333 - step)
    policy.check(changed, solana.create_token().intent, LIMITS)


@pytest.mark.parametrize("nothing", [None, 0])
def test_no_bound_and_zero_are_the_same(nothing: int | None) -> None:
    """The API writes None, Jupiter's own page Some(0); neither bounds anything."""
    none = {"min_price": None, "max_price": None}
    crafted = create(min_out_raw=nothing, max_out_raw=nothing, start_at=nothing, **none)
    for other in (None, 0):
        confirmed = solana.create_token(min_out_raw=other, max_out_raw=other, start_at=other, **none)
        policy.check(crafted, confirmed.intent, LIMITS)


def test_a_confirmed_price_needs_a_bound_to_check() -> None:
    """A price without the amount that follows from it cannot be verified, so it is refused."""
    unchecked = solana.create_token(min_out_raw=None)
    assert "cannot be checked" in refusal(unchecked.transaction, unchecked.intent).reason


@pytest.mark.parametrize("minutes", [-11, 11, -600_000])
def test_the_index_of_a_create_is_of_now(minutes: int) -> None:
    """An index from another time is refused where the time is known, and left alone where it is not."""
    case = solana.create_token()
    now = datetime.fromtimestamp(solana.INDEX, UTC)
    policy.check(case.transaction, case.intent, LIMITS, now=now + timedelta(minutes=9))
    assert refusal(case.transaction, case.intent, now=now + timedelta(minutes=minutes)).rule == "G16"


def test_rent_stays_within_the_card() -> None:
    """Accounts that a create opens may not lock more than the card showed; no figure shown, no bound."""
    case = solana.real()[0]
    rent = costs.TIME_ORDER_RENT + 3 * costs.TOKEN_ACCOUNT_RENT
    policy.check(case.transaction, case.intent, intents.Limits(rent_lamports=rent))
    assert refusal(case.transaction, case.intent, intents.Limits(rent_lamports=rent - 1)).rule == "G18"


def test_the_priority_fee_is_capped() -> None:
    """11,289 units at 200,000 micro-lamports are 2,258 lamports: that much must be confirmed."""
    case = solana.real()[0]
    policy.check(case.transaction, case.intent, intents.Limits(priority_fee_lamports=2_258))
    refused = refusal(case.transaction, case.intent, intents.Limits(priority_fee_lamports=2_257))
    assert (refused.rule, refused.instruction) == ("G8", 1)


def test_a_wrap_is_exact() -> None:
    """Of native SOL exactly the confirmed amount is wrapped, once, and the account is closed again."""
    intent = solana.real()[0].intent
    assert isinstance(intent, intents.CreateOrder)
    order = programs.dca_order(USER, ids.WSOL_MINT, ids.USDC_MINT, solana.INDEX)
    cast = programs.cast(
        program=ids.DCA, user=USER, order=order, input_mint=ids.WSOL_MINT, output_mint=ids.USDC_MINT
    )
    args = {
        "application_idx": solana.INDEX,
        "in_amount": intent.amount_raw,
        "in_amount_per_cycle": 100_000_000,
        "cycle_frequency": 300,
        "min_out_amount": None,
        "max_out_amount": None,
        "start_at": None,
    }
    core, close = jupiter.OPEN_DCA_V2.build(args, cast), solana.close_wrapped()
    right = solana.wrap(intent.amount_raw)
    policy.check(solana.pack([*right, core, close]), intent, LIMITS)
    policy.check(solana.pack([core]), intent, LIMITS)  # out of wrapped SOL that is there already
    assert refusal(solana.pack([*solana.wrap(intent.amount_raw + 1), core, close]), intent).rule == "G9"
    assert refusal(solana.pack([*right, *right, core, close]), intent).rule == "G11"
    assert refusal(solana.pack([*right[:2], *right[1:], core, close]), intent).rule == "G9"
    assert refusal(solana.pack([*right[1:], core, close]), intent).rule == "G11"
    assert refusal(solana.pack([*right, core]), intent).rule == "G12"
    assert refusal(solana.pack([*right, core, solana.close_wrapped(THIEF)]), intent).rule == "G12"
    elsewhere = [right[0], *solana.wrap(intent.amount_raw, THIEF)[1:]]
    assert refusal(solana.pack([*elsewhere, core, close]), intent).rule == "G9"


# --- price orders ---


def test_an_order_must_derive_from_its_proven_index() -> None:
    """An intent whose index does not lead to its order is never signed for."""
    case = solana.deposit_sol()
    assert isinstance(case.intent, intents.Deposit)
    assert refusal(case.transaction, replace(case.intent, order_index=solana.INDEX + 1)).rule == "G17"
    policy.check(case.transaction, replace(case.intent, order_index=None), LIMITS)


def test_everything_is_not_an_amount() -> None:
    """A confirmed amount is never turned into everything, nor the other way round."""
    some = solana.withdraw(orders.Side.IN, 5)
    everything = solana.withdraw(orders.Side.IN, None)
    assert refusal(everything.transaction, some.intent).rule == "G16"
    assert refusal(some.transaction, everything.intent).rule == "G16"


def test_the_output_slot_may_be_empty_only_for_sol() -> None:
    """Where the output is a token it must have somewhere to arrive."""
    case = solana.withdraw(orders.Side.OUT, None, output_sol=False)
    cast = solana.price_cast(ids.WSOL_MINT, ids.USDC_MINT, "Out")
    del cast[programs.Role.USER_OUTPUT]
    core = jupiter.WITHDRAW_VA.build({"amount": None, "withdrawal": "Out"}, cast)
    assert refusal(solana.pack([core]), case.intent).rule == "G16"


def test_a_cancel_stays_within_the_order() -> None:
    """The unknown account list of VA's close holds accounts of this order only, the order among them."""
    case = solana.price_cancel()
    cast = solana.price_cast(ids.USDC_MINT, ids.WSOL_MINT)
    order = cast[programs.Role.ORDER]
    policy.check(solana.pack([solana.close_va([USER, order])]), case.intent, LIMITS)
    assert refusal(solana.pack([solana.close_va([USER, order, THIEF])]), case.intent).rule == "G14"
    assert refusal(solana.pack([solana.close_va([USER])]), case.intent).rule == "G16"
    both = solana.close_va([USER, order])
    assert refusal(solana.pack([both, both]), case.intent).rule == "G15"
    other = solana.price_cast(ids.WSOL_MINT, ids.USDC_MINT)[programs.Role.ORDER]
    assert refusal(solana.pack([solana.close_va([USER, other])]), case.intent).rule == "G14"


def test_a_cancel_withdraws_each_side_once_and_whole() -> None:
    """At most one withdrawal of everything per side before the closing."""
    case = solana.price_cancel()
    cast = solana.price_cast(ids.USDC_MINT, ids.WSOL_MINT)
    close = solana.close_va([USER, cast[programs.Role.ORDER]])
    part = jupiter.WITHDRAW_VA.build({"amount": 5, "withdrawal": "In"}, cast)
    whole = jupiter.WITHDRAW_VA.build({"amount": None, "withdrawal": "In"}, cast)
    policy.check(solana.pack([whole, close]), case.intent, LIMITS)
    assert refusal(solana.pack([part, close]), case.intent).rule == "G16"
    assert refusal(solana.pack([whole, whole, close]), case.intent).rule == "G15"
    assert refusal(solana.pack([close, whole]), case.intent).rule == "G15"
    assert refusal(solana.pack([whole]), case.intent).rule == "G15"


def test_opening_a_price_order_is_refused() -> None:
    """Price orders can no longer be created, and their opening is not known well enough to be signed."""
    metas = [AccountMeta(USER, is_signer=True, is_writable=True)]
    opening = Instruction(ids.VA, bytes.fromhex("e4dc9b47c7bd3c2d") + bytes(40), metas)
    for case in solana.every():
        refusal(solana.pack([opening]), case.intent)


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


# --- our own ---


def test_sending_goes_to_the_confirmed_receiver_only() -> None:
    """Receiver, amount, decimals and mint of a transfer are exact; only the receiver's account is created."""
    _, token, new, _ = (case.intent for case in solana.ours())
    assert isinstance(token, intents.Send)
    send = build.send(token, solana.BLOCKHASH, create_account=True)
    for other in (
        replace(token, to=solana.USER),
        replace(token, amount_raw=24_999_999),
        replace(token, decimals=9),
        replace(token, mint=solana.WSOL),
        replace(token, mint=None),
    ):
        refusal(send, other)
    policy.check(send, new, intents.Limits(rent_lamports=costs.TOKEN_ACCOUNT_RENT))
    assert refusal(send, new, intents.Limits(rent_lamports=1)).rule == "G18"


def test_our_own_transactions_keep_to_the_fee_cap() -> None:
    """With the person's cap known, Send and Unwrap offer no more priority fee than that."""
    intent = intents.Send(user=solana.USER, to=str(THIEF), amount_raw=5, mint=solana.USDC, decimals=6)
    built = build.send(intent, solana.BLOCKHASH, create_account=True, priority_cap=7)
    assert policy.check(built, intent, intents.Limits(priority_fee_lamports=7)).priority_fee_lamports <= 7
    free = build.unwrap(intents.Unwrap(user=solana.USER), solana.BLOCKHASH, priority_cap=0)
    policy.check(free, intents.Unwrap(user=solana.USER), intents.Limits(priority_fee_lamports=0))
