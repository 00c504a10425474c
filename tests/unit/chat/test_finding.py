"""Naming an order in the chat: where several could be meant the person chooses, and goes on from there."""

from dataclasses import replace

import pytest

from bot.domain import addresses, amounts, orders
from tests.fakes import chat_services as fakes
from tests.fakes import telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time

JUP = amounts.Token("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN", "JUP", "Jupiter", 6, verified=True)
FAKE = amounts.Token(fakes.OTHER, "USDC", "USD Coin", 6)
PRICE = orders.Family.PRICE


def ready(chat: ChatDriver, *pairs: tuple[amounts.Token, amounts.Token]) -> None:
    """Price orders of these pairs in a wallet of the person's, numbered from 1."""
    mine = fakes.wallet()
    chat.fakes.wallets.wallets[7] = [mine]
    chat.fakes.orders.views[7] = [
        fakes.view(
            number,
            family=PRICE,
            owner=mine,
            source=source,
            target=target,
            key=addresses.encode_base58(bytes([number]) * 32),
        )
        for number, (source, target) in reversed(list(enumerate(pairs, 1)))
    ]


async def shown(chat: ChatDriver, text: str) -> telegram.Sent:
    answer = await chat.send(text)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("/deposit sol 12.5", ("deposit", (2, "12.5"))),
        ("/deposit SOL 50%", ("deposit", (2, "50%"))),
        ("/withdraw sol all out", ("withdraw", (2, "all", orders.Side.OUT))),
        ("/withdraw usdc sol 10", ("withdraw", (2, "10", orders.Side.IN))),
        ("/cancel usdc→sol", ("cancel", (2,))),
        ("/cancel usdc to sol", ("cancel", (2,))),
    ],
)
def test_an_order_may_be_named_by_its_tokens(text: str, asked: tuple[str, tuple[object, ...]]) -> None:
    """Where there is one of them, the card comes at once."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready(chat, (fakes.USDC, JUP), (fakes.USDC, fakes.SOL))
            card = await shown(chat, text)
            assert "#2" in card.text
            assert (chat.fakes.proposals.asked[-1].what, chat.fakes.proposals.asked[-1].args) == asked

    try_it()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("/deposit usdc 12.5", ("deposit", (1, "12.5"))),
        ("/deposit usdc max", ("deposit", (1, "max"))),
        ("/withdraw usdc 50% out", ("withdraw", (1, "50%", orders.Side.OUT))),
        ("/withdraw usdc out", ("withdraw", (1, "all", orders.Side.OUT))),
        ("/cancel usdc", ("cancel", (1,))),
    ],
)
def test_what_was_said_besides_the_order_is_not_asked_again(
    text: str, asked: tuple[str, tuple[object, ...]]
) -> None:
    """Several fit: a button each, and the amount and the side go along with it."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready(chat, (fakes.USDC, JUP), (fakes.USDC, fakes.SOL))
            which = await shown(chat, text)
            assert "2 of your orders fit “usdc”." in which.text
            assert which.labels[:2] == ["#2 USDC → SOL", "#1 USDC → JUP"]
            assert not chat.fakes.proposals.asked
            await chat.press(which, "#1")
            assert (chat.fakes.proposals.asked[-1].what, chat.fakes.proposals.asked[-1].args) == asked

    try_it()


@pytest.mark.parametrize(
    ("text", "shown_then"),
    [
        ("/fills usdc", "Fills of #1 · USDC → JUP"),
        ("/report usdc", "Report of #1 · USDC → JUP"),
        ("/export usdc", "Fills · #1 USDC → JUP"),
        ("/export usdc 2025 json", "Fills · #1 USDC → JUP · 2025"),
        ("/chart usdc", "Chart of #1 · USDC → JUP"),
    ],
)
def test_what_is_only_looked_at_is_chosen_by_button(text: str, shown_then: str) -> None:
    """The button leads to what was asked for, and says nothing of the others."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready(chat, (fakes.USDC, JUP), (fakes.USDC, fakes.SOL))
            which = await shown(chat, text)
            assert "2 of your orders fit “usdc”." in which.text
            assert which.labels[:2] == ["#2 USDC → SOL", "#1 USDC → JUP"]
            then = await chat.press(which, "#1")
            assert shown_then in then.text
            assert bool(then.picture) == text.startswith("/chart")
            if not then.picture:
                assert then.id == which.id
            assert shown_then in (await shown(chat, text.replace("usdc", "1"))).text

    try_it()


@in_virtual_time
async def test_charts_and_reports_are_asked_for_by_name_or_chosen() -> None:
    """Without a name all orders are offered, the running ones first, by button or typed."""
    async with running() as chat:
        assert "no wallet here" in (await shown(chat, "/chart")).text
        ready(chat, (fakes.USDC, JUP), *[(fakes.USDC, fakes.SOL)] * 7)
        newest = chat.fakes.orders.views[7][0]
        over = replace(newest.known.order, status=orders.Status.HISTORY)
        chat.fakes.orders.views[7][0] = replace(newest, known=replace(newest.known, order=over))
        for command, title in (("/chart", "Chart of #"), ("/report", "Report of #")):
            which = await shown(chat, command)
            assert [label for label in which.labels if label.startswith("#")] == [
                f"#{number} USDC → SOL" for number in range(7, 1, -1)
            ]
            assert "#8 USDC → SOL" in (await chat.press(which, "Page 2")).labels
            assert f"{title}1" in (await shown(chat, "jup")).text
            assert "did not understand" in (await shown(chat, "jup")).text, "the question was answered"
            which = await shown(chat, command)
            await shown(chat, "nonsense")
            assert "no order that fits “nonsense”" in chat.newest().text
            assert f"{title}8" in (await shown(chat, "#8")).text
            await chat.press(await shown(chat, command), "#7")
            assert f"{title}7" in chat.newest().text
        name = chat.fakes.wallets.wallets[7][0].name
        assert f"Chart of {name}" in (await shown(chat, f"/chart {name.upper()}")).text
        chat.fakes.orders.views[7] = []
        assert "No orders in your wallets." in (await shown(chat, "/report")).text


@in_virtual_time
async def test_digits_alone_are_an_order_whatever_a_wallet_is_called() -> None:
    async with running() as chat:
        ready(chat, (fakes.USDC, JUP))
        named = [replace(fakes.wallet(2, pubkey=fakes.OTHER), name="1")]
        chat.fakes.wallets.wallets[7] += named
        for number in ("1", "#1"):
            assert "Chart of #1" in (await shown(chat, f"/chart {number}")).text
            assert "Fills · #1" in (await shown(chat, f"/export {number}")).text


@in_virtual_time
async def test_stop_may_be_typed() -> None:
    """/stop ends a question as its button does; without one it stops an export that is announced."""
    async with running() as chat:
        ready(chat, (fakes.USDC, JUP))
        await shown(chat, "/deposit")
        assert "Stopped. Nothing was changed." in (await shown(chat, "/stop")).text
        assert "did not understand" in (await shown(chat, "1")).text
        assert "nothing to stop" in (await shown(chat, "/stop")).text
        await chat.tap("exported:1", await shown(chat, "/wallet"))
        assert "Its private key comes" in chat.newest().text
        await shown(chat, "/rename")
        stopped = await shown(chat, "/stop")
        assert "Export stopped. The key of Wallet 1 was not shown." in stopped.text
        assert not chat.fakes.jobs.jobs


@in_virtual_time
async def test_orders_are_searched() -> None:
    """One is opened; of many the newest are named, and how to find the others."""
    async with running() as chat:
        ready(chat, *[(fakes.USDC, fakes.SOL)] * 45, (fakes.USDC, JUP))
        assert "#46 · USDC → JUP" in (await shown(chat, "/orders jup")).text
        many = await shown(chat, "/orders sol")
        assert "45 of your orders fit" in many.text
        assert "… and 37 more" in many.text
        assert [label for label in many.labels if label.startswith("#")] == [
            f"#{number} USDC → SOL" for number in range(45, 37, -1)
        ]
        assert "#40 · USDC → SOL" in (await chat.press(many, "#40")).text
        assert "Name an order by its number" in (await shown(chat, "/orders " + "x" * 70)).text


@in_virtual_time
async def test_a_look_alike_is_shown_for_what_it_is_before_it_is_used() -> None:
    """Whoever names a token gets the real one's order, or is asked: never the false one's in silence."""
    async with running() as chat:
        ready(chat, (fakes.USDC, fakes.SOL), (FAKE, fakes.SOL))
        which = await shown(chat, "/deposit usdc 10")
        assert "⚠️USDC (GRhU…GgB1, possible look-alike)" in which.text
        assert [label for label in which.labels if label.startswith("#")] == [
            "#2 ⚠️USDC → SOL",
            "#1 USDC → SOL",
        ]
        ready(chat, (FAKE, fakes.SOL))
        alone = await shown(chat, "/deposit usdc 10")
        assert "of a token that looks like another one" in alone.text
        assert not chat.fakes.proposals.asked
        await chat.press(alone, "#1")
        assert chat.fakes.proposals.asked[-1].args == (1, "10")


@in_virtual_time
async def test_the_choice_pages_and_takes_names() -> None:
    """Six a page by editing; or the order is typed, however it is named."""
    async with running() as chat:
        ready(chat, (fakes.USDC, JUP), *[(fakes.USDC, fakes.SOL)] * 20)
        first = await shown(chat, "/deposit")
        assert [f"#{number} " in first.text for number in (21, 16, 15)] == [True, True, False]
        second = await chat.press(first, "Page 2")
        assert second.id == first.id
        assert [f"#{number} " in second.text for number in (21, 15, 10)] == [False, True, True]
        assert "#21 " in (await chat.press(second, "Page 1")).text
        await shown(chat, "nonsense")
        assert "no order that fits “nonsense”" in chat.newest().text
        await shown(chat, "jup 12.5")
        assert chat.fakes.proposals.asked[-1].args == (1, "12.5")
        for command, verb in (("/withdraw", "withdraw"), ("/cancel", "cancel")):
            await shown(chat, command)
            await shown(chat, "#3 50%" if verb == "withdraw" else "#3")
            assert chat.fakes.proposals.asked[-1].what == verb
            expected = 3
            assert chat.fakes.proposals.asked[-1].args[0] == expected


@in_virtual_time
async def test_a_candidate_that_is_gone_says_so() -> None:
    """A list of candidates stays clickable forever."""
    async with running() as chat:
        ready(chat, (fakes.USDC, JUP), (fakes.USDC, fakes.SOL))
        which = await shown(chat, "/deposit usdc 10")
        chat.fakes.orders.views[7] = [replace(chat.fakes.orders.views[7][0])]
        await chat.press(which, "#1")
        assert "no such order" in chat.newest().text
        for data in ("withdraw:1:50%", "withdraw:2:50%:up", "deposit:x:1"):
            await chat.tap(data, which)
            assert chat.fakes.proposals.asked == []
