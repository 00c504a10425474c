"""/settings: what holds is on the screen, what is chosen holds from then on, by buttons and in one line."""

from datetime import datetime

import pytest

from bot import ports, texts
from bot.chat import routes, settings_screens
from bot.chat.order_screens import When
from bot.domain import intents, quiet
from bot.services.people import Preferences
from tests.fakes import chat_services as fakes
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.telegram import Sent
from tests.fakes.virtual_time import in_virtual_time


def _kept(chat: ChatDriver) -> dict[str, object]:
    return dict(chat.fakes.people.people[7].settings)


async def shown(chat: ChatDriver, text: str = "/settings") -> Sent:
    screen = await chat.send(text)
    assert screen is not None
    return screen


@in_virtual_time
async def test_settings_show_what_holds() -> None:
    """Everything on one screen; who chose nothing sees the operator's word."""
    async with running() as chat:
        screen = await shown(chat)
        assert screen.text.split("\n")[2:] == [
            "🕒 Time zone: UTC, where it is 13:31",
            "🔔 Fills: each as it comes",
            "🌙 Quiet hours: none",
            "🔕 Muted orders: none",
            "⛽ Priority fee: at most 0.001 SOL",
            "📨 Sent through: Jupiter",
        ]
        assert screen.labels == [
            "🕒 Time zone",
            "🔔 Fills",
            "🌙 Quiet hours",
            "🔕 Muted (0)",
            "⛽ Priority fee",
            "📨 Sending",
            "🏠 Home",
        ]


@in_virtual_time
async def test_buttons_change_the_screen_in_place() -> None:
    """One message, edited; the tick moves; nothing else is touched; and the way back is there."""
    async with running() as chat:
        screen = await shown(chat)
        messages = len(chat.api.in_chat(7))
        changed = await chat.press(screen, "Priority fee")
        assert changed.labels[:3] == ["0.0001 SOL", "0.0005 SOL", "✓ 0.001 SOL"]
        changed = await chat.press(changed, "0.0005 SOL")
        assert changed.id == screen.id
        assert changed.labels[:3] == ["0.0001 SOL", "✓ 0.0005 SOL", "0.001 SOL"]
        changed = await chat.press(await chat.press(changed, "Settings"), "Sending")
        assert changed.labels[:2] == ["✓ Jupiter", "Our own node"]
        changed = await chat.press(changed, "Our own node")
        assert changed.labels[:2] == ["Jupiter", "✓ Our own node"]
        back = await chat.press(changed, "Settings")
        assert "at most 0.0005 SOL" in back.text
        assert "Sent through: Our own node" in back.text
        assert len(chat.api.in_chat(7)) == messages
        assert _kept(chat) == {"priority_fee_cap": 500_000, "submit_via": "rpc"}


@in_virtual_time
async def test_a_fee_can_be_typed() -> None:
    """In SOL, exactly; the question ends with a good answer only."""
    async with running() as chat:
        await chat.press(await shown(chat, "/settings fee"), "Another fee")
        for bad in ("0", "-1", "abc", "0,0005", "1e-4", "0.0000000001", "💰", ""):
            told = await chat.send(bad or "   ")
            assert told is not None
            assert "Saved" not in told.text
            assert _kept(chat) == {}
        kept = await chat.send("0.00025 SOL")
        assert kept is not None
        assert "Saved" in kept.text
        assert "at most 0.00025 SOL" in kept.text
        assert _kept(chat) == {"priority_fee_cap": 250_000}
        after = await chat.send("0.0003")
        assert after is not None
        assert _kept(chat) == {"priority_fee_cap": 250_000}


@in_virtual_time
async def test_never_above_the_operator_s_limit() -> None:
    """Not by typing, not by a button of an older screen; the limit is said, and no button offers more."""
    async with running() as chat:
        screen = await shown(chat, "/settings fee")
        chat.fakes.people.operator = Preferences(priority_fee_cap=400_000)
        refused = await chat.press(screen, "0.0005 SOL")
        assert "at most 0.0004 SOL" in refused.text
        typed = await chat.send("/settings fee 0.000400001")
        assert typed is not None
        assert "at most 0.0004 SOL" in typed.text
        assert _kept(chat) == {}
        fresh = await shown(chat, "/settings fee")
        assert fresh.labels[:2] == ["0.0001 SOL", "✓ 0.0004 SOL"]
        highest = await chat.send("/settings fee 0.0004")
        assert highest is not None
        assert _kept(chat) == {"priority_fee_cap": 400_000}


@in_virtual_time
async def test_a_zone_can_be_typed() -> None:
    """By name, city or offset; the hour there is shown, so that a mistake is seen."""
    async with running() as chat:
        screen = await chat.send("/settings")
        assert screen is not None
        await chat.press(screen, "Time zone")
        told = await chat.send("Atlantis")
        assert told is not None
        assert "no such time zone" in told.text
        kept = await chat.send("tokyo")
        assert kept is not None
        assert "Time zone: Asia/Tokyo, where it is 22:31" in kept.text
        assert _kept(chat) == {"timezone": "Asia/Tokyo"}
        offset = await chat.send("/settings zone -3:30")
        assert offset is not None
        assert "UTC-03:30, where it is 10:01" in offset.text
        back = await chat.send("/settings zone utc")
        assert back is not None
        assert "Time zone: UTC, where it is 13:31" in back.text


@in_virtual_time
async def test_the_zone_holds_everywhere() -> None:
    """A typed start of an order is read in it."""
    async with running() as chat:
        chat.fakes.wallets.wallets[7] = [fakes.wallet()]
        await chat.send("/settings zone +05:45")
        await chat.send("/new 500 USDC to SOL in 10 every 1d from 2026-12-01")
        (made,) = chat.fakes.proposals.made.values()
        assert isinstance(made.intent, intents.CreateOrder)
        assert made.intent.start_at == datetime.fromisoformat("2026-12-01T00:00:00+05:45").timestamp()


@in_virtual_time
async def test_one_line_forms() -> None:
    """Each choice in one line, spelled as people do."""
    async with running() as chat:
        for line in ("/settings via node", "/settings FEE 0.0001", "/settings Zone europe/zurich"):
            done = await chat.send(line)
            assert done is not None
            assert "Saved" in done.text
        assert _kept(chat) == {
            "submit_via": "rpc",
            "priority_fee_cap": 100_000,
            "timezone": "Europe/Zurich",
        }
        await chat.send("/settings via Jupiter")
        assert _kept(chat)["submit_via"] == "jupiter"


@in_virtual_time
async def test_unknown_forms_change_nothing() -> None:
    """The forms are named, and nothing is recorded."""
    async with running() as chat:
        for line in (
            *(
                "fly",
                "via carrier pigeon",
                "zone 🙂",
                "💰 1",
                "fee max",
                "quiet 25-7",
                "quiet 22",
                "quiet 7-7",
            ),
            *("quiet 0-24", "quiet 💤", "quiet " + "9" * 400, "fills sometimes", "fills daily 24"),
            *("fills daily Monday", "fills each 9", "fills weekly someday", "fills daily -1", "mute 99"),
        ):
            told = await shown(chat, f"/settings {line}")
            assert "Saved" not in told.text
            assert told.text.startswith("⚠️"), line
        assert _kept(chat) == {}


@in_virtual_time
@pytest.mark.parametrize(
    "data",
    [
        *(
            "feecap",
            "feecap:x",
            "feecap:-1",
            "route",
            "route:pigeon",
            "zone",
            "zone:Mars:Olympus",
            "zone:Japan",
        ),
        *("tell", "tell:never", "tellat", "tellat:1440", "tellat:-1", "tellon:7", "quiet", "quiet:1"),
        *("quiet:1440:0", "quiet:0:99999", "quietto", "quietto:1440", "unmute", "unmute:x:0"),
    ],
)
async def test_forged_buttons_change_nothing(data: str) -> None:
    """What no screen of ours offers is out of date."""
    async with running() as chat:
        screen = await chat.send("/settings")
        assert screen is not None
        await chat.tap(data, screen)
        assert _kept(chat) == {}
        assert "out of date" in chat.newest().text or chat.newest().text.startswith("⚠️")


@in_virtual_time
async def test_back_ends_the_question() -> None:
    """After it, text is no answer any more."""
    async with running() as chat:
        screen = await shown(chat, "/settings fee")
        asked = await chat.press(screen, "Another fee")
        assert "How much SOL" in asked.text
        back = await chat.press(asked, "Settings")
        assert back.id == screen.id
        assert "Time zone: UTC" in back.text
        await chat.send("0.0002")
        assert _kept(chat) == {}


@in_virtual_time
async def test_home_leads_here_and_help_says_how() -> None:
    """Everything is reachable by buttons, and every one-line form is in the help."""
    async with running() as chat:
        chat.fakes.wallets.wallets[7] = [fakes.wallet()]
        home = await chat.send("/start")
        assert home is not None
        assert "⚙️ Settings" in home.labels
        help_ = await chat.send("/help")
        assert help_ is not None
        assert "/settings" in help_.text
        assert "settings" in texts.COMMAND_MENU
        assert routes.COMMANDS["settings"].leaving


@in_virtual_time
async def test_everybody_has_settings_of_their_own() -> None:
    """Another person's choice changes nothing here."""
    async with running() as chat:
        await chat.send("/settings fee 0.0001", user=8)
        mine = await chat.send("/settings")
        assert mine is not None
        assert "at most 0.001 SOL" in mine.text


@pytest.mark.parametrize(
    ("limit", "labels"),
    [
        (0, ["✓ 0 SOL"]),
        (100_000, ["✓ 0.0001 SOL"]),
        (700_000, ["0.0001 SOL", "0.0005 SOL", "✓ 0.0007 SOL"]),
        (5_000_000, ["0.0001 SOL", "0.0005 SOL", "0.001 SOL", "✓ 0.005 SOL"]),
    ],
)
def test_no_button_is_above_the_limit(limit: int, labels: list[str]) -> None:
    """Whatever the operator allows; a row never has more than two of them."""
    operator = Preferences(priority_fee_cap=limit)
    screen = settings_screens.build_fee(operator, operator)
    fees = [row for row in screen.keyboard if row[0].data.startswith("feecap")]
    assert [button.label for row in fees for button in row] == labels
    assert all(len(row) <= 2 for row in fees)


def test_a_zone_that_is_no_longer_known_shows_utc_time() -> None:
    """A system without time zones must not break the screen."""
    when = When(fakes.START, fakes.START, "Mars/Olympus <b>")
    chosen = settings_screens.Chosen(
        money=Preferences(), wishes=quiet.Wishes(), planned=ports.Planned(0, None), muted=0
    )
    screen = settings_screens.build_settings(chosen, when)
    assert "Mars/Olympus &lt;b&gt;</b>, where it is 13:31" in screen.html


def test_rubbish_in_the_database_is_not_trusted() -> None:
    """Only what makes sense counts; the operator's word for the rest."""
    people = fakes.FakePeople()
    caps: tuple[object, ...] = (None, "500000", 1.5, True, -1, [], 10**9)
    for cap in caps:
        for route in (None, "pigeon", 7, ["rpc"]):
            assert people.preferences_of({"priority_fee_cap": cap, "submit_via": route}) == Preferences()
    good = {"priority_fee_cap": 7, "submit_via": "rpc", "other": 1}
    assert people.preferences_of(good) == Preferences(priority_fee_cap=7, submit_via="rpc")


def test_people_without_settings() -> None:
    """A person of an older database has none."""
    assert ports.Person(user_id=1, chat_id=1).settings == {}
