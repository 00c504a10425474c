"""Reading the list of orders: exact, and whatever one item is, the others survive."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import errors
from bot.domain import fills, orders
from bot.jupiter import answers
from bot.jupiter.orders import parse_orders

SEED = json.loads((Path(__file__).parents[2] / "data" / "seeds" / "orders.json").read_text())["success"]
OWNER: str = SEED["user"]
TIME: dict[str, Any] = SEED["time"][0]
TRADE: dict[str, Any] = TIME["trades"][0]
PRICE: dict[str, Any] = {
    "userPubkey": OWNER,
    "orderKey": "EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH",
    "inputMint": TIME["inputMint"],
    "outputMint": TIME["outputMint"],
    "rawInDeposited": "100000000",
    "rawInWithdrawn": "5000000",
    "rawInLeft": "85000000",
    "rawInUsed": "10000000",
    "rawOutReceived": "58000000",
    "rawOutWithdrawn": "58000000",
    "orderInterval": "86400",
    "rawIncrementalUsdValue": "10000000",
    "status": "Open",
    "closedBy": "",
    "openTx": "tx",
    "closeTx": "",
    "createdAt": "2025-03-16T10:30:00Z",
    "startAt": "2025-03-17T10:30:00.5Z",
    "updatedAt": "2025-03-16T11:30:00Z",
    "trades": [],
}
ACTIVE = orders.Status.ACTIVE


def answer(**changes: Any) -> dict[str, Any]:
    empty = {
        "user": OWNER,
        "orderStatus": "active",
        "time": [],
        "price": [],
        "all": [],
        "totalPages": 1,
        "page": 1,
    }
    return empty | changes


def item(template: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(template) | changes
    return {name: value for name, value in changed.items() if value is not ...}


def read(body: object) -> orders.OrderPage:
    return parse_orders(body, OWNER, ACTIVE, 1)[0]


def test_the_documented_answer_is_read_exactly() -> None:
    """Seed 002 as it stands: one time order with one fill, identifiers that are no base58 included."""
    page = read(SEED)
    order = orders.Order(
        family=orders.Family.TIME,
        status=ACTIVE,
        key="8mF4HKoPQNmtbRvTRqotb4LW3pz5rR3eB7owZL9FVKIW",
        owner=OWNER,
        input_mint="EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
        output_mint="So11111111111111111111111111111111111111112",
        in_deposited_raw=100_000_000,
        in_used_raw=10_000_000,
        in_withdrawn_raw=0,
        out_received_raw=58_000_000,
        out_withdrawn_raw=0,
        cycle=timedelta(seconds=60),
        in_per_cycle_raw=10_000_000,
        open_tx="4xKpN2...",
        close_tx=None,
        created_at=datetime(2025, 3, 15, 10, 30, tzinfo=UTC),
        updated_at=datetime(2025, 3, 15, 11, 30, tzinfo=UTC),
    )
    fill = fills.Fill(
        order_key=order.key,
        signature="3yZe7d...",
        input_mint=order.input_mint,
        output_mint=order.output_mint,
        in_raw=10_000_000,
        out_raw=58_000_000,
        fee_mint=order.output_mint,
        fee_raw=58_000,
        confirmed_at=datetime(2025, 3, 15, 11, 30, tzinfo=UTC),
    )
    assert page == orders.OrderPage((orders.SeenOrder(order, (fill,)),), page=1, total_pages=1)


def test_a_price_order_is_read() -> None:
    """The other family: its interval, its increment, its start; empty identifiers are none."""
    (seen,) = read(answer(price=[PRICE])).orders
    order = seen.order
    assert order.family is orders.Family.PRICE
    assert order.cycle == timedelta(days=1)
    assert order.in_left_raw == 85_000_000
    assert order.increment_usd_raw == 10_000_000
    assert order.start_at == datetime(2025, 3, 17, 10, 30, 0, 500_000, tzinfo=UTC)
    assert (order.close_tx, order.user_closed, order.in_per_cycle_raw) == (None, False, 0)


@pytest.mark.parametrize("name", ["time", "price", "all"])
@pytest.mark.parametrize("typed", [True, False])
def test_items_are_read_wherever_they_are(name: str, typed: bool) -> None:
    """The item's own type counts, then its list, then its structure."""
    items = []
    if name in {"time", "all"}:
        items.append(item(TIME, recurringType="time" if typed else ...))
    if name in {"price", "all"}:
        items.append(item(PRICE, recurringType="price" if typed else ...))
    page = read(answer(**{name: items}))
    families = {seen.order.family.value for seen in page.orders}
    assert families == ({"time", "price"} if name == "all" else {name})
    assert page.quarantined == 0


def test_the_same_order_in_two_lists_is_one_order() -> None:
    """Told twice, it is one order with the fills of both."""
    other = item(TRADE, txId="second", confirmedAt="2025-03-15T11:29:00Z")
    newer = item(TIME, trades=[other, TRADE], updatedAt="2025-03-15T12:00:00Z", rawInUsed="20000000")
    (seen,) = read(answer(time=[TIME], all=[newer])).orders
    assert [fill.signature for fill in seen.fills] == ["second", "3yZe7d..."]
    assert seen.order.in_used_raw == 20_000_000
    (swapped,) = read(answer(time=[newer], all=[TIME])).orders
    assert swapped == seen


ABSURD: list[Any] = [None, "", "-1", -1, "1.0", 1.5, "1e6", True, [], 2**64, str(2**64), "9" * 5000, "١٢"]
BAD_NAMES: list[Any] = ["", None, 5, "x" * 129, "a b", "a\nb", "ключ", "\ud800", "a\x00"]
BAD_TIMES: list[Any] = [None, "", "yesterday", 5, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
BAD_TIMES += ["9999-12-31T00:00:00Z", "1970-01-01T00:00:00Z", "2025-13-01T00:00:00Z", "x" * 10_000]
NEEDED = "userPubkey orderKey inputMint outputMint rawInUsed rawInDeposited rawInWithdrawn rawOutReceived"
NEEDED += " rawOutWithdrawn cycleFrequency rawInAmountPerCycle createdAt"
BROKEN_ITEMS: list[Any] = [
    None,
    5,
    "text",
    [],
    {},
    *(item(TIME, **{name: ...}) for name in NEEDED.split()),
    *(item(TIME, rawInDeposited=value) for value in ABSURD),
    *(item(TIME, orderKey=value) for value in BAD_NAMES),
    *(item(TIME, createdAt=value) for value in BAD_TIMES),
    *(item(TIME, cycleFrequency=value) for value in ("-5", 10**15, "soon", None, 60.5)),
    item(TIME, recurringType="price"),
    item(TIME, userPubkey="EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH"),
]


@pytest.mark.parametrize("broken", BROKEN_ITEMS, ids=lambda one: str(one)[:40])
def test_a_broken_item_costs_only_itself(broken: Any) -> None:
    """Missing, negative, huge or foreign: left out, counted and described; the order beside it is there."""
    good = item(TIME, orderKey="good", trades=[])
    page, problems = parse_orders(answer(time=[broken, good]), OWNER, ACTIVE, 1)
    assert [seen.order.key for seen in page.orders] == ["good"]
    assert page.quarantined == len(problems) == 1
    assert problems[0].isprintable()


def test_an_item_without_a_family_is_left_out() -> None:
    """In the mixed list, what is neither of both is nothing."""
    page = read(answer(all=[item(TIME, cycleFrequency=...)]))
    assert (page.orders, page.quarantined) == ((), 1)


def test_optional_fields_may_be_missing() -> None:
    """What is not needed for anything does not stop an order."""
    bare = item(
        TIME, updatedAt=None, openTx=..., closeTx=..., userClosed=..., rawMinOutAmount=..., trades=..., x="y"
    )
    (seen,) = read(answer(time=[bare])).orders
    assert seen.order.updated_at == seen.order.created_at
    assert (seen.order.open_tx, seen.order.close_tx, seen.fills) == ("", None, ())


@pytest.mark.parametrize("cycle", [60, "60"])
@pytest.mark.parametrize("raw", [100_000_000, "100000000"])
def test_numbers_come_as_numbers_or_text(cycle: object, raw: object) -> None:
    """The example has a number where the specification has text."""
    (seen,) = read(answer(time=[item(TIME, cycleFrequency=cycle, rawInDeposited=raw)])).orders
    assert (seen.order.cycle, seen.order.in_deposited_raw) == (timedelta(minutes=1), 100_000_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-15T11:30:00.123Z", datetime(2025, 3, 15, 11, 30, 0, 123_000, tzinfo=UTC)),
        ("2025-03-15T11:30:00Z", datetime(2025, 3, 15, 11, 30, tzinfo=UTC)),
        ("2025-03-15T11:30:00.123456789Z", datetime(2025, 3, 15, 11, 30, 0, 123_456, tzinfo=UTC)),
        ("2025-03-15T12:30:00+01:00", datetime(2025, 3, 15, 11, 30, tzinfo=UTC)),
        ("2025-03-15T11:30:00", datetime(2025, 3, 15, 11, 30, tzinfo=UTC)),
    ],
)
def test_times_come_in_several_forms(text: str, expected: datetime) -> None:
    """With and without fractions, with and without a zone; always aware UTC inside."""
    (seen,) = read(answer(time=[item(TIME, trades=[item(TRADE, confirmedAt=text)])])).orders
    assert seen.fills[0].confirmed_at == expected


def test_only_fills_are_fills() -> None:
    """Deposits, withdrawals and failures in the list of trades are not fills, and not errors either."""
    trades = [TRADE, *(item(TRADE, txId=name, action=name) for name in ("Deposit", "Withdraw", "Failed", ""))]
    page = read(answer(time=[item(TIME, trades=trades)]))
    assert [fill.signature for fill in page.orders[0].fills] == ["3yZe7d..."]
    assert page.quarantined == 0


def test_a_fill_without_fee_has_none() -> None:
    """Older trades have no fee fields."""
    bare = item(
        TRADE, feeMint=..., feeAmount=..., rawFeeAmount=..., orderKey=..., inputMint=..., outputMint=...
    )
    (fill,) = read(answer(time=[item(TIME, trades=[bare])])).orders[0].fills
    assert (fill.fee_mint, fill.fee_raw, fill.net_out_raw) == ("", 0, 58_000_000)
    assert (fill.order_key, fill.input_mint) == (TIME["orderKey"], TIME["inputMint"])


BROKEN_TRADES: list[Any] = [
    None,
    "text",
    {},
    item(TRADE, txId=...),
    item(TRADE, txId=""),
    item(TRADE, rawInputAmount="-1"),
    item(TRADE, rawOutputAmount=None),
    item(TRADE, confirmedAt="never"),
    item(TRADE, action=None),
    item(TRADE, orderKey="EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH"),
]


@pytest.mark.parametrize("broken", BROKEN_TRADES, ids=lambda one: str(one)[:40])
def test_a_broken_trade_costs_only_itself(broken: Any) -> None:
    """Its order and the other trades are there; it is counted, and conservation will notice the gap."""
    page = read(answer(time=[item(TIME, trades=[broken, TRADE])]))
    assert [fill.signature for fill in page.orders[0].fills] == ["3yZe7d..."]
    assert page.quarantined == 1


def test_a_trade_told_twice_differently_is_counted() -> None:
    """The first stays; that there was another is not hidden."""
    page = read(answer(time=[item(TIME, trades=[TRADE, TRADE, item(TRADE, rawInputAmount="1")])]))
    assert [fill.in_raw for fill in page.orders[0].fills] == [10_000_000]
    assert page.quarantined == 1


@pytest.mark.parametrize("trades", ["text", 5, {}])
def test_unreadable_trades_do_not_cost_the_order(trades: object) -> None:
    """The order is known, its trades are counted as one problem."""
    page = read(answer(time=[item(TIME, trades=trades)]))
    assert (len(page.orders), page.orders[0].fills, page.quarantined) == (1, (), 1)


def test_hostile_text_passes_through_unharmed() -> None:
    """Markup in an identifier is an identifier: escaping is the concern of who shows it."""
    (seen,) = read(answer(time=[item(TIME, openTx="<script>alert(1)</script>")])).orders
    assert seen.order.open_tx == "<script>alert(1)</script>"


def test_u64_is_the_limit() -> None:
    """The largest amount there can be is read exactly."""
    (seen,) = read(answer(time=[item(TIME, rawInDeposited=str(2**64 - 1))])).orders
    assert seen.order.in_deposited_raw == 2**64 - 1


def test_newest_orders_come_first_and_oldest_fills() -> None:
    """The page is in the order that people expect, however it came."""
    old, new = item(TIME, orderKey="old"), item(TIME, orderKey="new", createdAt="2025-04-01T00:00:00Z")
    assert [seen.order.key for seen in read(answer(time=[old, new])).orders] == ["new", "old"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"page": 2, "totalPages": 5}, (2, 5)),
        ({"page": None, "totalPages": None}, (1, 1)),
        ({"page": "3", "totalPages": "4"}, (3, 4)),
        ({"totalPages": 0}, (1, 1)),
        ({"totalPages": 10**18}, (1, 1_000)),
    ],
)
def test_pages_are_read_and_bounded(told: dict[str, Any], expected: tuple[int, int]) -> None:
    """A lying number of pages cannot keep us reading for ever."""
    page = read(answer(**told))
    assert (page.page, page.total_pages) == expected


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        5,
        {},
        {"time": None},
        {"time": {}},
        answer(orderStatus="history"),
        answer(orderStatus=5),
        {"user": OWNER, "orderStatus": "active"},
    ],
)
def test_what_is_no_page_is_unexpected(body: object) -> None:
    """Not a page, or one of closed orders where active ones were asked for: nothing is concluded from it."""
    with pytest.raises(errors.UnexpectedResponse):
        read(body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([OWNER, "Fill", "time", "60"]),
    lambda of: (
        st.lists(of, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(TIME | PRICE | TRADE)), of, max_size=6)
    ),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(json_values | st.fixed_dictionaries({"time": json_values, "all": json_values, "page": json_values}))
def test_arbitrary_json_is_a_page_or_unexpected(body: object) -> None:
    """No JSON whatsoever raises anything but UnexpectedResponse."""
    try:
        page, problems = parse_orders(body, OWNER, ACTIVE, 1)
    except errors.UnexpectedResponse:
        return
    assert page.quarantined == len(problems)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_one_changed_field_never_costs_the_neighbour(data: st.DataObject) -> None:
    """Any field of an item or of its trade replaced by any JSON: the neighbour is read as before."""
    template = data.draw(st.sampled_from([TIME, PRICE]))
    changed = item(template) | {data.draw(st.sampled_from(sorted(template))): data.draw(json_values)}
    trade = item(TRADE) | {data.draw(st.sampled_from(sorted(TRADE))): data.draw(json_values)}
    if isinstance(changed.get("trades"), list):
        changed["trades"] = [trade, *changed["trades"]]
    good = item(TIME, orderKey="good", trades=[])
    sent = json.dumps(answer(all=[changed, good]))
    page = read(answers.parse_json(sent.encode()))
    kept = {seen.order.key: seen for seen in page.orders}
    assert kept["good"].order.in_deposited_raw == 100_000_000
    assert len(kept) + page.quarantined >= 2 or changed["orderKey"] == "good"
    for seen in page.orders:
        assert seen.order.owner == OWNER
        orders.next_fill_at(seen.order, None)
        assert 0 <= seen.order.in_left_raw < 2**64
