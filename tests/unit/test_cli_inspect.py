"""`recurring-bot inspect`: what it says, and above all with which exit code, because scripts rely on it."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from solders.keypair import Keypair

from bot import cli
from tests import harness
from tests.fakes import solana
from tests.fakes.cli import Done, Run
from tests.fakes.standins import StandIns

TEXT: str = solana.load("price-deposit")["base64"]
INTENT = solana.REAL_INTENTS["price-deposit"]
SHAPE = ["verdict", "rule", "reason", "instructions"]


def _write(place: Path, intent: object) -> str:
    file = place / "intent.json"
    file.write_text(json.dumps(intent))
    return str(file)


def _feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))


def _unusable(done: Done) -> str:
    """The one line of exit 2; nothing may be on standard output, where a script would read it."""
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    return done.line


# --- verdicts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(solana.REAL_INTENTS))
def test_real_transactions_are_accepted_with_their_intents(run: Run, place: Path, name: str) -> None:
    """Exit 0, one JSON object of the documented shape, and the same for a person."""
    text, intent = solana.load(name)["base64"], _write(place, solana.REAL_INTENTS[name])
    done = run("inspect", "--intent", intent, "--json", text)
    assert (done.code, done.err) == (0, "")
    said = json.loads(done.out)
    assert list(said) == SHAPE
    assert (said["verdict"], said["rule"], said["reason"]) == ("accepted", None, None)
    assert said["instructions"]
    told = run("inspect", "--intent", intent, text)
    assert (told.code, told.err) == (0, "")
    assert "Verdict: accepted" in told.out


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("time-create", {"amount": 200_000_002}),
    ("time-create", {"number_of_orders": 4}),
    ("time-create", {"interval_s": 301}),
    ("time-create", {"min_out_amount": 1_000}),
    ("time-create", {"max_out_amount": 1_000}),
    ("time-create", {"start_at": 1_800_000_000}),
    ("time-create", {"output_mint": str(solana.STRANGER)}),
    ("time-cancel", {"order_index": 1_741_240_310}),
    ("time-cancel", {"order": str(solana.STRANGER), "order_index": None}),
    ("time-cancel", {"kind": "price_cancel"}),
    ("price-deposit", {"amount": 999_999}),
    ("price-deposit", {"user": str(solana.STRANGER)}),
    ("price-deposit-smart-deposit", {"input_mint": solana.USDC, "output_mint": solana.WSOL}),
    ("price-withdraw-in", {"amount": None}),
    ("price-withdraw-in", {"side": "Out"}),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_another_intent_is_refused(run: Run, place: Path, name: str, change: dict[str, Any]) -> None:
    """Exit 1 with rule and reason, whichever field of the intent is not what the transaction does."""
    intent = _write(place, solana.REAL_INTENTS[name] | change)
    done = run("inspect", "--json", "--intent", intent, solana.load(name)["base64"])
    assert (done.code, done.err) == (1, "")
    said = json.loads(done.out)
    assert list(said) == SHAPE
    assert said["verdict"] == "refused"
    assert said["rule"].startswith("G")
    assert said["reason"]
    assert said["instructions"]
    told = run("inspect", "--intent", intent, solana.load(name)["base64"])
    assert (told.code, said["reason"] in told.out) == (1, True)


@pytest.mark.parametrize("name", sorted(solana.REAL_INTENTS))
def test_tampered_transactions_are_refused(run: Run, place: Path, name: str) -> None:
    """Their last argument byte changed, or a byte too many: exit 1 either way, never 0."""
    raw = base64.b64decode(solana.load(name)["base64"])
    intent = _write(place, solana.REAL_INTENTS[name])
    core = next(
        each["data"]
        for each in json.loads(run("inspect", "--json", base64.b64encode(raw).decode()).out)["instructions"]
        if each["program"] in {"DCA", "VA"}
    )
    at = raw.index(bytes.fromhex(core)) + len(core) // 2 - 1
    changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    for tampered in (changed, raw + b"\0"):
        done = run("inspect", "--json", "--intent", intent, base64.b64encode(tampered).decode())
        assert done.code == 1
        assert json.loads(done.out)["verdict"] == "refused"


def test_bytes_that_cannot_be_decoded_have_no_instructions(run: Run, place: Path) -> None:
    """The verdict keeps its shape."""
    longer = base64.b64encode(base64.b64decode(TEXT) + b"\0").decode()
    done = run("inspect", "--json", "--intent", _write(place, INTENT), longer)
    assert json.loads(done.out) == {
        "verdict": "refused",
        "rule": "G1",
        "reason": "the bytes are not the canonical form of the transaction in them",
        "instructions": [],
    }


def test_without_an_intent_it_decodes(run: Run) -> None:
    """Exit 0 and no verdict."""
    done = run("inspect", "--json", TEXT)
    assert done.code == 0
    said = json.loads(done.out)
    assert list(said) == SHAPE
    assert (said["verdict"], said["rule"], said["reason"]) == (None, None, None)
    assert said["instructions"][-1]["args"] == {"amount": 1_000_000}
    told = run("inspect", TEXT)
    assert (told.code, "amount = 1000000" in told.out) == (0, True)


# --- standard input --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_standard_input_says_the_same(run: Run, monkeypatch: pytest.MonkeyPatch, mark: bytes) -> None:
    """Broken into lines, as mail does it."""
    lines = "\r\n".join(TEXT[start : start + 76] for start in range(0, len(TEXT), 76))
    _feed(monkeypatch, mark + lines.encode() + b"\n")
    assert run("inspect", "-", "--json") == run("inspect", "--json", TEXT)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n\t\n",
        b"\0",
        b"\xff\xfe\x00garbage",
        bytes(range(256)) * 8,
        "💰".encode(),
        base64.b64decode(TEXT),
        TEXT.encode("utf-16"),
        b"A" * 1_000_000,
        b"\xff" * 1_000_000,
        TEXT[:-8].encode(),
        TEXT.encode() + b"=",
    ],
    ids=range(12),
)
@pytest.mark.parametrize("judged", [False, True])
def test_unusable_standard_input(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, judged: bool
) -> None:
    """Exit 2 and one line, with an intent and without."""
    options = ["--intent", _write(place, INTENT)] if judged else []
    _feed(monkeypatch, data)
    assert _unusable(run("inspect", "--json", *options, "-")).startswith("Unusable input: ")


def test_closed_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`inspect - <&-`"""
    monkeypatch.setattr("sys.stdin", None)
    assert "no transaction" in _unusable(run("inspect", "-"))


# --- arguments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "garbage", "AAAA", "💰", "\udcff\udcfe", "[]", "A" * 100_000, "../../etc/passwd"]
)
def test_an_argument_that_is_no_transaction(run: Run, text: str) -> None:
    """Exit 2 and one line."""
    assert _unusable(run("inspect", text)).startswith("Unusable input: ")


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        '{"kind": "x"}',
        '{"kind": "price_create"}',
        "🙂",
        '{"kind": "🙂"}',
        '{"kind": "\\ud800"}',
        json.dumps(INTENT | {"amount": "1e6"}),
        json.dumps(INTENT | {"amount": 1.0}),
        json.dumps(INTENT | {"amount": None}),
        json.dumps(INTENT | {"amount": 10**30}),
        json.dumps(INTENT | {"user": "me"}),
        json.dumps({name: value for name, value in INTENT.items() if name != "order"}),
        "[" * 60_000,
        "9" * 60_000,
        " " * 1_000_000,
        b"\xff\xfe",
        b"\0" * 100,
    ],
    ids=range(23),
)
def test_an_intent_file_that_is_no_intent(run: Run, place: Path, content: str | bytes) -> None:
    """Exit 2 and one line: a mistake in the question is no verdict on the transaction."""
    file = place / "intent.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert _unusable(run("inspect", "--json", "--intent", str(file), TEXT))


@pytest.mark.parametrize("name", ["missing", ".", "missing/intent.json", "🙂"])
def test_an_intent_file_that_cannot_be_read(run: Run, name: str) -> None:
    """No such file, a directory, no name for a file."""
    assert "cannot be read" in _unusable(run("inspect", "--intent", name, TEXT))


def test_endless_files_are_not_read_to_their_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than any transaction or intent is refused after a bounded read."""
    assert "far longer" in _unusable(run("inspect", "--intent", "/dev/zero", TEXT))
    with Path("/dev/zero").open() as endless:
        monkeypatch.setattr("sys.stdin", endless)
        assert "far longer" in _unusable(run("inspect", "-"))


def test_real_inputs_are_far_below_the_limit() -> None:
    """The limit is for mistakes only."""
    assert max(len(solana.load(name)["base64"]) for name in solana.REAL_INTENTS) * 20 < cli.LARGEST_INPUT


def test_offline_needs_no_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with them; only --rpc reads them."""
    monkeypatch.setenv("SOLANA_RPC_URL", "nonsense")
    assert run("inspect", TEXT).code == 0


# --- on chain --------------------------------------------------------------------------------------------


def _crafted(online: StandIns, *, funded: bool = True) -> tuple[str, dict[str, Any]]:
    """A new order of a new wallet, and what its owner wants."""
    user = str(Keypair().pubkey())
    if funded:  # whoever asks for their orders is welcomed with money
        query = {"recurringType": "all", "orderStatus": "active", "user": user}
        online.client.get("/recurring/v1/getRecurringOrders", params=query).raise_for_status()
    body = {
        "user": user,
        "inputMint": solana.USDC,
        "outputMint": solana.WSOL,
        "params": {"time": {"inAmount": 200_000_000, "numberOfOrders": 2, "interval": 86_400}},
    }
    intent = {
        "kind": "time_create",
        "user": user,
        "input_mint": solana.USDC,
        "output_mint": solana.WSOL,
        "amount": 200_000_000,
        "number_of_orders": 2,
        "interval_s": 86_400,
    }
    return online.ask("/recurring/v1/createOrder", body)["transaction"], intent


def test_on_chain_a_live_transaction_is_accepted(run: Run, place: Path, online: StandIns) -> None:
    """Without a token, a key or a keyring; text and JSON agree."""
    text, intent = _crafted(online)
    file = _write(place, intent)
    done = run("inspect", "--rpc", "--json", "--intent", file, text)
    assert (done.code, done.err) == (0, "")
    assert list(json.loads(done.out)) == SHAPE
    assert json.loads(done.out)["verdict"] == "accepted"
    assert "On chain" in run("inspect", "--rpc", "--intent", file, text).out
    assert "On chain" not in run("inspect", "--intent", file, text).out


def test_on_chain_a_dead_transaction_is_refused(run: Run, place: Path, online: StandIns) -> None:
    """Its blockhash is long gone: accepted offline, exit 1 with --rpc."""
    file = _write(place, INTENT)
    assert run("inspect", "--intent", file, TEXT).code == 0
    done = run("inspect", "--rpc", "--json", "--intent", file, TEXT)
    assert done.code == 1
    said = json.loads(done.out)
    assert (said["verdict"], said["rule"]) == ("refused", "simulation")
    assert said["instructions"]


def test_on_chain_the_simulation_counts(
    run: Run, place: Path, online: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live transaction that would fail is refused, even where SIMULATION is off for signing."""
    monkeypatch.setenv("SIMULATION", "off")
    text, intent = _crafted(online, funded=False)
    file = _write(place, intent)
    assert run("inspect", "--intent", file, text).code == 0
    done = run("inspect", "--rpc", "--json", "--intent", file, text)
    assert (done.code, json.loads(done.out)["rule"]) == (1, "simulation")


def test_without_a_node_there_is_no_verdict(
    run: Run, place: Path, online: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, not 1: nobody may read a missing answer as `refused`, or as `accepted`."""
    file = _write(place, INTENT)
    online.break_({"target": "rpc", "kind": "malformed"})
    assert "SOLANA_RPC_URL" in _unusable(run("inspect", "--rpc", "--json", "--intent", file, TEXT))
    monkeypatch.setenv("SOLANA_RPC_URL", "nonsense")
    assert "SOLANA_RPC_URL" in _unusable(run("inspect", "--rpc", "--intent", file, TEXT))


def test_an_unreachable_node_is_not_quoted(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The URL may hold a provider's key."""
    monkeypatch.setenv("SOLANA_RPC_URL", f"http://127.0.0.1:{harness.free_port()}/?api-key=topsecret")
    done = run("inspect", "--rpc", "--intent", _write(place, INTENT), TEXT)
    assert "topsecret" not in _unusable(done) + caplog.text


def test_refused_offline_is_not_asked_about(run: Run, place: Path, online: StandIns) -> None:
    """What the policy refuses needs no node."""
    online.break_({"target": "rpc", "kind": "error"})
    file = _write(place, INTENT | {"amount": 5})
    assert run("inspect", "--rpc", "--intent", file, TEXT).code == 1


def test_rpc_without_an_intent_only_decodes(run: Run, online: StandIns) -> None:
    """…and says so, beside the answer."""
    online.break_({"target": "rpc", "kind": "error"})
    done = run("inspect", "--rpc", "--json", TEXT)
    assert (done.code, json.loads(done.out)["verdict"]) == (0, None)
    assert "--intent" in done.line
