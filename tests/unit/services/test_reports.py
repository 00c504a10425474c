"""Reports on real stores: fills beside what was sampled, up to this moment, and only of one's own."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot import errors
from bot.domain import amounts, market, orders, wallets
from bot.domain.market import Sample
from tests.fakes.chain import make_address
from tests.fakes.clock import START
from tests.fakes.world import USER, World, make_fill, make_order, open_world

SOL, USDC = amounts.WSOL_MINT, amounts.USDC_MINT
HOUR = timedelta(hours=1)


async def watch(world: World, mint: str, *points: tuple[float, int]) -> None:
    """Samples so many hours after START, without a gap."""
    before = None
    for hours, price in points:
        at = START + hours * HOUR
        await world.stores.prices.record({mint: Sample(at, Decimal(price), before or at)})
        before = at


async def bought(
    world: World, wallet: wallets.Wallet, *hours: float, name: str = "order", usd: Decimal | None = None
) -> None:
    """An order of 10 USDC a fill, with fills so many hours after START."""
    order = make_order(
        wallet.pubkey, name, family=orders.Family.TIME, used=10_000_000 * len(hours), cycle=HOUR
    )
    await world.stores.orders.record(order, START)
    await world.stores.orders.assign_numbers(USER, wallet.pubkey, [order.key])
    for number, each in enumerate(hours):
        fill = make_fill(name, number, at=each * HOUR)
        await world.stores.fills.record(wallet.pubkey, fill, START, usd)


async def test_an_order_is_told_beside_its_market() -> None:
    """Sampled prices become those of the pair; the price of this moment is the last of them."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0, 1)
        await watch(world, USDC, (-2, 1), (1.9, 1))
        await watch(world, SOL, (-2, 140), (1.9, 140))
        world.time.advance(7_200)
        story = await world.reports.of_order(USER, 1)
        assert [quote.price for quote in story.quotes] == [140, 140, 150]
        assert story.quotes[-1].at == world.time.order_clock.now()
        assert len(market.stretches(story.quotes)) == 1, "six minutes are no gap"
        assert story.report.market.share == 1
        assert story.report.compared.count == 2


async def test_two_looks_in_a_row_see_the_same() -> None:
    """So that one picture serves both; a fill of this very moment is not left out for it."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 1)
        await watch(world, USDC, (0, 1), (1, 1))
        await watch(world, SOL, (0, 140), (1, 140))
        world.time.advance(3_602)
        first = await world.reports.of_order(USER, 1)
        of_wallet = await world.reports.of_wallet(USER, wallet.id)
        world.time.advance(5)
        assert await world.reports.of_order(USER, 1) == first
        assert await world.reports.of_wallet(USER, wallet.id) == of_wallet
        world.time.advance(15)
        assert await world.reports.of_order(USER, 1) != first
        await bought(world, wallet, 1, 1.0069)
        story = await world.reports.of_order(USER, 1)
        assert story.report.end == story.view.fills[-1].fill.confirmed_at
        assert story.report.compared.count == 2


async def test_the_price_of_this_moment_closes_no_gap() -> None:
    """The bot was away for an hour: what it costs now is known, how it came to that is not."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0)
        await watch(world, USDC, (-1, 1), (0, 1))
        await watch(world, SOL, (-1, 140), (0, 140))
        world.time.advance(3_600)
        story = await world.reports.of_order(USER, 1)
        assert [len(stretch) for stretch in market.stretches(story.quotes)] == [2, 1]


async def test_an_unknown_price_is_no_failure() -> None:
    """Jupiter is silent and nothing was sampled: the fills are told all the same."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0, 1)
        world.faults.plan("prices", errors.GatewayUnavailable(service="Jupiter"), times=10)
        world.time.advance(7_200)
        story = await world.reports.of_order(USER, 1)
        assert story.quotes == []
        assert story.report.market.average is None
        assert story.report.totals.count == 2


async def test_a_wallet_adds_up_all_its_orders() -> None:
    """What was paid as known when it was found; what was bought at the price of this moment."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0, 1, usd=Decimal("9.5"))
        await bought(world, wallet, 0.5, name="another", usd=Decimal("9.5"))
        await watch(world, SOL, (-1, 100), (2, 100))
        world.time.advance(7_200)
        story = await world.reports.of_wallet(USER, wallet.id)
        assert (story.fills, story.left_out) == (3, 0)
        assert story.paid == Decimal("28.5")
        whole = amounts.to_decimal(3 * (70_000_000 - 10_000), 9)
        assert story.worth == whole * 150
        assert story.course.paid[-1] == (START + HOUR, Decimal("28.5"))
        assert story.course.share > 0.99


async def test_costs_that_nobody_noted_are_taken_from_the_samples() -> None:
    """A stablecoin counts as a dollar where nobody watched; anything else is left out, and counted."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0, 1)
        story = await world.reports.of_wallet(USER, wallet.id)
        assert (story.paid, story.left_out) == (Decimal(20), 0)
        await watch(world, USDC, (-1, 2), (2, 2))
        assert (await world.reports.of_wallet(USER, wallet.id)).paid == 40
        strange = replace(make_fill("order", 9, at=HOUR), input_mint=make_address("strange"))
        await world.stores.fills.record(wallet.pubkey, strange, START, None)
        story = await world.reports.of_wallet(USER, wallet.id)
        assert (story.fills, story.left_out, story.paid) == (3, 1, Decimal(40))


async def test_a_worth_with_an_unknown_part_is_unknown() -> None:
    """Leaving it out would look like a loss."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0)
        del world.usd.usd[SOL]
        assert (await world.reports.of_wallet(USER, wallet.id)).worth is None


async def test_only_ones_own_is_told() -> None:
    """Neither orders nor wallets of somebody else; two people who watch one address see the same."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, 0)
        await world.people.meet(8, 8)
        with pytest.raises(errors.OrderNotFound):
            await world.reports.of_order(8, 1)
        with pytest.raises(errors.WalletNotFound):
            await world.reports.of_wallet(8, wallet.id)
        empty = await world.wallets.create(USER)
        assert (await world.reports.of_wallet(USER, empty.id)).fills == 0


async def test_thousands_of_fills_are_all_counted() -> None:
    """Page by page."""
    async with open_world() as world:
        wallet = await world.add_wallet()
        await bought(world, wallet, *(place / 1_000 for place in range(1_203)))
        story = await world.reports.of_wallet(USER, wallet.id)
        assert (story.fills, story.paid) == (1_203, Decimal(12_030))
