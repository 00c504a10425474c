"""/settings, the part about when fills are told: by buttons in place, in one line, and from then on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import ports
from bot.chat import markup, telling_screens
from bot.chat.order_screens import View, When
from bot.domain import quiet, zones
from bot.domain.quiet import Fills, Wishes
from tests.fakes import chat_services as fakes
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.telegram import Sent
from tests.fakes.virtual_time import in_virtual_time

WHEN = When(fakes.START, fakes.START, "Europe/Zurich")


def _wishes(chat: ChatDriver) -> Wishes:
    return chat.fakes.people.wishes_of(chat.fakes.people.people[7])


async def shown(chat: ChatDriver, text: str = "/settings") -> Sent:
    screen = await chat.send(text)
    assert screen is not None
    return screen


# --- the time zone ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_common_zone_is_one_tap() -> None:
    """In place; the hour there is shown, so that a mistake is seen."""
    async with running() as chat:
        screen = await chat.press(await shown(chat), "Time zone")
        assert "✓ UTC" in screen.labels
        done = await chat.press(screen, "Sao Paulo")
        assert done.id == screen.id
        assert "Time zone: America/Sao_Paulo, where it is 10:31" in done.text
        again = await chat.press(done, "Time zone")
        assert "✓ Sao Paulo" in again.labels


@in_virtual_time
async def test_what_may_be_several_zones_is_chosen_by_button() -> None:
    """With the hour that it is there; the question stays open for another try."""
    async with running() as chat:
        await chat.press(await shown(chat), "Time zone")
        choice = await shown(chat, "korea")
        assert "Asia/Pyongyang · 22:31" in choice.text
        assert choice.labels[:2] == ["Pyongyang", "Seoul"]
        many = await shown(chat, "europe")
        assert len(many.labels) == telling_screens.MOST_ZONES + 2
        assert f"… and {len(zones.search('europe')) - telling_screens.MOST_ZONES} more" in many.text
        done = await chat.press(await shown(chat, "korea"), "Seoul")
        assert "Time zone: Asia/Seoul, where it is 22:31" in done.text
        line = await shown(chat, "/settings zone usa")
        assert "Los Angeles" in line.labels
        assert "America/Los_Angeles" in (await chat.press(line, "Los Angeles")).text


@in_virtual_time
async def test_an_unknown_zone_keeps_the_question_open() -> None:
    async with running() as chat:
        await chat.press(await shown(chat), "Time zone")
        for bad in ("Atlantis", "+15", "🙂", "x" * 300):
            told = await shown(chat, bad)
            assert told.text.startswith("⚠️")
        assert "Asia/Tokyo" in (await shown(chat, " ToKyo ")).text
        assert (await shown(chat, "Berlin")).text.startswith("I did not understand")


# --- how fills are told ----------------------------------------------------------------------------------


@in_virtual_time
async def test_a_digest_is_chosen_by_buttons() -> None:
    """Way, day and hour, in place; each can be changed without losing the others."""
    async with running() as chat:
        first = await chat.press(await shown(chat), "Fills")
        assert first.labels[:4] == ["✓ Each as it comes", "Without a sound", "Daily digest", "Weekly digest"]
        assert len(first.labels) == 5
        screen = await chat.press(first, "Daily digest")
        assert "daily digest at 09:00" in screen.text
        assert "✓ 09" in screen.labels
        screen = await chat.press(await chat.press(screen, "18"), "Weekly digest")
        assert "weekly digest, Monday at 18:00" in screen.text
        screen = await chat.press(screen, "Thu")
        assert {"✓ Thu", "✓ 18", "✓ Weekly digest"} <= set(screen.labels)
        assert _wishes(chat) == Wishes(fills=Fills.WEEKLY, digest_at=18 * 60, digest_on=3)
        assert screen.id == first.id
        screen = await chat.press(screen, "Without a sound")
        assert _wishes(chat) == Wishes(fills=Fills.SILENT, digest_at=18 * 60, digest_on=3)
        assert "without a sound" in (await chat.press(screen, "Settings")).text


@in_virtual_time
async def test_quiet_hours_are_chosen_by_buttons() -> None:
    """A common night, hours of one's own, and none."""
    async with running() as chat:
        screen = await chat.press(await shown(chat), "Quiet hours")
        assert "✓ No quiet hours" in screen.labels
        screen = await chat.press(screen, "22:00–07:00")
        assert "Quiet hours: 22:00–07:00" in screen.text
        screen = await chat.press(screen, "Other hours")
        assert len(screen.labels) == 24 + 1
        screen = await chat.press(screen, "20")
        assert "Quiet from 20:00 until when?" in screen.text
        assert len(screen.labels) == 23 + 1
        assert "20" not in screen.labels
        screen = await chat.press(screen, "05")
        assert "Quiet hours: 20:00–05:00" in screen.text
        assert _wishes(chat).quiet == (1200, 300)
        screen = await chat.press(screen, "No quiet hours")
        assert _wishes(chat).quiet is None
        assert "Quiet hours: none" in screen.text


@in_virtual_time
async def test_everything_can_be_said_in_one_line() -> None:
    async with running() as chat:
        for line, expected in (
            ("fills daily 9:30", Wishes(fills=Fills.DAILY, digest_at=570)),
            ("FILLS Weekly sunday", Wishes(fills=Fills.WEEKLY, digest_at=570, digest_on=6)),
            ("quiet 22-7", Wishes(fills=Fills.WEEKLY, digest_at=570, digest_on=6, quiet=(1320, 420))),
            ("fills silent", Wishes(fills=Fills.SILENT, digest_at=570, digest_on=6, quiet=(1320, 420))),
            ("quiet off", Wishes(fills=Fills.SILENT, digest_at=570, digest_on=6)),
        ):
            done = await shown(chat, f"/settings {line}")
            assert done.text.startswith("✅ Saved.")
            assert _wishes(chat) == expected
        await shown(chat, "/settings zone Berlin")
        assert _wishes(chat).zone == zones.resolve("Europe/Berlin")


@in_virtual_time
async def test_a_word_alone_opens_what_it_is_about() -> None:
    """And what is written then answers it."""
    async with running() as chat:
        for word, part, answer in (
            ("zone", "Which time zone", "Oslo"),
            ("fills", "How shall I tell you", "daily 7"),
            ("quiet", "Between which hours", "23:15 to 6"),
        ):
            assert part in (await shown(chat, f"/settings {word}")).text
            assert (await shown(chat, "rubbish")).text.startswith("⚠️")
            assert "Saved" in (await shown(chat, answer)).text
        for word, part in (
            ("fee", "lands sooner"),
            ("via", "Jupiter builds"),
            ("muted", "Muted orders"),
        ):
            assert part in (await shown(chat, f"/settings {word}")).text
        assert _wishes(chat) == Wishes(
            fills=Fills.DAILY, digest_at=420, quiet=(1395, 360), zone=zones.resolve("Europe/Oslo") or UTC
        )


@in_virtual_time
async def test_another_button_ends_the_question() -> None:
    """A number that is sent after it changes no hours."""
    async with running() as chat:
        screen = await shown(chat, "/settings quiet")
        await chat.press(screen, "Settings")
        assert (await shown(chat, "22-7")).text.startswith("I did not understand")
        assert _wishes(chat).quiet is None


# --- what is held back -----------------------------------------------------------------------------------


@in_virtual_time
async def test_what_is_held_back_is_shown_and_can_be_told_now() -> None:
    async with running() as chat:
        chat.fakes.people.planned = ports.Planned(12, fakes.START + timedelta(hours=9, minutes=29))
        await shown(chat, "/settings zone Kolkata")
        screen = await shown(chat)
        assert "Held back: 12 notices, told at 04:30 (in 9 h" in screen.text
        done = await chat.press(screen, "Tell me now")
        assert done.text.startswith("📬 What was held back is on its way.")
        assert "📬 Tell me now" not in done.labels
        await chat.tap("tellnow", done)
        assert chat.newest().text.startswith("Nothing is held back.")
        assert (await shown(chat, "/settings fills now")).text.startswith("Nothing is held back.")


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (ports.Planned(1, fakes.START + timedelta(minutes=30)), "1 notice</b>, told at 15:01 (in 30 min)"),
        (ports.Planned(2, fakes.START + timedelta(days=3)), "told on 2026-11-23 at 14:31 (in 3 d"),
    ],
)
def test_when_it_is_told(planned: ports.Planned, said: str) -> None:
    assert said in telling_screens.held(planned, WHEN)


def test_what_is_due_is_on_its_way() -> None:
    """And not held any more, though it may not be sent yet."""
    assert telling_screens.held(ports.Planned(2, fakes.START), WHEN) == ""
    assert telling_screens.held(ports.Planned(0, None), WHEN) == ""


# --- muted orders ----------------------------------------------------------------------------------------


def _muted(number: int) -> View:
    view = fakes.view(number)
    return replace(view, known=replace(view.known, muted=True))


@in_virtual_time
async def test_muted_orders_are_listed_and_unmuted() -> None:
    """A page at a time; the list is one shorter after each, in place."""
    async with running() as chat:
        chat.fakes.wallets.wallets[7] = [fakes.wallet()]
        chat.fakes.orders.views[7] = [_muted(number) for number in range(8, 0, -1)] + [fakes.view(9)]
        screen = await shown(chat)
        assert "Muted orders: 8" in screen.text
        listed = await chat.press(screen, "Muted (8)")
        assert [label for label in listed.labels if "Unmute" in label] == [
            f"🔔 Unmute #{number}" for number in (8, 7, 6, 5, 4, 3)
        ]
        listed = await chat.press(listed, "Page 2")
        listed = await chat.press(listed, "Unmute #2")
        assert "#2: Unmuted" in listed.text
        listed = await chat.press(listed, "Unmute #1")
        assert "#8" in listed.text
        assert [view.number for view in chat.fakes.orders.views[7] if view.known.muted] == [8, 7, 6, 5, 4, 3]
        assert listed.id == screen.id
        assert "Muted orders: 6" in (await chat.press(listed, "Settings")).text


@in_virtual_time
async def test_orders_can_be_muted_in_one_line() -> None:
    """By whatever names an order; what is not there is said, and what may be several is asked."""
    async with running() as chat:
        chat.fakes.wallets.wallets[7] = [fakes.wallet()]
        chat.fakes.orders.views[7] = [fakes.view(7), fakes.view(6)]
        done = await shown(chat, "/settings mute 7")
        assert done.text.startswith("#7: Muted")
        assert "Muted orders: 1" in done.text
        assert (await shown(chat, "/settings mute #7")).text.startswith("#7: Muted")
        assert (await shown(chat, "/settings unmute 7")).text.startswith("#7: Unmuted")
        assert "Muted orders: none" in (await shown(chat)).text
        assert (await shown(chat, "/settings mute 99")).text.startswith("⚠️")
        assert "No active order is muted" in (await shown(chat, "/settings mute")).text
        for word, muted in (("mute", True), ("unmute", False)):
            which = await shown(chat, f"/settings {word} usdc")
            assert "2 of your orders fit" in which.text
            assert f"{word.capitalize()}d:" in (await chat.press(which, "#6")).text
            assert [view.known.muted for view in chat.fakes.orders.views[7]] == [False, muted]


@in_virtual_time
async def test_an_order_that_is_gone_cannot_be_unmuted() -> None:
    """Its button is out of date; nothing breaks."""
    async with running() as chat:
        chat.fakes.wallets.wallets[7] = [fakes.wallet()]
        chat.fakes.orders.views[7] = [_muted(1)]
        listed = await shown(chat, "/settings muted")
        chat.fakes.orders.views[7] = []
        assert (await chat.press(listed, "Unmute #1")).text.startswith("⚠️")


# --- every screen ----------------------------------------------------------------------------------------


def test_every_screen_fits_a_phone() -> None:
    """Labels of 20 characters, 4 buttons in a row, 100 in all; whatever the zone is called."""
    longest = max(zones.search("america"), key=len)
    for when in (WHEN, When(datetime(2026, 1, 1, tzinfo=UTC), fakes.START, longest)):
        for wishes in (Wishes(), Wishes(fills=Fills.WEEKLY, quiet=(1, 2)), Wishes(fills=Fills.DAILY)):
            screens = [
                telling_screens.build_fills(wishes, when),
                telling_screens.build_quiet(wishes, when),
                telling_screens.build_quiet_from(when),
                telling_screens.build_quiet_to(1380, when),
                telling_screens.build_zone(when),
                telling_screens.build_zone_choice(zones.search("america"), when),
            ]
            for screen in screens:
                labels = [button.label for row in screen.keyboard for button in row]
                assert max(map(len, labels)) <= markup.LABEL_LIMIT
                assert max(len(row) for row in screen.keyboard) <= 4
                assert len(labels) <= 100
                assert len(screen.html) <= markup.TEXT_LIMIT


def test_every_common_zone_is_one() -> None:
    """A button that says what nobody means would be worse than none."""
    for name in telling_screens.COMMON_ZONES:
        assert zones.search(name) == [name]
        assert quiet.read({}, name).zone == zones.resolve(name)
