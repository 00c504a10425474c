"""What `inspect` says about a transaction."""

import base64
import json
from dataclasses import replace

import pytest
from solders.hash import Hash
from solders.instruction import CompiledInstruction
from solders.message import MessageHeader, MessageV1, TransactionConfig
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot import errors
from bot.domain import intents
from bot.solana import inspect, submitter
from tests.fakes import rpc, solana
from tests.mutations.draft import parse

TEXT = solana.load("time-create")["base64"]
INTENT = json.dumps(solana.REAL_INTENTS["time-create"])


@pytest.mark.parametrize("case", solana.every(), ids=lambda case: case.name)
def test_honest_transactions_are_accepted(case: solana.Case) -> None:
    """Every honest transaction gets its verdict from the intent file alone, whatever the time is."""
    found = inspect.inspect_text(case.transaction, json.dumps(intents.to_json(case.intent)))
    assert (found.verdict, found.rule, found.reason) == ("accepted", None, None)
    assert "accepted" in found.to_text()


def test_json_has_one_shape() -> None:
    """verdict, rule, reason and instructions, and nothing else."""
    found = json.loads(inspect.inspect_text(TEXT, INTENT).to_json())
    assert list(found) == ["verdict", "rule", "reason", "instructions"]
    names = [instruction["instruction"] for instruction in found["instructions"]]
    assert names == [
        "SetComputeUnitLimit",
        "SetComputeUnitPrice",
        "CreateIdempotent",
        "Transfer",
        "SyncNative",
        "open_dca_v2",
        "CloseAccount",
    ]
    assert found["instructions"][5]["args"]["in_amount"] == 200_000_000
    assert found["instructions"][3]["accounts"][0] == {
        "name": "from",
        "pubkey": solana.USER,
        "signer": True,
        "writable": True,
    }


def test_without_an_intent_there_is_no_verdict() -> None:
    """Decoding alone neither accepts nor refuses."""
    found = inspect.inspect_text(TEXT, None)
    assert (found.verdict, found.rule, found.reason) == (None, None, None)
    assert "Verdict" not in found.to_text()
    assert "open_dca_v2" in found.to_text()
    assert "in_amount = 200000000" in found.to_text()


def test_a_refusal_gives_rule_and_reason() -> None:
    """One confirmed lamport less, and the rule and both values are named."""
    intent = json.dumps(solana.REAL_INTENTS["time-create"] | {"amount": 199_999_999})
    found = inspect.inspect_text(TEXT, intent)
    assert (found.verdict, found.rule) == ("refused", "G9")
    assert "200000000" in (found.reason or "")
    assert "refused by rule G9" in found.to_text()
    assert json.loads(found.to_json())["instructions"]


def test_appended_bytes_are_refused() -> None:
    """Bytes that the decoder refuses get a verdict, too, where there is an intent to judge by."""
    longer = base64.b64encode(base64.b64decode(TEXT) + b"\0").decode()
    found = inspect.inspect_text(longer, INTENT)
    assert (found.verdict, found.rule) == ("refused", "G1")
    assert json.loads(found.to_json())["instructions"] == []
    with pytest.raises(errors.InvalidInput, match="G1"):
        inspect.inspect_text(longer, None)


def _with_table() -> str:
    """The create as version 0, its last account (of the closing) taken out of a lookup table."""
    draft = parse(TEXT)
    table = b"\1" + bytes(solana.STRANGER) + b"\1\x07" + b"\2\5\6"
    close = draft.instructions[-1]
    changed = replace(close, accounts=(close.accounts[0], len(draft.keys), len(draft.keys) + 2))
    return replace(draft.put(len(draft.instructions) - 1, changed), prefix=b"\x80", suffix=table).encode()


def test_lookup_tables_are_refused_and_still_readable() -> None:
    """Nobody signs what has to be looked up; whoever looks into it sees which entries are meant."""
    found = inspect.inspect_text(_with_table(), INTENT)
    assert (found.verdict, found.rule) == ("refused", "G5")
    told = inspect.inspect_text(_with_table(), None)
    assert told.verdict is None
    for each in (found, told):
        close = json.loads(each.to_json())["instructions"][-1]
        assert [(one["name"], one["pubkey"], one["writable"]) for one in close["accounts"]][1:] == [
            ("destination", f"{solana.STRANGER}[7]", True),
            ("owner", f"{solana.STRANGER}[6]", False),
        ]
        assert f"{solana.STRANGER}[7] [writable]" in each.to_text()
    assert "open_dca_v2" in inspect.describe(_with_table())


def test_a_version_1_message_is_refused() -> None:
    """It has another form, which no wallet of ours signs."""
    draft = parse(TEXT)
    instructions = [CompiledInstruction(ix.program, ix.data, bytes(ix.accounts)) for ix in draft.instructions]
    keys = [Pubkey(key) for key in draft.keys]
    message = MessageV1(
        MessageHeader(*draft.header), TransactionConfig(), Hash(draft.blockhash), keys, instructions
    )
    text = base64.b64encode(bytes(VersionedTransaction.populate(message, [Signature.default()]))).decode()
    assert inspect.inspect_text(text, INTENT).rule == "G2"
    with pytest.raises(errors.InvalidInput, match="G2"):
        inspect.inspect_text(text, None)


def test_lines_and_blanks_around_the_text_do_not_matter() -> None:
    """Text from a terminal or a mail is broken into lines."""
    wrapped = "\n".join(TEXT[start : start + 76] for start in range(0, len(TEXT), 76)) + "\n"
    assert inspect.inspect_text(wrapped, INTENT).verdict == "accepted"


@pytest.mark.parametrize("text", ["", "hello", "AAAA", "💰", "[1, 2]"])
@pytest.mark.parametrize("intent", [None, INTENT])
def test_text_that_is_no_transaction_is_unusable(text: str, intent: str | None) -> None:
    """Neither accepted nor refused: there is nothing to judge."""
    with pytest.raises(errors.InvalidInput, match="no transaction"):
        inspect.inspect_text(text, intent)


@pytest.mark.parametrize(
    "intent",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        '{"kind": "price_create"}',
        '{"kind": "time_cancel", "user": "me"}',
        json.dumps(solana.REAL_INTENTS["time-create"] | {"amount": -1}),
        json.dumps(solana.REAL_INTENTS["time-create"] | {"amount": 0.5}),
        json.dumps(solana.REAL_INTENTS["time-create"] | {"min_out_amuont": 5}),
        INTENT[:-1] + ', "amount": 200000000}',
    ],
)
def test_an_unusable_intent_is_told(intent: str) -> None:
    """A broken intent file is a mistake of the caller, not a refusal."""
    with pytest.raises(errors.InvalidInput):
        inspect.inspect_text(TEXT, intent)


def test_trigger_transactions_are_decoded_for_people() -> None:
    """Transactions that are never signed here can still be read."""
    text = inspect.inspect_text(solana.load("trigger-v2-deposit")["base64"], None).to_text()
    assert "CreateAccountWithSeed" in text
    assert "seed = e8cf74ebed2d4cadf6d3b9e805e84fa6" in text
    assert text.count("Signer:") == 2


@pytest.mark.parametrize(
    ("alive", "refusal"), [(True, None), (False, ("refused", "simulation"))], ids=["alive", "dead"]
)
async def test_on_chain_a_dead_transaction_is_refused(alive: bool, refusal: tuple[str, str] | None) -> None:
    """With an RPC the blockhash is judged, too, but only of what the policy accepts."""
    node = rpc.FakeRpc()
    node.answer("isBlockhashValid", rpc.in_context(alive))

    async def no_pause(seconds: float) -> None:
        assert seconds < 5

    asked = submitter.RpcSubmitter(node.chain(), simulate="off", sleep=no_pause)
    found = await inspect.inspect_live(TEXT, INTENT, asked)
    assert (found.verdict, found.rule) == (refusal or ("accepted", None))
    calls = len(node.calls)
    other = json.dumps(solana.REAL_INTENTS["time-create"] | {"amount": 5})
    assert (await inspect.inspect_live(TEXT, other, asked)).rule == "G9"
    assert len(node.calls) == calls


@pytest.mark.parametrize("case", solana.every(), ids=lambda case: case.name)
def test_every_field_of_every_intent_is_known(case: solana.Case) -> None:
    """What the JSON form writes, it reads; fields of other kinds do not disturb."""
    written = intents.to_json(case.intent)
    assert written.keys() <= intents.FIELDS
    padded = dict.fromkeys(intents.FIELDS) | written
    assert inspect.inspect_text(case.transaction, json.dumps(padded)).verdict == "accepted"
