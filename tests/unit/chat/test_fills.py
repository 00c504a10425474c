"""/fills: what was bought lately, and the way from there to an order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.chat import fill_screens, order_screens
from bot.domain import amounts
from bot.services import fill_log
from tests.fakes import chat_services as fakes
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.chat.test_render import RAW, TOKENS, check

WHEN = order_screens.When(fakes.START, fakes.START, "Europe/Zurich")


def ready(chat: ChatDriver, **fills_of: int) -> None:
    """Orders by number, each with so many fills."""
    chat.fakes.wallets.wallets[7] = [fakes.wallet()]
    chat.fakes.orders.views[7] = [
        fakes.view(int(name.removeprefix("of")), count=count) for name, count in fills_of.items()
    ]


@in_virtual_time
async def test_the_latest_fills_say_what_was_bought_when_and_where() -> None:
    """Order, pair, net amount, price, time in the person's zone, transaction; and a button to the order."""
    async with running() as chat:
        ready(chat, of7=3)
        await chat.send("/settings zone Europe/Zurich")
        shown = await chat.send("/fills")
        assert shown is not None
        assert shown.text.startswith("Latest fills · 3\n\n#7 USDC → SOL\n0.058 SOL for 10 USDC\n")
        assert "Price 172.41 USDC per SOL\n13:31 · transaction" in shown.text
        assert "solscan.io/tx/" in shown.html
        assert shown.labels == ["📄 Order #7", "📄 Export", "🔄 Refresh", "🏠 Home"]
        assert "Spent" in (await chat.press(shown, "Order #7")).text


@in_virtual_time
async def test_fills_turn_pages_in_place() -> None:
    """Only the first page and Refresh ask Jupiter; each order has one button however often it was filled."""
    async with running() as chat:
        ready(chat, of7=3, of8=3, of9=3)
        first = await chat.send("/fills")
        assert first is not None
        assert [label for label in first.labels if "Page" in label] == ["Page 2 ›"]
        second = await chat.press(first, "Page 2")
        assert second.id == first.id
        assert "Latest fills · 9" in second.text
        assert len(set(second.labels)) == len(second.labels)
        back = await chat.press(second, "Page 1")
        await chat.press(back, "Refresh")
        assert chat.fakes.fill_log.fresh == [True, False, True, True]
        assert len(chat.api.in_chat(7)) == 1


@in_virtual_time
async def test_a_page_that_is_gone_shows_the_last() -> None:
    async with running() as chat:
        ready(chat, of7=3)
        shown = await chat.send("/fills")
        assert shown is not None
        await chat.tap("latest:999999", shown)
        assert "Latest fills · 3" in chat.newest().text
        await chat.tap("latest:-1", shown)
        assert "out of date" in chat.newest().text


@in_virtual_time
async def test_the_fills_of_one_order() -> None:
    """By command, with its place among all; from there to the order and to its file."""
    async with running() as chat:
        ready(chat, of7=10, of8=1)
        shown = await chat.send("/fills 7")
        assert shown is not None
        assert "Fills of #7" in shown.text
        assert "\n10. 0.058 SOL for 10 USDC\n" in shown.text
        assert "In all: 0.58 SOL for 100 USDC" in shown.text
        assert shown.labels == ["Page 2 ›", "‹ Back", "📄 Export"]
        assert "\n1. 0.058 SOL" in (await chat.press(shown, "Page 2")).text
        assert "You have no" in (await chat.send("/fills 99")).text  # type: ignore[union-attr]  # there is an answer


@in_virtual_time
async def test_who_has_nothing_is_told_what_is_missing() -> None:
    """No wallet, no fill, and not to know are three different things."""
    async with running() as chat:
        assert "no wallet here" in await _said(chat)
        ready(chat, of7=0)
        assert "No fills in your wallets yet." in await _said(chat)
        chat.fakes.fill_log.error = "Jupiter does not answer right now."
        said = await _said(chat)
        assert "Jupiter does not answer right now." in said
        assert "cannot look now" in said


async def _said(chat: ChatDriver) -> str:
    shown = await chat.send("/fills")
    assert shown is not None
    assert "🏠 Home" in shown.labels
    return shown.text


def test_a_stale_page_says_since_when() -> None:
    known = fakes.fill(1)
    page = fill_log.FillPage(
        items=[fakes.logged_fill(fakes.view(), known)],
        total=1,
        page=0,
        error="Jupiter does not answer. Nothing was sent.",
        stale_since=fakes.START - timedelta(minutes=5),
    )
    assert "As last seen 5 min ago. Jupiter does not answer." in check(fill_screens.build_latest(page, WHEN))
    never = replace(page, stale_since=None)
    assert "⚠️ Jupiter does not answer." in check(fill_screens.build_latest(never, WHEN))


def test_the_value_is_told_where_no_dollars_tell_it() -> None:
    """As it was when the fill was found."""
    known = replace(fakes.fill(1), usd=Decimal("12.344"))
    bonk = amounts.Token(fakes.OTHER, "BONK", "Bonk", 5, verified=True)
    for target, said in ((bonk, True), (fakes.USDC, False)):
        logged = fakes.logged_fill(fakes.view(source=fakes.SOL, target=target), known)
        page = fill_log.FillPage(items=[logged], total=1, page=0)
        assert ("(≈\u00a0$12.34)" in check(fill_screens.build_latest(page, WHEN))) == said


@given(TOKENS, TOKENS | st.none(), RAW, RAW, st.integers(0, 10**9))
def test_pages_are_valid_for_any_names_and_amounts(
    source: amounts.Token, target: amounts.Token | None, in_raw: int, out_raw: int, number: int
) -> None:
    known = fakes.fill(1, in_raw=in_raw, out_raw=out_raw)
    view = fakes.view(number, source=source, target=target or source, known=[known] * 20)
    logged = fakes.logged_fill(view, replace(known, usd=amounts.to_decimal(in_raw, 6)))
    filled = replace(logged.filled, number=number)
    items = [replace(logged, filled=filled, output=target)] * fill_screens.PAGE
    check(fill_screens.build_latest(fill_log.FillPage(items=items, total=10**6, page=10**5), WHEN))
    for page in range(4):
        check(fill_screens.build_of_order(view, page, WHEN))
