"""The speed limits: bursts pass, then 429 says how long to wait, and means it."""

from bot.sandbox.telegram import Telegram, refusals
from bot.sandbox.telegram.limits import Limits
from tests.fakes.telegram_sandbox import Call, StandingClock


def attempt(limits: Limits, chat_id: int) -> int:
    """0 = passed, else retry_after in seconds."""
    try:
        limits.take(chat_id)
    except refusals.Refusal as caught:
        refusal = caught
    else:
        return 0
    wait_s = int((refusal.parameters or {})["retry_after"])
    assert (refusal.code, refusal.description) == (429, f"Too Many Requests: retry after {wait_s}")
    return wait_s


def test_one_chat_takes_a_burst_and_then_one_a_second(clock: StandingClock) -> None:
    """`retry_after` is enough to wait, and less is not."""
    limits = Limits(clock.monotonic, chat_per_s=1, chat_burst=3)
    assert [attempt(limits, 1) for _ in range(4)] == [0, 0, 0, 1]
    clock.advance(0.5)
    assert attempt(limits, 1) == 1
    clock.advance(0.5)
    assert [attempt(limits, 1) for _ in range(2)] == [0, 1]


def test_chats_have_their_own_buckets(clock: StandingClock) -> None:
    """One busy chat does not slow another."""
    limits = Limits(clock.monotonic, chat_per_s=1, chat_burst=1)
    assert [attempt(limits, chat) for chat in (1, 1, 2)] == [0, 1, 0]


def test_all_chats_share_thirty_a_second(clock: StandingClock) -> None:
    """The bulk limit, whoever is written to; a refused call counts nowhere."""
    limits = Limits(clock.monotonic, chat_per_s=1, chat_burst=1, overall_per_s=30)
    assert [attempt(limits, chat) for chat in range(1, 32)] == [0] * 30 + [1]
    clock.advance(1)
    assert attempt(limits, 31) == 0


def test_groups_take_twenty_a_minute(clock: StandingClock) -> None:
    """Then one every three seconds."""
    limits = Limits(clock.monotonic)
    assert [attempt(limits, -5) for _ in range(21)] == [0] * 20 + [3]


async def test_the_wait_is_told_twice(call: Call) -> None:
    """In words and as a parameter, which is what libraries read."""
    for _ in range(1000):
        assert (await call("sendMessage", chat_id=1, text="x"))["ok"]
    assert await call("sendMessage", chat_id=1, text="x") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }


async def test_edits_count_and_answers_do_not(call: Call, standin: Telegram) -> None:
    """A card that is edited all the time is refused; a tap's answer and a deletion always pass."""
    for n in range(1000):
        assert (await call("sendMessage", chat_id=1, text=str(n)))["ok"]
    assert (await call("editMessageText", chat_id=1, message_id=2, text="y"))["error_code"] == 429
    query = standin.people.forge_tap(1, "x", 2)
    assert (await call("answerCallbackQuery", callback_query_id=query.id))["ok"]
    assert (await call("deleteMessage", chat_id=1, message_id=2))["ok"]
