"""Over a restart: with a store, killing the stand-in loses nothing that Telegram would not lose."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.sandbox.store import Store
from bot.sandbox.telegram import Telegram
from tests.fakes.telegram_sandbox import BASE, TOKEN, StandingClock


class Life:
    """One process with the stand-in; the next one opens the same file."""

    def __init__(self, store: Store, clock: StandingClock) -> None:
        self.standin = Telegram(TOKEN, store, now=clock.now, monotonic=clock.monotonic)
        transport = httpx.ASGITransport(Starlette(routes=self.standin.routes()))
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE)

    async def call(self, method: str, files: Any = None, **params: Any) -> Any:
        url = f"/bot{TOKEN}/{method}"
        sending = {"data": params, "files": files} if files else {"json": params}
        answer = (await self._client.post(url, **sending)).json()
        assert answer["ok"], answer
        return answer["result"]


Lives = Callable[[], Life]


@pytest.fixture
def live(tmp_path: Path, clock: StandingClock) -> Iterator[Lives]:
    """Starts the next life. Earlier ones are not closed before it, as if they were killed."""
    stores: list[Store] = []

    def live() -> Life:
        stores.append(Store(tmp_path / "standins.sqlite3"))
        return Life(stores[-1], clock)

    yield live
    for store in stores:
        store.close()


async def test_the_transcript_and_the_profile_survive(live: Lives) -> None:
    """Every message as it was, files included; and message ids go on."""
    first = live()
    first.standin.send(1, "/start 🟢")
    await first.call("setMyCommands", commands=[{"command": "start", "description": "Home"}])
    await first.call("setMyDescription", description="DCA")
    await first.call("setChatMenuButton", menu_button={"type": "default"})
    rows = [[{"text": "Yes", "callback_data": "y", "style": "success"}]]
    markup = {"inline_keyboard": rows}
    await first.call("sendMessage", chat_id=1, text="<b>x</b>", parse_mode="HTML", reply_markup=markup)
    await first.call("editMessageText", chat_id=1, message_id=2, text="y", reply_markup=markup)
    await first.call("sendDocument", {"document": ("a.csv", b"1,2")}, chat_id="1")
    await first.call("deleteMessage", chat_id=1, message_id=1)

    second = live()
    assert second.standin.messages(1) == first.standin.messages(1)
    assert second.standin.world.profile.commands_for(1) == [{"command": "start", "description": "Home"}]
    assert await second.call("getMyDescription") == {"description": "DCA"}
    assert await second.call("getChatMenuButton") == {"type": "default"}
    assert (await second.call("sendMessage", chat_id=1, text="z"))["message_id"] == 4
    document = second.standin.messages(1)[2]["document"]
    assert (document["name"], document["size"]) == ("a.csv", 3)


async def test_unconfirmed_updates_survive_and_confirmed_ones_do_not(live: Lives) -> None:
    """A person's message waits for the bot however often the stand-in dies; a confirmed one is gone."""
    first = live()
    first.standin.send(1, "one")
    first.standin.send(1, "two")
    one, two = await first.call("getUpdates")
    await first.call("getUpdates", offset=two["update_id"])
    second = live()
    assert await second.call("getUpdates") == [two]
    second.standin.send(1, "three")
    three = (await second.call("getUpdates"))[-1]
    assert three["update_id"] > two["update_id"] > one["update_id"]


async def test_a_blocked_bot_stays_blocked(live: Lives) -> None:
    """Groups and blocks are part of what is kept."""
    first = live()
    first.standin.send(1, "hi")
    first.standin.people.add_group(-5, {1, 2}, "Friends")
    first.standin.block(1)
    second = live()
    assert second.standin.world.chats.open_private(1).blocked
    second.standin.send(2, "hi", chat_id=-5)
    assert (await second.call("getChat", chat_id=-5))["title"] == "Friends"
