"""An export on real stores: killed and started again at every moment, stopped in time, shown once."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot import errors, texts
from bot.chat import callbacks
from bot.chat.action_cards import ActionCards
from bot.chat.connection import BotConnection
from bot.chat.context import Turn
from bot.chat.handlers import export, wallets
from bot.chat.jobs import LISTENED_FOR, JobRunner
from bot.domain import wallets as wallets_domain
from bot.services import health
from tests.fakes import chat_services as fakes
from tests.fakes import telegram
from tests.fakes import world as worlds
from tests.fakes.faults import Killed
from tests.fakes.world import USER, World

DELAY_S = 15 * 60


@dataclass
class Desk:
    """The bot as far as exports go; `restart` is a kill and a new start."""

    world: World
    api: telegram.FakeTelegram
    connection: BotConnection
    wallet: wallets_domain.Wallet

    def __post_init__(self) -> None:
        self.restart(heard=True)

    def restart(self, *, heard: bool) -> None:
        """`heard` = so long ago that whatever waited at Telegram has arrived."""
        self.world.restart()
        self.world.health.record(health.UPDATES, ok=True)
        if heard:
            self.world.time.advance(LISTENED_FOR.total_seconds())
        base = fakes.FakeServices()
        self.services = replace(
            base.services,
            wallets=self.world.wallets,
            orders=self.world.orders,
            jobs=self.world.stores.jobs,
            people=self.world.people,
            health=self.world.health,
            clock=self.world.time.clock,
            order_clock=self.world.time.order_clock,
        )
        self.runner = JobRunner(self.connection.sender, self.services)

    async def turn(self, verb: str, *args: str, message_id: int = 1) -> Turn:
        person = await self.world.people.meet(USER, USER)
        sender = self.connection.sender
        return Turn(
            services=self.services,
            sender=sender,
            cards=ActionCards(sender, self.world.tokens, self.world.wallets, self.world.orders),
            person=person,
            message_id=message_id,
            query_id="1",
            callback=callbacks.Callback(verb, args),
        )

    async def announce(self) -> telegram.Sent:
        await export.request(await self.turn("exported", str(self.wallet.id)))
        return self.api.in_chat(USER)[-1]

    async def press_stop(self, announced: telegram.Sent) -> None:
        data = callbacks.parse(announced.data("Stop"))
        assert data is not None
        await export.stop(await self.turn(data.verb, *data.args, message_id=announced.id))

    def shown(self) -> list[telegram.Sent]:
        """Messages that ever held the key."""
        return [one for one in self.api.sent.values() if any("secret of" in text for text in one.versions)]

    def announced_in_vain(self) -> list[telegram.Sent]:
        """Messages in which a key was to come, and still is."""
        return [one for one in self.api.in_chat(USER) if one.text == texts.EXPORT_COMING]

    def secrets_in_sight(self) -> list[telegram.Sent]:
        return [one for one in self.shown() if not one.deleted]


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    api = telegram.FakeTelegram()
    async with (
        worlds.open_world() as world,
        BotConnection(telegram.TOKEN, telegram.API_URL, request=api, updates_request=api) as connection,
    ):
        await world.people.meet(USER, USER)
        yield Desk(world, api, connection, await world.wallets.create(USER))


async def test_a_restart_in_the_delay_loses_nothing() -> None:
    """Shown at its time by the new process; protected, behind a spoiler, gone a minute later."""
    async with opened() as desk:
        announced = await desk.announce()
        assert announced.labels == ["✋ Stop"]
        desk.world.time.advance(600)
        desk.restart(heard=True)
        await desk.runner.run_once()
        assert desk.shown() == []
        desk.world.time.advance(DELAY_S)
        await desk.runner.run_once()
        (message,) = desk.shown()
        assert message.protected
        assert "<tg-spoiler>secret of" in message.html
        assert "was shown, once" in announced.text
        desk.world.time.advance(60)
        desk.restart(heard=True)
        await desk.runner.run_once()
        assert desk.secrets_in_sight() == []
        assert len(desk.shown()) == 1


async def test_a_restart_after_it_was_shown_still_deletes_it() -> None:
    async with opened() as desk:
        await desk.announce()
        desk.world.time.advance(DELAY_S)
        await desk.runner.run_once()
        desk.world.time.advance(30)
        desk.restart(heard=False)
        await desk.runner.run_once()
        assert len(desk.secrets_in_sight()) == 1
        desk.world.time.advance(31)
        await desk.runner.run_once()
        assert desk.secrets_in_sight() == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["send", "schedule_delete", "unsafe_reveal", "edit"])
async def test_a_kill_at_any_step_shows_at_most_once_and_leaves_nothing(step: str, after: bool) -> None:
    """Killed just before or just after each step of showing: never twice, and nothing stays in the chat.

    But for the message in which the key was to come, if no answer said which one it is: it never held a key.
    """
    async with opened() as desk:
        await desk.announce()
        desk.world.time.advance(DELAY_S)
        place: Any = desk.connection.sender if step in {"send", "edit"} else desk.world.wallets
        real = getattr(place, step)

        async def killed(*args: Any, **kwargs: Any) -> None:
            setattr(place, step, real)
            if after:
                await real(*args, **kwargs)
            raise Killed

        setattr(place, step, killed)
        with pytest.raises(Killed):
            await desk.runner.run_once()
        for _ in range(4):
            desk.restart(heard=True)
            await desk.runner.run_once()
        assert desk.secrets_in_sight() == []
        assert len(desk.shown()) == (0 if (step, after) in {("unsafe_reveal", True), ("edit", False)} else 1)
        assert await desk.world.wallets.list_exports(USER) == []
        nameless = (step, after) in {("send", True), ("schedule_delete", False)}
        assert len(desk.announced_in_vain()) == nameless
        assert all(one.versions == [texts.EXPORT_COMING] for one in desk.announced_in_vain())


async def test_a_stop_that_waited_at_telegram_comes_in_time() -> None:
    """The bot was away while the key fell due: first it hears what the person had to say."""
    async with opened() as desk:
        announced = await desk.announce()
        desk.world.time.advance(DELAY_S + 3600)
        desk.restart(heard=False)
        await desk.runner.run_once()
        assert desk.shown() == []
        await desk.press_stop(announced)
        assert "Export stopped" in announced.text
        desk.world.time.advance(3600)
        await desk.runner.run_once()
        assert desk.shown() == []


@pytest.mark.parametrize("ok", [True, False])
async def test_while_telegram_is_away_no_key_falls_due(ok: bool) -> None:
    """Nor in the first minute after: a Stop could not have been heard."""
    async with opened() as desk:
        await desk.announce()
        desk.world.time.advance(DELAY_S)
        desk.world.health.record(health.UPDATES, ok=False)
        desk.world.health.record(health.UPDATES, ok=ok)
        await desk.runner.run_once()
        assert desk.shown() == []
        desk.world.health.record(health.UPDATES, ok=True)
        desk.world.time.advance(LISTENED_FOR.total_seconds())
        await desk.runner.run_once()
        assert len(desk.shown()) == 1


async def test_what_could_not_be_announced_does_not_come() -> None:
    """Without its Stop button an export is none."""
    async with opened() as desk:
        desk.api.fail_next("sendMessage", *[telegram.refused(403, "Forbidden: bot was blocked")] * 9)
        with pytest.raises(errors.ChatGone):
            await desk.announce()
        assert await desk.world.wallets.list_exports(USER) == []


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["request_export", "send", "record_announced"])
async def test_a_kill_while_it_is_announced_leaves_no_empty_promise(
    step: str, after: bool, again: bool
) -> None:
    """The tap is handled again: one key, when announced. If it were not: none, and that is said."""
    async with opened() as desk:
        place: Any = desk.connection.sender if step == "send" else desk.world.wallets
        real = getattr(place, step)

        async def killed(*args: Any, **kwargs: Any) -> None:
            setattr(place, step, real)
            if after:
                await real(*args, **kwargs)
            raise Killed

        setattr(place, step, killed)
        with pytest.raises(Killed):
            await desk.announce()
        desk.restart(heard=True)
        if again:
            await desk.announce()
        announced = [one for one in desk.api.in_chat(USER) if "Asked for again" not in one.text]
        assert all(one.labels == ["✋ Stop"] and "Its private key comes" in one.text for one in announced)
        desk.world.time.advance(DELAY_S)
        await desk.runner.run_once()
        whole = again or (step, after) == ("record_announced", True)
        assert len(desk.shown()) == whole
        if not whole and (step, after) != ("request_export", False):
            assert "broken off before it was announced" in desk.api.in_chat(USER)[-1].text
        assert await desk.world.wallets.list_exports(USER) == []


async def test_the_same_request_again_is_one_export() -> None:
    """A tap handled twice, because a crash came before it was noted, or a second thought."""
    async with opened() as desk:
        first, second = await desk.announce(), await desk.announce()
        assert len(await desk.world.wallets.list_exports(USER)) == 1
        assert "Asked for again since" in first.text
        assert "comes in" not in first.text
        desk.world.time.advance(DELAY_S - 1)
        await desk.press_stop(second)
        assert "Export stopped" in second.text
        desk.world.time.advance(3600)
        await desk.runner.run_once()
        assert desk.shown() == []


async def test_an_announced_export_is_seen_and_stopped_from_the_wallet_and_from_home() -> None:
    """Whoever comes by is told, wherever the announcement has scrolled to."""
    async with opened() as desk:
        await desk.announce()
        await wallets.detail(await desk.turn("wallet", str(desk.wallet.id)))
        detail = desk.api.in_chat(USER)[-1]
        assert "An export is announced: its key comes in 15 min" in detail.text
        found = (await desk.world.home.look(USER)).attention
        assert [wallet.id for wallet, _ in found.exports] == [desk.wallet.id]
        await desk.press_stop(detail)
        assert "Export stopped" in detail.text
        assert not (await desk.world.home.look(USER)).attention.exports


async def test_a_stop_works_whatever_else_is_wrong_with_the_wallet() -> None:
    async with opened() as desk:
        announced = await desk.announce()
        foreign = (await desk.world.wallets.create(USER + 1)).sealed
        assert foreign is not None
        assert desk.wallet.sealed is not None
        assert await desk.world.stores.wallets.replace_sealed(desk.wallet.id, desk.wallet.sealed, foreign)
        await desk.press_stop(announced)
        assert "Export stopped" in announced.text
        assert await desk.world.wallets.list_exports(USER) == []


async def test_no_log_line_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with opened() as desk:
        await desk.announce()
        desk.world.time.advance(DELAY_S)
        desk.api.fail_next("editMessageText", *[telegram.refused(400, "Bad Request: nope")] * 2)
        await desk.runner.run_once()
        assert "could not be shown" in caplog.text
        assert "secret of" not in caplog.text
