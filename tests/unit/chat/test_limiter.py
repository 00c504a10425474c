"""The pace towards Telegram, in virtual time."""

import asyncio
import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.chat.limiter import IN_FLIGHT, PER_SECOND, REPLY_BURST, ChatLimiter, Pace
from bot.chat.request import Flooded
from tests.fakes.virtual_time import in_virtual_time


def now() -> float:
    return asyncio.get_running_loop().time()


class Api:
    """Notes when each call went out."""

    def __init__(self, takes: float = 0.0) -> None:
        self.takes = takes
        self.out: list[tuple[float, str]] = []
        self.failures: list[Exception] = []
        self.in_flight = 0
        self.most = 0

    async def call(self, name: str) -> bool:
        self.out.append((now(), name))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(self.takes)
        self.in_flight -= 1
        if self.failures:
            raise self.failures.pop(0)
        return True


async def send(limiter: ChatLimiter, api: Api, chat: int, name: str = "", pace: Pace | None = None) -> Any:
    return await limiter.process_request(
        api.call, (name or str(chat),), {}, "sendMessage", {"chat_id": chat}, pace
    )


def most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= at < start + 1 for at in times) for start in times)


@in_virtual_time
async def test_replies_may_run_ahead_then_one_a_second() -> None:
    """Telegram allows about one message a second in a private chat; a few at once are fine."""
    limiter, api = ChatLimiter(), Api()
    await asyncio.gather(*(send(limiter, api, 1) for _ in range(REPLY_BURST + 3)))
    times = [at for at, _ in api.out]
    assert times[REPLY_BURST - 1] < 0.2
    assert times[-1] == pytest.approx(3.0, abs=0.2)


@in_virtual_time
async def test_notices_to_one_chat_never_run_ahead() -> None:
    """Nobody waits for a notice: one a second to a chat, after replies, too."""
    limiter, api = ChatLimiter(), Api()
    await asyncio.gather(*(send(limiter, api, 1, pace=Pace.NOTICE) for _ in range(4)))
    times = [at for at, _ in api.out]
    assert all(after - before >= 0.999 for before, after in itertools.pairwise(times))


@in_virtual_time
async def test_a_slow_notice_does_not_let_the_next_one_close_in() -> None:
    """The second is one between arrivals: it counts from the answer to the first, not from its departure."""
    limiter, api = ChatLimiter(), Api(takes=0.7)
    await send(limiter, api, 1, pace=Pace.NOTICE)
    await send(limiter, api, 1, pace=Pace.NOTICE)
    assert [at for at, _ in api.out] == pytest.approx([0.0, 1.7])


@in_virtual_time
async def test_28_a_second_in_the_long_run() -> None:
    """Whatever the number of chats, the bot as a whole keeps below Telegram's bulk limit."""
    limiter, api = ChatLimiter(), Api()
    await asyncio.gather(*(send(limiter, api, chat) for chat in range(200)))
    times = [at for at, _ in api.out]
    assert most_in_a_second(times) <= 30
    assert times[-1] == pytest.approx(200 / PER_SECOND, abs=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_no_second_has_more_than_30_wherever_messages_are_delayed(seed: int) -> None:
    """Some are on their way for long, some arrive at once: those before a delay and after it would add up."""
    luck = random.Random(seed)

    class Network(Api):
        async def call(self, name: str) -> bool:
            before_s, after_s = (luck.choice([0.0, 0.0, 0.3]) * luck.random() for _ in range(2))
            await asyncio.sleep(before_s)
            self.takes = after_s
            return await super().call(name)

    @in_virtual_time
    async def run() -> None:
        limiter, api = ChatLimiter(), Network()
        paces = [Pace.NOTICE, Pace.REPLY]
        await asyncio.gather(*(send(limiter, api, chat, pace=luck.choice(paces)) for chat in range(400)))
        assert len(api.out) == 400
        assert most_in_a_second(sorted(at for at, _ in api.out)) <= 30

    run()


@in_virtual_time
async def test_what_a_short_stall_held_up_is_made_good() -> None:
    """The pace is that of the clock, not of the slowest moment."""
    limiter, api = ChatLimiter(), Api()
    for number in range(56):
        await send(limiter, api, number)
        if number % 7 == 0:
            await asyncio.sleep(0.06)
    assert now() == pytest.approx(2.0, abs=0.1)


@in_virtual_time
async def test_a_reply_does_not_wait_for_a_broadcast() -> None:
    """Somebody waits for a reply; nobody waits for a notice."""
    limiter, api = ChatLimiter(), Api(takes=0.05)
    async with asyncio.TaskGroup() as group:
        for chat in range(600):
            group.create_task(send(limiter, api, chat, "notice", Pace.NOTICE))
        await asyncio.sleep(3)
        asked = now()
        await send(limiter, api, 9999, "reply")
        assert now() - asked < 0.2


@in_virtual_time
async def test_silence_after_retry_after() -> None:
    """Nothing goes out while Telegram asks for silence; the reply is then repeated and arrives."""
    limiter, api = ChatLimiter(), Api()
    api.failures.append(Flooded(timedelta(seconds=7)))
    results = await asyncio.gather(*(send(limiter, api, chat) for chat in (1, 2, 3)))
    assert results == [True, True, True]
    later = [at for at, _ in api.out if at > 0]
    assert len(api.out) == 4
    assert min(later) >= 7


@in_virtual_time
async def test_a_notice_is_not_repeated_here() -> None:
    """The outbox decides about a notice; the limiter only keeps silent as asked."""
    limiter, api = ChatLimiter(), Api()
    api.failures.append(Flooded(timedelta(seconds=7)))
    with pytest.raises(RetryAfter):
        await send(limiter, api, 1, "notice", Pace.NOTICE)
    assert len(api.out) == 1


@in_virtual_time
async def test_few_calls_in_flight() -> None:
    """More connections make the HTTP client slower, not faster; notices leave room for replies."""
    limiter, api = ChatLimiter(), Api(takes=5)
    async with asyncio.TaskGroup() as group:
        for chat in range(20):
            group.create_task(send(limiter, api, chat, "notice", Pace.NOTICE))
        await asyncio.sleep(1)
        assert api.most < IN_FLIGHT
        for chat in range(100, 120):
            group.create_task(send(limiter, api, chat, "reply"))
        await asyncio.sleep(1)
    assert api.most == IN_FLIGHT


@in_virtual_time
async def test_whoever_gives_up_leaves_no_hole() -> None:
    """A cancelled waiter, and a cancelled call, give their place back."""
    limiter, api = ChatLimiter(in_flight=1), Api(takes=100)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(send(limiter, api, 1))
        second = group.create_task(send(limiter, api, 2))
        await asyncio.sleep(1)
        second.cancel()
        first.cancel()
    api.takes = 0
    assert await send(limiter, api, 3)


@in_virtual_time
async def test_answers_to_taps_are_not_messages() -> None:
    """A callback answer is no message: it does not wait for the chat's second."""
    limiter, api = ChatLimiter(), Api()
    for number in range(20):
        await limiter.process_request(api.call, (str(number),), {}, "answerCallbackQuery", {}, None)
    assert now() == 0


@in_virtual_time
async def test_a_sign_that_something_comes_is_no_message() -> None:
    """It takes no place of the chat's own: what it announces does not wait for it."""
    limiter, api = ChatLimiter(), Api()
    for number in range(20):
        await limiter.process_request(
            api.call, (str(number),), {}, "sendChatAction", {"chat_id": 1}, Pace.NOTICE
        )
    assert now() == 0
