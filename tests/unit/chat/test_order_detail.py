"""One order on one screen, and the way between it and the list."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.chat import callbacks, markup, order_detail, order_screens
from bot.domain import amounts, orders
from bot.services import orders as order_service
from tests.fakes import chat_services as fakes
from tests.fakes import telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.telegram import parse_html
from tests.fakes.virtual_time import in_virtual_time

NOW = fakes.START
WHEN = order_screens.When(NOW, NOW)
FAKE = amounts.Token(fakes.OTHER, "USDC", "USD Coin", 6, verified=True)


def text(view: order_service.OrderView, **more: Any) -> str:
    screen = order_detail.build_detail(view, WHEN, **more)
    assert len(screen.html) <= markup.TEXT_LIMIT
    return parse_html(screen.html)


def test_a_time_order_reads_as_designed() -> None:
    """Progress, amounts, what it came to, its terms, and where it is from, in short lines."""
    assert text(fakes.view(), opened_here=True) == (
        "#7 · USDC → SOL\n"
        "time order · active\n"
        "\n"
        "▓▓▓░░░░░░░ 30 % · 3 of 10 fills\n"
        "Spent: 30 USDC of 100 USDC\n"
        "Left: 70 USDC (≈\u00a0$70.00)\n"
        "Bought (net): 0.174 SOL (≈\u00a0$29.75)\n"
        "\n"
        "Average: 172.41 USDC per SOL\n"
        "Market now: ≈ 171.00\n"
        "Bought ≈ 0.8 % dearer than now\n"
        "If sold now: loss ≈ 0.2460 USDC\n"
        "−0.8 % (≈\u00a0$0.25)\n"
        "\n"
        "10 USDC every 1 h\n"
        "Next fill: ≈ 14:30 UTC (in 59 min)\n"
        "\n"
        "Opened: 2026-11-19 13:31 UTC (1 day ago), here\n"
        "Sells: USDC EPjF…Dt1v\n"
        "Buys: SOL So11…1112\n"
        "Wallet: Wallet 1 · 7Ytt…j2G5\n"
        "Order account: 8M2g…NqRR"
    )


def test_a_price_order_tells_what_was_received_and_what_waits() -> None:
    """Its output may lie in the order until it is taken out."""
    view = fakes.view(
        family=orders.Family.PRICE,
        increment_usd_raw=25_500_000,
        in_withdrawn_raw=5_000_000,
        out_withdrawn_raw=74_000_000,
        open_tx="5sig",
    )
    shown = text(view, opened_here=False)
    for part in (
        "price order · active",
        "Left: 65 USDC",
        "Taken out: 5 USDC",
        "Bought (net): 0.174 SOL",
        "Received in the wallet: 0.074 SOL\nWaiting in the order: 0.1 SOL",
        "Grows by $25.5 of value every 1 h",
        "ago), elsewhere · transaction",
    ):
        assert part in shown
    assert "here" not in text(view).split("Opened:")[1].split("\n")[0]


@pytest.mark.parametrize(
    ("market", "said"),
    [
        ("200", "If sold now: gain ≈ 4.80 USDC\n+16.0 % (≈\u00a0$4.80)"),
        ("100", "If sold now: loss ≈ 12.60 USDC\n−42.0 % (≈\u00a0$12.60)"),
    ],
)
def test_the_result_is_told_in_words_and_signs(market: str, said: str) -> None:
    """Neither colour nor a sign alone says whether it is a gain."""
    view = replace(fakes.view(), market=Decimal(market))
    assert said in text(view)
    unknown = replace(view, input_usd=None, output_usd=None)
    assert said.partition(" (≈\u00a0$")[0] + "\n" in text(unknown)
    assert "$" not in text(unknown)


def test_without_a_price_or_a_fill_nothing_is_made_up() -> None:
    silent = replace(fakes.view(), market=None, input_usd=None, output_usd=None)
    assert "Average: 172.41" in text(silent)
    young = replace(fakes.view(count=0))
    assert "Market now: ≈ 171.00 USDC per SOL" in text(young)
    for view in (silent, young):
        assert "If sold" not in text(view)
    assert "Market" not in text(silent)


def test_who_sells_for_dollars_reads_prices_in_dollars() -> None:
    """SOL into USDC: quoted per SOL; the result is in SOL, which was paid."""
    known = [fakes.fill(1, in_raw=1_000_000_000, out_raw=200_000_000)]
    known = [replace(each, fill=replace(each.fill, fee_mint=fakes.USDC.mint)) for each in known]
    view = fakes.view(source=fakes.SOL, target=fakes.USDC, known=known, in_deposited_raw=2_000_000_000)
    view = replace(view, market=1 / Decimal(160), input_usd=Decimal(160), output_usd=Decimal(1))
    shown = text(view)
    assert "Average: 200.00 USDC per SOL" in shown
    assert "Market now: ≈ 160.00\nSold ≈ 25.0 % higher than now" in shown
    assert "If sold now: gain ≈ 0.2500 SOL\n+25.0 % (≈\u00a0$40.00)" in shown


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({}, "keepers are late"),
        ({"min_out_raw": 60_000_000}, "out of its price range"),
        ({"min_out_raw": 50_000_000}, "keepers are late"),
    ],
)
def test_a_fill_that_does_not_come_is_called_overdue(bounds: dict[str, Any], said: str) -> None:
    """Since when, and why if that can be told."""
    view = fakes.view(**bounds)
    late = order_screens.When(NOW + timedelta(hours=3), NOW + timedelta(hours=3))
    shown = parse_html(order_detail.build_detail(view, late).html)
    assert "Next fill: overdue since 13:31 UTC (3 h ago)" in shown
    assert said in shown
    assert "any moment" not in shown
    assert " · overdue" in "\n".join(order_screens.summary(view, late))


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"min_out_raw": 50_000_000}, "Only fills at ≈ 200.00 USDC per SOL or less"),
        ({"max_out_raw": 100_000_000}, "Only fills at ≈ 100.00 USDC per SOL or more"),
        (
            {"min_out_raw": 50_000_000, "max_out_raw": 100_000_000},
            "Only fills from ≈ 100.00 up to ≈ 200.00 USDC per SOL",
        ),
    ],
)
def test_a_price_range_is_told(bounds: dict[str, Any], said: str) -> None:
    assert said in text(fakes.view(**bounds))


def test_a_false_token_is_called_so_in_words() -> None:
    shown = text(fakes.view(source=FAKE))
    assert "⚠️USDC (GRhU…GgB1, possible look-alike)" in shown
    listed = "\n".join(order_screens.summary(fakes.view(source=FAKE), WHEN))
    assert "⚠️USDC (GRhU…GgB1, possible look-alike)" in listed


# --- between the list and one order ----------------------------------------------------------------------


def ready(chat: ChatDriver, count: int) -> None:
    """Two wallets; every third order is of the second one."""
    mine = [fakes.wallet(1), replace(fakes.wallet(2, owned=False, pubkey=fakes.OTHER), name="Cold store")]
    chat.fakes.wallets.wallets[7] = mine
    chat.fakes.orders.views[7] = [
        fakes.view(number, owner=mine[number % 3 == 0]) for number in range(count, 0, -1)
    ]


async def shown(chat: ChatDriver, said: str) -> telegram.Sent:
    answer = await chat.send(said)
    assert answer is not None
    return answer


@in_virtual_time
async def test_back_leads_to_the_page_that_the_order_is_on() -> None:
    """Wherever one came from, the list opens where the order stands now."""
    async with running() as chat:
        ready(chat, 12)
        detail = await shown(chat, "/orders 4")
        listed = await chat.press(detail, "Back")
        assert listed.id == detail.id
        assert "Active orders · 12 · page 2 of 3" in listed.text
        assert "#4 " in listed.text
        chat.fakes.orders.views[7] = []
        await chat.tap("around:4", detail)
        assert "out of date" in chat.newest().text


@in_virtual_time
async def test_orders_of_one_wallet() -> None:
    """The filter stays while one pages, refreshes, and looks at what is over."""
    async with running() as chat:
        ready(chat, 40)
        listed = await shown(chat, "/orders")
        assert "· Cold store" in listed.text
        whose = await chat.press(listed, "All wallets")
        assert whose.labels == ["👛 All wallets", "Wallet 1", "Cold store", "🏠 Home"]
        cold = await chat.press(whose, "Cold store")
        assert "Active orders · Cold store · 13 · page 1 of 3" in cold.text
        assert "#39 " in cold.text
        assert "#38 " not in cold.text
        older = await chat.press(cold, "Page 2")
        assert "#24 " in older.text
        for label in ("Refresh", "Page 1", "History"):
            assert "Cold store" in (await chat.press(older, label)).text
        whose = await chat.press(await shown(chat, "/orders"), "All wallets")
        assert "Active orders · 40" in (await chat.press(whose, "All wallets")).text


@in_virtual_time
async def test_the_filter_stays_while_one_looks_at_orders() -> None:
    """Back leads to the list of that wallet, also by way of all that an order's screen leads to."""
    async with running() as chat:
        ready(chat, 40)
        whose = await chat.press(await shown(chat, "/orders"), "All wallets")
        older = await chat.press(await chat.press(whose, "Cold store"), "Page 2")
        detail = await chat.press(older, "#24")
        for label in ("Refresh", "Mute", "Unmute"):
            detail = await chat.press(detail, label)
        for label in ("Fills", "Report"):
            detail = await chat.press(await chat.press(detail, label), "Back")
        fills = await chat.press(await chat.press(detail, "Report"), "Fills")
        back = await chat.press(await chat.press(fills, "Back"), "Back")
        assert back.id == older.id
        assert "Active orders · Cold store · 13 · page 2 of 3" in back.text
        assert "👛 Cold store" in back.labels
        detail = await chat.press(back, "#24")
        del chat.fakes.wallets.wallets[7][1]
        assert "Active orders · 40" in (await chat.press(detail, "Back")).text, "the wallet is gone"


def ready_to_move(chat: ChatDriver) -> None:
    """Price orders of two wallets whose keys are here; every third order is of the second one."""
    mine = [fakes.wallet(1), replace(fakes.wallet(2, pubkey=fakes.OTHER), name="Savings")]
    chat.fakes.wallets.wallets[7] = mine
    chat.fakes.orders.views[7] = [
        fakes.view(number, owner=mine[number % 3 == 0], family=orders.Family.PRICE)
        for number in range(40, 0, -1)
    ]


@in_virtual_time
async def test_the_filter_stays_while_one_moves_funds() -> None:
    """Back from a form leads to the order as it was found, and on to the list of its wallet."""
    async with running() as chat:
        ready_to_move(chat)
        whose = await chat.press(await shown(chat, "/orders"), "All wallets")
        older = await chat.press(await chat.press(whose, "Savings"), "Page 2")
        detail = await chat.press(older, "#24")
        for label in ("Deposit", "Withdraw"):
            form = await chat.press(detail, label)
            assert f"{label} " in form.text
            detail = await chat.press(form, "Back")
        assert detail.id == older.id
        card = await chat.press(detail, "Cancel order")
        assert card.id != detail.id, "the order's screen stays above"
        await chat.press(detail, "Back")
        assert detail.id == older.id
        assert "Active orders · Savings · 13 · page 2 of 3" in detail.text


@in_virtual_time
async def test_the_filter_stays_by_way_of_a_chart() -> None:
    """A picture opens messages of its own; they know the list, too."""
    async with running() as chat:
        ready(chat, 40)
        whose = await chat.press(await shown(chat, "/orders"), "All wallets")
        detail = await chat.press(await chat.press(whose, "Cold store"), "#39")
        for way in (["Chart", "Order #39"], ["Chart", "Report", "Back"], ["Report", "Chart", "Order #39"]):
            shown_last = detail
            for label in way:
                shown_last = await chat.press(shown_last, label)
            assert "Active orders · Cold store" in (await chat.press(shown_last, "Back")).text
            await chat.press(shown_last, "#39")
            detail = shown_last


@pytest.mark.parametrize(
    ("data", "way"),
    [
        ("deposit:24", ["Deposit into #24", "#24 · USDC → SOL", "Active orders · 40 · page 4 of 8"]),
        ("apart:deposit:24", ["Deposit into #24", "#24 · USDC → SOL", "Active orders · 40 · page 4 of 8"]),
        ("withdraw:24", ["Withdraw from #24", "#24 · USDC → SOL", "Active orders · 40 · page 4 of 8"]),
        ("deposit:24:10", ["Confirm: deposit into order #24"]),
        ("withdraw:24:all:out", ["Confirm: withdraw from order #24"]),
        ("chart:24", ["Chart of #24"]),
    ],
)
def test_buttons_of_old_messages_go_on_working(data: str, way: list[str]) -> None:
    """They do not know the list that an order was found in: Back leads to all orders, as it did."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready_to_move(chat)
            await chat.tap(data, await shown(chat, "/orders 24"))
            assert way[0] in chat.newest().text
            for said in way[1:]:
                assert said in (await chat.press(chat.newest(), "Back")).text

    try_it()


@pytest.mark.parametrize(
    "data",
    ["deposit:24:ask:x", "withdraw:24:ask", "withdraw:24:ask:up", "withdraw:24:ask:in:x", "chart:24:x"],
)
def test_a_button_that_nobody_made_moves_nothing(data: str) -> None:
    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready_to_move(chat)
            await chat.tap(data, await shown(chat, "/orders 24"))
            assert "out of date" in chat.newest().text
            assert not chat.fakes.proposals.asked

    try_it()


def test_buttons_fit_however_many_orders_and_wallets_there_are() -> None:
    """With the longest numbers that a button is read with, all that leads on knows the list, in 64 bytes."""
    most = 10**18 - 1
    view = fakes.view(most, owner=fakes.wallet(most), family=orders.Family.PRICE)
    screen = order_detail.build_detail(view, WHEN, listed=True)
    data = [callbacks.parse(button.data) for row in screen.keyboard for button in row if button.data]
    carried = {one.verb for one in data if one and one.args.count(str(most)) == 2}
    assert carried == {"deposit", "withdraw", "fills", "mute", "reorder", "chart", "report", "around"}


@in_virtual_time
async def test_who_has_one_wallet_is_offered_no_filter() -> None:
    async with running() as chat:
        ready(chat, 3)
        del chat.fakes.wallets.wallets[7][1]
        listed = await shown(chat, "/orders")
        assert not any("wallets" in label for label in listed.labels)
        assert "Wallet 1" not in listed.text


@in_virtual_time
async def test_opened_here_or_elsewhere() -> None:
    async with running() as chat:
        ready(chat, 1)
        assert "ago), elsewhere" in (await shown(chat, "/orders 1")).text
        chat.fakes.orders.opened_here.add(fakes.ORDER_KEY)
        assert "ago), here" in (await shown(chat, "/orders 1")).text
