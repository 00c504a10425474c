"""Who is served when, in virtual time."""

import asyncio

from telegram import Chat, Message, Update, User

from bot.chat.processor import BACKLOG, BURST, FairProcessor
from tests.fakes.virtual_time import in_virtual_time


def update(user: int) -> Update:
    person = User(user, "Someone", is_bot=False)
    message = Message(1, None, Chat(user, "private"), from_user=person, text="hi")  # type: ignore[arg-type]  # the date plays no part
    return Update(1, message=message)


class Crowd:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.told: list[int] = []
        self.processor = FairProcessor(self.tell)

    async def tell(self, refused: Update) -> None:
        assert refused.effective_user
        self.told.append(refused.effective_user.id)

    async def work(self, name: str, takes: float) -> None:
        await asyncio.sleep(takes)
        self.done.append(name)

    async def come(self, user: int, name: str, takes: float = 0.0) -> None:
        await self.processor.process_update(update(user), self.work(name, takes))


@in_virtual_time
async def test_one_persons_updates_stay_in_order() -> None:
    """A slow first update is not overtaken by the same person's second."""
    crowd = Crowd()
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.come(1, "slow", 10))
        group.create_task(crowd.come(1, "quick"))
        group.create_task(crowd.come(2, "other"))
    assert crowd.done == ["other", "slow", "quick"]


@in_virtual_time
async def test_a_flood_delays_nobody_else() -> None:
    """1,000 messages of one person leave everybody else's answer where it was."""
    crowd = Crowd()
    async with asyncio.TaskGroup() as group:
        for _ in range(1000):
            group.create_task(crowd.come(1, "flood", 1))
        await asyncio.sleep(0)
        await crowd.come(2, "other")
        assert asyncio.get_running_loop().time() == 0
        assert crowd.done == ["other"]


@in_virtual_time
async def test_a_flood_is_bounded_and_told_once() -> None:
    """What is beyond the backlog is dropped, and the person hears it once, not a thousand times."""
    crowd = Crowd()
    async with asyncio.TaskGroup() as group:
        for _ in range(1000):
            group.create_task(crowd.come(1, "flood", 1))
    assert len(crowd.done) == BACKLOG
    assert crowd.told == [1]


@in_virtual_time
async def test_a_steady_stream_is_paced_then_forgiven() -> None:
    """Beyond the burst only two a second get through; after a pause all is well again."""
    crowd = Crowd()
    for _ in range(BURST + 10):
        await crowd.come(1, "x")
    assert len(crowd.done) == BURST
    await asyncio.sleep(60)
    await crowd.come(1, "later")
    assert crowd.done[-1] == "later"
    assert crowd.told == [1]


@in_virtual_time
async def test_what_must_not_lie_around_is_never_refused() -> None:
    """A message with a key is handled even in the middle of a flood."""
    crowd = Crowd()
    for _ in range(BURST + 10):
        await crowd.come(1, "x")
    await crowd.processor.process_first(1, crowd.work("key", 0))
    assert crowd.done[-1] == "key"


@in_virtual_time
async def test_a_failure_frees_the_lane() -> None:
    """An update whose handling was cancelled does not block the next one."""
    crowd = Crowd()
    async with asyncio.TaskGroup() as group:
        stuck = group.create_task(crowd.come(1, "stuck", 1000))
        waiting = group.create_task(crowd.come(1, "waiting"))
        await asyncio.sleep(1)
        waiting.cancel()
        stuck.cancel()
    await crowd.come(1, "next")
    assert crowd.done == ["next"]
