"""From a checked transaction to its settlement."""

import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bot import errors, ports
from bot.domain import intents, orders
from bot.solana import policy, programs, submitter
from bot.solana.programs import accounts, ids
from tests.fakes import rpc, solana

USER = Pubkey.from_string(solana.USER)
LIMITS = intents.Limits()
CASE = solana.withdraw(orders.Side.IN, 40)


def node() -> rpc.FakeRpc:
    """A node where the withdrawal of 40 USDC units goes well."""
    fake = rpc.FakeRpc()
    fake.answer("isBlockhashValid", rpc.in_context(True, 90))  # noqa: FBT003 - a result as it comes
    fake.answer("getMultipleAccounts", lambda keys, _: rpc.in_context(world(keys, 1, 100), 95))
    fake.answer(
        "simulateTransaction",
        lambda _, config: rpc.in_context(
            {"err": None, "logs": [], "accounts": world(config["accounts"]["addresses"], 41, 60)}
        ),
    )
    fake.answer(
        "getLatestBlockhash",
        rpc.in_context({"blockhash": solana.BLOCKHASH, "lastValidBlockHeight": 1000}, 97),
    )
    return fake


def world(keys: list[str], own: int, vault: int) -> list[Any]:
    cast = solana.price_cast(ids.USDC_MINT, ids.WSOL_MINT)

    def token(owner: Pubkey, amount: int) -> dict[str, Any]:
        data = accounts.TokenAccount(ids.USDC_MINT, owner, amount, None, 1, None, 0, None).build()
        return rpc.account(ids.TOKEN, data)

    known = {
        solana.USER: rpc.account(ids.SYSTEM, lamports=10**9),
        str(cast["user_input"]): token(USER, own),
        str(cast["order_input"]): token(cast["order"], vault),
        str(cast["order"]): rpc.account(ids.VA, bytes(339)),
    }
    return [known.get(key) for key in keys]


async def check(
    fake: rpc.FakeRpc, case: solana.Case = CASE, simulate: submitter.Setting = "required"
) -> None:
    async def pause(seconds: float) -> None:
        fake.pauses.append(seconds)

    await submitter.RpcSubmitter(fake.chain(), simulate=simulate, sleep=pause).check(
        case.intent, case.transaction, LIMITS
    )


async def test_a_good_transaction_passes() -> None:
    """The blockhash lives, and the simulation runs on a node that saw that, with the very blockhash."""
    fake = node()
    await check(fake)
    transaction, config = fake.params("simulateTransaction")[0]
    assert transaction == CASE.transaction
    assert config["replaceRecentBlockhash"] is False
    assert config["sigVerify"] is False
    assert config["minContextSlot"] == 95
    assert config["accounts"]["encoding"] == "base64"
    assert fake.params("isBlockhashValid")[0][0] == solana.BLOCKHASH


async def test_the_policy_comes_first() -> None:
    """What the policy refuses is not even tried out."""
    fake = node()
    with pytest.raises(errors.TransactionMismatch):
        await check(fake, replace(CASE, intent=solana.withdraw(orders.Side.IN, 41).intent))
    assert fake.calls == []


async def test_a_harmful_simulation_is_refused() -> None:
    """Funds that leave the order without arriving."""
    fake = node()
    fake.answer(
        "simulateTransaction",
        lambda _, config: rpc.in_context(
            {"err": None, "logs": [], "accounts": world(config["accounts"]["addresses"], 40, 60)}
        ),
    )
    with pytest.raises(errors.TransactionMismatch):
        await check(fake)
    assert len(fake.params("simulateTransaction")) == 1, "at rest, one look is enough"


async def test_what_else_happens_meanwhile_is_not_the_transactions_doing() -> None:
    """Another action of the wallet lands between the look and the simulation: it is compared anew."""
    fake = node()
    fake.once("getMultipleAccounts", lambda keys, _: rpc.in_context(world(keys, 5, 100), 91))
    await check(fake)
    looks = [config["minContextSlot"] for _, config in fake.params("getMultipleAccounts")]
    assert looks == [90, 100]
    assert [config["minContextSlot"] for _, config in fake.params("simulateTransaction")] == [91, 95]


async def test_a_refusal_stands_whatever_else_moves() -> None:
    """Harm is harm, on accounts that never rest, and where the second look gets no answer."""
    harm = {"err": None, "logs": [], "accounts": world([], 0, 0)}

    def simulated(_: str, config: Any) -> Any:
        return rpc.in_context(harm | {"accounts": world(config["accounts"]["addresses"], 0, 60)})

    restless = node()
    restless.answer("simulateTransaction", simulated)
    moving = iter(range(2, 100))
    restless.answer("getMultipleAccounts", lambda keys, _: rpc.in_context(world(keys, next(moving), 100), 95))
    with pytest.raises(errors.TransactionMismatch):
        await check(restless)
    assert len(restless.params("simulateTransaction")) == 3
    for setting in ("required", "preferred"):
        silent = node()
        silent.answer("simulateTransaction", simulated)
        silent.once("getMultipleAccounts", lambda keys, _: rpc.in_context(world(keys, 1, 100), 95))
        silent.answer("getMultipleAccounts", httpx.ConnectError("down"))
        with pytest.raises(errors.TransactionMismatch):
            await check(silent, simulate=setting)


async def test_a_failing_simulation_is_rejected() -> None:
    """Better told now than paid for."""
    fake = node()
    fake.answer(
        "simulateTransaction",
        rpc.in_context({"err": {"InstructionError": [2, {"Custom": 1}]}, "logs": ["x"], "accounts": None}),
    )
    with pytest.raises(errors.OrderRejected, match="does not hold enough"):
        await check(fake)


DOWN: list[Any] = [httpx.ConnectError("down"), rpc.error(-32601, "Method not found")]


@pytest.mark.parametrize("failure", DOWN, ids=repr)
@pytest.mark.parametrize("setting", ["required", "preferred", "off"])
async def test_the_setting_decides_without_a_simulation(failure: Any, setting: submitter.Setting) -> None:
    """Required: nothing is signed. Preferred: signed nevertheless. Off: not even asked for."""
    fake = node()
    fake.answer("simulateTransaction", failure)
    if setting == "required":
        with pytest.raises(errors.GatewayError):
            await check(fake, simulate=setting)
        return
    await check(fake, simulate=setting)
    assert bool(fake.params("simulateTransaction")) == (setting == "preferred")


@pytest.mark.parametrize("setting", ["required", "preferred", "off"])
@pytest.mark.parametrize("case", [solana.price_cancel(), solana.withdraw(orders.Side.OUT, None)])
async def test_some_kinds_are_never_signed_without_simulation(
    case: solana.Case, setting: submitter.Setting
) -> None:
    """Closing a price order and withdrawing its output, whatever the setting."""
    fake = node()
    fake.answer("simulateTransaction", httpx.ConnectError("down"))
    with pytest.raises(errors.GatewayUnavailable):
        await check(fake, case, setting)


async def test_a_lagging_node_gets_a_moment() -> None:
    """A blockhash that the node does not know yet is looked for again."""
    fake = node()
    fake.once("isBlockhashValid", rpc.in_context(False, 80))  # noqa: FBT003 - a result as it comes
    await check(fake)
    assert len(fake.params("isBlockhashValid")) == 2


async def test_a_dead_blockhash_is_rejected() -> None:
    """A transaction that can no longer land is not signed."""
    fake = node()
    fake.answer("isBlockhashValid", rpc.in_context(False, 80))  # noqa: FBT003 - a result as it comes
    with pytest.raises(errors.OrderRejected, match="too old"):
        await check(fake)
    assert fake.params("simulateTransaction") == []


@pytest.mark.parametrize(("alive", "expected"), [(True, 1032), (False, 1182)])
async def test_the_last_valid_height_is_an_upper_bound(alive: bool, expected: int) -> None:
    """Of a newer blockhash, from a node that has seen the older one, plus a margin."""
    fake = node()
    fake.answer("isBlockhashValid", rpc.in_context(alive, 90))
    height = await submitter.RpcSubmitter(fake.chain()).fetch_last_valid_height(solana.BLOCKHASH)
    assert height == expected
    assert fake.params("getLatestBlockhash")[0][0]["minContextSlot"] == 90


@pytest.mark.parametrize(("setting", "skips"), [("required", True), ("preferred", True), ("off", False)])
async def test_the_same_bytes_are_sent(setting: submitter.Setting, skips: bool) -> None:
    """The node neither repeats them by itself, nor simulates what was simulated already."""
    fake = node()
    fake.answer("sendTransaction", "signature")
    await submitter.RpcSubmitter(fake.chain(), simulate=setting).send(b"signed")
    text, config = fake.params("sendTransaction")[0]
    assert base64.b64decode(text) == b"signed"
    assert (config["encoding"], config["skipPreflight"], config["maxRetries"]) == ("base64", skips, 0)


async def test_height_and_slot_of_the_finalized_block_come_from_one_node() -> None:
    """A transaction is dead only by what can no longer be undone."""
    fake = node()
    fake.answer("getEpochInfo", {"absoluteSlot": 99, "blockHeight": 77, "epoch": 1})
    finalized = await submitter.RpcSubmitter(fake.chain()).fetch_finalized()
    assert finalized == ports.Finalized(height=77, slot=99)
    assert fake.params("getEpochInfo") == [[{"commitment": "finalized"}]]


async def test_a_node_that_lags_cannot_say_that_nothing_landed() -> None:
    """Behind a load balancer, the one that is asked last may know less than the one before it."""
    fake = node()
    fake.answer("getSignatureStatuses", rpc.in_context([None], 98))
    checking = submitter.RpcSubmitter(fake.chain())
    with pytest.raises(errors.GatewayUnavailable):
        await checking.fetch_status("sig", history=True, min_slot=99)
    assert await checking.fetch_status("sig", history=True, min_slot=98) is None


# --- our own transactions ---

RECEIVER = Keypair.from_seed(bytes(range(32))).pubkey()
SEND = intents.Send(user=solana.USER, to=str(RECEIVER), amount_raw=5, mint=solana.USDC, decimals=6)


def receivers(fake: rpc.FakeRpc, wallet: Any, account: Any) -> None:
    there = {SEND.to: wallet, str(programs.ata(RECEIVER, ids.USDC_MINT)): account}
    fake.answer("getMultipleAccounts", lambda keys, _: rpc.in_context([there.get(key) for key in keys]))


def held_by(owner: Pubkey) -> Any:
    account = accounts.TokenAccount(ids.USDC_MINT, owner, 7, None, 1, None, 0, None)
    return rpc.account(ids.TOKEN, account.build())


async def test_nothing_is_sent_where_somebody_else_spends() -> None:
    """A wallet's token account may have been handed on: what arrives there is not the receiver's."""
    fake = node()
    receivers(fake, None, held_by(USER))
    with pytest.raises(errors.OrderRejected, match=f"belongs to {USER}, not to the wallet"):
        await submitter.RpcSubmitter(fake.chain()).build(SEND)
    await submitter.RpcSubmitter(fake.chain()).build(replace(SEND, mint=None))


@pytest.mark.parametrize("exists", [True, False])
async def test_the_receivers_account_is_created_where_it_is_missing(exists: bool) -> None:
    """And only there: it costs the sender rent."""
    fake = node()
    receivers(fake, None, held_by(RECEIVER) if exists else None)
    built = await submitter.RpcSubmitter(fake.chain()).build(SEND)
    checked = policy.check(built, SEND, LIMITS)
    assert len(checked.decoded.instructions) == (3 if exists else 4)
    assert checked.blockhash == solana.BLOCKHASH


@pytest.mark.parametrize("owner", [ids.TOKEN, ids.TOKEN_2022])
@pytest.mark.parametrize("intent", [SEND, replace(SEND, mint=None)])
async def test_nothing_is_sent_to_a_token_account(owner: Pubkey, intent: intents.Send) -> None:
    """A token account or a mint as a receiver would keep the money for ever."""
    fake = node()
    receivers(fake, rpc.account(owner, bytes(165)), None)
    with pytest.raises(errors.OrderRejected, match="not a wallet"):
        await submitter.RpcSubmitter(fake.chain()).build(intent)


@pytest.mark.parametrize("intent", [SEND, replace(SEND, mint=None)])
async def test_nothing_is_sent_to_an_address_without_a_key(intent: intents.Send) -> None:
    """An order's address, or a token account that is not there yet, lies off the curve."""
    fake = node()
    receivers(fake, None, None)
    lost = programs.va_order(RECEIVER, ids.USDC_MINT, ids.WSOL_MINT, 7)
    with pytest.raises(errors.OrderRejected, match="not a wallet"):
        await submitter.RpcSubmitter(fake.chain()).build(replace(intent, to=str(lost)))


async def test_nothing_is_sent_to_a_program() -> None:
    """Nor can a program spend."""
    fake = node()
    receivers(fake, rpc.account(ids.SYSTEM) | {"executable": True}, None)
    with pytest.raises(errors.OrderRejected, match="not a wallet"):
        await submitter.RpcSubmitter(fake.chain()).build(SEND)


async def test_unwrap_is_built() -> None:
    """Closing the wrapped-SOL account passes the same policy."""
    intent = intents.Unwrap(user=solana.USER)
    built = await submitter.RpcSubmitter(node().chain()).build(
        intent, intents.Limits(priority_fee_lamports=3)
    )
    assert policy.check(built, intent, intents.Limits(priority_fee_lamports=3)).priority_fee_lamports <= 3


async def test_jupiters_kinds_are_not_ours_to_build() -> None:
    """A wrong call is a mistake in the program, not a condition."""
    with pytest.raises(ValueError, match="Jupiter crafts price_withdraw"):
        await submitter.RpcSubmitter(node().chain()).build(CASE.intent)
