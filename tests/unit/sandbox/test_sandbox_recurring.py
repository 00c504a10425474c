"""Jupiter's stand-in lists, pages, refuses and limits as its documentation says."""

from typing import Any

import pytest
from solders.keypair import Keypair

from bot.domain import orders
from bot.jupiter.orders import parse_orders
from bot.sandbox import tokens
from tests.fakes import openapi
from tests.fakes.sandbox import SOL, START, Harness, create_body

UNREADABLE = "Failed to deserialize account data: failed to fill whole buffer"


@pytest.fixture(scope="module")
def specification() -> openapi.Specification:
    name = "recurring-v1"
    return openapi.Specification(openapi.mend(openapi.load(name), openapi.load_mends(name)))


async def test_answers_are_what_the_vendor_specifies(specification: openapi.Specification) -> None:
    """Lists of every family and status, crafts and executes pass the vendor's own file."""
    harness = Harness(welcome=True)
    user = harness.wallet()
    for kind in ("time", "price", "all"):
        for status in ("active", "history"):
            answer = await harness.orders(user, status, kind)
            specification.check_answer("get", "/getRecurringOrders", answer)
            if kind != "all":
                schema = {"time": "TimeRecurringResponse", "price": "PriceRecurringResponse"}[kind]
                problems = [p for item in answer[kind] for p in specification.problems_of(schema, item)]
                assert problems == []
    entry = next(entry for entry in harness.book.active() if entry.family == "price")
    crafted = await harness.deposit(user, entry, 1_000_000)
    specification.check_answer("post", "/priceDeposit", crafted)
    specification.check_answer("post", "/execute", await harness.execute(user, crafted))
    specification.check_request("post", "/createOrder", {}, create_body(user))


async def test_the_bot_can_read_every_order() -> None:
    """Nothing that the stand-in lists is quarantined, and the numbers survive."""
    harness = Harness(welcome=True)
    user = harness.wallet()
    for status in orders.Status:
        answer = await harness.orders(user, status.value)
        page, problems = parse_orders(answer, str(user.pubkey()), status, 1)
        assert problems == []
        assert len(page.orders) == len(answer["all"]) > 0
        for seen in page.orders:
            entry = harness.book.orders[seen.order.key]
            assert seen.order.in_left_raw == (entry.state.in_deposited - entry.state.in_used)
            assert sum(fill.in_raw for fill in seen.fills) == seen.order.in_used_raw
            assert sum(fill.out_raw for fill in seen.fills) == seen.order.out_received_raw


async def test_pages_have_ten_orders_newest_first() -> None:
    """23 orders make pages of 10, 10 and 3; beyond them there is nothing."""
    harness = Harness()
    user = harness.wallet()
    now = int(harness.chain.time.now())
    for number in range(23):
        harness.standins.newcomers.time_order(user.pubkey(), now - number, now + 1_000)
    pages = [await harness.orders(user, page=page) for page in (1, 2, 3, 4)]
    assert [len(page["all"]) for page in pages] == [10, 10, 3, 0]
    assert {page["totalPages"] for page in pages} == {3}
    created = [item["createdAt"] for page in pages for item in page["all"]]
    assert created == sorted(created, reverse=True)
    assert len({item["orderKey"] for page in pages for item in page["all"]}) == 23


async def test_only_the_asked_type_is_listed() -> None:
    """Each family in its own list; `all` mixes them and says which is which."""
    harness = Harness()
    user = harness.wallet()
    time, price = harness.time_order(user), harness.price_order(user)
    for kind, keys in (("time", [time.key]), ("price", [price.key])):
        answer = await harness.orders(user, kind=kind)
        assert [item["orderKey"] for item in answer[kind]] == keys
        assert not any(answer[other] for other in {"time", "price", "all"} - {kind})
    mixed = await harness.orders(user)
    assert {item["orderKey"]: item["recurringType"] for item in mixed["all"]} == {
        time.key: "time",
        price.key: "price",
    }


async def test_a_mint_filters() -> None:
    """Either side of the pair counts."""
    harness = Harness()
    user = harness.wallet()
    harness.time_order(user)
    counts = [
        len((await harness.orders(user, mint=str(token.mint)))["all"])
        for token in (tokens.SOL, tokens.USDC, tokens.JUP)
    ]
    assert counts == [1, 1, 0]


@pytest.mark.parametrize(
    "query",
    [
        {"recurringType": None},
        {"recurringType": "weekly"},
        {"orderStatus": "open"},
        {"user": "not an address"},
        {"user": None},
        {"page": "0"},
        {"page": "two"},
        {"includeFailedTx": "perhaps"},
    ],
)
async def test_a_bad_query_is_refused(query: dict[str, str | None]) -> None:
    """400 with a word on what is wrong."""
    harness = Harness()
    params = {"recurringType": "all", "orderStatus": "active", "user": str(Keypair().pubkey())} | query
    given = {name: value for name, value in params.items() if value is not None}
    answer = await harness.http.get("/recurring/v1/getRecurringOrders", params=given)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inAmount": 2_990_000}, "minimum is 100.00 USDC"),
        ({"numberOfOrders": 5}, "minimum is 50.00 USDC"),
        ({"numberOfOrders": 1}, "at least 2"),
        ({"interval": 5}, "Interval"),
        ({"inputMint": str(tokens.EXTENDED.mint)}, "Token2022"),
        ({"outputMint": str(tokens.USDC.mint)}, "different"),
        ({"outputMint": str(Keypair().pubkey())}, "not found"),
        ({"minPrice": -1}, "minPrice"),
    ],
)
async def test_creates_that_the_service_refuses(changes: dict[str, Any], words: str) -> None:
    """Each minimum has its own sentence; nothing is handed out."""
    harness = Harness()
    answer = await harness.post("/recurring/v1/createOrder", create_body(harness.wallet(), **changes))
    assert answer.status_code == 400
    assert words in answer.json()["error"]


async def test_exactly_the_minimum_is_enough() -> None:
    """The minimum is in USDC: two parts of 50 USDC pass at every price of USDC."""
    harness = Harness()
    user = harness.wallet()
    for _ in range(5):
        harness.chain.time.advance(7 * 3_600)
        body = create_body(user, inAmount=100_000_000, numberOfOrders=2)
        answer = await harness.post("/recurring/v1/createOrder", body)
        assert answer.status_code == 200, answer.text


async def test_the_documented_refusal_of_a_small_order() -> None:
    """The words are the vendor's, to the cent."""
    harness = Harness()
    answer = await harness.post(
        "/recurring/v1/createOrder", create_body(harness.wallet(), inAmount=2_990_000)
    )
    assert answer.json() == {
        "code": 400,
        "error": "Order is valued at 2.99 USDC, minimum is 100.00 USDC",
        "status": "Bad Request",
    }


@pytest.mark.parametrize(
    ("name", "word"), [("priceDeposit", "error"), ("smartDeposit", "message"), ("depositOrder", "message")]
)
async def test_a_wrong_order_account_is_refused_in_the_vendors_words(name: str, word: str) -> None:
    """The older endpoints say `message`, the newer one `error`."""
    harness = Harness()
    user = harness.wallet()
    body = {"order": str(Keypair().pubkey()), "user": str(user.pubkey()), "amount": 1}
    answer = await harness.post(f"/recurring/v1/{name}", body)
    assert answer.json() == {"code": 400, word: UNREADABLE, "status": "Bad Request"}


async def test_a_time_order_takes_no_deposit() -> None:
    """Its account is another program's: unreadable as a price order."""
    harness = Harness()
    user = harness.wallet()
    body = {"order": harness.time_order(user).key, "user": str(user.pubkey()), "amount": 1_000_000}
    answer = await harness.post("/recurring/v1/priceDeposit", body)
    assert answer.json()["error"] == UNREADABLE


@pytest.mark.parametrize("amount", [0, -1, 1.5, "7", None, True, 2**64])
async def test_a_bad_deposit_amount_is_refused(amount: object) -> None:
    """Only whole positive base units."""
    harness = Harness()
    user = harness.wallet()
    body = {"order": harness.price_order(user).key, "user": str(user.pubkey()), "amount": amount}
    answer = await harness.post("/recurring/v1/priceDeposit", body)
    assert answer.status_code in {400, 422}


async def test_old_deposits_answer_in_their_old_shape() -> None:
    """`smartDeposit`: id and tx, and a transaction that makes no account."""
    harness = Harness()
    user = harness.wallet()
    entry = harness.price_order(user)
    body = {"order": entry.key, "user": str(user.pubkey()), "amount": 1_000_000}
    answer = await harness.recurring("smartDeposit", body)
    assert set(answer) == {"id", "tx"}
    done = await harness.execute(user, {"requestId": answer["id"], "transaction": answer["tx"]})
    assert done["status"] == "Success"


async def test_the_rate_limit_is_a_window_of_sixty_seconds() -> None:
    """60 at once are fine at one per second, the 61st is not; a slot frees when the reset says so."""
    harness = Harness(jupiter_rps=1.0)
    ask = {"ids": str(tokens.SOL.mint)}
    for left in range(59, -1, -1):
        answer = await harness.http.get("/price/v3", params=ask)
        assert answer.headers["x-ratelimit-remaining"] == str(left)
    refused = await harness.http.get("/tokens/v2/search", params={"query": "SOL"})
    assert refused.status_code == 429
    assert refused.json() == {"code": 429, "message": "[API Gateway] Too many requests"}
    reset = int(refused.headers["x-ratelimit-reset"])
    assert reset == START + 60
    harness.clocks.passed = reset - START - 1
    assert (await harness.http.get("/price/v3", params=ask)).status_code == 429
    harness.clocks.passed = reset - START
    assert (await harness.http.get("/price/v3", params=ask)).status_code == 200


async def test_execute_costs_nothing_and_every_answer_has_a_request_id() -> None:
    """A full window does not stop a signed transaction."""
    harness = Harness(jupiter_rps=1 / 60)
    user = harness.wallet()
    crafted = await harness.deposit(user, harness.price_order(user), 1_000_000)
    assert (await harness.http.get("/price/v3", params={"ids": "x"})).status_code == 429
    assert (await harness.execute(user, crafted))["status"] == "Success"
    refused = await harness.http.get("/price/v3", params={"ids": "x"})
    assert refused.headers["x-api-gateway-request-id"]


async def test_tokens_and_prices(specification: openapi.Specification) -> None:
    """Verified before look-alikes; what has no reliable price is absent."""
    harness = Harness()
    found = (await harness.http.get("/tokens/v2/search", params={"query": "usdc"})).json()
    assert [token["isVerified"] for token in found] == [True, False]
    assert openapi.Specification(openapi.load("tokens-v2")).problems_of("MintInformation", found[0]) == []
    mints = f"{tokens.SOL.mint},{tokens.LOOKALIKE.mint}"
    both = (await harness.http.get("/tokens/v2/search", params={"query": mints})).json()
    assert {token["id"] for token in both} == {str(tokens.SOL.mint), str(tokens.LOOKALIKE.mint)}
    prices = (await harness.http.get("/price/v3", params={"ids": mints})).json()
    assert set(prices) == {str(tokens.SOL.mint)}
    openapi.Specification(openapi.load("price-v3")).check_answer("get", "/price/v3", prices)
    assert 100 < prices[str(tokens.SOL.mint)]["usdPrice"] < 250


async def test_two_creates_in_one_second_are_two_orders() -> None:
    """The index moves on, so that the addresses differ."""
    harness = Harness()
    user = harness.wallet(sol=5 * SOL)
    keys = {(await harness.execute(user, await harness.create(user)))["order"] for _ in range(2)}
    assert len(keys) == 2
