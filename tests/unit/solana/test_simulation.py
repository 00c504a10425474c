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
        simulated = answers.Simulated(1, error, (), tuple(outcome.values()), 1)
        snapshot = answers.Snapshot(1, tuple(before.values()))
        simulation.evaluate(self.case.intent, self.limits, checked, snapshot, simulated)

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


TIME_ORDER = answers.AccountInfo(costs.TIME_ORDER_RENT, ids.DCA, bytes(289))
REAL_FEE = costs.BASE_FEE + 17_733
"""Of the real transaction, far below the cap."""


def time_cancel() -> Scene:
    """A SOL order before its first fill, cancelled by the real transaction; its SOL comes back natively."""
    (case,) = [case for case in solana.real() if case.name == "time-cancel"]
    left = 250_000_000
    return Scene(
        case,
        {
            "user": sol(SOL),
            "user_output": token(ids.USDC_MINT, 1),
            "order": TIME_ORDER,
            "order_input": token(ids.WSOL_MINT, left, THIEF),
            "order_output": token(ids.USDC_MINT, 100, THIEF),
        },
        {
            "user": sol(SOL - REAL_FEE + left + costs.TIME_ORDER_RENT + 2 * RENT),
            "user_output": token(ids.USDC_MINT, 101),
            "order": None,
            "order_input": None,
            "order_output": None,
        },
        intents.Limits(priority_fee_lamports=1_000_000),
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


SCENES = [create, deposit_sol, withdraw_in, withdraw_out, cancel, time_cancel, send_token, send_sol, unwrap]


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
    if scene not in {withdraw_out, cancel, time_cancel}:  # there the SOL that must arrive refuses it earlier
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
    assert "not arrive" in refused(withdraw_out(), user=sol(SOL - FEE + 2_000_000_000 - 1))


def test_a_cancel_returns_both_sides_and_closes() -> None:
    """Neither side may get lost, and the order must be gone."""
    assert "not arrive" in refused(cancel(), user_input=token(ids.USDC_MINT, 100))
    assert "not arrive" in refused(cancel(), user=sol(SOL))
    assert "still be there" in refused(cancel(), order=ORDER)


def test_as_much_sol_arrives_as_was_asked_for() -> None:
    """Even if nothing else would leave the order."""
    holding = token(ids.WSOL_MINT, 100, THIEF)
    scene = Scene(
        solana.withdraw(orders.Side.IN, 40, output_sol=False),
        {"user": sol(SOL), "order": ORDER, "order_input": holding},
        {"user": sol(SOL - FEE + 40), "order_input": token(ids.WSOL_MINT, 60, THIEF)},
    )
    scene.evaluate()
    assert "not arrive" in refused(scene, user=sol(SOL - FEE), order_input=holding)


CANCELS = [cancel, time_cancel]


def lamports(scene: Scene) -> int:
    user = scene.after["user"]
    assert user is not None
    return user.lamports


@pytest.mark.parametrize("scene", CANCELS)
@pytest.mark.parametrize("side", ["order_input", "order_output"])
def test_a_cancel_leaves_nothing_behind(scene: Any, side: str) -> None:
    """An order that is gone while its token account still holds something would lock that for ever."""
    built: Scene = scene()
    holding = built.before[side]
    assert "stay behind" in refused(built, **{side: holding})
    unknown = answers.AccountInfo(RENT, ids.TOKEN_2022, bytes(165))
    assert "stay behind" in refused(built, **{side: unknown})


def test_funds_of_a_gone_order_are_not_given_up() -> None:
    """Nothing left the token accounts and the wallet lost only fees: still everything would be lost."""
    scene = cancel()
    kept = {name: scene.before[name] for name in ("user_input", "order_input", "order_output")}
    assert "stay behind" in refused(scene, user=sol(SOL - FEE), **kept)


@pytest.mark.parametrize("scene", CANCELS)
def test_an_emptied_account_may_stay(scene: Any) -> None:
    """Its rent did not leave it, so it need not arrive."""
    built: Scene = scene()
    empty = token(ids.USDC_MINT, 0, THIEF)
    side = "order_input" if scene is cancel else "order_output"
    built.evaluate(user=sol(lamports(built) - RENT), **{side: empty})
    assert "not arrive" in refused(built, user=sol(lamports(built) - RENT - 1), **{side: empty})


@pytest.mark.parametrize("scene", CANCELS)
def test_a_cancel_costs_its_fees_and_nothing_else(scene: Any) -> None:
    """To the lamport: neither what the cap leaves of the priority fee nor any rent may get lost."""
    built: Scene = scene()
    assert "not arrive" in refused(built, user=sol(lamports(built) - 1))
    assert "not arrive" in refused(built, user=sol(lamports(built) - RENT))


def test_a_dust_order_cannot_lose_its_sol() -> None:
    """Less SOL than costs were confirmed is held to the lamport as well."""
    scene = cancel()
    scene.before["order_output"] = token(ids.WSOL_MINT, 15_000, THIEF)
    scene.after["user"] = sol(SOL - FEE + 15_000 + ORDER.lamports + 2 * RENT)
    scene.evaluate()
    assert "not arrive" in refused(scene, user=sol(lamports(scene) - 15_000))


@pytest.mark.parametrize("there", [True, False])
def test_sol_may_come_back_wrapped(there: bool) -> None:
    """In the wallet's account, whether that was there or is opened for it."""
    scene = time_cancel()
    if there:
        scene.before["user_input"] = token(ids.WSOL_MINT, 3)
    got = 250_000_000 + (3 if there else 0)
    rest = lamports(scene) - 250_000_000 - (0 if there else RENT)
    scene.evaluate(user=sol(rest), user_input=token(ids.WSOL_MINT, got))
    assert "not arrive" in refused(scene, user=sol(rest), user_input=token(ids.WSOL_MINT, got - 1))


def test_sol_at_an_address_without_an_account_has_not_arrived() -> None:
    """Nor does a speck that lies there already stand in the way."""
    scene = time_cancel()
    scene.before["user_input"] = sol(1)
    scene.evaluate()
    rest = sol(lamports(scene) - 250_000_000)
    assert "not arrive" in refused(scene, user=rest, user_input=sol(250_000_001))


def test_rent_of_a_new_account_of_ones_own_is_no_loss() -> None:
    """An account that is opened for what comes back; but one that was there takes no SOL."""
    scene = time_cancel()
    scene.before["user_output"] = None
    new = token(ids.USDC_MINT, 100)
    scene.evaluate(user=sol(lamports(scene) - RENT), user_output=new)
    assert "not arrive" in refused(scene, user=sol(lamports(scene) - RENT - 1), user_output=new)
    assert "not arrive" in refused(
        scene, user=sol(lamports(scene) - RENT - 9), user_output=replace(new, lamports=RENT + 9)
    )
    old = replace(token(ids.USDC_MINT, 101), lamports=2 * RENT)
    assert "not arrive" in refused(time_cancel(), user=sol(lamports(scene) - RENT), user_output=old)


def test_closing_an_account_of_ones_own_pays_for_nothing() -> None:
    """Its rent was the wallet's before."""
    scene = time_cancel()
    scene.before["order_output"] = token(ids.USDC_MINT, 0, THIEF)
    scene.before["user_output"] = token(ids.USDC_MINT, 0)
    scene.evaluate(user_output=None, user=sol(lamports(scene) + RENT))
    assert "not arrive" in refused(scene, user_output=None)


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


@pytest.mark.parametrize("scene", [withdraw_in, cancel, time_cancel])
def test_an_order_that_ended_meanwhile_is_told_as_that(scene: Any) -> None:
    """Its keeper closed it between the card and the tap."""
    with pytest.raises(errors.OrderRejected, match="filled or closed meanwhile"):
        scene().evaluate({"InstructionError": [2, {"Custom": 3012}]})


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
