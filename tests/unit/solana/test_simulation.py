"""A simulated outcome is within what was confirmed, or nothing is signed."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from solders.pubkey import Pubkey

from bot import errors
from bot.domain import costs, intents, orders
from bot.solana import answers, policy, programs, simulation
from bot.solana.programs import accounts, ids
from tests.fakes import solana

USER = Pubkey.from_string(solana.USER)
THIEF = solana.STRANGER
FEE = costs.BASE_FEE + 18_000
RENT = costs.TOKEN_ACCOUNT_RENT
LIMITS = intents.Limits(priority_fee_lamports=20_000)


def sol(lamports: int) -> answers.AccountInfo:
    return answers.AccountInfo(lamports, ids.SYSTEM, b"")


def token(mint: Pubkey, amount: int, owner: Pubkey = USER, **fields: Any) -> answers.AccountInfo:
    account = accounts.TokenAccount(mint, owner, amount, None, 1, None, 0, None)
    native = amount if mint == ids.WSOL_MINT else 0
    return answers.AccountInfo(RENT + native, ids.TOKEN, replace(account, **fields).build())


@dataclass
class Scene:
    """An honest transaction with the accounts it touches, before and after."""

    case: solana.Case
    before: dict[str, answers.AccountInfo | None]
    after: dict[str, answers.AccountInfo | None] = field(default_factory=dict)
    limits: intents.Limits = LIMITS

    def evaluate(self, error: object = None, **after: answers.AccountInfo | None) -> None:
        """Evaluate with some accounts ending up otherwise."""
        checked = policy.check(self.case.transaction, self.case.intent, self.limits)
        watched = simulation.watch(self.case.intent, checked)
        before: dict[Pubkey, answers.AccountInfo | None] = {}
        outcome: dict[Pubkey, answers.AccountInfo | None] = {}
        for name in Scene.NAMES:
            key = getattr(watched, name)
            if key is not None:
                before[key] = self.before.get(name)
                outcome[key] = (self.before | self.after | after).get(name)
        assert list(before) == watched.keys
        simulated = answers.Simulated(error, (), tuple(outcome.values()), 1)
        snapshot = answers.Snapshot(1, tuple(before.values()))
        simulation.evaluate(self.case.intent, self.limits, watched, snapshot, simulated)

    NAMES = ("user", "user_input", "user_output", "order", "order_input", "order_output", "receiver")


ORDER = answers.AccountInfo(3_250_320, ids.VA, bytes(339))
SOL = 10**10


def create() -> Scene:
    case = solana.create_token()
    paid = 500_000_007
    order = answers.AccountInfo(costs.TIME_ORDER_RENT, ids.DCA, bytes(289))
    return Scene(
        case,
        {"user": sol(SOL), "user_input": token(ids.USDC_MINT, paid + 5)},
        {
            "user": sol(SOL - FEE - costs.TIME_ORDER_RENT - 2 * RENT),
            "user_input": token(ids.USDC_MINT, 5),
            "order": order,
            "order_input": token(ids.USDC_MINT, paid, THIEF),
            "order_output": token(ids.WSOL_MINT, 0, THIEF),
        },
        intents.Limits(priority_fee_lamports=20_000, rent_lamports=costs.TIME_ORDER_RENT + 3 * RENT),
    )


def deposit_sol() -> Scene:
    case = solana.deposit_sol(750_000_000)
    return Scene(
        case,
        {"user": sol(SOL), "order": ORDER, "order_input": token(ids.WSOL_MINT, 5, THIEF)},
        {"user": sol(SOL - FEE - 750_000_000), "order_input": token(ids.WSOL_MINT, 750_000_005, THIEF)},
    )


def withdraw_in() -> Scene:
    case = solana.withdraw(orders.Side.IN, 40)
    return Scene(
        case,
        {
            "user": sol(SOL),
            "user_input": token(ids.USDC_MINT, 1),
            "order": ORDER,
            "order_input": token(ids.USDC_MINT, 100, THIEF),
            "order_output": token(ids.WSOL_MINT, 7, THIEF),
        },
        {
            "user": sol(SOL - FEE),
            "user_input": token(ids.USDC_MINT, 41),
            "order_input": token(ids.USDC_MINT, 60, THIEF),
        },
    )


def withdraw_out() -> Scene:
    """SOL that an order bought, everything, handed out natively."""
    case = solana.withdraw(orders.Side.OUT, None)
    return Scene(
        case,
        {
            "user": sol(SOL),
            "order": ORDER,
            "order_output": token(ids.WSOL_MINT, 2_000_000_000, THIEF),
        },
        {"user": sol(SOL - FEE + 2_000_000_000), "order_output": token(ids.WSOL_MINT, 0, THIEF)},
    )


def cancel() -> Scene:
    return Scene(
        solana.price_cancel(),
        {
            "user": sol(SOL),
            "user_input": token(ids.USDC_MINT, 1),
            "order": ORDER,
            "order_input": token(ids.USDC_MINT, 100, THIEF),
            "order_output": token(ids.WSOL_MINT, 2_000_000_000, THIEF),
        },
        {
            "user": sol(SOL - FEE + 2_000_000_000 + 3_250_320 + 2 * RENT),
            "user_input": token(ids.USDC_MINT, 101),
            "order": None,
            "order_input": None,
            "order_output": sol(0),
        },
    )


def send_token() -> Scene:
    return Scene(
        solana.ours()[2],
        {"user": sol(SOL), "user_input": token(ids.USDC_MINT, 30_000_000)},
        {
            "user": sol(SOL - FEE - RENT),
            "user_input": token(ids.USDC_MINT, 5_000_000),
            "receiver": token(ids.USDC_MINT, 25_000_000, THIEF),
        },
    )


def send_sol() -> Scene:
    return Scene(
        solana.ours()[0],
        {"user": sol(SOL)},
        {"user": sol(SOL - FEE - 1_500_000_000), "receiver": sol(1_500_000_000)},
    )


def unwrap() -> Scene:
    return Scene(
        solana.ours()[3],
        {"user": sol(SOL), "user_input": token(ids.WSOL_MINT, 9)},
        {"user": sol(SOL - FEE + RENT + 9), "user_input": None},
    )


SCENES = [create, deposit_sol, withdraw_in, withdraw_out, cancel, send_token, send_sol, unwrap]


@pytest.mark.parametrize("scene", SCENES)
def test_honest_outcomes_pass(scene: Any) -> None:
    """What each kind really does, fees and rent included, is within what was confirmed."""
    scene().evaluate()


def refused(scene: Scene, **after: answers.AccountInfo | None) -> str:
    with pytest.raises(errors.TransactionMismatch) as caught:
        scene.evaluate(**after)
    assert caught.value.rule == "simulation"
    return caught.value.reason


@pytest.mark.parametrize("scene", SCENES)
def test_no_kind_may_cost_more_sol(scene: Any) -> None:
    """More SOL than amount, fees and shown rent together never leaves the wallet."""
    built: Scene = scene()
    user = built.after["user"]
    assert user is not None
    wrapped = built.before.get("user_input") if scene is unwrap else None
    own = SOL + (wrapped.lamports if wrapped else 0)
    paid = {deposit_sol: 750_000_000, send_sol: 1_500_000_000}.get(scene, 0)
    rent = built.limits.rent_lamports or 2 * RENT
    most = paid + costs.BASE_FEE + built.limits.priority_fee_lamports + rent
    if scene not in {withdraw_out, cancel}:  # there the SOL that must arrive refuses it earlier
        built.evaluate(user=sol(own - most))
    assert "lamports" in refused(built, user=sol(own - most - 1))


def test_no_more_tokens_leave_than_confirmed() -> None:
    """One base unit more than confirmed is refused."""
    assert "confirmed were 500000007" in refused(create(), user_input=token(ids.USDC_MINT, 4))
    assert "confirmed were 25000000" in refused(send_token(), user_input=token(ids.USDC_MINT, 4_999_999))


def test_the_output_account_loses_nothing() -> None:
    """A deposit never touches what was bought before."""
    scene = deposit_sol()
    scene.before["user_output"] = token(ids.USDC_MINT, 50)
    assert "would lose 1" in refused(scene, user_output=token(ids.USDC_MINT, 49))


@pytest.mark.parametrize("late", [0, 39])
def test_a_withdrawal_must_arrive(late: int) -> None:
    """What leaves the order, and at least what was confirmed, is in the wallet afterwards."""
    assert "not arrive" in refused(withdraw_in(), user_input=token(ids.USDC_MINT, 1 + late))


def test_sol_that_is_withdrawn_must_arrive() -> None:
    """Native or wrapped, but less no more than the costs."""
    withdraw_out().evaluate(user=sol(SOL - FEE), user_output=token(ids.WSOL_MINT, 2_000_000_000))
    assert "not arrive" in refused(withdraw_out(), user=sol(SOL))


def test_a_cancel_returns_both_sides_and_closes() -> None:
    """Neither side may get lost, and the order must be gone."""
    assert "not arrive" in refused(cancel(), user_input=token(ids.USDC_MINT, 100))
    assert "not arrive" in refused(cancel(), user=sol(SOL))
    assert "still be there" in refused(cancel(), order=ORDER)


TAKEN = {
    "owner": (token(ids.USDC_MINT, 5, THIEF), "belong"),
    "delegate": (token(ids.USDC_MINT, 5, delegate=THIEF, delegated_amount=1), "spend"),
    "close authority": (token(ids.USDC_MINT, 5, close_authority=THIEF), "close"),
}


@pytest.mark.parametrize("how", TAKEN)
def test_the_wallets_accounts_stay_its_own(how: str) -> None:
    """Owner, delegate and close authority of the wallet's token accounts do not change hands."""
    account, word = TAKEN[how]
    assert word in refused(create(), user_input=account)


def test_an_old_delegate_is_no_news() -> None:
    """What the person allowed somebody long ago does not block them here."""
    scene = create()
    scene.before["user_input"] = token(ids.USDC_MINT, 500_000_012, delegate=THIEF)
    scene.evaluate(user_input=token(ids.USDC_MINT, 5, delegate=THIEF))


ERRORS: list[tuple[object, str]] = [
    ("AccountNotFound", "not enough SOL"),
    ("InsufficientFundsForFee", "not enough SOL"),
    ({"InsufficientFundsForRent": {"account_index": 1}}, "minimum"),
    ("BlockhashNotFound", "too old"),
    ({"InstructionError": [3, {"Custom": 1}]}, "does not hold enough"),
    ({"InstructionError": [3, {"Custom": 6003}]}, "too short"),
    ({"InstructionError": [3, {"Custom": 6099}]}, "code 6099"),
    ({"InstructionError": [3, "ComputationalBudgetExceeded"]}, "compute limit"),
    ({"InstructionError": [3, "InvalidAccountData"]}, "InvalidAccountData"),
    ({"Whatever": 1}, "network refuses"),
    (17, "network refuses"),
]


@pytest.mark.parametrize(("error", "words"), ERRORS)
def test_a_failure_is_told_in_plain_words(error: object, words: str) -> None:
    """A transaction that would fail is rejected before it costs a fee, with its reason."""
    with pytest.raises(errors.OrderRejected, match=words) as caught:
        create().evaluate(error)
    assert "Nothing was signed" in caught.value.message


def test_codes_of_an_unknown_program_are_not_guessed() -> None:
    """Price orders belong to another program, whose codes are not public."""
    with pytest.raises(errors.OrderRejected, match="code 6003"):
        withdraw_in().evaluate({"InstructionError": [2, {"Custom": 6003}]})


def test_kinds_whose_accounts_were_never_seen_need_simulation() -> None:
    """Closing a price order and withdrawing its output; all others were seen for real."""
    needing = {case.name for case in solana.every() if simulation.required_for(case.intent)}
    assert needing == {"price-cancel", "price-withdraw-out-sol-all", "price-withdraw-out-usdc-10000000"}


def test_few_accounts_are_watched() -> None:
    """Public nodes return at most 13 accounts of a simulation."""
    for case in solana.every():
        checked = policy.check(case.transaction, case.intent, LIMITS)
        keys = simulation.watch(case.intent, checked).keys
        assert len(keys) == len(set(keys)) <= 7
        assert keys[0] == USER
    assert programs.ata(USER, ids.WSOL_MINT) in simulation.watch(case.intent, checked).keys
