"""A Solana RPC node that answers what a test told it to, below a real HTTP client."""

import base64
import json
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import httpx
from solders.pubkey import Pubkey

from bot.solana import chain, rpc

Answer = Any
"""A result; an httpx.Response or an exception for what happens instead; or a function of the parameters."""

URL = "http://rpc.test/?api-key=canary"


class FakeRpc:
    """Answers `once` come first, in order; then the standing one. A method without any is an error."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Any]]] = []
        self.pauses: list[float] = []
        self._standing: dict[str, Answer] = {}
        self._once: dict[str, deque[Answer]] = defaultdict(deque)

    def answer(self, method: str, result: Answer) -> None:
        self._standing[method] = result

    def once(self, method: str, *results: Answer) -> None:
        self._once[method].extend(results)

    def client(self) -> rpc.Rpc:
        return rpc.Rpc(URL, transport=httpx.MockTransport(self._handle), sleep=self._sleep)

    def chain(self) -> chain.RpcChain:
        return chain.RpcChain(self.client())

    def params(self, method: str) -> list[list[Any]]:
        """Parameters of every call of a method so far."""
        return [params for name, params in self.calls if name == method]

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        method, params = body["method"], body["params"]
        self.calls.append((method, params))
        queue = self._once[method]
        if not queue and method not in self._standing:
            return error(-32601, "Method not found", body["id"])
        result = queue.popleft() if queue else self._standing[method]
        if isinstance(result, Callable):  # type: ignore[arg-type]  # a Protocol would say no more here
            result = result(*params)
        if isinstance(result, Exception):
            raise result
        if isinstance(result, httpx.Response):
            return result
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": body["id"], "result": result})


def error(code: int, message: str, request_id: int = 1) -> httpx.Response:
    return httpx.Response(
        200, json={"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}
    )


def in_context(value: Any, slot: int = 100) -> dict[str, Any]:
    return {"context": {"slot": slot, "apiVersion": "3.0.0"}, "value": value}


def account(owner: Pubkey, data: bytes = b"", lamports: int = 2_039_280) -> dict[str, Any]:
    return {
        "lamports": lamports,
        "owner": str(owner),
        "data": [base64.b64encode(data).decode(), "base64"],
        "executable": False,
        "rentEpoch": 2**64 - 1,
        "space": len(data),
    }
