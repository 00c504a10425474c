"""Each fault does what it says: to the request that it is for, and to no other."""

import contextlib
import random
from typing import Any

import httpx
import pytest

from bot.sandbox import faulty
from bot.sandbox.address import TOKEN
from bot.sandbox.faults import BadFault, Faults
from tests.fakes.sandbox import Harness

PATHS = {"telegram": f"/bot{TOKEN}/getMe", "jupiter": "/price/v3?ids=x", "rpc": "/rpc"}
HEALTH = {"jsonrpc": "2.0", "id": 1, "method": "getHealth"}


async def _call(harness: Harness, target: str) -> httpx.Response:
    if target == "jupiter":
        return await harness.http.get(PATHS[target])
    return await harness.post(PATHS[target], HEALTH if target == "rpc" else {})


def _set(harness: Harness, **fault: Any) -> None:
    harness.standins.faults.replace([fault])


@pytest.mark.parametrize("target", PATHS)
async def test_errors_have_their_status_and_stop_after_their_count(target: str) -> None:
    """Two requests are hit, the third is served."""
    harness = Harness()
    _set(harness, target=target, kind="error", status=503, count=2)
    statuses = [(await _call(harness, target)).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


@pytest.mark.parametrize("target", PATHS)
async def test_a_fault_hits_its_target_only(target: str) -> None:
    """The other services go on."""
    harness = Harness()
    _set(harness, target=target, kind="error")
    statuses = {other: (await _call(harness, other)).status_code for other in PATHS}
    assert statuses == {other: 502 if other == target else 200 for other in PATHS}


@pytest.mark.parametrize("target", PATHS)
async def test_slow_answers_are_the_usual_ones_later(target: str) -> None:
    """The delay passes, then everything is as always."""
    harness = Harness()
    _set(harness, target=target, kind="slow", seconds=7)
    answer = await _call(harness, target)
    assert answer.status_code == 200
    assert harness.clocks.passed == 7


async def test_rate_limits_speak_each_services_language() -> None:
    """429 with what that service's clients look for."""
    harness = Harness()
    bodies, headers = {}, {}
    for target in PATHS:
        _set(harness, target=target, kind="rate_limit")
        answer = await _call(harness, target)
        assert answer.status_code == 429
        bodies[target], headers[target] = answer.json(), answer.headers
    assert int(headers["jupiter"]["x-ratelimit-reset"]) > 1_700_000_000
    assert headers["rpc"]["retry-after"] == str(faulty.RETRY_AFTER_S)
    assert bodies["telegram"]["parameters"] == {"retry_after": faulty.RETRY_AFTER_S}
    assert bodies["jupiter"] == {"code": 429, "message": "[API Gateway] Too many requests"}
    assert bodies["rpc"]["error"]["code"] == 429


async def test_malformed_answers_are_no_json() -> None:
    """200, and nothing that can be read."""
    harness = Harness()
    _set(harness, target="jupiter", kind="malformed")
    answer = await _call(harness, "jupiter")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()


@pytest.mark.parametrize(
    ("kind", "moved"),
    [("error_after", True), ("lost", True), ("error", False), ("drop", False), ("malformed", False)],
)
async def test_whether_the_effect_happened(kind: str, moved: bool) -> None:
    """`lost` and `error_after` answer nothing good about what they did; the others did nothing."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    crafted = await harness.deposit(user, entry, 1_000_000)
    wallet = harness.usdc(user.pubkey())
    _set(harness, target="jupiter", kind=kind, match="/execute")
    broken = (faulty.ConnectionBroken, AssertionError, ValueError)
    with contextlib.suppress(*broken):
        await harness.execute(user, crafted)
        pytest.fail("it was answered")
    assert (wallet - harness.usdc(user.pubkey()) == 1_000_000) is moved


async def test_rpc_faults_can_be_for_one_method() -> None:
    """The body is looked into, and is still there for the method that is served."""
    harness = Harness()
    _set(harness, target="rpc", kind="error", match="sendTransaction")
    assert (await _call(harness, "rpc")).json()["result"] == "ok"
    answer = await harness.post("/rpc", HEALTH | {"method": "sendTransaction"})
    assert answer.status_code == 502


async def test_bot_methods_can_be_hit_alone() -> None:
    """`match` is part of the path, in any case."""
    harness = Harness()
    _set(harness, target="telegram", kind="error", match="SENDMESSAGE")
    assert (await _call(harness, "telegram")).status_code == 200
    answer = await harness.post(f"/bot{TOKEN}/sendMessage", {"chat_id": 1, "text": "x"})
    assert answer.status_code == 502


def test_probability_is_a_share() -> None:
    """About three in ten of a thousand."""
    faults = Faults(random.Random(1))
    faults.replace([{"target": "rpc", "kind": "error", "probability": 0.3}])
    hits = sum(faults.strike("rpc", "/rpc") is not None for _ in range(1_000))
    assert 250 < hits < 350


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {},
        {"target": "bank", "kind": "slow"},
        {"target": "rpc", "kind": "explode"},
        {"target": "rpc", "kind": "lie", "lie": "amount"},
        {"target": "jupiter", "kind": "lie", "lie": "whatever"},
        {"target": "jupiter", "kind": "slow", "lie": "amount"},
        {"target": "rpc", "kind": "slow", "seconds": -1},
        {"target": "rpc", "kind": "slow", "seconds": "1"},
        {"target": "rpc", "kind": "error", "count": 0},
        {"target": "rpc", "kind": "error", "status": 200},
        {"target": "rpc", "kind": "error", "probability": 2},
        {"target": "rpc", "kind": "error", "match": 5},
        {"target": "rpc", "kind": "error", "hits": 5},
    ],
)
def test_senseless_faults_are_refused_and_change_nothing(fault: object) -> None:
    """All or none: what was set before stays."""
    faults = Faults()
    faults.replace([{"target": "rpc", "kind": "drop"}])
    with pytest.raises(BadFault):
        faults.replace([{"target": "rpc", "kind": "slow"}, fault])
    assert [one["kind"] for one in faults.show()] == ["drop"]


async def test_faults_are_set_and_shown_over_the_control_api() -> None:
    """Set, listed with how often they hit, and cleared by an empty list."""
    harness = Harness()
    body = {"faults": [{"target": "jupiter", "kind": "error", "count": 5}]}
    await harness.ask("/sandbox/faults", body)
    await _call(harness, "jupiter")
    (shown,) = (await harness.http.get("/sandbox/faults")).json()["faults"]
    assert (shown["kind"], shown["hits"]) == ("error", 1)
    assert (await harness.post("/sandbox/faults", {"faults": "none"})).status_code == 400
    await harness.ask("/sandbox/faults", {"faults": []})
    assert (await _call(harness, "jupiter")).status_code == 200
