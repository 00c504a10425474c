"""What each kind of confirmed intent allows, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from bot import errors
from bot.domain import costs, intents, orders
from bot.solana import build, policy, programs
from bot.solana.programs import ids, jupiter
from tests.fakes import solana
from tests.fakes.solana import refusal

LIMITS = intents.Limits()
USER = Pubkey.from_string(solana.USER)
THIEF = solana.STRANGER


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


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"min_out_raw": 200_000_000}, (True, 200_000_000, 250_000_000)),
        ({"min_out_raw": None}, (True, None, 250_000_000)),
        ({"max_out_raw": 5}, (False, 5, 333_333_333)),
    ],
)
def test_another_bound_is_refused_with_its_numbers(
    changes: dict[str, object], numbers: tuple[object, ...]
) -> None:
    """For the sentence that the person reads."""
    refused = refusal(create(**changes), solana.create_token().intent)
    assert isinstance(refused, errors.OtherBounds)
    assert (refused.least, refused.crafted, refused.confirmed) == numbers


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
    assert isinstance(refused, errors.FeeAboveCap)
    assert (refused.fee_lamports, refused.cap_lamports) == (2_258, 2_257)


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


def test_the_side_is_the_confirmed_one() -> None:
    """Also where the accounts would fit: what the program is told to do is an argument."""
    case = solana.withdraw(orders.Side.IN, 5, output_sol=False)
    cast = solana.price_cast(ids.WSOL_MINT, ids.USDC_MINT)
    core = jupiter.WITHDRAW_VA.build({"amount": 5, "withdrawal": "Out"}, cast)
    refused = refusal(solana.pack([core]), case.intent)
    assert (refused.rule, refused.reason.partition(": ")[2]) == ("G16", "withdrawal is Out, confirmed was In")


def test_a_token_account_is_created_once_and_for_a_use() -> None:
    """A second creation of the same one, or one that nothing pays into, has no reason."""
    case = solana.withdraw(orders.Side.IN, 5, output_sol=False)
    cast = solana.price_cast(ids.WSOL_MINT, ids.USDC_MINT)
    core = jupiter.WITHDRAW_VA.build({"amount": 5, "withdrawal": "In"}, cast)
    makes = build.creation(USER, USER, ids.USDC_MINT)
    policy.check(solana.pack([makes, core]), case.intent, LIMITS)
    assert "the same token account again" in refusal(solana.pack([makes, makes, core]), case.intent).reason
    sol = solana.withdraw(orders.Side.IN, 5)
    empty = solana.price_cast(ids.USDC_MINT, ids.WSOL_MINT)
    del empty[programs.Role.USER_OUTPUT]
    core = jupiter.WITHDRAW_VA.build({"amount": 5, "withdrawal": "In"}, empty)
    unused = build.creation(USER, USER, ids.WSOL_MINT)
    assert "nothing uses" in refusal(solana.pack([unused, core]), sol.intent).reason


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
    assert refusal(send, new, intents.Limits(rent_lamports=0)).rule == "G18"


def test_our_own_transactions_keep_to_the_fee_cap() -> None:
    """With the person's cap known, Send and Unwrap offer no more priority fee than that."""
    intent = intents.Send(user=solana.USER, to=str(THIEF), amount_raw=5, mint=solana.USDC, decimals=6)
    built = build.send(intent, solana.BLOCKHASH, create_account=True, priority_cap=7)
    assert policy.check(built, intent, intents.Limits(priority_fee_lamports=7)).priority_fee_lamports <= 7
    free = build.unwrap(intents.Unwrap(user=solana.USER), solana.BLOCKHASH, priority_cap=0)
    policy.check(free, intents.Unwrap(user=solana.USER), intents.Limits(priority_fee_lamports=0))
