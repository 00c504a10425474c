"""Long polling: nothing is lost until it is confirmed, and only one may listen."""

import asyncio

import pytest

from bot.sandbox.store import Store
from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.updates import Updates


@pytest.fixture
def updates() -> Updates:
    return Updates(10, Store())


async def test_updates_come_again_until_confirmed(updates: Updates) -> None:
    """A bot that dies before confirming gets them again; an offset confirms everything before it."""
    for n in range(3):
        updates.add("message", {"n": n})
    first = await updates.fetch(None, 100, 0)
    assert [update["update_id"] for update in first] == [10, 11, 12]
    assert await updates.fetch(None, 100, 0) == first
    assert [update["update_id"] for update in await updates.fetch(12, 100, 0)] == [12]
    assert await updates.fetch(13, 100, 0) == []


async def test_limit_and_negative_offset(updates: Updates) -> None:
    """At most so many at once; -1 keeps only the last."""
    for n in range(3):
        updates.add("message", {"n": n})
    assert len(await updates.fetch(None, 2, 0)) == 2
    assert [update["update_id"] for update in await updates.fetch(-1, 100, 0)] == [12]
    assert updates.pending == 1


async def test_a_poll_waits_for_news(updates: Updates) -> None:
    """The answer comes with the update, not with the time-out."""
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(updates.fetch(None, 100, 50))
        await asyncio.sleep(0)
        assert updates.polled
        updates.add("message", {})
    assert len(poll.result()) == 1
    assert not updates.polled


async def test_a_poll_ends_empty_when_nothing_comes(updates: Updates) -> None:
    """After its own time-out."""
    assert await updates.fetch(None, 100, 0.01) == []


async def test_a_second_poller_ends_the_first(updates: Updates) -> None:
    """The first gets 409 with Telegram's words; the second goes on."""
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(_outcome(updates))
        await asyncio.sleep(0)
        second = tasks.create_task(_outcome(updates))
        await asyncio.sleep(0)
        updates.add("message", {})
    assert first.result() == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    assert second.result() == "1 update"


async def _outcome(updates: Updates) -> str:
    try:
        return f"{len(await updates.fetch(None, 100, 50))} update"
    except refusals.Refusal as refusal:
        return refusal.description


async def test_closing_ends_the_poll(updates: Updates) -> None:
    """So that a server can stop without waiting for the time-out, now and for later polls."""
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(updates.fetch(None, 100, 50))
        await asyncio.sleep(0)
        updates.close()
    assert poll.result() == []
    async with asyncio.timeout(1):
        assert await updates.fetch(None, 100, 50) == []


async def test_unwanted_kinds_are_not_kept(updates: Updates) -> None:
    """As asked for; without asking, everything but the noisy kinds."""
    assert updates.add("message_reaction", {}) is None
    assert updates.add("my_chat_member", {}) is not None
    updates.allow(["message"])
    assert updates.add("callback_query", {}) is None
    updates.allow(None)
    assert updates.add("callback_query", {}) is None
    updates.allow([])
    assert updates.add("callback_query", {}) is not None
