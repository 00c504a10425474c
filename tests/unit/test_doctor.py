"""`recurring-bot doctor`: one true line for everything that the bot depends on, and nothing is changed."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from bot import doctor, errors, ports, storage
from bot.domain import amounts, intents
from bot.drawing.painter import WorkerPainter
from bot.keys import keyring, vault
from bot.ports import Priority
from bot.solana import build, programs
from bot.solana.programs import ids, jupiter
from tests import harness
from tests.fakes import charts, rpc, solana
from tests.fakes.cli import Done, Run
from tests.fakes.faults import Faults
from tests.fakes.gateway import FakePrices
from tests.fakes.standins import StandIns
from tests.fakes.virtual_time import in_virtual_time

NAMES = ["settings", "keyring", "database", "charts", "telegram", "jupiter", "solana", "prices"]
LIMITS = intents.Limits()
TRIAL = doctor.build_trial(Decimal(150))


def _lines(done: Done) -> dict[str, str]:
    """What was found, by what was looked at; every one is looked at, in order, whatever is wrong."""
    lines = {line.partition(" ")[0]: line.partition(" ")[2].strip() for line in done.out.splitlines()}
    assert list(lines) == NAMES
    assert (done.code == 1) == any(said.startswith("WRONG: ") for said in lines.values())
    assert done.code in {0, 1}
    assert "Traceback" not in done.err
    return lines


def _wrong(done: Done) -> list[str]:
    return [name for name, said in _lines(done).items() if said.startswith("WRONG: ")]


def _without_fills(ledger: dict[str, Any]) -> list[Any]:
    """Its transactions but for those of the keepers, who know nothing of a doctor."""
    return [each for each in ledger["transactions"] if each["kind"] != "fill"]


# --- against the stand-ins -------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _without_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn by a process that loads nothing: the library takes most of a second of CPU to load."""
    monkeypatch.setattr(doctor, "WorkerPainter", partial(WorkerPainter, command=charts.stand_in()))


def test_a_healthy_bot(run: Run, place: Path, online: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0; it asks Telegram, Jupiter and Solana, draws a chart, and changes nothing anywhere."""
    monkeypatch.setattr(doctor, "WorkerPainter", WorkerPainter)
    run("keys", "init")
    before = online.client.get("/sandbox/ledger").json()
    kept = sorted(place.rglob("*"))
    done = run("doctor")
    lines = _lines(done)
    assert done.code == 0
    assert lines["telegram"] == "ok: this bot is @recurring_sandbox_bot"
    assert lines["jupiter"] == "ok: without a key, 50 requests per second"
    assert lines["solana"].startswith("ok: block ")
    assert lines["database"] == "ok: none yet: the first run makes it"
    assert lines["charts"].startswith("ok: one was drawn")
    assert lines["prices"].startswith("ok: at ")
    assert lines["prices"].endswith("as expected. Nothing was signed")
    after = online.client.get("/sandbox/ledger").json()
    for name in ("orders", "balances", "transactions"):
        assert [each for each in after[name] if doctor.STAND_IN in json.dumps(each)] == []
    assert _without_fills(after) == _without_fills(before)
    assert len(after["orders"]) == len(before["orders"])
    assert sorted(place.rglob("*")) == kept


@pytest.mark.parametrize("kind", ["error", "malformed"])
@pytest.mark.parametrize(
    ("target", "name"), [("telegram", "telegram"), ("rpc", "solana"), ("jupiter", "jupiter")]
)
def test_one_broken_service_is_one_wrong_line(
    run: Run, online: StandIns, target: str, name: str, kind: str
) -> None:
    """Exit 1; the other lines stay what they are, and the line names the setting to look at."""
    run("keys", "init")
    online.break_({"target": target, "kind": kind})
    done = run("doctor")
    assert _wrong(done) == [name]
    assert {"telegram": "TELEGRAM_API_URL", "solana": "SOLANA_RPC_URL", "jupiter": "JUPITER_API_URL"}[
        name
    ] in _lines(done)[name]
    if name == "jupiter":
        assert _lines(done)["prices"].startswith("could not be checked: ")


@pytest.mark.parametrize(("token", "said"), [("", "is not set"), ("1:wrong-token", "does not accept")])
def test_a_wrong_token(
    run: Run, online: StandIns, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    """Said without quoting it."""
    run("keys", "init")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", token)
    done = run("doctor")
    assert _wrong(done) == ["telegram"]
    assert said in _lines(done)["telegram"]
    assert "wrong-token" not in done.out + done.err


def test_nobody_listens(run: Run, online: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address wrong, none quoted: one may hold a provider's key."""
    run("keys", "init")
    url = f"http://127.0.0.1:{harness.free_port()}"
    for name in ("TELEGRAM_API_URL", "JUPITER_API_URL"):
        monkeypatch.setenv(name, url)
    monkeypatch.setenv("SOLANA_RPC_URL", f"{url}/?api-key=topsecret")
    done = run("doctor")
    assert _wrong(done) == ["telegram", "jupiter", "solana"]
    assert "topsecret" not in done.out + done.err


def test_without_a_keyring(run: Run, place: Path, online: StandIns) -> None:
    """Said, with what to do; everything else is looked at all the same."""
    done = run("doctor")
    assert _wrong(done) == ["keyring"]
    assert "keys init" in _lines(done)["keyring"]
    asyncio.run(_fill(place, []))
    assert _lines(run("doctor"))["database"].startswith("could not be checked: it opens")


async def _fill(place: Path, wallets: list[tuple[str, Any]]) -> None:
    async with storage.Storage.open(f"sqlite+aiosqlite:///{place}/data/bot.db") as stores:
        for number, (pubkey, sealed) in enumerate(wallets):
            await stores.wallets.add(number, pubkey, "", sealed, datetime.now(UTC), 1)


def test_every_wallet_is_opened(run: Run, place: Path, online: StandIns) -> None:
    """With the keyring of this database they open; with another, none does, and it is said how many."""
    run("keys", "init")
    ring = keyring.load(place / "secrets" / "keyring.json", database_folder=None)
    asyncio.run(_fill(place, [vault.Vault(ring).create(number) for number in range(3)]))
    assert _lines(run("doctor"))["database"] == "ok: 3 wallets, all of which open"
    (place / "secrets" / "keyring.json").unlink()
    run("keys", "init")
    done = run("doctor")
    assert _wrong(done) == ["database"]
    assert "3 of 3 wallets cannot be opened" in _lines(done)["database"]


def test_a_database_that_is_none(run: Run, place: Path, online: StandIns) -> None:
    """A file with something else in it."""
    run("keys", "init")
    (place / "data").mkdir(exist_ok=True)
    (place / "data" / "bot.db").write_text("this is no database" * 100)
    assert _wrong(run("doctor")) == ["database"]


def test_a_bot_for_nobody_is_mentioned(run: Run, online: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty allow-list is the default, and nobody gets an answer with it."""
    run("keys", "init")
    assert _lines(run("doctor"))["settings"] == "ok"
    monkeypatch.setenv("ACCESS", "allowlist")
    assert "ALLOWED_USERS" in _lines(run("doctor"))["settings"]
    monkeypatch.setenv("ADMIN_USERS", "7")
    assert _lines(run("doctor"))["settings"] == "ok"


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("price_bounds", "must buy"),
        ("amount", "would not be signed (G16)"),
        ("fee_payer", "would not be signed (G4)"),
    ],
)
def test_a_lying_jupiter_is_noticed(run: Run, online: StandIns, lie: str, said: str) -> None:
    """The crafted order is held against what was asked for."""
    run("keys", "init")
    online.break_({"target": "jupiter", "kind": "lie", "lie": lie})
    done = run("doctor")
    assert _wrong(done) == ["prices"]
    assert said in _lines(done)["prices"]


async def test_a_machine_that_cannot_draw_is_noticed() -> None:
    """A drawing process that does not start is a wrong line, not a crash."""
    async with WorkerPainter(command=(sys.executable, "-c", "raise SystemExit(1)")) as broken:
        finding = await doctor.check_charts(broken)
    assert finding.broken
    assert "matplotlib" in str(finding)


# --- each check ------------------------------------------------------------------------------------------


def _craft(intent: intents.CreateOrder, **changes: Any) -> str:
    """What an honest Jupiter would craft, but for the changes."""
    user = Pubkey.from_string(intent.user)
    index = solana.INDEX
    order = programs.dca_order(user, ids.USDC_MINT, ids.WSOL_MINT, index)
    cast = programs.cast(
        program=ids.DCA, user=user, order=order, input_mint=ids.USDC_MINT, output_mint=ids.WSOL_MINT
    )
    args = {
        "application_idx": index,
        "in_amount": intent.amount_raw,
        "in_amount_per_cycle": intent.amount_raw // intent.number_of_orders,
        "cycle_frequency": intent.interval_s,
        "min_out_amount": intent.min_out_raw,
        "max_out_amount": intent.max_out_raw,
        "start_at": None,
    }
    steps = [build.creation(user, user, ids.USDC_MINT), jupiter.OPEN_DCA_V2.build(args | changes, cast)]
    return solana.pack(steps, payer=user)


def test_the_mapping_is_the_documented_one() -> None:
    """min_out = floor(per cycle / maxPrice), max_out = floor(per cycle / minPrice), in base units."""
    assert (TRIAL.min_price, TRIAL.max_price) == ("90.00", "255.00")
    assert (TRIAL.min_out_raw, TRIAL.max_out_raw) == (75 * 10**9 // 255, 75 * 10**9 // 90)
    found = doctor.judge_mapping(_craft(TRIAL), TRIAL, LIMITS)
    assert found.state is doctor.State.OK
    assert "0.294117647 to 0.833333333 SOL" in found.text


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [(0, 0, "ok"), (1, -1, "ok"), (2, 0, "WRONG"), (0, -2, "WRONG")],
)
def test_one_unit_of_rounding_is_allowed(low: int, high: int, state: str) -> None:
    """As the policy allows it, and no more."""
    assert TRIAL.min_out_raw
    assert TRIAL.max_out_raw
    crafted = _craft(TRIAL, min_out_amount=TRIAL.min_out_raw + low, max_out_amount=TRIAL.max_out_raw + high)
    assert doctor.judge_mapping(crafted, TRIAL, LIMITS).state == state


@pytest.mark.parametrize("none", [None, 0])
def test_bounds_that_were_dropped_are_wrong(none: int | None) -> None:
    """No bound is not what was asked for, in either of its two encodings."""
    found = doctor.judge_mapping(_craft(TRIAL, min_out_amount=none, max_out_amount=none), TRIAL, LIMITS)
    assert found.broken
    assert "0.294117647 to 0.833333333 SOL, but Jupiter crafted" in found.text


@given(st.decimals("0.5", "100000", places=4))
def test_no_other_mapping_passes_by_accident(market: Decimal) -> None:
    """Swapped, inverted, of the total: whatever SOL costs, none of them looks like the right one."""
    trial = doctor.build_trial(market)
    low, high = Decimal(trial.min_price or 0), Decimal(trial.max_price or 0)
    part, total = Decimal(doctor.PART_RAW), Decimal(doctor.PART_RAW * doctor.PARTS)
    scale = Decimal(1000)  # 10**(9 - 6) base units
    others = [
        (part / low * scale, part / high * scale),
        (part * low / scale, part * high / scale),
        (part * high / scale, part * low / scale),
        (total / high * scale, total / low * scale),
        (part / high, part / low),
    ]
    for min_out, max_out in others:
        crafted = _craft(trial, min_out_amount=int(min_out), max_out_amount=int(max_out))
        assert doctor.judge_mapping(crafted, trial, LIMITS).broken


def test_garbage_from_jupiter_is_wrong() -> None:
    """Neither a transaction that cannot be read, nor one that opens nothing."""
    for text, said in (
        ("AAAA", "cannot be decoded (G1)"),
        (solana.load("time-cancel")["base64"], "does not open"),
    ):
        found = doctor.judge_mapping(text, TRIAL, LIMITS)
        assert found.broken
        assert said in found.text


def test_a_priority_fee_above_the_cap_is_told() -> None:
    """No order could be opened with it."""
    found = doctor.judge_mapping(_craft(TRIAL), TRIAL, replace(LIMITS, priority_fee_lamports=10))
    assert found.broken
    assert "G8" in found.text


class _Gateway:
    """Crafts honestly, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def craft(self, intent: intents.Intent) -> ports.Crafted:
        if self.error:
            raise self.error
        assert isinstance(intent, intents.CreateOrder)
        return ports.Crafted("request", _craft(intent))

    async def fetch_orders(self, *args: object, priority: Priority = Priority.PERSON, **more: object) -> Any:
        raise AssertionError("not needed")

    async def execute(self, request_id: str, signed: bytes) -> ports.ExecuteAnswer:
        raise AssertionError("doctor signs nothing")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.OrderRejected("Insufficient funds"), "Insufficient funds"),
        (errors.RateLimited(service="Jupiter"), "slow down"),
    ],
)
async def test_a_refused_trial_is_no_finding(error: Exception, said: str) -> None:
    """The vendor's words are passed on; nothing is claimed either way."""
    found = await doctor.check_mapping(_Gateway(error), FakePrices(Faults()), LIMITS)
    assert found.state is doctor.State.UNKNOWN
    assert said in found.text
    assert str(found).startswith("prices    could not be checked: ")


async def test_without_a_price_there_is_no_trial() -> None:
    """Bounds far from the market might be refused for that alone."""
    prices = FakePrices(Faults())
    prices.usd.pop(amounts.WSOL_MINT)
    assert (await doctor.check_mapping(_Gateway(), prices, LIMITS)).state is doctor.State.UNKNOWN
    prices.usd = {amounts.WSOL_MINT: Decimal(150)}
    assert (await doctor.check_mapping(_Gateway(), prices, LIMITS)).state is doctor.State.OK


@pytest.mark.parametrize("decimals", [None, 9])
async def test_another_cluster_is_wrong(decimals: int | None) -> None:
    """A node that answers, but of a cluster where USDC is nothing or something else."""
    node = rpc.FakeRpc()
    node.answer("getBlockHeight", 5)
    data = b"\0" * 44 + bytes([decimals or 0, 1]) + b"\0" * 36
    account = None if decimals is None else rpc.account(ids.TOKEN, data)
    node.answer("getMultipleAccounts", rpc.in_context([account]))
    found = await doctor.check_solana(node.chain())
    assert found.broken
    assert "must be mainnet" in found.text


@in_virtual_time
async def test_nothing_is_waited_for_forever() -> None:
    """A service that hangs is wrong after a while."""

    async def hang() -> doctor.Finding:
        await asyncio.sleep(3600)
        raise AssertionError

    found = await doctor._patiently("telegram", hang(), "TELEGRAM_API_URL")
    assert str(found) == "telegram  WRONG: no answer within 20 seconds; see TELEGRAM_API_URL"


async def test_a_folder_that_may_not_be_read_is_a_finding() -> None:
    """Whatever the operating system says; one line."""

    async def refuse() -> doctor.Finding:
        raise PermissionError(13, "Permission denied", "/data/bot.db")

    found = await doctor._patiently("database", refuse(), "DATABASE_URL")
    assert str(found) == "database  WRONG: PermissionError; see DATABASE_URL"
