"""The fake Jupiter keeps its own promises; so does virtual time."""

import asyncio
import time

import httpx
import pytest

from tests.fakes.jupiter import EPOCH, URL, FakeJupiter, Reply
from tests.fakes.virtual_time import in_virtual_time


@in_virtual_time
async def test_answers_come_as_scripted_and_the_last_one_stays() -> None:
    """Order, status, headers, delay, exceptions; an unscripted path is 404."""
    fake = FakeJupiter()
    fake.on("/a", Reply({"n": 1}, 201, {"x-y": "z"}, after_s=3), httpx.ReadTimeout("no"), Reply({"n": 2}))
    async with httpx.AsyncClient(base_url=URL, transport=fake.wire) as client:
        first = await client.post("/a", json={"q": 1}, params={"p": "v"})
        assert (first.status_code, first.json(), first.headers["x-y"]) == (201, {"n": 1}, "z")
        assert asyncio.get_running_loop().time() == 3.0
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/a")
        assert [(await client.get("/a")).json() for _ in range(3)] == [{"n": 2}] * 3
        assert (await client.get("/b")).status_code == 404
    assert (fake.seen[0].body, fake.seen[0].query, fake.seen[0].at) == ({"q": 1}, {"p": "v"}, 0.0)


@in_virtual_time
async def test_it_keeps_the_vendors_rate_limit() -> None:
    """So many in any 60 seconds, others included; then 429 until the reset that it names."""
    fake = FakeJupiter(limit=3)
    fake.others = [0.0]
    fake.on("/a", Reply({}))
    async with httpx.AsyncClient(base_url=URL, transport=fake.wire) as client:
        answers = [await client.get("/a") for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert [one.headers["x-ratelimit-remaining"] for one in answers] == ["1", "0", "0"]
        reset = float(answers[-1].headers["x-ratelimit-reset"])
        await asyncio.sleep(reset - EPOCH)
        assert (await client.get("/a")).status_code == 200
    assert fake.refused == 1


def test_virtual_time_costs_nothing() -> None:
    """An hour of waiting passes in no time, in order."""
    woken: list[int] = []

    @in_virtual_time
    async def run() -> None:
        async def wake(after_s: int) -> None:
            await asyncio.sleep(after_s)
            woken.append(after_s)

        await asyncio.gather(*(wake(after_s) for after_s in (3_600, 5, 60)))
        assert asyncio.get_running_loop().time() == pytest.approx(3_600)

    began = time.monotonic()
    run()
    assert woken == [5, 60, 3_600]
    assert time.monotonic() - began < 5


def test_virtual_time_reports_a_deadlock() -> None:
    """Waiting for what never comes fails instead of hanging the test run."""

    @in_virtual_time
    async def run() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="no timer"):
        run()
