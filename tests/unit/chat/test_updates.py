"""The polling loop: committed before confirmed, nothing lost or poisoned, and it stops in plain words."""

import asyncio
import json
from typing import Any

import pytest

from bot import errors
from bot.chat import updates
from bot.domain import addresses
from tests.fakes import telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.chat_services import FakeServices
from tests.fakes.virtual_time import in_virtual_time

PHRASE = "abandon ability able about above absent absorb abstract absurd abuse access accident"


@in_virtual_time
async def test_committed_before_confirmed() -> None:
    """The offset that confirms an update to Telegram is sent only after the inbox holds it."""
    async with running() as chat:
        (done,) = await chat.push(chat.message("/help"))
        await asyncio.sleep(1)
        assert chat.api.offsets == [None, done + 1]
        assert json.loads(chat.fakes.inbox.stored[0])["update_id"] == done
        assert done in chat.fakes.inbox.handled


@in_virtual_time
async def test_the_newest_update_is_confirmed_whatever_its_number() -> None:
    """After a quiet week Telegram goes on with any id: a lower one must not come for ever."""
    async with running() as chat:
        await chat.push(chat.message("/help"))
        update = chat.message("/help") | {"update_id": 3}
        await chat.push(update)
        await asyncio.sleep(1)
        assert chat.api.offsets[-1] == 4


@in_virtual_time
async def test_nothing_is_confirmed_while_the_database_fails() -> None:
    """An update that could not be committed stays with Telegram and comes again."""
    async with running() as chat:
        update = chat.message("/help")
        chat.fakes.inbox.error = errors.StorageError()
        chat.api.batches.put_nowait([update])
        await asyncio.sleep(5)
        assert set(chat.api.offsets) == {None}
        await chat.push(update)
        assert "What works" in chat.newest().text


@in_virtual_time
async def test_delivered_again_is_handled_once() -> None:
    """An update that comes twice under one id has one effect."""
    async with running() as chat:
        update = chat.message("/help")
        await chat.push(update)
        await chat.push(update)
        await asyncio.sleep(1)
        assert len(chat.api.called("sendMessage")) == 1


@in_virtual_time
async def test_what_a_crash_left_is_handled_at_start() -> None:
    """A stored update without a handler's end is handled by the next process."""
    fakes = FakeServices()
    async with running() as earlier:
        left = earlier.message("/help")
    await fakes.inbox.record(left["update_id"], 7, json.dumps(left))
    async with running(fakes) as chat:
        async with asyncio.timeout(60):
            await fakes.inbox.wait_handled(left["update_id"])
        assert "What works" in chat.newest().text


@in_virtual_time
async def test_poison_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """An update that cannot be read costs a log line; the ones around it are handled."""
    async with running() as chat:
        poison: dict[str, Any] = {"update_id": 900, "message": {"message_id": "x", "text": PHRASE, "chat": 5}}
        chat.api.batches.put_nowait([poison, "nonsense", chat.message("/help")])
        async with asyncio.timeout(60):
            await chat.fakes.inbox.wait_handled(900)
        await asyncio.sleep(2)
        assert "What works" in chat.newest().text
    assert "900" in caplog.text
    assert "abandon" not in caplog.text


@in_virtual_time
@pytest.mark.parametrize("number", [2**52, 10**30, -(2**70), "7", None, 7.5, True])
@pytest.mark.parametrize("where", ["from", "chat"])
async def test_an_impossible_id_is_poison_too(where: str, number: Any) -> None:
    """No database takes it: it would stay with Telegram for ever, and everything after it."""
    async with running() as chat:
        poison = chat.message("/help")
        poison["message"][where] = poison["message"][where] | {"id": number}
        chat.api.batches.put_nowait([poison, chat.message("/help", user=8)])
        async with asyncio.timeout(60):
            await chat.fakes.inbox.wait_handled(poison["update_id"])
        await asyncio.sleep(2)
        assert len(chat.api.called("sendMessage")) == 1


@in_virtual_time
async def test_an_update_with_an_impossible_number_is_passed_by() -> None:
    async with running() as chat:
        poison = chat.message("/help") | {"update_id": 2**70}
        chat.api.batches.put_nowait([poison])
        await asyncio.sleep(2)
        assert chat.api.offsets[-1] == 2**70 + 1
        await chat.push(chat.message("/help"))
        assert "What works" in chat.newest().text


@in_virtual_time
async def test_what_is_no_update_is_not_asked_for_without_a_pause() -> None:
    async with running() as chat:
        for _ in range(5):
            chat.api.batches.put_nowait(["nonsense"])
        await asyncio.sleep(2)
        assert len(chat.api.offsets) <= 2
        await asyncio.sleep(30)
        await chat.push(chat.message("/help"))
        assert "What works" in chat.newest().text


@in_virtual_time
async def test_an_outage_is_noted_once_and_its_end_too() -> None:
    """A hundred failed polls make one change of health, and one back."""
    async with running() as chat:
        await chat.send("/help")
        chat.api.fail_next("getUpdates", *(telegram.not_sent() for _ in range(20)))
        chat.api.batches.put_nowait([])
        await asyncio.sleep(1200)
        await chat.send("/help")
        assert chat.fakes.health.changes == [
            (updates.SERVICE, True),
            (updates.SERVICE, False),
            (updates.SERVICE, True),
        ]


@in_virtual_time
async def test_telegram_down_at_start_is_waited_for() -> None:
    """The process does not die because Telegram is away when it starts."""
    fakes = FakeServices()
    async with running(fakes) as chat:
        chat.api.fail_next("getMe", *(telegram.not_sent() for _ in range(5)))
        await chat.send("/help")
        assert "What works" in chat.newest().text


@in_virtual_time
async def test_a_hanging_poll_is_restarted() -> None:
    """A getUpdates that never returns is cut off, and its connections are opened anew."""
    async with running() as chat:
        await chat.send("/help")
        opened, chat.api.polls_end = chat.api.opened, False
        await asyncio.sleep(updates.STALE_S * 2 + 10)
        assert chat.api.opened > opened
        await chat.send("/help")
        assert len(chat.api.called("sendMessage")) == 2


@in_virtual_time
async def test_a_pool_that_stays_full_is_opened_anew() -> None:
    """Failures that come at once, before anything is sent, do not look like a hanging poll, and may last."""
    async with running() as chat:
        await chat.send("/help")
        opened = chat.api.opened
        chat.api.fail_next("getUpdates", *(telegram.not_sent() for _ in range(updates.REOPEN_AFTER)))
        chat.api.batches.put_nowait([])
        await asyncio.sleep(60)
        assert chat.api.opened == opened + 1


async def _fails(prepare: Any) -> errors.ConfigurationError:
    """What stops the chat, after `prepare` set the trouble up."""
    found: BaseException
    try:
        async with running() as chat:
            prepare(chat)
            await asyncio.sleep(600)
    except BaseExceptionGroup as caught:
        found = caught
    else:
        raise AssertionError("nothing stopped it")
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, errors.ConfigurationError)
    return found


@in_virtual_time
async def test_a_second_poller_stops_the_bot_in_plain_words() -> None:
    """Conflict is retried for half a minute, then said, because two bots would share the updates."""
    conflict = telegram.refused(409, "Conflict: terminated by other getUpdates request")

    def prepare(chat: ChatDriver) -> None:
        chat.api.fail_next("getUpdates", *([conflict] * 100))

    stopped = await _fails(prepare)
    assert "Another program" in stopped.message


@in_virtual_time
async def test_a_short_conflict_passes() -> None:
    """A restart makes brief conflicts: they stop nothing."""
    conflict = telegram.refused(409, "Conflict: terminated by other getUpdates request")
    async with running() as chat:
        chat.api.fail_next("getUpdates", *([conflict] * 5))
        await chat.send("/help")
        assert "What works" in chat.newest().text


@in_virtual_time
async def test_a_bad_token_stops_the_bot_and_is_not_repeated() -> None:
    """The message names the setting, never the token."""
    bad = telegram.refused(401, "Unauthorized")
    stopped = await _fails(lambda chat: chat.api.fail_next("getMe", bad))
    assert "TELEGRAM_BOT_TOKEN" in stopped.message
    assert telegram.TOKEN not in repr(stopped)
    assert stopped.__suppress_context__


@in_virtual_time
async def test_stopping_finishes_what_is_in_work() -> None:
    """stop() takes no more updates, and the answer that is on its way still arrives."""
    async with running() as chat:
        chat.api.fail_next("sendMessage", telegram.refused(429, "Too Many Requests", retry_after=4))
        update = chat.message("/help")
        chat.api.batches.put_nowait([update])
        await asyncio.sleep(1)
        assert update["update_id"] not in chat.fakes.inbox.handled
    assert update["update_id"] in chat.fakes.inbox.handled
    assert "What works" in chat.newest().text


# --- secrets ---------------------------------------------------------------------------------------------

KEY = addresses.encode_base58(bytes(range(1, 65)))


@in_virtual_time
async def test_a_pasted_secret_is_deleted_and_never_stored(caplog: pytest.LogCaptureFixture) -> None:
    """Wherever a key or phrase is written, it is in no inbox row, no answer and no log line."""
    caplog.set_level("DEBUG", "bot")
    for text in (KEY, PHRASE, f"/watch {KEY}", str(list(range(64)))):
        async with running() as chat:
            update = chat.message(text)
            await chat.push(update)
            assert chat.fakes.inbox.stored == []
            assert chat.fakes.inbox.payloads == {update["update_id"]: None}
            assert chat.api.called("deleteMessage")[0]["message_id"] == update["message"]["message_id"]
            assert "stored nothing" in chat.newest().text
            assert not chat.fakes.wallets.wallets
            said = json.dumps([call.params for call in chat.api.calls], default=str)
            assert text not in said
        assert text not in caplog.text


@in_virtual_time
async def test_a_secret_is_handled_before_it_is_confirmed() -> None:
    """Telegram hears that we have a secret only after its message was deleted."""
    async with running() as chat:
        await chat.push(chat.message(KEY))
        await asyncio.sleep(1)
        methods = [call.method for call in chat.api.calls]
        second_poll = [place for place, method in enumerate(methods) if method == "getUpdates"][1]
        assert methods.index("deleteMessage") < second_poll


@in_virtual_time
async def test_an_edited_in_secret_is_deleted_too() -> None:
    """Editing an old message is no way around."""
    async with running() as chat:
        await chat.push(chat.message(KEY, kind="edited_message"))
        assert chat.api.called("deleteMessage")
        assert chat.fakes.inbox.stored == []


@in_virtual_time
async def test_the_answer_to_a_key_question_is_never_stored() -> None:
    """Even what does not look like a key: a typo in a key is still most of a key."""
    async with running() as chat:
        await chat.tap("import", 1)
        before = list(chat.fakes.inbox.stored)
        await chat.send("5Kalmost-a-key")
        assert chat.fakes.inbox.stored == before
        assert chat.api.called("deleteMessage")


@in_virtual_time
async def test_a_text_behind_an_unfinished_update_is_not_stored() -> None:
    """While a person's tap is in work, nobody knows whether it ends in a question for a key."""
    async with running() as chat:
        chat.api.fail_next("editMessageText", telegram.refused(429, "Too Many Requests", retry_after=5))
        tap = chat.tapped("home", 1)
        await chat.push(tap, chat.message("5Kalmost-a-key"))
        assert not any("almost" in stored for stored in chat.fakes.inbox.stored)
