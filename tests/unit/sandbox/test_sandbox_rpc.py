"""The JSON-RPC is as strict as a node's: codes, limits, encodings, contexts."""

import base64
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from bot.sandbox import steps, tokens
from bot.solana import programs
from bot.solana.programs import accounts, ids
from tests.fakes.sandbox import SOL, START, Harness, decode, encode, sign

BASE64 = {"encoding": "base64"}


async def _code(harness: Harness, method: str, *params: Any) -> int:
    error: dict[str, Any] = (await harness.rpc(method, *params))["error"]
    return int(error["code"])


async def test_balances_and_accounts_with_their_context() -> None:
    """Balances, token accounts and mints come with the slot they are good for."""
    harness = Harness()
    user = harness.wallet()
    owner = str(user.pubkey())
    balance = await harness.result("getBalance", owner, {"commitment": "confirmed"})
    assert balance["value"] == 5 * SOL
    assert balance["context"]["slot"] == harness.chain.slots.slot("confirmed")
    held = await harness.result("getTokenAccountsByOwner", owner, {"programId": str(ids.TOKEN)}, BASE64)
    (account,) = held["value"]
    assert account["pubkey"] == str(programs.ata(user.pubkey(), tokens.USDC.mint))
    holding = accounts.TokenAccount.parse(base64.b64decode(account["account"]["data"][0]))
    assert (holding.amount, holding.owner) == (2_500_000_000, user.pubkey())
    mint = await harness.result("getAccountInfo", str(tokens.BONK.mint), BASE64)
    assert accounts.Mint.parse(base64.b64decode(mint["value"]["data"][0])).decimals == 5
    both = await harness.result("getMultipleAccounts", [str(Keypair().pubkey()), owner], BASE64)
    assert both["value"][0] is None
    assert both["value"][1]["lamports"] == 5 * SOL
    part = await harness.result(
        "getAccountInfo", account["pubkey"], BASE64 | {"dataSlice": {"offset": 64, "length": 8}}
    )
    assert base64.b64decode(part["value"]["data"][0]) == (2_500_000_000).to_bytes(8, "little")


async def test_a_slot_that_is_not_reached_is_said_so() -> None:
    """minContextSlot ahead of the chain: -32016, with the slot there is."""
    harness = Harness()
    ahead = harness.chain.slots.slot("finalized") + 1
    answer = await harness.rpc("getLatestBlockhash", {"minContextSlot": ahead})
    assert answer["error"]["code"] == -32016
    assert answer["error"]["data"] == {"contextSlot": ahead - 1}
    harness.pass_slots(1)
    assert "result" in await harness.rpc("getLatestBlockhash", {"minContextSlot": ahead})


async def test_heights_and_slots_differ_and_follow_the_commitment() -> None:
    """A program that takes one for the other fails here."""
    harness = Harness(finality=4)
    heights = [
        await harness.result("getBlockHeight", {"commitment": name})
        for name in ("processed", "confirmed", "finalized")
    ]
    assert [heights[0] - height for height in heights] == [0, 1, 4]
    assert await harness.result("getSlot") > heights[0]
    latest = (await harness.result("getLatestBlockhash", {"commitment": "processed"}))["value"]
    assert latest["lastValidBlockHeight"] == heights[0] + 150


async def test_block_times_are_order_time() -> None:
    """The cluster's clock runs at the market's pace and jumps with it."""
    harness = Harness(speed=10.0)
    slot = await harness.result("getSlot", {"commitment": "processed"})
    assert await harness.result("getBlockTime", slot) == START
    harness.pass_slots(10)
    later = await harness.result("getSlot", {"commitment": "processed"})
    assert await harness.result("getBlockTime", later) == START + 40
    assert abs(await harness.result("getBlockTime", slot) - START) <= 1
    await harness.ask("/sandbox/advance", {"seconds": 3_600})
    assert await harness.result("getBlockTime", later) == START + 3_640
    assert await _code(harness, "getBlockTime", later + 1) == -32004


async def test_sending_returns_the_signature_and_a_status_follows() -> None:
    """Known at once, confirmed a block later; long ago, only a search of the history finds it."""
    harness = Harness()
    user = harness.wallet()
    transaction = harness.transfer(user, Keypair().pubkey(), SOL)
    signature = await harness.result("sendTransaction", encode(transaction), BASE64)
    assert signature == str(transaction.signatures[0])

    async def status(**options: object) -> Any:
        return (await harness.result("getSignatureStatuses", [signature], options))["value"][0]

    assert (await status())["confirmationStatus"] == "processed"
    harness.pass_slots(5)
    settled = await status()
    assert settled["confirmationStatus"] == "finalized"
    assert settled["confirmations"] is None
    assert settled["err"] is None
    harness.pass_slots(400)
    assert await status() is None
    assert (await status(searchTransactionHistory=True))["slot"] == settled["slot"]


async def test_preflight_refuses_what_would_fail() -> None:
    """-32003 for signatures, -32002 with the error and the logs for everything else; nothing lands."""
    harness = Harness()
    user = harness.wallet()
    good = harness.transfer(user, Keypair().pubkey(), SOL)
    unsigned = VersionedTransaction.populate(good.message, [type(good.signatures[0]).default()])
    assert await _code(harness, "sendTransaction", encode(unsigned), BASE64) == -32003
    too_much = harness.transfer(user, Keypair().pubkey(), 50 * SOL)
    answer = await harness.rpc("sendTransaction", encode(too_much), BASE64)
    assert answer["error"]["code"] == -32002
    assert answer["error"]["data"]["err"] == {"InstructionError": [0, {"Custom": 1}]}
    assert any("insufficient lamports" in line for line in answer["error"]["data"]["logs"])
    harness.pass_slots(151)
    answer = await harness.rpc("sendTransaction", encode(good), BASE64)
    assert answer["error"]["message"] == "Transaction simulation failed: Blockhash not found"
    assert harness.chain.lamports(user.pubkey()) == 5 * SOL


async def test_without_preflight_a_bad_transaction_vanishes() -> None:
    """As on a node: the signature is answered, and never lands."""
    harness = Harness()
    user = harness.wallet()
    stale = harness.transfer(user, Keypair().pubkey(), SOL)
    harness.pass_slots(151)
    signature = await harness.result("sendTransaction", encode(stale), BASE64 | {"skipPreflight": True})
    found = await harness.result("getSignatureStatuses", [signature], {"searchTransactionHistory": True})
    assert found["value"] == [None]
    failing = harness.transfer(user, Keypair().pubkey(), 50 * SOL)
    signature = await harness.result("sendTransaction", encode(failing), BASE64 | {"skipPreflight": True})
    (found,) = (await harness.result("getSignatureStatuses", [signature]))["value"]
    assert found["err"] == {"InstructionError": [0, {"Custom": 1}]}


async def test_the_wire_format_is_checked() -> None:
    """Trailing bytes, oversize, wrong encodings and no transaction at all: invalid params."""
    harness = Harness()
    user = harness.wallet()
    raw = bytes(harness.transfer(user, Keypair().pubkey(), SOL))
    for data in (raw + b"\0", raw[:-1], b"", bytes(1_233)):
        assert await _code(harness, "sendTransaction", base64.b64encode(data).decode(), BASE64) == -32602
    assert await _code(harness, "sendTransaction", "not base64!", BASE64) == -32602
    assert await _code(harness, "sendTransaction", base64.b64encode(raw).decode(), {}) == -32602
    assert await _code(harness, "sendTransaction", "x", {"encoding": "hex"}) == -32602


async def test_simulating_a_lowered_instruction_shows_the_accounts_as_they_would_be() -> None:
    """An unsigned deposit: balances and the order's own data afterwards, and nothing really happened."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    crafted = await harness.deposit(user, entry, 7_000_000)
    wallet = programs.ata(user.pubkey(), tokens.USDC.mint)
    watched = [str(user.pubkey()), str(wallet), entry.key, str(Keypair().pubkey())]
    options = BASE64 | {"accounts": {"encoding": "base64", "addresses": watched}}
    before = harness.chain.lamports(user.pubkey())
    done = (await harness.result("simulateTransaction", crafted["transaction"], options))["value"]
    assert done["err"] is None
    payer, token, order, nobody = done["accounts"]
    assert nobody is None
    assert payer["lamports"] == before - done["fee"]
    held = accounts.TokenAccount.parse(base64.b64decode(token["data"][0])).amount
    assert held == harness.usdc(user.pubkey()) - 7_000_000
    state = accounts.ValueAverage.parse(base64.b64decode(order["data"][0]))
    assert state.in_left == entry.state.in_deposited - entry.state.in_used + 7_000_000
    assert harness.chain.lamports(user.pubkey()) == before
    landed = await harness.execute(user, crafted)
    assert harness.chain.lamports(user.pubkey()) == payer["lamports"]
    assert harness.chain.order(Pubkey.from_string(entry.key)) == state
    assert landed["status"] == "Success"


async def test_simulation_says_what_is_wrong() -> None:
    """Unsigned is fine unless asked; a dead blockhash is an error unless replaced."""
    harness = Harness()
    user = harness.wallet()
    text = (await harness.deposit(user, harness.price_order(user), 1_000_000))["transaction"]

    async def error(**options: object) -> Any:
        return (await harness.result("simulateTransaction", text, BASE64 | options))["value"]["err"]

    assert await error() is None
    assert await error(sigVerify=True) == "SignatureFailure"
    harness.pass_slots(151)
    assert await error() == "BlockhashNotFound"
    assert await error(replaceRecentBlockhash=True) is None
    both = BASE64 | {"sigVerify": True, "replaceRecentBlockhash": True}
    assert await _code(harness, "simulateTransaction", text, both) == -32602
    too_many = [str(Keypair().pubkey()) for _ in range(30)]
    options = BASE64 | {"accounts": {"encoding": "base64", "addresses": too_many}}
    assert await _code(harness, "simulateTransaction", text, options) == -32602


async def test_fees_are_told_beforehand() -> None:
    """getFeeForMessage is what landing costs; null once the blockhash is dead."""
    harness = Harness()
    user = harness.wallet()
    crafted = await harness.deposit(user, harness.price_order(user), 1_000_000)
    message = base64.b64encode(bytes(decode(crafted["transaction"]).message)).decode()
    told = (await harness.result("getFeeForMessage", message, {"commitment": "confirmed"}))["value"]
    landed = await harness.execute(user, crafted)
    assert harness.chain.landed[landed["signature"]].fee == told > 5_000
    harness.pass_slots(151)
    assert (await harness.result("getFeeForMessage", message))["value"] is None


async def test_blockhashes_can_be_asked_for() -> None:
    """Valid while it lives, at the commitment that is asked about."""
    harness = Harness()
    fresh = (await harness.result("getLatestBlockhash", {"commitment": "processed"}))["value"]["blockhash"]

    async def valid(commitment: str) -> bool:
        answer = await harness.result("isBlockhashValid", fresh, {"commitment": commitment})
        return bool(answer["value"])

    assert [await valid("processed"), await valid("finalized")] == [True, False]
    harness.pass_slots(10)
    assert await valid("finalized")
    harness.pass_slots(150)
    assert not await valid("processed")
    assert not (await harness.result("isBlockhashValid", str(Keypair().pubkey())))["value"]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("getNothing", [], -32601),
        ("getBalance", [], -32602),
        ("getBalance", ["not an address"], -32602),
        ("getBalance", [str(ids.TOKEN), {"commitment": "someday"}], -32602),
        ("getAccountInfo", [str(ids.TOKEN), {"encoding": "jsonParsed"}], -32602),
        ("getMultipleAccounts", [[str(ids.TOKEN)] * 101], -32602),
        ("getTokenAccountsByOwner", [str(ids.TOKEN), {}], -32602),
        ("getTokenAccountsByOwner", [str(ids.TOKEN), {"programId": str(ids.SYSTEM)}], -32602),
        ("getSlot", [{"minContextSlot": "soon", "commitment": 5}], -32602),
        ("isBlockhashValid", ["x"], -32602),
    ],
)
async def test_bad_calls_have_their_codes(method: str, params: list[Any], code: int) -> None:
    """Every mistake is answered as a node answers it."""
    assert await _code(Harness(), method, *params) == code


async def test_requests_that_are_none() -> None:
    """No JSON, no JSON-RPC, and batches."""
    harness = Harness()
    answer = await harness.http.post("/rpc", content=b"{", headers={"content-type": "application/json"})
    assert answer.json()["error"]["code"] == -32700
    assert (await harness.ask("/rpc", {"method": "getHealth"}))["error"]["code"] == -32600
    batch = [{"jsonrpc": "2.0", "id": n, "method": "getHealth"} for n in (7, 8)]
    assert [one["id"] for one in await harness.ask("/rpc", batch)] == [7, 8]
    assert await harness.result("getMinimumBalanceForRentExemption", 165) == steps.RENT_TOKEN_ACCOUNT
    assert "solana-core" in await harness.result("getVersion")


async def test_a_signed_craft_can_be_sent_without_jupiter() -> None:
    """`SUBMIT_VIA=rpc`: the same effect through our own RPC."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    crafted = await harness.deposit(user, entry, 3_000_000)
    wallet = harness.usdc(user.pubkey())
    await harness.result("sendTransaction", sign(crafted["transaction"], user), BASE64)
    assert wallet - harness.usdc(user.pubkey()) == 3_000_000
