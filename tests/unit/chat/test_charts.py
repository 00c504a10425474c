"""Charts and reports in the chat: pictures with words that say the same, or the words alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot import errors, ports, texts
from bot.chat import chart_screens, markup, notice_facts, notice_screens, report_screens
from bot.chat.order_screens import When
from bot.domain import amounts, charts, notices, orders
from bot.domain.charts import Chart, Look
from bot.domain.invested import Purchase
from bot.domain.market import Sample
from bot.services.orders import OrderView
from tests.fakes import telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.chat_services import OWNER, SOL, START, USDC, FakeServices, fill, view, wallet
from tests.fakes.reports import FakeReports
from tests.fakes.telegram import parse_html
from tests.fakes.virtual_time import in_virtual_time

HOUR = timedelta(hours=1)
WHEN = When(START, START, "Europe/Zurich")
EVIL = amounts.Token(OWNER, "<b>U$D\u202eС$", "evil", 6)


def quotes(*points: tuple[float, int | str | None]) -> list[Sample]:
    """(hours before now, price); a price of None is a gap."""
    samples: list[Sample] = []
    joined = False
    for hours, price in points:
        at = START - hours * HOUR
        if price is not None:
            samples.append(Sample(at, Decimal(price), samples[-1].at if joined else at))
        joined = price is not None
    return samples


async def story(of: OrderView, seen: Sequence[Sample] = ()) -> Any:
    fakes = FakeServices()
    fakes.orders.views[7] = [of]
    reports = FakeReports(fakes.orders, fakes.wallets, FixedClock())
    reports.quotes = list(seen)
    return await reports.of_order(7, of.number)


class FixedClock:
    def now(self) -> datetime:
        return START


async def draw(of: OrderView, seen: Sequence[Sample] = (), when: When = WHEN) -> Chart:
    chart = chart_screens.draw_order(await story(of, seen), when)
    assert chart is not None
    return chart


async def words(of: OrderView, seen: Sequence[Sample] = ()) -> str:
    return parse_html(chart_screens.build_order_caption(await story(of, seen), WHEN).html)


async def report(of: OrderView, seen: Sequence[Sample] = ()) -> str:
    return parse_html(report_screens.build(await story(of, seen), WHEN).html)


def curve(chart: Chart, look: Look) -> charts.Curve:
    return next(curve for curve in chart.curves if curve.look is look)


async def open_order(chat: ChatDriver) -> telegram.Sent:
    sent = await chat.send("/orders 7")
    assert sent is not None
    return sent


# --- the chart of an order -------------------------------------------------------------------------------


@in_virtual_time
async def test_a_chart_is_a_photo_with_words() -> None:
    """The order's screen stays; what the picture shows is said beneath it, and it leads on."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7)]
        chat.fakes.painter.takes_s = 0.3
        detail = await open_order(chat)
        photo = await chat.press(detail, "Chart")
        assert photo.picture
        assert photo.id != detail.id
        assert "Average: 172.41 USDC per SOL" in photo.text
        assert chat.api.called("sendChatAction")[0]["action"] == "upload_photo"
        report_ = await chat.press(photo, "Report")
        assert report_.id != photo.id, "a photo stays what it is"
        assert "Report of #7" in report_.text
        back = await chat.press(report_, "Back")
        assert back.id == report_.id
        assert "Order account" in back.text


@in_virtual_time
async def test_what_draws_is_made_ready_where_a_chart_can_be_wanted() -> None:
    """By whatever shows a button for one, and first of all by whoever asks for one outright."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7)]
        painter = chat.fakes.painter
        await chat.send("/orders")
        assert painter.prepared == 0, "a list has no chart"
        for written in ("/orders 7", "/report 7", "/chart", "/chart 7"):
            before = painter.prepared
            await chat.send(written)
            assert painter.prepared == before + 1, written
        chat.fakes.wallets.wallets[7] = [wallet()]
        before = painter.prepared
        for tapped in ("wallet:1", "wchart:1"):
            await chat.tap(tapped, chat.newest())
        assert painter.prepared == before + 2


@pytest.mark.parametrize(
    ("zone", "said"), [("Asia/Kolkata", "from 16:01 to 18:01"), ("UTC", "from 10:31 UTC to 12:31 UTC")]
)
async def test_the_words_go_by_the_clock_of_the_picture(zone: str, said: str) -> None:
    """A phone would show them in its own zone, hours away from what the axis says."""
    caption = chart_screens.build_order_caption(await story(view(7)), replace(WHEN, zone=zone)).html
    assert "tg-time" not in caption
    assert said in caption


@in_virtual_time
async def test_gaps_stay_gaps() -> None:
    """Two stretches of the market, each with its own samples; fills and their average have none."""
    seen = quotes((4, 170), (3, 172), (2.9, None), (1, 180), (0, 181))
    chart = await draw(view(count=3), seen)
    market = curve(chart, Look.LINE)
    assert [[value for _, value in stretch] for stretch in market.stretches] == [[170, 172], [180, 181]]
    (dots,), (average,) = curve(chart, Look.DOTS).stretches, curve(chart, Look.STEPS).stretches
    assert len(dots) == 3
    assert [at for at, _ in average] == [at for at, _ in dots] + [START], "up to now"
    assert (chart.start, chart.end) == (START - 24 * HOUR, START)


async def test_the_average_is_over_all_fills_so_far() -> None:
    """Weighted by what was bought: 10 USDC for 0.1, then 10 for 0.05, is 20 for 0.15."""
    known = [fill(1, out_raw=100_000_000), fill(2, out_raw=50_000_000)]
    (average,) = curve(await draw(view(known=known)), Look.STEPS).stretches
    assert [value for _, value in average][:2] == [100, Decimal(20) / Decimal("0.15")]


async def test_a_pair_is_drawn_as_people_quote_it() -> None:
    """SOL sold for USDC: dollars per SOL, not SOL per dollar."""
    known = [fill(1, in_raw=1_000_000_000, out_raw=200_000_000)]
    seen = quotes((2, "0.005"), (1, "0.004"))
    chart = await draw(view(source=SOL, target=USDC, known=known), seen)
    assert chart.unit == "USDC per SOL"
    assert [value for _, value in curve(chart, Look.DOTS).stretches[0]] == [200]
    assert [value for _, value in curve(chart, Look.LINE).stretches[0]] == [200, 250]


async def test_times_are_the_persons_own() -> None:
    """Zone and its name, an offset, or UTC where none is known."""
    chart = await draw(view())
    assert chart.time == "Europe/Zurich"
    assert str(chart.zone) == "Europe/Zurich"
    assert (await draw(view(), when=When(START, START, "UTC+05:30"))).time == "UTC+05:30"
    assert (await draw(view(), when=When(START, START, "Nowhere/Land"))).time == "UTC"


async def test_an_ended_order_is_drawn_to_its_last_fill() -> None:
    """What the market did afterwards is another story, told in words."""
    over = view(count=3, status=orders.Status.HISTORY)
    chart = await draw(over, quotes((4, 170), (0, 190)))
    assert chart.end == over.fills[-1].fill.confirmed_at


async def test_a_caption_says_what_the_picture_shows() -> None:
    """Fills, range, average, the market now, and how much of it was watched."""
    known = [fill(1), fill(2, out_raw=50_000_000)]
    said = await words(view(known=known), quotes((25, 170), (0, 171)))
    assert "2 fills from 11:31 to 12:31" in said
    assert "Fills from 172.41 to 200.00 USDC per SOL" in said
    assert "Market now: ≈ 171.00" in said
    assert texts.WATCHED_ALL in said
    apart = [fill(1), replace(fill(2), fill=replace(fill(2).fill, confirmed_at=START + 48 * HOUR))]
    assert "2 fills from 2026-11-20 11:31 to 2026-11-22 14:31" in await words(view(known=apart))
    assert "for 50\u00a0% of this time" in await words(view(), quotes((24, 1), (12, 1)))
    assert texts.LESS_THAN_1_PERCENT in await words(view(), quotes((0.1, 1), (0, 1)))
    assert texts.WATCHED_NONE in await words(view())
    assert texts.CHART_NO_FILLS in await words(view(count=0), quotes((2, 170), (0, 171)))


async def test_a_caption_fits_whatever_the_names_are() -> None:
    """Telegram refuses more than 1,024 characters; markup in a name stays text, a fake is flagged."""
    long = amounts.Token(OWNER, "W" * 200, "w" * 200, 255)
    for source, target in ((EVIL, long), (long, EVIL), (USDC, EVIL)):
        made = await story(view(source=source, target=target), quotes((2, "1e-18"), (0, "1e-18")))
        caption = chart_screens.build_order_caption(made, WHEN)
        assert len(caption.html) <= markup.CAPTION_LIMIT
        assert "<b>U$D" not in caption.html
        assert "7Ytt…j2G5" in parse_html(caption.html)
        chart = chart_screens.draw_order(made, WHEN)
        assert chart is not None
        assert "&lt;" not in chart.title, "plain text, not HTML"
        assert "7Ytt…j2G5" in chart.title


async def test_a_long_history_is_drawn_with_few_points() -> None:
    """However many samples and fills there are, the picture gets what it can show."""
    seen = quotes(*((24 - place / 300, 170 + place % 7) for place in range(7_000)))
    known = [
        replace(
            fill(1), fill=replace(fill(1).fill, confirmed_at=START - HOUR * 20 + timedelta(seconds=30 * n))
        )
        for n in range(2_000)
    ]
    chart = await draw(view(known=known), seen)
    assert sum(len(stretch) for stretch in curve(chart, Look.LINE).stretches) <= 620
    assert sum(len(stretch) for stretch in curve(chart, Look.STEPS).stretches) <= 620


@in_virtual_time
async def test_nothing_to_draw_is_said_in_words() -> None:
    """An order without a fill that nobody watched: no empty picture."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7, count=0)]
        answer = await chat.press(await open_order(chat), "Chart")
        assert not answer.picture
        assert texts.CHART_NOTHING in answer.text
        assert "Order #7" in " ".join(answer.labels)
        assert chat.fakes.painter.painted == []


@in_virtual_time
async def test_without_a_picture_the_words_still_come() -> None:
    """The drawing process is broken: a sentence, and everything that the picture would have shown."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7)]
        chat.fakes.painter.failure = errors.DrawingFailed()
        answer = await chat.press(await open_order(chat), "Chart")
        assert not answer.picture
        assert "could not be drawn" in answer.text
        assert "Average: 172.41 USDC per SOL" in answer.text
        assert "Error id" not in answer.text


@in_virtual_time
async def test_a_sign_that_a_picture_comes_may_get_lost() -> None:
    """It is only a courtesy."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7)]
        detail = await open_order(chat)
        chat.api.fail_next("sendChatAction", telegram.answer_lost())
        assert (await chat.press(detail, "Chart")).picture


@in_virtual_time
async def test_a_caption_that_telegram_refuses_is_sent_plain() -> None:
    """The picture comes with all its words, without their markup."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7)]
        detail = await open_order(chat)
        chat.api.fail_next("sendPhoto", telegram.refused(400, "Bad Request: can't parse entities"))
        photo = await chat.press(detail, "Chart")
        assert photo.picture
        assert "Chart of #7" in photo.html
        assert "<b>" not in photo.html


@in_virtual_time
async def test_a_stale_or_foreign_chart_button_is_answered() -> None:
    """An order that the person has no more, somebody else's, nonsense: a sentence, no picture."""
    async with running() as chat:
        chat.fakes.orders.views[7] = [view(7)]
        detail = await open_order(chat)
        for data in ("chart:8", "chart", "chart:x", "report:99", "wchart:5", "wchart:-1"):
            await chat.tap(data, detail)
            assert not chat.newest().picture
            assert "Error id" not in chat.newest().text
        await chat.tap("chart:7", detail, user=8)
        assert not chat.newest(8).picture


# --- the chart of a wallet -------------------------------------------------------------------------------


def purchases(fakes: FakeServices, *, watched: bool = True) -> None:
    """1 SOL for 100 dollars ten hours ago, another one for 150 five hours ago; at 200 now."""
    fakes.wallets.wallets[7] = [wallet()]
    fakes.reports.purchases = [
        Purchase(START - 10 * HOUR, Decimal(100), SOL.mint, Decimal(1)),
        Purchase(START - 5 * HOUR, Decimal(150), SOL.mint, Decimal(1)),
    ]
    if watched:
        fakes.reports.prices = {SOL.mint: quotes((10, 100), (0, 200), (-9, 200))}


@in_virtual_time
async def test_a_wallet_has_a_chart() -> None:
    """Invested as stairs, its worth as a line, from nought, in dollars; and in words."""
    async with running() as chat:
        purchases(chat.fakes)
        photo = await chat.send("/wallet")
        assert photo is not None
        photo = await chat.press(await chat.press(photo, "Wallet 1"), "Chart")
        assert photo.picture
        assert "Invested: ≈ $250.00" in photo.text
        assert "Worth now: ≈ $400.00 · +60.0 %" in photo.text
        (chart,) = chat.fakes.painter.painted
        assert (chart.prefix, chart.from_zero) == ("$", True)
        assert [value for _, value in curve(chart, Look.STEPS).stretches[0]] == [100, 250, 250]
        assert [label.split(" ", 1)[1] for label in photo.labels] == ["Wallet", "Home"]


@in_virtual_time
async def test_what_is_not_known_of_a_wallet_is_said() -> None:
    """Prices that nobody watched, fills of unknown cost: said, not guessed."""
    async with running() as chat:
        purchases(chat.fakes, watched=False)
        chat.fakes.reports.left_out = 3
        await chat.tap("wchart:1", 1001)
        said = chat.newest().text
        assert texts.WALLET_WORTH_UNKNOWN in said
        assert texts.WORTH_NONE in said
        assert "what they cost in USD: 3 of 5" in said


@in_virtual_time
async def test_a_wallet_without_fills_has_nothing_to_draw() -> None:
    """Words, and the way back."""
    async with running() as chat:
        chat.fakes.wallets.wallets[7] = [wallet()]
        await chat.tap("wchart:1", 1001)
        assert texts.CHART_NOTHING in chat.newest().text
        assert chat.fakes.painter.painted == []


# --- reports ---------------------------------------------------------------------------------------------


async def test_a_report_holds_the_average_against_the_market() -> None:
    """Watched all along: 172.41 paid, 180 asked on average."""
    said = await report(view(count=3), quotes((25, 180), (0, 180)))
    assert "Average: 172.41 USDC per SOL" in said
    assert f"Market average by time: ≈ 180.00\n{texts.REPORT_WATCHED_ALL}" in said
    assert "→ bought ≈ 4.2 % cheaper than the market average" in said
    assert "Paid in all: 30 USDC" in said
    assert "Bought (net): 0.174 SOL" in said
    assert texts.REPORT_NO_FEES in said
    assert "Fills: 3 of 10" in said


async def test_only_what_was_watched_is_compared() -> None:
    """How much that was, and which fills: one of three, two of three."""
    seen = quotes((2.5, 180), (1.5, 180))
    said = await report(view(count=3), seen)
    assert "I watched its price for 4\u00a0% of the time." in said
    assert "→ The one fill of that time, at 172.41: bought ≈ 4.2 % cheaper" in said
    said = await report(view(count=3), quotes((2.5, 160), (0.5, 160)))
    assert "→ The 2 fills of that time, average 172.41: bought ≈ 7.8 % dearer" in said


async def test_a_report_without_a_market_says_so() -> None:
    """Never watched: no number is made up."""
    said = await report(view(count=3))
    assert texts.REPORT_NOT_WATCHED in said
    assert "→ " not in said.partition("\n")[2]


async def test_selling_is_better_when_it_is_higher() -> None:
    """SOL sold for USDC at 200 while the market stood at 190."""
    known = [fill(1, in_raw=1_000_000_000, out_raw=200_000_000)]
    rate = Decimal(1) / 190
    seen = [Sample(START - 25 * HOUR, rate, START - 25 * HOUR), Sample(START, rate, START - 25 * HOUR)]
    said = await report(view(source=SOL, target=USDC, known=known), seen)
    assert "→ sold ≈ 5.3 % higher than the market average" in said


async def test_a_report_names_fees_skipped_cycles_and_extremes() -> None:
    """Fees in their own token; cycles that passed without a fill; the cheapest and the dearest fill."""
    paid = replace(fill(1), fill=replace(fill(1).fill, fee_raw=58_000))
    dear = fill(2, out_raw=50_000_000)
    said = await report(view(known=[paid, dear], created_at=START - 5 * HOUR))
    assert "Jupiter's fees: 0.000058 SOL" in said
    assert "cycles without a fill: 2" in said
    assert "Best fill: 172.59" in said
    assert "Worst fill: 200.00" in said
    assert "fill: 172" not in await report(view(count=1)), "one fill is neither"


async def test_absurd_numbers_make_no_error() -> None:
    """A token of 255 decimals, a fill that cost or brought nothing, a market beyond all measure."""
    mad = amounts.Token(OWNER, "MAD", "Mad", 255)
    for known in ([fill(1, in_raw=0)], [fill(1, out_raw=0)], [fill(1), fill(2, in_raw=2**64 - 1, out_raw=1)]):
        for source, target in ((USDC, SOL), (SOL, USDC), (mad, SOL), (USDC, mad)):
            of = view(source=source, target=target, known=known)
            for price in ("1e-30", "1e30"):
                seen = quotes((25, price), (0, price))
                assert await report(of, seen)
                assert await words(of, seen)
                await draw(of, seen)


async def test_an_order_without_fills_has_a_report() -> None:
    """Short, and without a price."""
    said = await report(view(count=0))
    assert "Fills: 0 of 10" in said
    assert "Average" not in said


async def test_a_finished_order_offers_its_report() -> None:
    """On its own notice, on that of its last fill, and when it was cancelled; it opens apart."""
    over = view(count=3, status=orders.Status.HISTORY)
    ended: list[notices.Notice] = [
        notices.OrderFinished(owner=OWNER, order_key=over.order.key),
        notices.OrderCancelled(owner=OWNER, order_key=over.order.key),
        notices.FillSeen(owner=OWNER, order_key=over.order.key, signature=over.fills[-1].fill.signature),
    ]
    for notice in ended:
        screen = notice_screens.build([notice_facts.Told(notice, over)], WHEN, possible_repeat=False)
        buttons = [button for row in screen.keyboard for button in row]
        assert "apart:report:7" in [button.data for button in buttons], notice


def test_no_part_that_was_not_watched_is_claimed() -> None:
    """Percentages are rounded down."""
    assert chart_screens.watched_percent(0.999) == "99\u00a0%"
    assert chart_screens.watched_percent(0.009) == texts.LESS_THAN_1_PERCENT
    assert not chart_screens.is_watched_all(0.99)


async def test_a_fake_painter_is_a_painter() -> None:
    """As the real one, to the type checker."""
    painter: ports.Painter = FakeServices().painter
    assert await painter.paint(await draw(view())) == FakeServices().painter.PICTURE
