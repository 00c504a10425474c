"""The newest fills of a person: fresh where possible, honest where not."""

from dataclasses import replace
from datetime import timedelta

from bot import errors
from bot.domain import orders, wallets
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World, make_fill, make_order

MINUTE = timedelta(minutes=1)
DOWN = errors.GatewayUnavailable(service="Jupiter")


async def _with_fills(world: World) -> wallets.Wallet:
    """Two orders that were filled in turn: seven fills, the last of the second one."""
    wallet = await world.add_wallet()
    seen: dict[str, list[int]] = {"a": [0, 2, 4], "b": [1, 3, 5, 6]}
    world.gateway.active = [
        orders.SeenOrder(
            make_order(wallet.pubkey, name, age=timedelta(hours=2 if name == "a" else 1)),
            tuple(make_fill(name, minute, at=minute * MINUTE) for minute in minutes),
        )
        for name, minutes in seen.items()
    ]
    return wallet


async def _read(world: World, page: int, *, fresh: bool = False) -> tuple[list[str], int]:
    shown = await world.fill_log.page_of(USER, page, size=3, fresh=fresh)
    assert shown.total == 7
    names = [f"#{each.filled.number} {each.filled.known.fill.signature}" for each in shown.items]
    return names, shown.page


async def test_pages_go_back_in_time_across_orders() -> None:
    """Beyond the last page is the last page."""
    async with worlds.open_world() as world:
        await _with_fills(world)
        assert await _read(world, 0, fresh=True) == (["#2 fill6", "#2 fill5", "#1 fill4"], 0)
        assert await _read(world, 1) == (["#2 fill3", "#1 fill2", "#2 fill1"], 1)
        for page in (2, 3, 10**9):
            assert await _read(world, page) == (["#1 fill0"], 2)


async def test_only_the_first_look_asks() -> None:
    async with worlds.open_world() as world:
        await _with_fills(world)
        await _read(world, 0, fresh=True)
        world.time.advance(300)
        before = world.faults.calls["orders active"]
        await _read(world, 1)
        assert world.faults.calls["orders active"] == before


async def test_while_jupiter_is_silent_fills_are_as_last_seen() -> None:
    """Since when newer ones may be missing is said; never having looked is no time at all."""
    async with worlds.open_world() as world:
        await _with_fills(world)
        world.faults.plan("orders active", DOWN)
        unknown = await world.fill_log.page_of(USER, 0, size=3, fresh=True)
        assert (unknown.total, unknown.stale_since) == (0, None)
        assert "Jupiter does not answer" in unknown.error
        await _read(world, 0, fresh=True)
        seen_at = world.time.clock.now()
        world.time.advance(300)
        world.faults.plan("orders active", DOWN)
        stale = await world.fill_log.page_of(USER, 0, size=3, fresh=True)
        assert (stale.total, stale.stale_since) == (7, seen_at)


async def test_a_fill_of_an_unknown_token_is_listed_without_amounts() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        mint = make_address("strange")
        order = replace(make_order(owner, "a"), input_mint=mint)
        fill = replace(make_fill("a", 1), input_mint=mint)
        world.gateway.active = [orders.SeenOrder(order, (fill,))]
        (logged,) = (await world.fill_log.page_of(USER, 0, size=3, fresh=True)).items
        assert logged.input is None
        assert logged.output is not None


async def test_nobody_sees_the_fills_of_others() -> None:
    async with worlds.open_world() as world:
        await _with_fills(world)
        await _read(world, 0, fresh=True)
        assert (await world.fill_log.page_of(USER + 1, 0, size=3, fresh=True)).total == 0
