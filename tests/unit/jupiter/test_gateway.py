"""The gateway of recurring orders: the seeds' exchanges as they stand, and what can go wrong."""

import base64
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import errors, ports
from bot.domain import intents, orders
from bot.jupiter import calls
from bot.jupiter.recurring import JupiterRecurring
from bot.jupiter.transport import JupiterTransport
from bot.ports import Priority
from tests.fakes.jupiter import URL, FakeJupiter, Reply
from tests.fakes.virtual_time import in_virtual_time

SEEDS = Path(__file__).parents[2] / "data" / "seeds"
DEPOSIT, WITHDRAW, ORDERS = (
    json.loads((SEEDS / f"{name}.json").read_text()) for name in ("deposit", "withdraw", "orders")
)
USER: str = ORDERS["success"]["user"]
COMMON: dict[str, Any] = {
    "user": USER,
    "input_mint": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    "output_mint": "So11111111111111111111111111111111111111112",
}
TO_DEPOSIT = intents.Deposit(
    **COMMON, order=DEPOSIT["request"]["order"], amount_raw=DEPOSIT["request"]["amount"]
)
TO_WITHDRAW = intents.Withdraw(
    **COMMON, order=WITHDRAW["request"]["order"], amount_raw=WITHDRAW["request"]["amount"]
)
TO_CREATE = intents.CreateOrder(
    **COMMON,
    amount_raw=104_000_000,
    number_of_orders=2,
    interval_s=86_400,
    min_price="150.25",
    start_at=1_800_000_000,
)
TO_CANCEL = intents.CancelOrder(**COMMON, family=orders.Family.TIME, order=WITHDRAW["request"]["order"])
PRESENT, *HISTORIC = calls.DEPOSIT


@asynccontextmanager
async def connect(fake: FakeJupiter) -> AsyncIterator[ports.OrderGateway]:
    async with JupiterTransport(URL, "key", wire=fake.wire) as connection:
        yield JupiterRecurring(connection)


@in_virtual_time
async def test_the_deposit_of_the_seed() -> None:
    """Seed 000: its body, its historic answer `{id, tx}`, under the present name."""
    fake = FakeJupiter()
    fake.on(PRESENT, Reply(DEPOSIT["success"]))
    async with connect(fake) as gateway:
        crafted = await gateway.craft(TO_DEPOSIT)
    assert fake.seen[0].body == DEPOSIT["request"] | {"user": USER}
    assert crafted == ports.Crafted(DEPOSIT["success"]["id"], DEPOSIT["success"]["tx"])


@pytest.mark.parametrize("path", HISTORIC)
def test_the_historic_names_of_deposit_are_tried(path: str) -> None:
    """A server that knows only a name of the seed serves it under that name."""
    assert set(HISTORIC) == set(DEPOSIT["paths"])

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(path, Reply(DEPOSIT["success"]))
        async with connect(fake) as gateway:
            crafted = await gateway.craft(TO_DEPOSIT)
        assert crafted.request_id == DEPOSIT["success"]["id"]
        assert fake.seen[0].path == PRESENT

    run()


@in_virtual_time
async def test_a_refused_deposit_is_not_tried_under_other_names() -> None:
    """Seed 000's failure, whose words are in `message`: refused is refused."""
    fake = FakeJupiter()
    fake.on(PRESENT, Reply(DEPOSIT["failure"], 400))
    async with connect(fake) as gateway:
        with pytest.raises(errors.OrderRejected, match=DEPOSIT["failure"]["message"]):
            await gateway.craft(TO_DEPOSIT)
    assert len(fake.seen) == 1


@in_virtual_time
async def test_the_withdrawal_of_the_seed() -> None:
    """Seed 001: its answer `{requestId, transaction}`; the amount as text, as the specification has it."""
    fake = FakeJupiter()
    fake.on(calls.WITHDRAW, Reply(WITHDRAW["success"]))
    async with connect(fake) as gateway:
        crafted = await gateway.craft(TO_WITHDRAW)
    sent = fake.seen[0].body
    assert sent | {"amount": int(sent["amount"])} == WITHDRAW["request"] | {"user": USER}
    assert crafted == ports.Crafted(WITHDRAW["success"]["requestId"], WITHDRAW["success"]["transaction"])


@in_virtual_time
async def test_the_failed_withdrawal_of_the_seed() -> None:
    """Seed 001's failure, whose words are in `error`."""
    fake = FakeJupiter()
    fake.on(calls.WITHDRAW, Reply(WITHDRAW["failure"], 400))
    async with connect(fake) as gateway:
        with pytest.raises(errors.OrderRejected, match="failed to fill whole buffer"):
            await gateway.craft(TO_WITHDRAW)
    assert len(fake.seen) == 1


@in_virtual_time
async def test_a_server_that_wants_a_number_gets_the_seeds_own_request() -> None:
    """Refused for its type, the amount goes out as the number of seed 001's example."""
    fake = FakeJupiter()
    wrong = {"error": 'amount: invalid type: string "1000000", expected u64'}
    fake.on(calls.WITHDRAW, Reply(wrong, 422), Reply(WITHDRAW["success"]))
    async with connect(fake) as gateway:
        await gateway.craft(TO_WITHDRAW)
    assert fake.seen[1].body == WITHDRAW["request"] | {"user": USER}


@in_virtual_time
async def test_everything_means_no_amount() -> None:
    """Withdrawing all sends no amount at all."""
    fake = FakeJupiter()
    fake.on(calls.WITHDRAW, Reply(WITHDRAW["success"]))
    everything = intents.Withdraw(**COMMON, order=TO_WITHDRAW.order, amount_raw=None, side=orders.Side.OUT)
    async with connect(fake) as gateway:
        await gateway.craft(everything)
    assert fake.seen[0].body == {"order": TO_WITHDRAW.order, "user": USER, "inputOrOutput": "Out"}


@in_virtual_time
async def test_the_order_list_of_the_seed() -> None:
    """Seed 002's answer to the question that we ask: all families, the page, no failed transactions."""
    fake = FakeJupiter()
    fake.on(ORDERS["path"], Reply(ORDERS["success"]))
    async with connect(fake) as gateway:
        page = await gateway.fetch_orders(USER, orders.Status.ACTIVE, page=3, priority=Priority.SWEEP)
    assert [seen.order.key for seen in page.orders] == ["8mF4HKoPQNmtbRvTRqotb4LW3pz5rR3eB7owZL9FVKIW"]
    assert fake.seen[0].method == "GET"
    assert fake.seen[0].query == {
        "recurringType": "all",
        "orderStatus": "active",
        "user": USER,
        "page": "3",
        "includeFailedTx": "false",
    }


@in_virtual_time
async def test_a_create_is_sent_whole() -> None:
    """Raw integers, seconds, bounds as numbers or null, the start as unix seconds."""
    fake = FakeJupiter()
    fake.on(calls.CREATE, Reply(WITHDRAW["success"]))
    async with connect(fake) as gateway:
        await gateway.craft(TO_CREATE)
    time = {
        "inAmount": 104_000_000,
        "numberOfOrders": 2,
        "interval": 86_400,
        "minPrice": 150.25,
        "maxPrice": None,
        "startAt": 1_800_000_000,
    }
    assert fake.seen[0].body == {
        "user": USER,
        "inputMint": COMMON["input_mint"],
        "outputMint": COMMON["output_mint"],
        "params": {"time": time},
    }


@in_virtual_time
async def test_a_cancel_names_the_family() -> None:
    """One order, its owner, and time or price."""
    fake = FakeJupiter()
    fake.on(calls.CANCEL, Reply(WITHDRAW["success"]))
    async with connect(fake) as gateway:
        await gateway.craft(TO_CANCEL)
    assert fake.seen[0].body == {"order": TO_CANCEL.order, "user": USER, "recurringType": "time"}


@pytest.mark.parametrize("price", ["NaN", "Infinity", "0", "-1", "abc", "", "1e99"])
def test_an_absurd_price_never_leaves(price: str) -> None:
    """What is not a price is refused before anything is sent."""
    with pytest.raises(errors.InvalidAmount):
        calls.build_craft(
            intents.CreateOrder(**COMMON, amount_raw=1, number_of_orders=2, interval_s=60, max_price=price)
        )


@pytest.mark.parametrize(
    "order", ["", "8mF4HKoPQNmtbRvTRqotb4LW3pz5rR3eB7owZL9FVKIW", "x" * 44, "../execute"]
)
def test_identifiers_are_checked_before_use(order: str) -> None:
    """What was opaque while reading must be an address before a transaction is asked for with it."""
    with pytest.raises(errors.InvalidAddress):
        calls.build_craft(intents.Deposit(**COMMON, order=order, amount_raw=1))


@pytest.mark.parametrize(
    "intent",
    [intents.Unwrap(user=USER), intents.Send(user=USER, to=USER, amount_raw=1)],
    ids=["unwrap", "send"],
)
def test_what_needs_no_jupiter_is_not_asked_for(intent: intents.Intent) -> None:
    """Send and Unwrap are built by ourselves."""
    with pytest.raises(errors.OrderNotSupported):
        calls.build_craft(intent)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "x",
        {"requestId": "r"},
        {"transaction": "AQ=="},
        {"requestId": 5, "transaction": "AQ=="},
        {"requestId": "r", "transaction": "not base64!"},
        {"requestId": "r", "transaction": ""},
    ],
)
def test_no_transaction_is_unexpected(body: object) -> None:
    """An answer without both parts is not a crafted transaction."""
    with pytest.raises(errors.UnexpectedResponse):
        calls.parse_crafted(body)


@in_virtual_time
async def test_execute_hands_in_base64() -> None:
    """The signed bytes and the request id, and the answer's three facts."""
    fake = FakeJupiter()
    fake.on(calls.EXECUTE, Reply({"status": "Success", "signature": "sig", "order": None, "error": None}))
    async with connect(fake) as gateway:
        answer = await gateway.execute("request-1", b"\x01signed")
    assert answer == ports.ExecuteAnswer(success=True, signature="sig", error=None)
    assert fake.seen[0].body == {
        "requestId": "request-1",
        "signedTransaction": base64.b64encode(b"\x01signed").decode(),
    }


@in_virtual_time
async def test_failed_comes_with_http_200() -> None:
    """ "Failed" is an answer about a transaction that is out: no exception, no success."""
    fake = FakeJupiter()
    fake.on(calls.EXECUTE, Reply({"status": "Failed", "signature": "sig", "error": "slippage\n"}))
    async with connect(fake) as gateway:
        answer = await gateway.execute("r", b"x")
    assert answer == ports.ExecuteAnswer(success=False, signature="sig", error="slippage")


@pytest.mark.parametrize(
    "body", [{}, [], None, "Success", {"status": "Pending"}, {"status": None}, {"status": ["Success"]}]
)
def test_an_unknown_execute_answer_is_an_unknown_outcome(body: object) -> None:
    """Bytes are out, whatever the answer looks like."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(calls.EXECUTE, Reply(body))
        async with connect(fake) as gateway:
            with pytest.raises(errors.OutcomeUnknown):
                await gateway.execute("r", b"x")

    run()


@pytest.mark.parametrize("signature", [None, "", 5, "a b", "x" * 1_000])
def test_an_unreadable_signature_is_none(signature: object) -> None:
    """Ours is known before sending; theirs is a courtesy."""
    assert calls.parse_executed({"status": "Success", "signature": signature}).signature is None


@in_virtual_time
async def test_a_refused_list_has_the_vendors_words() -> None:
    """A 4xx on reading is a refusal like any other."""
    fake = FakeJupiter()
    fake.on(calls.LIST, Reply({"code": 400, "error": "Invalid public key", "status": "Bad Request"}, 400))
    async with connect(fake) as gateway:
        with pytest.raises(errors.OrderRejected, match="Invalid public key"):
            await gateway.fetch_orders(USER, orders.Status.HISTORY)


@in_virtual_time
async def test_a_refusal_without_words_has_ours() -> None:
    """HTML is nobody's words."""
    fake = FakeJupiter()
    fake.on(calls.CANCEL, Reply(b"<html>no</html>", 400))
    async with connect(fake) as gateway:
        with pytest.raises(errors.OrderRejected, match=r"^Jupiter refused this\. Nothing was signed\.$"):
            await gateway.craft(TO_CANCEL)


def test_what_is_left_out_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """A bad item is logged with the request id at its first sight, not at every poll."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        body = ORDERS["success"] | {"all": [{"orderKey": "bad"}]}
        fake.on(calls.LIST, Reply(body, headers={"x-api-gateway-request-id": "gw-7"}))
        async with connect(fake) as gateway:
            for _ in range(3):
                page = await gateway.fetch_orders(USER, orders.Status.ACTIVE)
                assert page.quarantined == 1

    run()
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(lines) == 1
    assert all(word in lines[0] for word in ("bad", USER, "gw-7", "userPubkey"))


def test_a_body_that_is_no_json_is_logged_with_its_request_id(caplog: pytest.LogCaptureFixture) -> None:
    """The id is what the vendor asks for."""

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        fake.on(calls.LIST, Reply(b"<html>", headers={"x-api-gateway-request-id": "gw-8"}))
        async with connect(fake) as gateway:
            with pytest.raises(errors.UnexpectedResponse):
                await gateway.fetch_orders(USER, orders.Status.ACTIVE)

    run()
    assert "gw-8" in caplog.text


def test_signed_bytes_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """A signed transaction can be sent by whoever reads it."""
    caplog.set_level(logging.DEBUG)
    secret = b"signed-canary-0123456789"
    sent = base64.b64encode(secret).decode()
    texts: list[str] = []

    @in_virtual_time
    async def run() -> None:
        fake = FakeJupiter()
        for reply in (Reply({"error": "x"}, 400), Reply({"status": "Failed", "error": "y"}), Reply({}, 500)):
            fake.on(calls.EXECUTE, reply)
            async with connect(fake) as gateway:
                try:
                    texts.append(repr(await gateway.execute("r", secret)))
                except errors.GatewayError as exc:
                    texts.append(repr(exc))
        assert all(sent in seen.content.decode() for seen in fake.seen)

    run()
    assert len(texts) == 3
    assert sent not in caplog.text + "".join(texts)
