"""People, dialogs and jobs: what is remembered about a chat."""

import asyncio
from datetime import timedelta

import pytest

from bot import errors, ports, storage
from tests.fakes.storage import NOW


async def test_a_person_is_remembered(stores: storage.Storage) -> None:
    """Seen once, found again, in UTC and not blocked."""
    seen = await stores.people.record_seen(2**40, -5)
    assert seen == ports.Person(user_id=2**40, chat_id=-5, timezone="UTC", blocked=False, settings={})
    assert await stores.people.find(2**40) == seen
    assert await stores.people.find(2) is None


async def test_a_returning_person_keeps_the_settings(stores: storage.Storage) -> None:
    """Being seen again moves the chat and ends the block; settings stay, and `timezone` is one of them."""
    await stores.people.record_seen(1, 10)
    await stores.people.record_settings(1, {"timezone": "Europe/Zurich", "digest": True})
    await stores.people.record_blocked(1)
    blocked = await stores.people.find(1)
    assert blocked is not None
    assert blocked.blocked
    back = await stores.people.record_seen(1, 11)
    assert (back.chat_id, back.blocked, back.timezone) == (11, False, "Europe/Zurich")
    assert back.settings == {"timezone": "Europe/Zurich", "digest": True}


async def test_a_settled_person_stays_so_until_the_end(shared_url: str) -> None:
    """Whoever decides by somebody's settings is through before they change: also in another process."""
    async with storage.Storage.open(shared_url) as one, storage.Storage.open(shared_url) as two:
        await one.people.record_seen(1, 10)
        done: list[str] = []
        entered = asyncio.Event()

        async def decide() -> None:
            async with one.transaction():
                assert await one.people.find_settled(1) == ports.Person(user_id=1, chat_id=10)
                entered.set()
                await asyncio.sleep(0.1)
                done.append("decided")

        async def change() -> None:
            await entered.wait()
            await two.people.record_settings(1, {"fills": "daily"})
            done.append("changed")

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(decide())
            tasks.create_task(change())
        assert done == ["decided", "changed"]
        settled = await one.people.find_settled(1)
        assert settled is not None
        assert settled.settings == {"fills": "daily"}
        assert await one.people.find_settled(2) is None


async def test_settings_of_nobody_are_an_error(stores: storage.Storage) -> None:
    """Settings are never lost in silence."""
    with pytest.raises(errors.StorageError):
        await stores.people.record_settings(1, {"digest": True})


async def test_a_dialog_is_replaced_and_cleared(stores: storage.Storage) -> None:
    """The last step counts; what JSON can say comes back as it was, u64 included."""
    assert await stores.dialogs.find(1) is None
    await stores.dialogs.record(1, {"step": "amount"})
    await stores.dialogs.record(1, {"step": "confirm", "raw": 2**64 - 1, "who": "Zoë \ud83d\0"})
    assert await stores.dialogs.find(1) == {"step": "confirm", "raw": 2**64 - 1, "who": "Zoë \ud83d\0"}
    await stores.dialogs.clear(1)
    await stores.dialogs.clear(1)
    assert await stores.dialogs.find(1) is None


async def test_jobs_come_when_they_are_due(stores: storage.Storage) -> None:
    """Longest overdue first, none before its time, no more than asked for."""
    late = await stores.jobs.add("delete", 1, 10, {"message_id": 7}, NOW)
    later = await stores.jobs.add("reveal", 1, 10, {}, NOW + timedelta(seconds=1))
    assert [job.id for job in await stores.jobs.list_due(NOW)] == [late]
    assert [job.id for job in await stores.jobs.list_due(NOW + timedelta(days=1))] == [late, later]
    assert [job.id for job in await stores.jobs.list_due(NOW + timedelta(days=1), limit=1)] == [late]
    await stores.jobs.postpone(late, NOW + timedelta(hours=1))
    assert await stores.jobs.list_due(NOW) == []


async def test_a_job_is_finished_once(stores: storage.Storage) -> None:
    """One caller gets it; from then on nobody finds it, and its id is never given again."""
    job = await stores.jobs.add("reveal", 1, 10, {"wallet": 3}, NOW)
    (found,) = await stores.jobs.list_of(1, "reveal")
    assert found == ports.Job(id=job, kind="reveal", user_id=1, chat_id=10, payload={"wallet": 3}, due_at=NOW)
    assert [await stores.jobs.finish(job), await stores.jobs.finish(job)] == [True, False]
    assert await stores.jobs.list_of(1, "reveal") == []
    assert await stores.jobs.add("reveal", 1, 10, {}, NOW) != job


async def test_jobs_of_a_person_by_kind_are_those_that_are_not_finished(stores: storage.Storage) -> None:
    """Earliest first; nobody else's."""
    late = await stores.jobs.add("reveal", 1, 10, {"wallet_id": 7}, NOW + timedelta(hours=1))
    early = await stores.jobs.add("reveal", 1, 10, {"wallet_id": 8}, NOW)
    await stores.jobs.add("delete", 1, 10, {"message_id": 7}, NOW)
    await stores.jobs.add("reveal", 2, 20, {"wallet_id": 9}, NOW)
    assert [job.id for job in await stores.jobs.list_of(1, "reveal")] == [early, late]
    assert await stores.jobs.finish(early)
    assert [job.payload for job in await stores.jobs.list_of(1, "reveal")] == [{"wallet_id": 7}]
    assert await stores.jobs.list_of(3, "reveal") == []


async def test_several_people_are_found_at_once(stores: storage.Storage) -> None:
    met = {user: await stores.people.record_seen(user, 10 * user) for user in (1, 2, 3)}
    assert await stores.people.find_many([1, 3, 4]) == {1: met[1], 3: met[3]}
    assert await stores.people.find_many([]) == {}
