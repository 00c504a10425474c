"""JSON-RPC: what is retried, what is not, and what each failure means for the caller."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from bot import errors
from bot.solana import rpc
from tests.fakes.rpc import URL, FakeRpc, error
from tests.fakes.virtual_time import in_virtual_time

NOT_SENT = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
]
MAYBE_SENT = [
    httpx.ReadTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.WriteTimeout("slow"),
    httpx.RemoteProtocolError("closed"),
    httpx.Response(500),
    httpx.Response(503, text="<html>"),
    httpx.Response(429),
    httpx.Response(403, text="no"),
    httpx.Response(200, text="not json"),
    httpx.Response(200, json=[1]),
    httpx.Response(200, json={"id": 1, "jsonrpc": "2.0"}),
    error(-32002, "Transaction simulation failed"),
    error(-32003, "Transaction signature verification failure"),
    error(-32005, "Node is behind by 50 slots"),
]


@pytest.mark.parametrize("failure", NOT_SENT, ids=repr)
async def test_without_a_connection_nothing_was_sent(failure: Exception) -> None:
    """Only a connection that was never made is surely "not sent", and sending is never repeated here."""
    fake = FakeRpc()
    fake.answer("sendTransaction", failure)
    with pytest.raises(errors.GatewayUnavailable):
        await fake.client().send("sendTransaction", "AA==")
    assert len(fake.calls) == 1


@pytest.mark.parametrize("failure", MAYBE_SENT, ids=repr)
async def test_every_other_failure_of_a_send_leaves_the_outcome_open(
    failure: Exception | httpx.Response,
) -> None:
    """A time-out, an error page, a refusal: signed bytes may have left, so only the chain can say."""
    fake = FakeRpc()
    fake.answer("sendTransaction", failure)
    with pytest.raises(errors.OutcomeUnknown):
        await fake.client().send("sendTransaction", "AA==")
    assert len(fake.calls) == 1


@pytest.mark.parametrize("failure", [*NOT_SENT, *MAYBE_SENT[:7], MAYBE_SENT[-1]], ids=repr)
async def test_reads_are_retried(failure: Exception | httpx.Response) -> None:
    """A read that fails twice for a passing reason still answers."""
    fake = FakeRpc()
    fake.once("getSlot", failure, failure, 7)
    assert await fake.client().read("getSlot") == 7
    assert len(fake.pauses) == 2


async def test_calls_at_the_same_time_get_their_own_answers() -> None:
    """Many calls in flight at once, answered in the opposite order, each with its own request's id."""
    arrived: list[int] = []
    everybody = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        arrived.append(call["id"])
        if len(arrived) == 20:
            everybody.set()
        await everybody.wait()
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": call["params"]})

    async with rpc.Rpc(URL, transport=httpx.MockTransport(answer)) as client:
        answers = await asyncio.gather(*(client.read("getBalance", number) for number in range(20)))
    assert answers == [[number] for number in range(20)]
    assert len(set(arrived)) == 20


async def test_retries_are_bounded_and_grow() -> None:
    """After four tries the caller hears that Solana does not answer; pauses grow and are jittered."""
    fake = FakeRpc()
    fake.answer("getSlot", httpx.Response(502))
    with pytest.raises(errors.GatewayUnavailable, match=r"Solana does not answer.*Nothing was sent"):
        await fake.client().read("getSlot")
    assert len(fake.calls) == 4
    assert len(set(fake.pauses)) == 3
    assert 0.15 <= fake.pauses[0] <= 0.45 < fake.pauses[2] <= 3.0


@in_virtual_time
async def test_a_node_that_hangs_is_asked_once() -> None:
    """Somebody waits: after a whole time-out there is no second one."""
    asked: list[float] = []

    async def hang(request: httpx.Request) -> httpx.Response:
        asked.append(asyncio.get_running_loop().time())
        await asyncio.sleep(10)
        raise httpx.ReadTimeout("slow", request=request)

    async with rpc.Rpc(URL, transport=httpx.MockTransport(hang)) as client:
        with pytest.raises(errors.GatewayUnavailable):
            await client.read("getBalance")
    assert asked == [0.0]


async def test_retry_after_is_obeyed() -> None:
    """A node that asks for three seconds gets them."""
    fake = FakeRpc()
    fake.once("getSlot", httpx.Response(429, headers={"retry-after": "3"}), 7)
    assert await fake.client().read("getSlot") == 7
    assert fake.pauses == [3]


async def test_a_long_retry_after_is_handed_on() -> None:
    """Nobody is kept waiting for minutes: the caller hears when to come back."""
    fake = FakeRpc()
    fake.answer("getSlot", httpx.Response(429, headers={"retry-after": "120"}))
    with pytest.raises(errors.RateLimited) as caught:
        await fake.client().read("getSlot")
    assert caught.value.retry_after == timedelta(seconds=120)
    assert len(fake.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        error(-32602, "Invalid params"),
        error(-32601, "Method not found"),
        httpx.Response(403, text="Forbidden"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"jsonrpc": "2.0", "id": 1}),
        httpx.Response(200, json={"jsonrpc": "2.0", "id": 99, "result": 7}),
    ],
    ids=repr,
)
async def test_a_refusal_or_an_unknown_shape_is_not_retried(answer: httpx.Response) -> None:
    """What another try would not change is told at once."""
    fake = FakeRpc()
    fake.answer("getSlot", answer)
    with pytest.raises(errors.UnexpectedResponse):
        await fake.client().read("getSlot")
    assert len(fake.calls) == 1


@pytest.mark.parametrize("failure", [*NOT_SENT, *MAYBE_SENT], ids=repr)
async def test_the_url_is_in_no_error(failure: Exception | httpx.Response) -> None:
    """Providers put their key into the URL, so that no message or representation may hold it."""
    fake = FakeRpc()
    fake.answer("getSlot", failure)
    client = fake.client()
    assert "canary" in URL
    with pytest.raises(errors.GatewayError) as caught:
        await client.read("getSlot")
    assert "canary" not in f"{caught.value!r} {caught.value} {client!r}"


async def test_the_connection_is_closed_with_the_block() -> None:
    """Everything opened is closed by the context manager."""
    client = rpc.Rpc(URL, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    async with client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        await client.read("getSlot")
