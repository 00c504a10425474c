"""What a failure of the connection means, for reads, crafts and execute."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot import errors
from bot.jupiter import answers, transport
from bot.jupiter.budget import RateBudget
from bot.ports import Priority
from tests.fakes.jupiter import EPOCH, URL, FakeJupiter, Reply
from tests.fakes.virtual_time import in_virtual_time

KEY = "canary-key-5f2b8e1c"
PATH = "/recurring/v1/anything"

NOT_SENT: list[Exception] = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
]
LOST: list[Exception] = [
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.WriteError("broken pipe"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("disconnected"),
    httpx.LocalProtocolError("bad"),
    httpx.DecodingError("gzip"),
    OSError("gone"),
    TimeoutError("deadline"),
]
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def connect(fake: FakeJupiter, key: str = KEY, rps: float = 1.0) -> transport.JupiterTransport:
    return transport.JupiterTransport(URL, key, budget=RateBudget(rps, wall=FakeJupiter.wall), wire=fake.wire)


def named(failures: list[Exception]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("failure", failures, ids=lambda failure: type(failure).__name__)


async def get(jupiter: transport.JupiterTransport, priority: Priority = Priority.PERSON) -> Any:
    return (await jupiter.get(PATH, {}, priority)).json()


@in_virtual_time
async def test_the_key_is_sent_in_its_header() -> None:
    """A key goes out as `x-api-key`."""
    fake = FakeJupiter()
    fake.on(PATH, Reply({"fine": True}))
    async with connect(fake) as jupiter:
        assert await get(jupiter) == {"fine": True}
    assert fake.seen[0].headers["x-api-key"] == KEY


@in_virtual_time
async def test_keyless_means_no_header_at_all() -> None:
    """An empty key is not sent: an unknown key would be refused, an absent one is not."""
    fake = FakeJupiter()
    fake.on(PATH, Reply({}))
    async with connect(fake, key="") as jupiter:
        await get(jupiter)
    assert "x-api-key" not in fake.seen[0].headers


@pytest.mark.parametrize("failure", [*NOT_SENT, *LOST], ids=lambda failure: type(failure).__name__)
def test_a_read_is_tried_again(failure: Exception) -> None:
    """Any transport failure of a read is retried a little later, and the answer is as if nothing was."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, failure, Reply({"fine": True}))
        async with connect(fake) as jupiter:
            assert await get(jupiter) == {"fine": True}
        first, second = fake.seen
        assert 0.2 < second.at - first.at < 1.0

    run()


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520])
def test_a_read_gives_up_after_three_attempts(status: int) -> None:
    """A service that stays down is asked three times, then the caller is told."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, Reply(HTML, status))
        async with connect(fake) as jupiter:
            with pytest.raises(errors.GatewayUnavailable, match="Jupiter does not answer"):
                await get(jupiter)
        assert len(fake.seen) == 3

    run()


@pytest.mark.parametrize("reply", [Reply({}, after_s=10_000), Reply(HTML, 503, after_s=12)])
def test_a_read_is_not_retried_for_long(reply: Reply) -> None:
    """Somebody waits: no call lasts longer than its deadline, and no attempt begins long after the first."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, reply)
        async with connect(fake) as jupiter:
            with pytest.raises(errors.GatewayUnavailable):
                await get(jupiter)
        assert len(fake.seen) == 2
        assert asyncio.get_running_loop().time() <= 2 * transport.READ_DEADLINE_S + 1

    run()


@in_virtual_time
async def test_a_429_on_a_read_waits_for_the_reset() -> None:
    """The next attempt comes when the service said, not before."""
    fake = FakeJupiter()
    limited = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(EPOCH) + 8)}
    fake.on(PATH, Reply({"code": 429, "message": "x"}, 429, limited), Reply({"fine": True}))
    async with connect(fake) as jupiter:
        assert await get(jupiter) == {"fine": True}
    assert fake.seen[1].at == 8.0


@in_virtual_time
async def test_a_person_is_not_kept_for_a_long_429() -> None:
    """When the reset is further away than people wait, they are told when to come back."""
    fake = FakeJupiter()
    limited = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(EPOCH) + 50)}
    fake.on(PATH, Reply({"code": 429, "message": "x"}, 429, limited))
    async with connect(fake) as jupiter:
        with pytest.raises(errors.RateLimited) as caught:
            await get(jupiter)
    assert len(fake.seen) == 1
    assert asyncio.get_running_loop().time() < 1
    assert timedelta(seconds=48) < (caught.value.retry_after or timedelta()) <= timedelta(seconds=50)


@in_virtual_time
async def test_after_a_429_that_passes_everybody_who_waits_is_served() -> None:
    """The service called its bucket full for two seconds: nobody is told to come back in a minute."""
    fake = FakeJupiter()
    full = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(EPOCH) + 2)}
    free = Reply({"fine": True}, headers={"x-ratelimit-remaining": "50"}, after_s=0.2)
    fake.on(PATH, Reply({"code": 429, "message": "x"}, 429, full), free)
    async with connect(fake) as jupiter:
        with pytest.raises(errors.RateLimited):
            await jupiter.craft(PATH, {})
        told = await asyncio.gather(*(get(jupiter) for _ in range(6)), return_exceptions=True)
    assert told == [{"fine": True}] * 6
    assert asyncio.get_running_loop().time() < 3


@named([*NOT_SENT, *LOST])
def test_a_craft_is_asked_for_once(failure: Exception) -> None:
    """A craft has no effect, so nothing was sent; but it is the caller who asks again."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, failure)
        async with connect(fake) as jupiter:
            with pytest.raises(errors.GatewayUnavailable, match="Nothing was sent"):
                await jupiter.craft(PATH, {})
        assert len(fake.seen) == 1

    run()


@pytest.mark.parametrize(
    ("status", "expected"), [(429, errors.RateLimited), (503, errors.GatewayUnavailable)]
)
def test_a_craft_is_not_retried_on_trouble(status: int, expected: type[errors.GatewayError]) -> None:
    """429 and 5xx on a craft are the caller's to know."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, Reply({"message": "no"}, status))
        async with connect(fake) as jupiter:
            with pytest.raises(expected):
                await jupiter.craft(PATH, {})
        assert len(fake.seen) == 1

    run()


@named(NOT_SENT)
def test_execute_without_a_connection_sent_nothing(failure: Exception) -> None:
    """Only a connection that was never made is "not sent"."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, failure)
        async with connect(fake) as jupiter:
            with pytest.raises(errors.GatewayUnavailable):
                await jupiter.execute(PATH, {})
        assert len(fake.seen) == 1

    run()


@named(LOST)
def test_execute_without_an_answer_is_unknown(failure: Exception) -> None:
    """Whatever fails after connecting may have let the bytes out: settle by signature, never send anew."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, failure)
        async with connect(fake) as jupiter:
            with pytest.raises(errors.OutcomeUnknown):
                await jupiter.execute(PATH, {})
        assert len(fake.seen) == 1

    run()


@pytest.mark.parametrize(
    "reply",
    [
        *(
            Reply({"error": "no"}, status)
            for status in (400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503)
        ),
        Reply(HTML, 502),
        Reply(HTML, 200),
        Reply(b"", 200),
        Reply(b"[" * 100_000, 200),
        Reply({}, 307, {"location": "http://elsewhere.test/"}),
        Reply({}, after_s=10_000),
    ],
    ids=lambda reply: f"{reply.status}-{str(reply.body)[:9]}",
)
def test_execute_with_any_other_answer_is_unknown(reply: Reply) -> None:
    """4xx, 5xx, no JSON, a redirect, silence: none of them proves that nothing was sent."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, reply)
        async with connect(fake) as jupiter:
            with pytest.raises(errors.OutcomeUnknown):
                await jupiter.execute(PATH, {"requestId": "r"})
        assert len(fake.seen) == 1

    run()


@in_virtual_time
async def test_execute_refused_by_our_own_budget_sent_nothing() -> None:
    """No slot in time: RateLimited, and the service never saw the bytes."""
    fake = FakeJupiter()
    fake.on(PATH, Reply({}))
    async with connect(fake, rps=1 / 60) as jupiter:
        await get(jupiter)
        with pytest.raises(errors.RateLimited):
            await jupiter.execute(PATH, {})
    assert len(fake.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_the_operators_to_mend(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """One log line names the setting and the request id; the error says it is not the person's fault."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(
            PATH,
            Reply({"code": status, "message": "Unauthorized"}, status, {"x-api-gateway-request-id": "r-1"}),
        )
        async with connect(fake) as jupiter:
            for _ in range(3):
                with pytest.raises(errors.GatewayUnavailable, match="JUPITER_API_KEY"):
                    await get(jupiter)
        assert len(fake.seen) == 3

    run()
    lines = [line.getMessage() for line in caplog.records if line.levelno == logging.ERROR]
    assert len(lines) == 1
    assert all(word in lines[0] for word in ("JUPITER_API_KEY", "r-1", "Unauthorized", str(status)))


@in_virtual_time
async def test_a_refusal_comes_back_with_the_vendors_words() -> None:
    """A 4xx about the request itself is an answer, not a failure."""
    fake = FakeJupiter()
    fake.on(PATH, Reply({"error": "Order is valued at 2.99 USDC"}, 400, {"x-api-gateway-request-id": "abc"}))
    async with connect(fake) as jupiter:
        answer = await jupiter.get(PATH, {}, Priority.DUE)
    assert (answer.status, answer.words(), answer.request_id) == (400, "Order is valued at 2.99 USDC", "abc")
    assert len(fake.seen) == 1


@in_virtual_time
async def test_a_redirect_is_not_followed() -> None:
    """The key never goes to another host than the operator's."""
    fake = FakeJupiter()
    fake.on(PATH, Reply({}, 302, {"location": "http://elsewhere.test/steal"}))
    async with connect(fake) as jupiter:
        with pytest.raises(errors.UnexpectedResponse):
            await get(jupiter)
    assert [seen.path for seen in fake.seen] == [PATH]


def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer larger than any real one is dropped while it is read."""
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1_000)

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, Reply(b"[" + b" " * 2_000 + b"]"))
        async with connect(fake) as jupiter:
            with pytest.raises(errors.GatewayUnavailable):
                await get(jupiter)

    run()


@pytest.mark.parametrize(
    "failure", [*NOT_SENT, *LOST, Reply({"error": "x"}, 400), Reply(HTML, 500), Reply({}, 401)]
)
def test_the_key_is_in_no_log_line_error_or_repr(
    failure: Exception | Reply, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever fails, the key appears nowhere, not even at DEBUG and in chained errors."""
    caplog.set_level(logging.DEBUG)

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(PATH, failure)
        async with connect(fake) as jupiter:
            texts = [repr(jupiter), str(jupiter), repr(jupiter.budget)]
            for ask in (get(jupiter), jupiter.craft(PATH, {}), jupiter.execute(PATH, {})):
                try:
                    texts.append(repr(await ask))
                except errors.GatewayError as exc:
                    cause: BaseException | None = exc
                    while cause:
                        texts.append(repr(cause) + str(cause))
                        cause = cause.__cause__ or cause.__context__
            assert KEY not in "\n".join(texts)

    run()
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("url", "key", "name"),
    [
        ("api.jup.ag", "", "JUPITER_API_URL"),
        ("ftp://api.jup.ag", "", "JUPITER_API_URL"),
        ("https://", "", "JUPITER_API_URL"),
        ("https://api.jup.ag:port", "", "JUPITER_API_URL"),
        (URL, "se\ncret", "JUPITER_API_KEY"),
        (URL, "se cret", "JUPITER_API_KEY"),
        (URL, "sécret", "JUPITER_API_KEY"),
    ],
)
def test_unusable_settings_are_named_and_not_quoted(url: str, key: str, name: str) -> None:
    """One line that names the variable; a key that cannot be a key is not repeated."""
    with pytest.raises(errors.ConfigurationError, match=name) as caught:
        transport.JupiterTransport(url, key)
    assert not key or key not in str(caught.value)


@in_virtual_time
async def test_a_limited_service_is_never_overrun() -> None:
    """A service with the vendor's limit, 200 callers of all kinds: no call is refused, all are answered."""
    fake = FakeJupiter(limit=30)
    fake.on(PATH, Reply({}, after_s=0.3))
    budget = RateBudget(0.5, wall=FakeJupiter.wall, patience_s={})
    async with transport.JupiterTransport(URL, budget=budget, wire=fake.wire) as jupiter:
        priorities = list(Priority) * 50
        await asyncio.gather(*(jupiter.get(PATH, {}, priority) for priority in priorities))
    assert fake.refused == 0
    assert len(fake.seen) == 200
    assert asyncio.get_running_loop().time() < 8 * 60


@in_virtual_time
async def test_a_bucket_shared_with_others_is_respected() -> None:
    """Others take slots without a word: after each surprise we hold back, instead of hammering."""
    fake = FakeJupiter(limit=30)
    fake.others = [7.0 * step for step in range(1, 100)]
    fake.on(PATH, Reply({}, after_s=0.3))
    budget = RateBudget(0.5, wall=FakeJupiter.wall, patience_s={})
    async with transport.JupiterTransport(URL, budget=budget, wire=fake.wire) as jupiter:
        asked = (jupiter.get(PATH, {}, Priority.PERSON) for _ in range(100))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, (answers.Answer, errors.RateLimited)) for one in outcomes)
    assert sum(isinstance(one, answers.Answer) for one in outcomes) >= 90
    # One attempt for each slot that frees and is taken by others first; without obeying it would be hundreds.
    assert fake.refused <= 40
