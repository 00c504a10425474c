"""Tokens and prices: read with suspicion, asked for rarely."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors, ports
from bot.domain import addresses, amounts
from bot.jupiter import answers, prices, tokens
from bot.jupiter.prices import JupiterPrices
from bot.jupiter.tokens import JupiterTokens
from bot.jupiter.transport import JupiterTransport
from bot.ports import Priority
from tests.fakes.jupiter import URL, FakeJupiter, Reply
from tests.fakes.virtual_time import in_virtual_time

SOL, USDC = amounts.WSOL_MINT, amounts.USDC_MINT
MINTS = [addresses.encode_base58(bytes([1]) * 31 + bytes([number])) for number in range(1, 131)]
ITEM: dict[str, Any] = {
    "id": USDC,
    "name": "USD Coin",
    "symbol": "USDC",
    "decimals": 6,
    "tokenProgram": tokens.CLASSIC_PROGRAM,
    "isVerified": True,
}


def directory(connection: JupiterTransport) -> ports.TokenDirectory:
    return JupiterTokens(connection)


def source(connection: JupiterTransport) -> ports.PriceSource:
    return JupiterPrices(connection)


def connect(fake: FakeJupiter) -> JupiterTransport:
    return JupiterTransport(URL, "key", rps=100.0, wire=fake.wire)


def serve_tokens(fake: FakeJupiter, known: list[str]) -> None:
    """Answer a search for mints with those that are known."""

    def search(request: Any) -> Reply:
        asked = request.url.params["query"].split(",")
        return Reply([ITEM | {"id": mint, "symbol": mint[:4]} for mint in asked if mint in known])

    fake.on(tokens.SEARCH, search)


def serve_prices(fake: FakeJupiter, known: dict[str, object], after_s: float = 0.0) -> None:
    def price(request: Any) -> Reply:
        asked = request.url.params["ids"].split(",")
        return Reply({mint: {"usdPrice": known[mint]} for mint in asked if mint in known}, after_s=after_s)

    fake.on(prices.PRICE, price)


@in_virtual_time
async def test_tokens_are_asked_for_in_hundreds_and_kept() -> None:
    """130 mints are two calls; a second look within ten minutes is none, for unknown mints as well."""
    fake = FakeJupiter()
    serve_tokens(fake, MINTS[:120])
    async with connect(fake) as connection:
        tokens_of = directory(connection)
        for _ in range(2):
            found = await tokens_of.fetch_tokens(MINTS)
            assert set(found) == set(MINTS[:120])
        assert [len(seen.query["query"].split(",")) for seen in fake.seen] == [100, 30]
        await asyncio.sleep(tokens.TTL_S + 1)
        await tokens_of.fetch_tokens(MINTS[:1])
    assert len(fake.seen) == 3


@in_virtual_time
async def test_only_what_was_asked_for_is_returned() -> None:
    """An answer with other mints, or a name where a mint was asked for, changes nothing."""
    fake = FakeJupiter()
    fake.on(tokens.SEARCH, Reply([ITEM, ITEM | {"id": SOL}]))
    async with connect(fake) as connection:
        found = await directory(connection).fetch_tokens([SOL, "USDC", "a,b", ""])
    assert set(found) == {SOL}
    assert fake.seen[0].query == {"query": SOL}


@in_virtual_time
async def test_a_search_is_kept_and_teaches_the_mints() -> None:
    """Case and spaces make no new search; what was found needs no look by mint."""
    fake = FakeJupiter()
    fake.on(tokens.SEARCH, Reply([ITEM]))
    async with connect(fake) as connection:
        tokens_of = directory(connection)
        for query in ("usdc", " USDC ", "UsDc\n"):
            assert [token.mint for token in await tokens_of.search(query)] == [USDC]
        await tokens_of.fetch_tokens([USDC])
        assert await tokens_of.search(" \n ") == []
    assert len(fake.seen) == 1


@in_virtual_time
async def test_a_search_by_mint_keeps_its_case() -> None:
    """Base58 is case-sensitive."""
    fake = FakeJupiter()
    fake.on(tokens.SEARCH, Reply([ITEM]))
    async with connect(fake) as connection:
        await directory(connection).search(USDC)
    assert fake.seen[0].query == {"query": USDC}


def test_a_token_is_read_with_suspicion() -> None:
    """Names stay, but for what cannot be stored or shown in one line; bad items are skipped."""
    hostile = ITEM | {"symbol": "<b>US\u202eDC</b>", "name": "a\nb\x00c\ud800" + "x" * 500}
    bad = [
        None,
        {},
        ITEM | {"id": "USDC"},
        ITEM | {"decimals": -1},
        ITEM | {"decimals": 256},
        ITEM | {"decimals": None},
        ITEM | {"decimals": "six"},
    ]
    (token,) = tokens.parse_tokens([*bad, hostile, ITEM])
    assert token.symbol == "<b>US\u202eDC</b>"
    assert token.name.startswith("a bc?x")
    assert len(token.name) == 60
    assert token.name.encode()


@pytest.mark.parametrize(
    ("changes", "classic", "verified"),
    [
        ({}, True, True),
        ({"tokenProgram": "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"}, False, True),
        ({"isVerified": "true"}, True, False),
        ({"isVerified": 1}, True, False),
    ],
)
def test_verified_and_classic_are_exact(changes: dict[str, object], classic: bool, verified: bool) -> None:
    """Nothing but true is verified, nothing but the classic program is classic."""
    (token,) = tokens.parse_tokens([ITEM | changes])
    assert (token.classic, token.verified) == (classic, verified)


def test_a_nameless_token_is_called_by_its_address() -> None:
    """Something must be shown."""
    (token,) = tokens.parse_tokens([{"id": USDC, "decimals": 6, "symbol": " ", "name": None}])
    assert token.symbol == token.name == "EPjF…Dt1v"


@in_virtual_time
async def test_prices_are_asked_for_in_fifties_and_kept_shortly() -> None:
    """130 mints are three calls; prices are exact, kept for seconds, absent where there is none."""
    fake = FakeJupiter()
    serve_prices(fake, {MINTS[0]: 0.1, MINTS[60]: 172})
    async with connect(fake) as connection:
        prices_of = source(connection)
        for _ in range(2):
            found = await prices_of.fetch_usd(MINTS)
            assert found == {MINTS[0]: Decimal("0.1"), MINTS[60]: Decimal(172)}
        assert [len(seen.query["ids"].split(",")) for seen in fake.seen] == [50, 50, 30]
        await asyncio.sleep(prices.TTL_S + 1)
        await prices_of.fetch_usd([SOL])
        assert await prices_of.fetch_usd([]) == {}
    assert len(fake.seen) == 4


@in_virtual_time
async def test_fills_of_many_tokens_are_valued_with_one_call_in_two_minutes() -> None:
    """What was wanted lately comes along; a person sees nothing that is older than seconds."""
    fake = FakeJupiter()
    serve_prices(fake, dict.fromkeys(MINTS[:40], 1))
    async with connect(fake) as connection:
        prices_of = source(connection)
        for mint in MINTS[:40] * 3:
            await prices_of.fetch_usd([mint], priority=Priority.DUE)
            await asyncio.sleep(1.5)
        first = [seen.at for seen in fake.seen if seen.at < prices.BACKGROUND_TTL_S]
        later = [seen.at for seen in fake.seen if seen.at >= prices.BACKGROUND_TTL_S]
        assert len(first) == 40, "each of them is new"
        assert len(later) <= 2
        await asyncio.sleep(prices.TTL_S + 1)
        await prices_of.fetch_usd([MINTS[0]], priority=Priority.PERSON)
        assert fake.seen[-1].at > later[-1]
        await asyncio.sleep(prices.ALONG_S + 1)
        await prices_of.fetch_usd([SOL])
    assert fake.seen[-1].query["ids"] == SOL


@in_virtual_time
async def test_what_comes_along_spoils_one_call_at_most() -> None:
    fake = FakeJupiter()
    serve_prices(fake, {SOL: 1, USDC: 1})
    async with connect(fake) as connection:
        prices_of = source(connection)
        await prices_of.fetch_usd([USDC])
        await asyncio.sleep(prices.BACKGROUND_TTL_S)
        fake.on(prices.PRICE, Reply({"error": "no"}, 400))
        with pytest.raises(errors.GatewayError):
            await prices_of.fetch_usd([SOL])
        serve_prices(fake, {SOL: 1})
        await prices_of.fetch_usd([SOL])
    assert [seen.query["ids"].count(",") for seen in fake.seen] == [0, 1, 0]


@in_virtual_time
async def test_a_fresh_price_is_asked_for_and_remembered() -> None:
    """Whatever is kept; the next person is served from it."""
    fake = FakeJupiter()
    serve_prices(fake, {SOL: 172})
    async with connect(fake) as connection:
        prices_of = source(connection)
        await prices_of.fetch_usd([SOL])
        serve_prices(fake, {SOL: 180})
        assert await prices_of.fetch_usd([SOL]) == {SOL: Decimal(172)}
        assert await prices_of.fetch_usd([SOL, "nonsense"], fresh=True) == {SOL: Decimal(180)}
        assert await prices_of.fetch_usd([SOL]) == {SOL: Decimal(180)}
    assert len(fake.seen) == 2


@in_virtual_time
async def test_whoever_listens_hears_each_answer_once() -> None:
    """When it comes, not when it is repeated from memory: a price belongs to the moment of its answer."""
    heard: list[dict[str, Decimal]] = []
    fake = FakeJupiter()
    serve_prices(fake, {MINTS[0]: 1, MINTS[60]: 2})
    async with connect(fake) as connection:
        prices_of = JupiterPrices(connection, lambda usd: heard.append(dict(usd)))
        await prices_of.fetch_usd(MINTS[:100])
        await prices_of.fetch_usd(MINTS[:100])
    assert heard == [{MINTS[0]: Decimal(1)}, {MINTS[60]: Decimal(2)}]


@in_virtual_time
async def test_many_who_want_the_same_price_share_one_call() -> None:
    """Fifty screens at the same moment are one request."""
    fake = FakeJupiter()
    serve_prices(fake, {SOL: 172.5, USDC: 1}, after_s=1.0)
    async with connect(fake) as connection:
        prices_of = source(connection)
        found = await asyncio.gather(*(prices_of.fetch_usd([SOL, USDC][: 1 + n % 2]) for n in range(50)))
    assert all(one[SOL] == Decimal("172.5") for one in found)
    assert sorted(seen.query["ids"] for seen in fake.seen) == sorted([SOL, USDC])


@in_virtual_time
async def test_a_person_does_not_wait_for_a_sweeps_call() -> None:
    """A load of lower priority may be queued for minutes: the more urgent one goes by itself."""
    fake = FakeJupiter()
    serve_prices(fake, {SOL: 1}, after_s=5.0)
    async with connect(fake) as connection:
        prices_of = source(connection)

        async def person() -> None:
            await asyncio.sleep(1)
            await prices_of.fetch_usd([SOL], priority=Priority.PERSON)

        await asyncio.gather(prices_of.fetch_usd([SOL], priority=Priority.SWEEP), person())
    assert [seen.at for seen in fake.seen] == [0.0, 1.0]


@in_virtual_time
async def test_a_failed_load_is_everybodys_and_not_kept() -> None:
    """Those who waited get the error, not a retry each; the next one asks again."""
    fake = FakeJupiter()
    fake.on(prices.PRICE, Reply({}, 500, after_s=1.0))
    async with connect(fake) as connection:
        prices_of = source(connection)
        asked = (prices_of.fetch_usd([SOL]) for _ in range(10))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(one, errors.GatewayUnavailable) for one in outcomes)
        assert len(fake.seen) == 3
        serve_prices(fake, {SOL: 1})
        assert await prices_of.fetch_usd([SOL]) == {SOL: Decimal(1)}


@in_virtual_time
async def test_a_cancelled_load_is_taken_over() -> None:
    """The one who asked left: those who waited do not hang, one of them asks."""
    fake = FakeJupiter()
    serve_prices(fake, {SOL: 1}, after_s=5.0)
    async with connect(fake) as connection, asyncio.TaskGroup() as group:
        prices_of = source(connection)
        leader = group.create_task(prices_of.fetch_usd([SOL]))
        await asyncio.sleep(1)
        others = [group.create_task(prices_of.fetch_usd([SOL])) for _ in range(5)]
        await asyncio.sleep(1)
        leader.cancel()
        assert await asyncio.gather(*others) == [{SOL: Decimal(1)}] * 5
    assert len(fake.seen) == 2


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "1e-300", "1e300", "NaN", "null", '"1"', "true", "[]", "1e999999999999", "0." + "0" * 99],
)
def test_an_insane_price_is_no_price(text: str) -> None:
    """Zero, negative, astronomic or not a number: absent, as if there were none."""
    body = answers.parse_json(f'{{"{SOL}": {{"usdPrice": {text}}}, "{USDC}": {{"usdPrice": 1}}}}'.encode())
    assert prices.parse_prices(body) == {USDC: Decimal(1)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(SOL),
    lambda of: (
        st.lists(of, max_size=4) | st.dictionaries(st.sampled_from([SOL, "usdPrice", *ITEM]), of, max_size=6)
    ),
    max_leaves=20,
)


@given(json_values)
def test_arbitrary_json_is_read_or_unexpected(body: object) -> None:
    """No JSON makes either reader raise anything else, and what is read is sane."""
    sent = answers.parse_json(json.dumps(body).encode())
    try:
        assert all(price > 0 for price in prices.parse_prices(sent).values())
    except errors.UnexpectedResponse:
        assert not isinstance(sent, dict)
    try:
        assert all(addresses.is_address(token.mint) for token in tokens.parse_tokens(sent))
    except errors.UnexpectedResponse:
        assert not isinstance(sent, list)
