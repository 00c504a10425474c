"""Whatever tokens, wallets and amounts are called, messages stay valid, short and unambiguous."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ports
from bot.chat import (
    cards,
    fill_screens,
    forms,
    home_screens,
    markup,
    notice_facts,
    notice_screens,
    order_choices,
    order_detail,
    order_screens,
    removal_screens,
    render,
    wallet_screens,
)
from bot.domain import actions, addresses, amounts, intents, notices, orders
from bot.services import balances as balance_service
from bot.services import creating
from bot.services import home as home_service
from bot.services import orders as order_service
from tests.fakes import chat_services as fakes
from tests.fakes.telegram import parse_html

NOW = fakes.START
WHEN = order_screens.When(NOW, NOW)
NASTY = st.text(max_size=300) | st.sampled_from(
    [
        "<b>",
        "</code>",
        "&amp",
        "a" * 5000,
        "\u202egnp",
        "\u0000",
        "مرحبا",
        "Z" + "\u0301" * 500,
        "<a href='x'>",
    ]
)
BOUNDS = st.sampled_from(["150", "0", "NaN", "-Infinity", "1e999999", "1e-999999", ""])
RAW = st.integers(0, amounts.U64_MAX)
TOKENS = st.builds(
    amounts.Token,
    mint=st.just("So11111111111111111111111111111111111111113"),
    symbol=NASTY,
    name=NASTY,
    decimals=st.integers(0, 18) | st.just(255),
    verified=st.booleans(),
)


def check(screen: markup.Screen) -> str:
    """Its visible text; fails if Telegram would refuse it."""
    assert len(screen.html) <= markup.TEXT_LIMIT
    for row in screen.keyboard:
        for button in row:
            assert 0 < len(button.label) <= markup.LABEL_LIMIT
            assert len(button.data.encode()) <= 64
    text = parse_html(screen.html)
    assert text.strip()
    return text


@given(NASTY)
def test_foreign_text_cannot_reorder_break_or_fill_a_message(text: str) -> None:
    """Cleaned text is one line, bounded, visible, and ends every direction that it begins."""
    shown = render.clean(text)
    assert len(shown) <= render.NAME_LIMIT + 2
    assert "\n" not in shown
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u200b\u200f\ufeff")
    assert shown.count("\u2068") == shown.count("\u2069")
    parse_html(render.foreign(text))


@settings(max_examples=60, deadline=None)
@given(TOKENS, TOKENS | st.just(fakes.USDC), RAW, RAW, NASTY, st.integers(0, 25), BOUNDS)
def test_screens_are_valid_for_any_names_and_amounts(
    source: amounts.Token, target: amounts.Token, in_raw: int, out_raw: int, name: str, count: int, bound: str
) -> None:
    """Every screen about an order survives hostile names and the largest amounts."""
    known = [fakes.fill(n + 1, in_raw=in_raw, out_raw=out_raw) for n in range(count)]
    view = fakes.view(source=source, target=target, known=known, in_deposited_raw=in_raw, min_out_raw=out_raw)
    check(order_detail.build_detail(view, WHEN, note=name))
    check(fill_screens.build_of_order(view, 0, WHEN))
    check(order_choices.build_choice("Which?", [view] * 30, "deposit", 2))
    check(order_choices.build_candidates(name, [view] * 8, 9, "withdraw", ("12.5%", "out")))
    for page in range(3):
        listed = order_service.OrderList(
            items=[view] * order_screens.PAGE, total=12, page=page, stale_since=NOW, error=name
        )
        check(order_screens.build_list(listed, orders.Status.ACTIVE, WHEN))
    told = [
        notice_facts.Told(
            notices.FillSeen(owner="o", order_key=view.order.key, signature=each.fill.signature), view
        )
        for each in known
    ]
    if told:
        check(notice_screens.build(told, WHEN, possible_repeat=True))
        check(notice_screens.build(told[-1:], WHEN, possible_repeat=True))
    names = cards.Names(source=source, target=target, wallet=name, number=7)
    for state in actions.State:
        check(cards.build_action(fakes.action(state, detail=name), names))
    create = intents.CreateOrder(
        user=fakes.OWNER,
        input_mint=source.mint,
        output_mint=target.mint,
        amount_raw=max(in_raw, 1),
        number_of_orders=3,
        interval_s=3600,
        min_price=name,
        max_price=bound,
        start_at=1_790_000_000,
    )
    check(cards.build_action(fakes.action(intent=create), names))


@settings(max_examples=40, deadline=None)
@given(NASTY, TOKENS, RAW, st.integers(0, 100))
def test_wallet_screens_are_valid_for_any_names(
    name: str, token: amounts.Token, raw: int, count: int
) -> None:
    """A wallet full of spam tokens still has a screen."""
    wallet = replace(fakes.wallet(), name=name)
    balance = balance_service.TokenBalance(token=token, raw=raw, usd=Decimal(raw))
    held = fakes.held(wallet, lamports=raw, sol_usd=None, wrapped_raw=raw, tokens=[balance] * count)
    for page in (0, 1, 9):
        check(wallet_screens.build_wallet(wallet, held, page))
    check(removal_screens.build_remove(wallet, held, count, exporting=True, unknown=name, note="Old."))
    listed = [replace(wallet, id=number) for number in range(count)]
    seen = {each.id: held for each in listed}
    for page in (0, 1, 99):
        check(wallet_screens.build_list(listed, seen, WHEN, page, broken=listed[:20]))
    view = fakes.view(source=token, target=token)
    attention = home_service.Attention(
        unsettled=[fakes.action()] * count,
        low=[view] * count,
        overdue=[view] * count,
        no_sol=listed,
        broken=count,
    )
    home = home_service.Home(wallets=listed, balances=seen, active=count, next_fill=view, attention=attention)
    check(home_screens.build_home(home, WHEN, sandbox=True))
    check(home_screens.build_under_way([fakes.action()] * count, {fakes.ORDER_KEY: 7}, WHEN))


# --- the fill message ------------------------------------------------------------------------------------


def tell(view: order_service.OrderView, *numbers: int, repeat: bool = False, finished: bool = False) -> str:
    told = [
        notice_facts.Told(
            notices.FillSeen(
                owner=fakes.OWNER, order_key=view.order.key, signature=view.fills[number - 1].fill.signature
            ),
            view,
        )
        for number in numbers
    ]
    if finished:
        told.append(
            notice_facts.Told(notices.OrderFinished(owner=fakes.OWNER, order_key=view.order.key), view)
        )
    return check(notice_screens.build(told, WHEN, possible_repeat=repeat))


def test_a_fill_reads_as_designed() -> None:
    """One fill: which one, what for what, price and average, progress, what is left, what comes next."""
    assert tell(fakes.view(), 3) == (
        "🟢 Fill 3/10 · USDC → SOL\n"
        "Bought 0.058 SOL for 10 USDC\n"
        "Price 172.41 · average 172.41 USDC per SOL\n"
        "▓▓▓░░░░░░░ 30 % · 70 USDC left\n"
        "Next ≈ 14:30 UTC (in 59 min)"
    )


def test_bought_is_net_of_the_fee() -> None:
    """What is shown as bought is what arrives."""
    known = fakes.fill(1)
    known = replace(known, fill=replace(known.fill, fee_raw=8_000_000))
    text = tell(fakes.view(known=[known]), 1)
    assert "Bought 0.05 SOL for 10 USDC\n" in text
    assert "Price 200.00" in text


def test_a_price_order_has_no_total() -> None:
    """Price orders are open-ended: "Fill 3", not "Fill 3/10"."""
    assert tell(fakes.view(family=orders.Family.PRICE), 3).startswith("🟢 Fill 3 · USDC → SOL\n")


def test_a_repeat_says_so() -> None:
    """Where Telegram's answer was lost, the person is told that they may have it twice."""
    assert "may be a repeat" in tell(fakes.view(), 3, repeat=True)
    assert "repeat" not in tell(fakes.view(), 3)


def test_several_become_one_with_totals() -> None:
    """A line each, and what they come to."""
    text = tell(fakes.view(count=5), 3, 4, 5)
    assert text.startswith("🟢 3 fills")
    assert [f"Fill {n}/10" in text for n in (2, 3, 4, 5)] == [False, True, True, True]
    assert "Together: 0.174 SOL for 30 USDC" in text


@pytest.mark.parametrize("count", [20, 60, 400])
def test_however_many_fills_the_sums_and_the_mark_of_a_repeat_are_there(count: int) -> None:
    """Fills that find no room are named by number: nothing is left unsaid, and nothing is cut off."""
    one = fakes.fill(1)
    known = [
        replace(
            one, fill=replace(one.fill, signature=addresses.encode_base58(number.to_bytes(2, "big") * 32))
        )
        for number in range(1, count + 1)
    ]
    text = tell(fakes.view(known=known, in_deposited_raw=10**12), *range(1, count + 1), repeat=True)
    assert text.startswith(f"🟢 {count} fills")
    assert f"Together: {amounts.format_amount(58_000_000 * count, 9)} SOL for {10 * count} USDC" in text
    assert text.endswith("may be a repeat of a message that you already have.")
    named = sum(f"Fill {number}/" in text for number in range(1, count + 1))
    assert named >= 15
    assert (f"Fills {named + 1}–{count}, in the sum" in text) == (named < count)


@pytest.mark.parametrize("count", [5, 30])
def test_many_orders_are_one_line_each_if_they_must(count: int) -> None:
    told = []
    for number in range(1, count + 1):
        view = fakes.view(number)
        signature = view.fills[2].fill.signature
        seen = notices.FillSeen(owner=fakes.OWNER, order_key=view.order.key, signature=signature)
        told.append(notice_facts.Told(seen, view))
    screen = notice_screens.build(told, WHEN, possible_repeat=True)
    text = check(screen)
    assert "repeat" in text
    for number in range(1, count + 1):
        assert f"#{number} · USDC → SOL" in text
    assert text.count("0.058 SOL for 10 USDC") >= count
    assert len(screen.keyboard) == min(count, 8)


def test_what_is_told_late_says_when_it_was() -> None:
    """In the person's time; what is told as it comes needs no hour."""
    view = fakes.view()
    assert "\nFilled at 10:31 UTC\n" in tell(view, 1)
    assert "Filled" not in tell(view, 3)
    assert tell(view, 1, 2, 3).startswith("🟢 3 fills\nfrom 10:31 UTC to 12:31 UTC\n")
    late = notice_screens.build(
        [fill_told(view, 1)], replace(WHEN, zone="Asia/Kolkata"), possible_repeat=False
    )
    assert "Filled at 16:01" in check(late)


def fill_told(view: order_service.OrderView, number: int) -> notice_facts.Told:
    signature = view.fills[number - 1].fill.signature
    seen = notices.FillSeen(owner=fakes.OWNER, order_key=view.order.key, signature=signature)
    return notice_facts.Told(seen, view)


@pytest.mark.parametrize("repeat", [False, True])
def test_more_orders_than_fit_are_counted_and_no_news_is_cut_off(repeat: bool) -> None:
    """Whatever is named is exact, and what is not is counted: orders and fills; an order opened elsewhere
    is never among it."""
    views = [fakes.view(number, count=number % 3 + 1) for number in range(1, 121)]
    told = [fill_told(view, place + 1) for view in views for place in range(len(view.fills))]
    opened = notices.OrderOpened(owner=fakes.OWNER, order_key=views[-1].order.key)
    told.append(notice_facts.Told(opened, views[-1]))
    text = check(notice_screens.build(told, WHEN, possible_repeat=repeat))
    assert text.startswith("🟢 240 fills\n")
    assert "#120 was opened elsewhere" in text
    assert text.endswith("already have." if repeat else "see /fills")
    named = [view for view in views if f"#{view.number} · USDC → SOL: " in text]
    assert len(named) > 30
    for view in named:
        count = len(view.fills)
        sums = f"{amounts.format_amount(58_000_000 * count, 9)} SOL for {10 * count} USDC"
        which = "Fill 1/10" if count == 1 else f"Fills 1–{count}"
        assert f"#{view.number} · USDC → SOL: {which} · {sums}\n" in text
    left = views[len(named) :]
    assert f"… and more orders: {len(left)} (fills: {sum(len(view.fills) for view in left)}), see" in text


def test_a_cancelled_order_is_not_called_finished() -> None:
    """Its last fill and its end come in one message."""
    view = fakes.view(status=orders.Status.HISTORY, user_closed=True)
    seen = notices.FillSeen(
        owner=fakes.OWNER, order_key=view.order.key, signature=view.fills[2].fill.signature
    )
    cancelled = notices.OrderCancelled(owner=fakes.OWNER, order_key=view.order.key)
    batch: tuple[notices.Notice, ...] = (seen, cancelled)
    told = [notice_facts.Told(notice, view) for notice in batch]
    text = check(notice_screens.build(told, WHEN, possible_repeat=False))
    assert "#7 was cancelled" in text
    assert "finished" not in text


def test_what_is_over_among_many_fills_has_its_report() -> None:
    """Finished or cancelled: the order's row leads to its report, and comes before those that go on."""
    going = fakes.view(1)
    done = fakes.view(7, status=orders.Status.HISTORY)
    cancelled = fakes.view(8, status=orders.Status.HISTORY, user_closed=True)
    ends: list[notices.Notice] = [
        notices.OrderFinished(owner=fakes.OWNER, order_key=done.order.key),
        notices.OrderCancelled(owner=fakes.OWNER, order_key=cancelled.order.key),
    ]
    told = [
        *(fill_told(view, place) for view in (going, done) for place in (1, 2, 3)),
        *map(notice_facts.Told, ends, (done, cancelled)),
    ]
    rows = notice_screens.build(told, WHEN, possible_repeat=False).keyboard
    labels = [[button.label for button in row] for row in rows]
    assert labels == [["📄 Order #7", "📊 Report"], ["📄 Order #8", "📊 Report"], ["📄 Order #1"]]
    assert [row[1].data for row in rows[:2]] == ["apart:report:7", "apart:report:8"]


# --- low on funds ----------------------------------------------------------------------------------------


def _low(view: order_service.OrderView, *with_fills: int) -> markup.Screen:
    told = [
        notices.FillSeen(
            owner=fakes.OWNER, order_key=view.order.key, signature=view.fills[number - 1].fill.signature
        )
        for number in with_fills
    ]
    batch: list[notices.Notice] = [*told, notices.FundsLow(owner=fakes.OWNER, order_key=view.order.key)]
    return notice_screens.build(
        [notice_facts.Told(notice, view) for notice in batch], WHEN, possible_repeat=False
    )


@pytest.mark.parametrize("with_fills", [(), (3,), (2, 3)])
def test_an_order_low_on_funds_can_be_filled_up_from_its_message(with_fills: tuple[int, ...]) -> None:
    """Alone, with the fill that used it up, and among several."""
    screen = _low(fakes.view(family=orders.Family.PRICE, in_withdrawn_raw=65_000_000), *with_fills)
    text = check(screen)
    assert text.count("#7 is low on funds") == 1
    assert "5 USDC left" in text
    assert all(f"Fill {number}" in text for number in with_fills)
    assert any(button.data.endswith("deposit:7") for row in screen.keyboard for button in row)


@pytest.mark.parametrize("with_fills", [(), (3,), (2, 3)])
def test_what_cannot_be_filled_up_from_here_has_no_button_for_it(with_fills: tuple[int, ...]) -> None:
    """A watched wallet has no key here."""
    watched = fakes.view(
        family=orders.Family.PRICE, owner=fakes.wallet(owned=False), in_withdrawn_raw=65_000_000
    )
    screen = _low(watched, *with_fills)
    assert "low on funds" in check(screen)
    assert not any("deposit" in button.data for row in screen.keyboard for button in row)


def test_an_order_that_was_topped_up_meanwhile_is_not_called_low() -> None:
    """What is told late is told as it is then."""
    enough = fakes.view(family=orders.Family.PRICE)
    assert check(_low(enough)) == (
        "🪫 #7 was low on funds, and has enough for its next buy again · USDC → SOL\n70 USDC left"
    )
    assert "low on funds" not in check(_low(enough, 3))


# --- cycles without a fill -------------------------------------------------------------------------------


def _late(view: order_service.OrderView, *, skipped: bool, minutes: int = 20) -> markup.Screen:
    kind = notices.CycleSkipped if skipped else notices.CycleOverdue
    due_at = (NOW - timedelta(minutes=minutes)).isoformat()
    notice = kind(owner=fakes.OWNER, order_key=view.order.key, due_at=due_at)
    # An outage is told in real time, this in that of the orders.
    when = order_screens.When(NOW + timedelta(days=9), NOW)
    return notice_screens.build([notice_facts.Told(notice, view)], when, possible_repeat=False)


def test_an_overdue_fill_says_since_when_and_that_nothing_is_lost() -> None:
    screen = _late(fakes.view(), skipped=False)
    assert check(screen) == (
        "⏰ #7: a fill is overdue · USDC → SOL\n"
        "It was due at 13:11 UTC (20 min ago) and has not come yet.\n"
        "Jupiter's keepers fill the orders, usually within a minute. What is left stays in the order. "
        "I keep looking, and tell you when it is filled."
    )
    assert [button.label for row in screen.keyboard for button in row] == ["📄 Order #7", "🔎 Solscan"]


def test_a_skipped_cycle_is_told_calmly_with_its_price_range() -> None:
    screen = _late(fakes.view(min_out_raw=60_000_000), skipped=True)
    assert check(screen) == (
        "⏸ #7: no fill this time · USDC → SOL\n"
        "None came for the cycle of 13:11 UTC (20 min ago).\n"
        "It only fills within its price range, and lets cycles pass meanwhile.\n"
        "Only fills at ≈ 166.67 USDC per SOL or less\n"
        "Market now: ≈ 171.00 USDC per SOL\n"
        "Nothing was spent, and it goes on by itself. I tell you of the next fill."
    )
    assert [button.label for row in screen.keyboard for button in row] == ["📄 Order #7", "🔕 Mute"]


def test_a_price_order_that_lets_a_cycle_pass_says_why() -> None:
    text = check(_late(fakes.view(family=orders.Family.PRICE), skipped=True))
    assert "buys what is missing to the value it aims at" in text
    assert "Market" not in text


@pytest.mark.parametrize("skipped", [False, True])
def test_a_fill_that_came_before_its_delay_could_be_told_is_not_called_late(skipped: bool) -> None:
    """The last fill of this order was an hour ago."""
    text = check(_late(fakes.view(), skipped=skipped, minutes=61))
    assert text == "⏰ A fill of #7 was late, and has come since."


@pytest.mark.parametrize(("minutes", "both"), [(61, False), (59, True)])
def test_a_late_fill_speaks_for_itself(minutes: int, both: bool) -> None:
    """Told together with its delay it is just a fill; of a later delay one still hears."""
    view = fakes.view()
    due_at = (NOW - timedelta(minutes=minutes)).isoformat()
    late = notices.CycleOverdue(owner=fakes.OWNER, order_key=view.order.key, due_at=due_at)
    batch = [notice_facts.Told(late, view), fill_told(view, 3)]
    text = check(notice_screens.build(batch, WHEN, possible_repeat=False))
    assert "Fill 3/10" in text
    assert ("overdue" in text) == both
    assert text.startswith("🟢 1 fill\n" if both else "🟢 Fill 3/10")


# --- outages ---------------------------------------------------------------------------------------------

UNSEEN = notices.OrdersUnseen(since=(NOW - timedelta(minutes=16)).isoformat())
SEEN = notices.OrdersSeenAgain(since=UNSEEN.since, until=(NOW - timedelta(minutes=2)).isoformat())


def _outage(*told: notices.Notice) -> str:
    # Order time runs ahead in the sandbox; an outage is a matter of real time.
    when = order_screens.When(NOW, NOW + timedelta(days=9))
    batch = [notice_facts.Told(notice, None) for notice in told]
    screen = notice_screens.build(batch, when, possible_repeat=False)
    assert [button.label for row in screen.keyboard for button in row] == (["📋 Orders"] * (len(told) == 1))
    return check(screen)


def test_an_outage_says_since_when_and_what_happens_to_the_orders() -> None:
    assert _outage(UNSEEN) == (
        "⏳ I cannot see your orders at the moment.\n"
        "Jupiter has not shown them to me since 13:15 UTC (16 min ago). They go on without me, and I tell "
        "you of every fill as soon as I see it."
    )


def test_the_end_of_an_outage_says_from_when_to_when_it_was() -> None:
    assert _outage(SEEN) == (
        "✅ Back to normal.\n"
        "I see your orders again. From 13:15 UTC to 13:29 UTC I could not; of what was filled meanwhile "
        "you hear as usual."
    )


def test_an_outage_that_is_over_when_it_can_be_told_is_told_as_over() -> None:
    """Both were queued while Telegram was away, too."""
    text = check(
        notice_screens.build(
            [notice_facts.Told(notice, None) for notice in (UNSEEN, SEEN)], WHEN, possible_repeat=False
        )
    )
    assert "Back to normal" in text
    assert "cannot see" not in text


@pytest.mark.parametrize("notice_too", [False, True])
def test_the_last_fill_adds_the_result(notice_too: bool) -> None:
    """The end of an order comes with what it brought, once."""
    view = fakes.view(count=10, status=orders.Status.HISTORY)
    text = tell(view, 10, finished=notice_too)
    assert "Fill 10/10" in text
    assert text.count("finished") == 1
    assert "In all: 0.58 SOL for 100 USDC" in text
    assert text.count("verage") == 1
    assert "≈ 0.8 % dearer than now" in text
    assert "finished" not in tell(fakes.view(count=9), 9)


# --- tokens, amounts, times ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "flag"),
    [
        (fakes.USDC, ""),
        (amounts.Token(fakes.OTHER, "USDC", "USD Coin", 6, verified=True), "look-alike"),
        (amounts.Token(fakes.OTHER, "usdc ", "USD Coin", 6), "look-alike"),
        (amounts.Token(fakes.OTHER, "USDС", "Cyrillic", 6), "look-alike"),
        (amounts.Token(fakes.OTHER, "NEWT", "newt", 6), "unverified"),
        (amounts.Token(fakes.OTHER, "NEWT", "newt", 6, verified=True), ""),
    ],
)
def test_tokens_that_pretend_are_flagged(token: amounts.Token, flag: str) -> None:
    """The symbol alone never vouches for a token: look-alikes and unverified ones carry mint and warning."""
    assert flag in render.token_warning(token)
    assert bool(flag) == bool(render.token_warning(token))
    assert ("GRhU…GgB1" in render.sign(token)) == bool(flag)
    assert token.mint[:4] in render.token_name(token)


@pytest.mark.parametrize("verified", [False, True])
def test_a_card_names_an_unverified_token_by_its_whole_mint(verified: bool) -> None:
    """The first and last four characters of a mint can be imitated; what is verified stays short."""
    token = amounts.Token(fakes.OTHER, "NEWT", "newt", 6, verified=verified)
    names = cards.Names(source=fakes.USDC, target=token, wallet="Main")
    create = intents.CreateOrder(
        user=fakes.OWNER,
        input_mint=fakes.USDC.mint,
        output_mint=token.mint,
        amount_raw=500_000_000,
        number_of_orders=10,
        interval_s=86_400,
    )
    send = intents.Send(user=fakes.OWNER, mint=token.mint, amount_raw=1, to=fakes.OWNER)
    for intent, known in ((create, names), (send, replace(names, source=token))):
        lines = cards.record(intent, intents.Limits(), known)
        check(markup.screen(lines))
        assert (f"<code>{token.mint}</code>" in "\n".join(lines)) != verified
        unknown = cards.record(intent, intents.Limits(), cards.Names(source=None))
        assert f"<code>{token.mint}</code>" in "\n".join(unknown)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("above 150", "Only at prices of ≈ 150.00 USDC per SOL or more"),
        ("below 180", "Only at prices of ≈ 180.00 USDC per SOL or less"),
        ("150 and 180", "Only at prices from ≈ 150.00 to ≈ 180.00 USDC per SOL"),
    ],
)
def test_who_sells_for_dollars_confirms_the_range_in_dollars(typed: str, said: str) -> None:
    """Jupiter takes it the other way round, so that the least price becomes the highest."""
    intent = intents.CreateOrder(
        user=fakes.OWNER,
        input_mint=fakes.SOL.mint,
        output_mint=fakes.USDC.mint,
        amount_raw=10_000_000_000,
        number_of_orders=10,
        interval_s=86_400,
    )
    bounded = creating.bounded(intent, fakes.SOL, fakes.USDC, *forms.parse_prices(typed))
    names = cards.Names(source=fakes.SOL, target=fakes.USDC)
    assert said in cards.record(bounded, intents.Limits(), names)


def test_a_price_beyond_all_digits_is_still_told() -> None:
    """A mint may claim absurd decimals; its holder's messages must not fail for it."""
    source = replace(fakes.USDC, mint=fakes.OTHER, decimals=0)
    target = replace(fakes.SOL, mint=fakes.OTHER, decimals=255)
    view = fakes.view(source=source, target=target, known=[fakes.fill(1, in_raw=10**19, out_raw=1)])
    assert "Price 1" + "0" * 274 in tell(view, 1)


def test_prices_are_quoted_as_people_quote_them() -> None:
    """Selling SOL for USDC is a price in USDC per SOL, too."""
    assert render.price(Decimal("0.005"), fakes.SOL, fakes.USDC) == "200.00"
    assert render.price_unit(fakes.SOL, fakes.USDC) == "USDC per SOL"
    assert render.price(Decimal("172.4137931"), fakes.USDC, fakes.SOL) == "172.41"


@pytest.mark.parametrize(
    ("average", "words"),
    [
        ("99", "≈ 1.0 % cheaper than now"),
        ("101", "≈ 1.0 % dearer than now"),
        ("100.04", "the average is about the same"),
    ],
)
def test_an_average_is_compared_with_the_market(average: str, words: str) -> None:
    """A difference that rounds to nothing is none."""
    buys = (fakes.USDC, fakes.SOL)
    assert render.against_market(Decimal(average), Decimal(100), *buys).removeprefix("bought ") == words


def test_who_sells_is_told_whether_it_was_for_more() -> None:
    """USDC bought with SOL at 0.005 apiece is SOL sold at 200."""
    sells = (fakes.SOL, fakes.USDC)
    market = 1 / Decimal(160)
    assert render.against_market(1 / Decimal(200), market, *sells) == "sold ≈ 25.0 % higher than now"
    assert render.against_market(1 / Decimal(120), market, *sells) == "sold ≈ 25.0 % lower than now"


@given(st.decimals(min_value=Decimal("1e-18"), max_value=Decimal("1e18"), allow_nan=False))
def test_price_digits_never_lie_about_size(value: Decimal) -> None:
    """Rounding keeps a price within half a cent above 1, and within a thousandth below."""
    shown = Decimal(render.price_digits(value))
    assert abs(shown - value) <= max(Decimal("0.005"), value / 1000)
    assert shown > 0
    assert "E" not in render.price_digits(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (3540, "59 min"), (3600, "1 h"), (7500, "2 h 5 min"), (86400, "1 day"),
     (90061, "1 day 1 h"), (694861, "1 week 1 day")],
)  # fmt: skip
def test_durations(seconds: int, text: str) -> None:
    """Two units at most, largest first."""
    assert render.duration(timedelta(seconds=seconds)) == text


def test_times_are_shown_in_the_readers_zone() -> None:
    """The entity lets apps localise; older ones show UTC, or the zone that the person set."""
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert render.moment(at, NOW) == f'<tg-time unix="{int(at.timestamp())}" format="t">14:30 UTC</tg-time>'
    assert ">15:30</tg-time>" in render.moment(at, NOW, "Europe/Berlin")
    assert ">14:30 UTC</tg-time>" in render.moment(at, NOW, "Nowhere/Else")


@given(st.integers(-5, 105))
def test_the_bar_is_full_only_at_the_end(percent: int) -> None:
    """99 % must not look like the end, nor 1 % like more than nothing."""
    bar = render.bar(percent)
    assert (bar.count("▓") == 10) == (percent >= 100)
    assert bar.count("▓") + bar.count("░") == 10
    assert bar.endswith(f" {min(100, max(0, percent))} %")


def test_a_stale_list_says_since_when() -> None:
    """Old data is shown, marked with its age and the reason."""
    listed = order_service.OrderList(
        items=[fakes.view()],
        total=1,
        stale_since=NOW - timedelta(minutes=5),
        error="Jupiter does not answer. Nothing was sent.",
    )
    text = check(order_screens.build_list(listed, orders.Status.ACTIVE, WHEN))
    assert "As last seen 5 min ago. Jupiter does not answer.\n" in text
    fresher = replace(listed, stale_since=NOW - timedelta(seconds=20))
    assert "As last seen just now." in check(order_screens.build_list(fresher, orders.Status.ACTIVE, WHEN))


def test_a_list_that_could_never_be_read_claims_nothing() -> None:
    """Not to know of any order is not to know that there is none."""
    listed = order_service.OrderList(
        items=[], total=0, stale_since=NOW, error="Jupiter does not answer right now."
    )
    text = check(order_screens.build_list(listed, orders.Status.ACTIVE, WHEN))
    assert "Jupiter does not answer right now." in text
    assert "cannot look now" in text
    assert "No active orders" not in text
    assert "As last seen" not in text


def test_a_detail_that_is_old_says_so() -> None:
    """What Jupiter did not answer for is not passed off as the present."""
    view = fakes.view()
    seen = replace(view, known=replace(view.known, seen_at=NOW - timedelta(hours=2)))
    assert "As last seen 2 h ago." in check(order_detail.build_detail(seen, WHEN))
    fresh = replace(view, known=replace(view.known, seen_at=NOW))
    assert "As last seen" not in check(order_detail.build_detail(fresh, WHEN))


@given(st.lists(st.sampled_from(["<b>x</b>", "y" * 500, "<i>" + "z" * 3000 + "</i>", ""]), max_size=40))
def test_messages_are_cut_between_lines(lines: list[str]) -> None:
    """However many lines, the text is valid, fits, and says how many lines are missing."""
    text = markup.fit(["start", *lines])
    assert len(text) <= markup.TEXT_LIMIT
    parse_html(text)
    assert text.startswith("start")


def test_every_action_state_says_whether_money_moved() -> None:
    """A failure always answers the first question of whoever reads it."""
    names = cards.Names(source=fakes.USDC, wallet="Main", number=7)
    bad = {actions.State.FAILED, actions.State.LAPSED, actions.State.REJECTED, actions.State.REFUSED}
    for state in actions.State:
        text = check(cards.build_action(fakes.action(state), names))
        assert "Deposit: 10 USDC" in text
        assert ("money moved" in text) == (state in bad)


def test_a_card_without_names_still_says_what_it_was() -> None:
    """With token names unknown, raw amounts and mints are shown rather than nothing."""
    text = check(cards.build_action(fakes.action(), cards.Names(source=None)))
    assert "10000000 base units of EPjF…Dt1v" in text


def test_unknown_order_notice() -> None:
    """A fill of an order that is not known any more is still told, with its transaction."""
    told = notice_facts.Told(
        notices.FillSeen(owner=fakes.OWNER, order_key=fakes.ORDER_KEY, signature=fakes.SIGNATURE), None
    )
    screen = notice_screens.build([told], WHEN, possible_repeat=False)
    assert fakes.SIGNATURE in screen.html
    check(screen)


def test_notice_concerns() -> None:
    """What a message needs to be looked up for."""
    operator = notices.OperatorTold(topic="keys", text="…")
    message = ports.OutboxMessage(
        id=1, user_id=7, notice=operator, attempts=0, possible_repeat=False, created_at=NOW
    )
    assert notice_facts.concerns(message) is None


def test_what_the_operator_is_told_keeps_its_details() -> None:
    """A decoded transaction of any size stays one valid message, its lines in order and escaped."""
    details = [f"#{place} line & <i>more</i> {'x' * 200}" for place in range(90)]
    text = "\n".join(["Refused: <b>why</b>", *details])
    told = notice_facts.Told(notices.OperatorTold(topic="refused", text=text), None)
    html = notice_screens.build([told], WHEN, possible_repeat=False).html
    shown = parse_html(html)
    assert len(shown) <= 4096
    assert "#0 line & <i>more</i>" in shown
    assert "#20 line" in shown
    assert "more lines" in shown


def _refusals(count: int, why: str) -> list[notice_facts.Told]:
    said = "Refused to sign action {0} (price_deposit) of person {0}, rule transfer: {1}\n#0 Token\n#1 System"
    texts_ = [said.format(1000 + place, why) for place in range(count)]
    return [notice_facts.Told(notices.OperatorTold(topic="refused", text=text), None) for text in texts_]


@pytest.mark.parametrize("why", ["moved elsewhere", "<b>" * 200])
def test_many_notices_to_the_operator_say_what_each_was(why: str) -> None:
    """However many are merged, whom each is about can still be read."""
    screen = notice_screens.build(_refusals(48, why), WHEN, possible_repeat=True)
    shown = check(screen)
    assert len(shown) <= 4096
    for place in range(48):
        assert f"of person {1000 + place}" in shown


@pytest.mark.parametrize("count", [3, 300])
def test_equal_notices_to_the_operator_are_counted(count: int) -> None:
    """Said once, with how often; what differs stays by itself."""
    [one, other] = _refusals(2, "moved elsewhere")
    shown = check(notice_screens.build([one] * count + [other], WHEN, possible_repeat=False))
    assert shown.count("person 1000") == 1
    assert shown.count("person 1001") == 1
    assert shown.count(f"({count} ×)") == 1


def test_too_many_different_notices_say_how_many_are_left_out() -> None:
    shown = check(notice_screens.build(_refusals(300, "moved elsewhere"), WHEN, possible_repeat=False))
    assert len(shown) <= 4096
    assert "of person 1040" in shown
    assert "more lines" in shown
