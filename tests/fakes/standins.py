"""The sandbox's stand-ins as a process of their own, for what runs its own event loop (the command line)."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.address import TOKEN
from tests import harness


@dataclass(frozen=True, slots=True)
class StandIns:
    url: str
    client: httpx.Client

    def ask(self, path: str, body: Any) -> Any:
        """The JSON of a POST that succeeds."""
        return self.client.post(path, json=body).raise_for_status().json()

    def break_(self, *faults: dict[str, Any]) -> None:
        """What is wrong from now on; nothing without arguments."""
        self.ask("/sandbox/faults", {"faults": list(faults)})

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Point the settings of this process at the stand-ins."""
        for name, value in {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.url,
            "JUPITER_API_URL": self.url,
            "JUPITER_RPS": "50",
            "SOLANA_RPC_URL": f"{self.url}/rpc",
            "ACCESS": "open",
        }.items():
            monkeypatch.setenv(name, value)


@contextmanager
def serve(folder: Path) -> Iterator[StandIns]:
    port = harness.free_port()
    command = [sys.executable, "-m", "bot.sandbox", "--port", str(port)]
    log = folder / "stand-ins.log"
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command, cwd=harness.ROOT, stdout=sink, stderr=sink, env=harness.clean_env()
        )
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, timeout=20) as client:

        def healthy() -> bool:
            assert process.poll() is None, log.read_text()[-3000:]
            try:
                return client.get("/sandbox/health").status_code == 200
            except httpx.HTTPError:
                return False

        try:
            harness.wait_until(healthy, "the stand-ins", harness.START_S)
            yield StandIns(url, client)
        finally:
            harness.stop(process)
