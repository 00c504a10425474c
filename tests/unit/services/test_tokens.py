"""Tokens: decimals from the chain, names from whoever offers them, and no trust in the latter."""

from datetime import timedelta

import pytest

from bot import errors, ports
from bot.domain import amounts
from bot.services.tokens import PINNED
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import World

CAT = make_address("cat mint")
GONE = make_address("gone mint")


def _list(world: World, token: amounts.Token, *, decimals: int | None = None, classic: bool = True) -> None:
    world.directory.tokens[token.mint] = token
    world.chain.mints[token.mint] = ports.Mint(token.decimals if decimals is None else decimals, classic)


def _cat(symbol: str = "CAT", name: str = "Cat", decimals: int = 6) -> amounts.Token:
    return amounts.Token(CAT, symbol, name, decimals, verified=True)


async def test_the_well_known_are_asked_of_nobody() -> None:
    async with worlds.open_world() as world:
        found = await world.tokens.get_many(PINNED)
        assert {token.symbol: token.decimals for token in found.values()} == {"SOL": 9, "USDC": 6, "USDT": 6}
        assert not world.faults.calls


async def test_a_token_is_asked_for_once_and_kept() -> None:
    async with worlds.open_world() as world:
        _list(world, _cat())
        for _ in range(3):
            assert await world.tokens.get(CAT) == _cat()
        world.restart()
        assert await world.tokens.get(CAT) == _cat()
        assert (world.faults.calls["mints"], world.faults.calls["names"]) == (1, 1)


async def test_wrong_decimals_from_the_directory_are_never_used() -> None:
    """The chain's count, and no check mark for whoever listed another."""
    async with worlds.open_world() as world:
        _list(world, _cat(decimals=2), decimals=9)
        token = await world.tokens.get(CAT)
        assert token.decimals == 9
        assert not token.verified
        assert not (await world.tokens.search("cat"))[0].verified


async def test_a_mint_that_does_not_exist_is_unknown() -> None:
    async with worlds.open_world() as world:
        world.directory.tokens[GONE] = amounts.Token(GONE, "GONE", "Gone", 6, verified=True)
        with pytest.raises(errors.UnknownToken):
            await world.tokens.get(GONE)
        assert await world.tokens.get_many([GONE]) == {}
        assert await world.tokens.search("gone") == []


async def test_without_the_chain_decimals_are_not_guessed() -> None:
    async with worlds.open_world() as world:
        _list(world, _cat())
        world.faults.plan("mints", errors.GatewayUnavailable(), times=2)
        with pytest.raises(errors.GatewayUnavailable):
            await world.tokens.get(CAT)


async def test_without_the_directory_a_token_is_its_address_until_it_answers() -> None:
    async with worlds.open_world() as world:
        _list(world, _cat())
        world.faults.plan("names", errors.GatewayUnavailable())
        token = await world.tokens.get(CAT)
        assert (token.symbol, token.decimals, token.verified) == (f"{CAT[:4]}…{CAT[-4:]}", 6, False)
        world.time.advance(6 * 60)
        assert (await world.tokens.get(CAT)).symbol == "CAT"


async def test_a_known_token_outlives_every_outage() -> None:
    """Stale names are better than none; decimals never change."""
    async with worlds.open_world() as world:
        _list(world, _cat())
        await world.tokens.get(CAT)
        world.time.advance(timedelta(days=2).total_seconds())
        world.faults.plan("names", errors.GatewayUnavailable(), times=9)
        world.faults.plan("mints", errors.GatewayUnavailable(), times=9)
        assert (await world.tokens.get_many([CAT]))[CAT] == _cat()


@pytest.mark.parametrize(
    ("symbol", "name"), [("USDC", "USD Coin"), ("UЅDC", "USD Coin"), ("U5DC", "Coin"), ("CAT", "Ｃat")]
)
async def test_what_dresses_up_as_another_is_never_verified(symbol: str, name: str) -> None:
    async with worlds.open_world() as world:
        _list(world, _cat(symbol, name))
        assert not (await world.tokens.get(CAT)).verified


async def test_search_offers_the_real_one_first() -> None:
    async with worlds.open_world() as world:
        _list(world, _cat("USDC", "USD Coin"))
        found = await world.tokens.search("usdc")
        assert [token.mint for token in found] == [amounts.USDC_MINT, CAT]
        assert [token.verified for token in found] == [True, False]


async def test_search_by_address_finds_the_token_itself() -> None:
    async with worlds.open_world() as world:
        _list(world, _cat())
        assert await world.tokens.search(f" {CAT} ") == [_cat()]
        assert await world.tokens.search("  ") == []


async def test_the_well_known_are_found_through_an_outage() -> None:
    async with worlds.open_world() as world:
        world.faults.plan("search", errors.GatewayUnavailable(), times=2)
        assert [token.symbol for token in await world.tokens.search("sol")] == ["SOL"]
        with pytest.raises(errors.GatewayUnavailable):
            await world.tokens.search("cat")
