"""The stand-ins as a process: served, guarded, stopped cleanly, and killed without losing anything."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from solders.keypair import Keypair

from bot.jupiter import transport
from bot.sandbox import address, server
from bot.sandbox.address import TOKEN

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
JSON = {"content-type": "application/json"}


class Process:
    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "bot.sandbox", "--port", "0", "--speed", "10", *arguments]
        self.child = subprocess.Popen(
            command, env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.child.stdout is not None
        found = re.search(r":(\d+)$", self.child.stdout.readline().strip())
        assert found, self.child.communicate()
        self.port = int(found.group(1))

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] = JSON
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        status, body = self.call("GET", path)
        assert status == 200, body
        return body

    def stop(self, number: int) -> tuple[int, str]:
        """Exit code and what it said on stderr."""
        self.child.send_signal(number)
        _, told = self.child.communicate(timeout=20)
        return self.child.returncode, told


@contextmanager
def running() -> Iterator[Process]:
    started = Process()
    try:
        yield started
    finally:
        started.child.kill()
        started.child.communicate()


@pytest.fixture
def process() -> Iterator[Process]:
    """One that a test may stop."""
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def lasting() -> Iterator[Process]:
    """One for all tests that leave it as it is."""
    with running() as started:
        yield started


def _orders(user: str) -> str:
    return f"/recurring/v1/getRecurringOrders?recurringType=all&orderStatus=active&user={user}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(number: int, process: Process) -> None:
    """Exit code 0 and no complaint, also while an update is being waited for."""
    assert process.get("/sandbox/health") == {"ok": True, "bot": False}
    waiting = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
    waiting.request("POST", f"/bot{TOKEN}/getUpdates", json.dumps({"timeout": 30}), JSON)
    while not process.get("/sandbox/health")["bot"]:
        pass
    assert process.stop(number) == (0, "")
    waiting.close()


def test_a_kill_loses_nothing(tmp_path: Path) -> None:
    """`kill -9` right after an answer: orders, trades, transactions and the chat are all there again."""
    first = Process("--data", str(tmp_path))
    user = str(Keypair().pubkey())
    listed = first.get(_orders(user))
    first.call("POST", "/sandbox/advance", {"seconds": 300})
    first.call("POST", "/sandbox/send", {"text": "still there?"})
    ledger = first.get("/sandbox/ledger")
    code, _ = first.stop(signal.SIGKILL)
    assert code == -signal.SIGKILL
    second = Process("--data", str(tmp_path))
    try:
        again = second.get("/sandbox/ledger")
        assert again["now"] >= ledger["now"]
        assert {one["signature"] for one in ledger["transactions"]} <= {
            one["signature"] for one in again["transactions"]
        }
        assert {one["txId"] for one in ledger["trades"]} <= {one["txId"] for one in again["trades"]}
        assert len(ledger["trades"]) > 5
        assert [one["text"] for one in second.get("/sandbox/messages")["messages"]] == ["still there?"]
        assert {one["order"] for one in again["orders"]} == {one["order"] for one in ledger["orders"]}
        keys = [{item["orderKey"] for item in found["all"]} for found in (listed, second.get(_orders(user)))]
        assert keys[1] <= keys[0]
    finally:
        second.stop(signal.SIGKILL)


@pytest.mark.parametrize("kind", ["drop", "lost"])
def test_a_broken_connection_is_really_broken(kind: str, lasting: Process) -> None:
    """No status, no body: the caller cannot know what happened. The next request is served."""
    body = {"faults": [{"target": "rpc", "kind": kind, "count": 1}]}
    assert lasting.call("POST", "/sandbox/faults", body)[0] == 200
    call = {"jsonrpc": "2.0", "id": 1, "method": "getHealth"}
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        lasting.call("POST", "/rpc", call)
    assert lasting.call("POST", "/rpc", call)[1]["result"] == "ok"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_strangers_are_refused(headers: dict[str, str], status: int, lasting: Process) -> None:
    """Other hosts' names, other sites' pages, and forms change nothing."""
    given = JSON | headers
    assert lasting.call("POST", "/sandbox/advance", {"seconds": 5}, given)[0] == status
    if status == 403:
        assert lasting.call("GET", "/sandbox/ledger", None, given)[0] == status
        call = {"jsonrpc": "2.0", "id": 1, "method": "getHealth"}
        assert lasting.call("POST", "/rpc", call, given)[0] == status
    own = {"Origin": f"http://127.0.0.1:{lasting.port}"}
    assert lasting.call("POST", "/sandbox/advance", {"seconds": 5}, JSON | own)[0] == 200


def test_a_taken_port_is_one_line(lasting: Process) -> None:
    """Exit code 1 and a sentence that says what to do."""
    command = [sys.executable, "-m", "bot.sandbox", "--port", str(lasting.port)]
    done = subprocess.run(
        command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"Port {lasting.port} is taken: stop what listens there, or choose another --port."
    ]
    with pytest.raises(address.PortTaken):
        address.bind(lasting.port)


def test_orphans_go(tmp_path: Path) -> None:
    """Started for a process that is not its parent, it goes by itself."""
    orphan = Process("--parent", "1")
    _, told = orphan.child.communicate(timeout=20)
    assert (orphan.child.returncode, told) == (0, "")


def test_an_idle_connection_outlives_the_patience_of_every_client() -> None:
    """Else a request meets, now and then, a connection that is being closed."""
    patience_s = max(transport.LIMITS.keepalive_expiry or 0.0, httpx.Limits().keepalive_expiry or 0.0)
    assert patience_s * 2 < server.KEEP_ALIVE_S
