"""/status: what it says, to whom."""

from datetime import UTC, datetime, timedelta

from bot import ports, texts
from bot.chat import status_screens
from bot.chat.order_screens import When
from bot.ports import Outgoing
from bot.services import health, operators, status, watch
from tests.fakes import chat_services as fakes
from tests.fakes.chat_driver import running
from tests.fakes.virtual_time import in_virtual_time

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHEN = When(NOW, NOW, "UTC")


def _look(number: int = 1, *, minutes: int | None = 2, failures: int = 0) -> status.WalletLook:
    at = None if minutes is None else NOW - timedelta(minutes=minutes)
    return status.WalletLook(wallet=fakes.wallet(number), last_ok_at=at, failures=failures)


def _lines(*looks: status.WalletLook, **changes: object) -> list[str]:
    seen = {"wallets": looks, "services": {}, "queue": None} | changes
    return status_screens.build_status(status.Status(**seen), WHEN).html.split("\n")  # type: ignore[arg-type]  # per test


def _block(lines: list[str], title: str = "") -> list[str]:
    """The lines after a title, or the first ones, up to the next empty one."""
    place = lines.index(title) + 1 if title else 2
    return lines[place : lines.index("", place)] if "" in lines[place:] else lines[place:]


def test_each_wallet_says_how_long_ago() -> None:
    """Never, recently, and with failures since."""
    lines = _lines(_look(1), _look(2, minutes=None), _look(3, minutes=90, failures=4))
    assert [line.partition(": ")[2] for line in _block(lines, texts.LAST_LOOKS)] == [
        "2 min ago",
        "not yet",
        "1 h 30 min ago · ⚠️ failed 4 × since",
    ]


def test_each_service_says_whether_it_answers() -> None:
    """In words beside the sign."""
    services = {
        "Jupiter": health.ServiceHealth("Jupiter", ok=True, since=NOW),
        "Solana": health.ServiceHealth("Solana", ok=False, since=NOW - timedelta(minutes=5), detail="x"),
        "Telegram": None,
    }
    assert _block(_lines(services=services)) == [
        "✅ Jupiter answers",
        "❌ Solana: no answer, noticed 5 min ago",
        "⚪ Telegram: not asked yet",
    ]


def test_the_queue_counts_dead_letters() -> None:
    """For whom it is shown at all; zero is said, too."""
    counts = dict.fromkeys(Outgoing, 0) | {Outgoing.PENDING: 12, Outgoing.DEAD: 3, Outgoing.SENT: 99}
    assert _lines(queue=counts)[-5:] == [
        "12 waiting",
        "0 being sent",
        "0 kept for digests and quiet hours",
        "0 held for people who blocked the bot",
        "3 given up (dead letters)",
    ]
    assert not any("dead letters" in line for line in _lines())


def test_more_wallets_than_a_page_holds_are_on_the_next() -> None:
    """Everything else is on every page."""
    looks = [_look(number) for number in range(1, status_screens.PAGE + 6)]
    seen = status.Status(wallets=looks, services={}, queue=None)
    first, second = (status_screens.build_status(seen, WHEN, page) for page in (0, 1))
    assert "Wallet 20" in first.html
    assert "Wallet 21" not in first.html
    assert "Wallet 25" in second.html
    assert [button.label for button in first.keyboard[0]] == ["Page 2 ›"]
    assert [button.label for button in second.keyboard[0]] == ["‹ Page 1"]
    assert status_screens.build_status(seen, WHEN, 99) == second


def test_everybody_sees_what_waits_for_them() -> None:
    """Their own messages, not everybody's."""
    assert _lines(unsent=3)[-1] == "Messages to you that wait: 3"


def test_troubles_are_named_with_their_number_and_age() -> None:
    """For the operator only; that there are none is said, too."""
    troubles = [
        ports.Trouble("conservation", "a", NOW - timedelta(hours=3)),
        ports.Trouble("dead letters", "", NOW - timedelta(minutes=5)),
        ports.Trouble("conservation", "b", NOW - timedelta(minutes=1)),
        ports.Trouble("<b>of a later version", "", NOW),
    ]
    assert [line for line in _lines(troubles=troubles) if "noticed" in line] == [
        "⚠️ Orders whose fills do not add up · 2 ×, noticed 3 h ago",
        "⚠️ Notices were given up, noticed 5 min ago",
        "⚠️ &lt;b&gt;of a later version, noticed just now",
    ]
    assert texts.NO_TROUBLE in _lines(troubles=[])
    assert texts.NO_TROUBLE not in _lines()


def test_every_topic_has_its_words() -> None:
    assert {*operators.Topic, watch.UNSEEN} == set(texts.TROUBLES)


@in_virtual_time
async def test_status_is_a_screen_that_refreshes_in_place() -> None:
    """A command and a button, and no place in the menu."""
    async with running() as chat:
        screen = await chat.send("/status")
        assert screen is not None
        assert "Status" in screen.text
        assert "Jupiter: not asked yet" in screen.text
        messages = len(chat.api.in_chat(7))
        again = await chat.press(screen, "🔄 Refresh")
        assert again.id == screen.id
        assert len(chat.api.in_chat(7)) == messages
    assert "status" not in texts.COMMAND_MENU
