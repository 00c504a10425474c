"""What we send and read, held against the vendor's own specifications."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_core.exceptions import OpenAPIError

from bot.domain import intents, orders
from bot.jupiter import answers, calls, prices, tokens
from bot.jupiter.orders import parse_orders
from tests.fakes import openapi

RECURRING = "recurring-v1"
MENDS = openapi.load_mends(RECURRING)
SEEDS = Path(__file__).parents[2] / "data" / "seeds"
SEED: dict[str, Any] = json.loads((SEEDS / "orders.json").read_text())["success"]
USER = "BQ72nSv9f3PRyRKCBnHLVrerrv37CYTHm5h3s9VSGQDV"
ORDER = "EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
SOL = "So11111111111111111111111111111111111111112"
LIST = "/getRecurringOrders"


@pytest.fixture(scope="module")
def mended() -> openapi.Specification:
    return openapi.Specification(openapi.mend(openapi.load(RECURRING), MENDS))


def query() -> dict[str, str]:
    return calls.build_list(USER, orders.Status.ACTIVE, 1)


def check_documented(specification: openapi.Specification) -> None:
    """The vendor's example, our request for it, and its time order by itself."""
    specification.check_request("get", LIST, query())
    specification.check_answer("get", LIST, SEED)
    assert specification.problems_of("TimeRecurringResponse", SEED["time"][0]) == []


def test_the_vendors_file_rejects_the_vendors_example() -> None:
    """Without the overlay the documented answer and every documented request are invalid."""
    specification = openapi.Specification(openapi.load(RECURRING))
    with pytest.raises(OpenAPIError):
        specification.check_answer("get", LIST, SEED)
    with pytest.raises(OpenAPIError):
        specification.check_request("get", LIST, query())


def test_mended_it_accepts_them(mended: openapi.Specification) -> None:
    """With the overlay they are valid; and the seed is the example of the file."""
    check_documented(mended)
    assert mended.example_answer("get", LIST) == SEED


@pytest.mark.parametrize("number", range(len(MENDS)))
def test_every_mend_is_needed(number: int) -> None:
    """Take any one of them away, and something documented is rejected again."""
    fewer = MENDS[:number] + MENDS[number + 1 :]
    with pytest.raises((OpenAPIError, AssertionError)):
        check_documented(openapi.Specification(openapi.mend(openapi.load(RECURRING), fewer)))


def test_every_mend_says_why() -> None:
    """The overlay is documented."""
    assert all(mend["why"].endswith(".") for mend in MENDS)


COMMON: dict[str, Any] = {"user": USER, "input_mint": USDC, "output_mint": SOL}
CREATE = intents.CreateOrder(**COMMON, amount_raw=104_000_000, number_of_orders=2, interval_s=86_400)
BOUNDED = intents.CreateOrder(
    **COMMON,
    amount_raw=2**63 - 1,
    number_of_orders=10,
    interval_s=60,
    min_price="76000",
    max_price="0.00001234",
    start_at=1_800_000_000,
)
INTENTS: list[intents.Intent] = [
    CREATE,
    BOUNDED,
    intents.CancelOrder(**COMMON, family=orders.Family.TIME, order=ORDER),
    intents.CancelOrder(**COMMON, family=orders.Family.PRICE, order=ORDER),
    intents.Deposit(**COMMON, order=ORDER, amount_raw=1_000_000),
    intents.Withdraw(**COMMON, order=ORDER, amount_raw=1_000_000),
    intents.Withdraw(**COMMON, order=ORDER, amount_raw=None, side=orders.Side.OUT),
]


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: str(intent.kind))
def test_every_craft_is_a_request_of_the_specification(
    intent: intents.Intent, mended: openapi.Specification
) -> None:
    """All four craft calls, in every form that we send first."""
    call = calls.build_craft(intent)
    mended.check_request("post", call.paths[0].removeprefix(calls.ROOT), {}, call.body)


def test_execute_is_a_request_of_the_specification(mended: openapi.Specification) -> None:
    """And the documented answers to it are read."""
    path = calls.EXECUTE.removeprefix(calls.ROOT)
    mended.check_request("post", path, {}, calls.build_execute("request", b"signed"))
    executed = calls.parse_executed(mended.example_answer("post", path))
    assert executed.success
    assert executed.signature == mended.example_answer("post", path)["signature"]


@pytest.mark.parametrize("status", list(orders.Status))
@pytest.mark.parametrize("page", [1, 7])
def test_the_list_is_a_request_of_the_specification(
    status: orders.Status, page: int, mended: openapi.Specification
) -> None:
    """Both states, any page; page and includeFailedTx are always sent."""
    sent = calls.build_list(USER, status, page)
    mended.check_request("get", LIST, sent)
    assert {"page", "includeFailedTx"} <= set(sent)


def test_the_check_itself_can_fail(mended: openapi.Specification) -> None:
    """A wrong request or answer is reported, so the tests above mean something."""
    with pytest.raises(OpenAPIError):
        mended.check_request("get", LIST, query() | {"orderStatus": "open"})
    with pytest.raises(OpenAPIError):
        mended.check_request("post", "/priceDeposit", {}, {"order": ORDER, "user": USER})
    with pytest.raises(OpenAPIError):
        mended.check_answer("get", LIST, SEED | {"orderStatus": "open"})
    assert mended.problems_of("TimeRecurringResponse", SEED["time"][0] | {"userClosed": "no"})


def _invent(specification: openapi.Document, schema: dict[str, Any]) -> Any:
    """Some value that the schema allows: every property, text as the parser would have to expect it."""
    if "$ref" in schema:
        return _invent(
            specification, specification["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        )
    if "enum" in schema:
        return schema["enum"][0]
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= _invent(specification, part)
        return merged
    if "oneOf" in schema:
        return _invent(specification, schema["oneOf"][0])
    match schema.get("type"):
        case "object":
            values = {name: _invent(specification, of) for name, of in schema["properties"].items()}
            return values | ({"userPubkey": USER} if "userPubkey" in values else {})
        case "array":
            return [_invent(specification, schema["items"])]
        case "integer":
            return 1
        case "boolean":
            return False
        case "string":
            return "2025-03-15T10:30:00Z" if schema.get("format") == "date-time" else "1"
    return None


@pytest.mark.parametrize("name", ["time", "price", "all"])
def test_whatever_the_unmended_file_allows_is_read(name: str) -> None:
    """Answers made from the vendor's schemas, text for numbers included: nothing is quarantined."""
    document = openapi.load(RECURRING)
    shapes = document["components"]["schemas"]["GetRecurringOrderResponse"]["oneOf"]
    shape = next(one for one in shapes if name in one["required"])
    body = _invent(document, shape)
    page, problems = parse_orders(json.loads(json.dumps(body)), USER, orders.Status.ACTIVE, 1)
    assert problems == []
    assert len(page.orders) == 1
    expected = orders.Family.PRICE if name == "price" else orders.Family.TIME
    assert page.orders[0].order.family is expected


def test_the_documented_tokens_are_read() -> None:
    """The example of the tokens file, through the reader that live answers go through."""
    specification = openapi.Specification(openapi.load("tokens-v2"))
    specification.check_request("get", "/search", {"query": "JUP"})
    example = specification.example_answer("get", "/search")
    (token,) = tokens.parse_tokens(answers.parse_json(json.dumps(example).encode()))
    assert (token.symbol, token.decimals, token.verified, token.classic) == ("JUP", 6, True, True)


def test_the_documented_prices_are_read() -> None:
    """The example of the price file; prices are exact decimals."""
    specification = openapi.Specification(openapi.load("price-v3"))
    specification.check_request("get", prices.PRICE, {"ids": f"{SOL},{USDC}"})
    example = specification.example_answer("get", prices.PRICE)
    read = prices.parse_prices(answers.parse_json(json.dumps(example).encode()))
    assert {mint: str(price) for mint, price in read.items()} == {SOL: "147.48", USDC: "0.9999"}
