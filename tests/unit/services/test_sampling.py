"""Sampling: a usable series for a sliver of the budget, and never a price of a time that nobody watched."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bot import errors, storage
from bot.domain import amounts, market, orders
from bot.ports import Priority
from bot.services import sampling, tape
from tests.fakes.chain import make_address
from tests.fakes.clock import START, FakeTime
from tests.fakes.faults import Faults
from tests.fakes.gateway import FakePrices
from tests.fakes.storage import build_order, open_memory_storage

SOL, USDC = amounts.WSOL_MINT, amounts.USDC_MINT
OWNER = make_address("owner")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Rig:
    """A sampler whose sleep lets time pass, on real stores."""

    def __init__(self, stores: storage.Storage, pace: float, rps: float) -> None:
        self.stores = stores
        self.time = FakeTime(pace=pace)
        self.faults = Faults()
        self.usd = FakePrices(self.faults)
        self.rps = rps
        self.restart()

    def restart(self) -> None:
        self.tape = tape.Tape(self.stores.prices, self.time.order_clock)
        self.usd.heard = self.tape.hear
        self.sampling = sampling.Sampling(
            source=self.usd,
            tape=self.tape,
            history=self.stores.prices,
            orders=self.stores.orders,
            clock=self.time.clock,
            order_clock=self.time.order_clock,
            rps=self.rps,
            sleep=self.time.sleep,
        )

    async def trade(self, *mints: str, cycle: timedelta = DAY, ended: datetime | None = None) -> None:
        """Orders that buy these with USDC; of a wallet that somebody has."""
        await self.stores.wallets.add(1, OWNER, "mine", None, START, 9)
        status = orders.Status.HISTORY if ended else orders.Status.ACTIVE
        for mint in mints:
            order = build_order(
                make_address(f"{mint} {cycle}"),
                OWNER,
                output_mint=mint,
                cycle=cycle,
                status=status,
                updated_at=ended or START,
            )
            await self.stores.orders.record(order, START)

    async def run(self, real: timedelta) -> None:
        """Turns as `run` makes them, for so long."""
        end = self.time.clock.now() + real
        while self.time.clock.now() < end:
            with suppress(errors.BotError):
                await self.sampling.sample_once()
            await self.time.sleep(1)

    async def samples(self, mint: str) -> list[market.Sample]:
        return await self.stores.prices.list_between(mint, START - 9_999 * DAY, START + 9_999 * DAY)


@asynccontextmanager
async def open_rig(*, pace: float = 1.0, rps: float = 1.0) -> AsyncIterator[Rig]:
    async with open_memory_storage() as stores:
        yield Rig(stores, pace, rps)


# --- how often -------------------------------------------------------------------------------------------


async def test_an_order_is_sampled_every_five_minutes() -> None:
    """Both of its tokens in one call, behind everybody else, without a gap."""
    async with open_rig() as rig:
        await rig.trade(SOL)
        await rig.run(HOUR)
        assert {priority for _, priority in rig.usd.asked} == {Priority.SWEEP}
        assert len(rig.usd.asked) == 12
        samples = await rig.samples(SOL)
        assert len(samples) == 12
        assert len(market.stretches(samples)) == 1
        assert [sample.at for sample in samples] == [sample.at for sample in await rig.samples(USDC)]


async def test_without_orders_nobody_is_asked() -> None:
    """Nor for orders that ended long ago, or of wallets that nobody has."""
    async with open_rig() as rig:
        await rig.trade(SOL, ended=START - sampling.ENDED_FOR - MINUTE)
        await rig.stores.orders.record(build_order("foreign", "nobody"), START)
        await rig.run(10 * MINUTE)
        assert rig.usd.asked == []


async def test_what_ended_lately_goes_on() -> None:
    """What it bought is still held."""
    async with open_rig() as rig:
        await rig.trade(SOL, ended=START - DAY)
        await rig.run(11 * MINUTE)
        assert len(await rig.samples(SOL)) == 3


async def test_a_quick_order_is_sampled_between_its_fills() -> None:
    """A cycle of two minutes: every half a minute; other tokens keep their own pace."""
    async with open_rig(rps=20) as rig:
        await rig.trade(SOL, cycle=2 * MINUTE)
        await rig.trade(make_address("slow"))
        rig.usd.usd[make_address("slow")] = Decimal(3)
        await rig.run(20 * MINUTE)
        assert 38 <= len(await rig.samples(SOL)) <= 41
        assert len(await rig.samples(make_address("slow"))) <= 9


async def test_in_fast_order_time_a_chart_is_still_usable() -> None:
    """The sandbox: ten times as fast, and an order of ten cycles of a minute is over in a real minute."""
    async with open_rig(pace=10, rps=20) as rig:
        await rig.trade(SOL, cycle=MINUTE)
        await rig.run(MINUTE)
        samples = await rig.samples(SOL)
        assert len(samples) >= 25
        assert len(market.stretches(samples)) == 1
        assert samples[-1].at - samples[0].at >= 9 * MINUTE


async def test_at_any_pace_a_series_has_no_gaps_of_its_own_making() -> None:
    """Order time a thousand times as fast: samples are far apart, and still all there is."""
    async with open_rig(pace=1_000, rps=20) as rig:
        await rig.trade(SOL, cycle=HOUR)
        await rig.run(5 * MINUTE)
        assert len(market.stretches((await rig.samples(SOL))[15:])) == 1


async def test_many_tokens_share_calls_and_the_share_of_the_budget() -> None:
    """At most fifty a call, and never more than a twentieth of the budget, however many there are."""
    mints = [make_address(f"token {number}") for number in range(120)]
    async with open_rig(rps=0.1) as rig:
        await rig.trade(*mints)
        rig.usd.usd |= dict.fromkeys(mints, Decimal(2))
        await rig.run(HOUR)
        assert max(len(asked) for asked, _ in rig.usd.asked) == sampling.MOST
        assert len(rig.usd.asked) <= 3_600 * rig.rps * sampling.SHARE + 1
        for mint in mints:
            times = [sample.at for sample in await rig.samples(mint)]
            assert max(after - before for before, after in pairwise(times)) <= 3 * 200 * timedelta(seconds=1)
        assert len(market.stretches(await rig.samples(mints[0]))) == 1


async def test_a_token_without_a_price_costs_no_more_than_others() -> None:
    """It is asked for again when its time comes, not in every turn."""
    async with open_rig() as rig:
        await rig.trade(make_address("nobody trades it"))
        await rig.run(HOUR)
        assert len(rig.usd.asked) == 12
        assert await rig.samples(make_address("nobody trades it")) == []


# --- what others heard -----------------------------------------------------------------------------------


async def test_what_others_asked_for_is_not_asked_for_again() -> None:
    """A screen every minute: every price is there already."""
    async with open_rig() as rig:
        await rig.trade(SOL)
        await rig.run(2 * MINUTE)
        rig.usd.asked.clear()
        for _ in range(30):
            await rig.usd.fetch_usd([SOL, USDC])
            await rig.run(MINUTE)
        assert {priority for _, priority in rig.usd.asked} == {Priority.PERSON}
        samples = await rig.samples(SOL)
        assert len(samples) <= 13, "and they are thinned"
        assert len(market.stretches(samples)) == 1


async def test_only_what_orders_trade_is_kept() -> None:
    """Nobody can fill the table by looking at tokens."""
    other = make_address("other")
    async with open_rig() as rig:
        await rig.trade(SOL)
        await rig.run(MINUTE)
        rig.usd.usd[other] = Decimal(5)
        await rig.usd.fetch_usd([other, SOL])
        await rig.run(MINUTE)
        assert await rig.samples(other) == []


async def test_what_others_hear_is_written_while_the_sampler_waits() -> None:
    """Its call is last in the queue of a rush: it gives up after a while, and their prices are kept."""
    async with open_rig() as rig:
        await rig.trade(SOL)

        class Waiting(FakePrices):
            async def fetch_usd(self, mints: Collection[str], **_: Any) -> dict[str, Decimal]:
                rig.tape.hear(self.usd)
                await asyncio.Event().wait()
                raise AssertionError("nobody sets it")

        rig.sampling._source = Waiting(rig.faults)
        rig.sampling._patience_s = 0.01
        with pytest.raises(errors.GatewayUnavailable):
            await rig.sampling.sample_once()
        assert len(await rig.samples(SOL)) == 1


# --- gaps ------------------------------------------------------------------------------------------------


async def test_an_outage_is_a_gap() -> None:
    """While Jupiter was silent for an hour nobody watched; the calls get rarer, and then it goes on."""
    async with open_rig() as rig:
        await rig.trade(SOL)
        await rig.run(10 * MINUTE)
        rig.faults.plan("prices", errors.GatewayUnavailable(service="Jupiter"), times=1_000)
        before = len(rig.usd.asked)
        await rig.run(HOUR)
        assert len(rig.usd.asked) - before <= 17
        rig.faults.clear()
        await rig.run(10 * MINUTE)
        stretches = market.stretches(await rig.samples(SOL))
        assert len(stretches) == 2
        assert stretches[1][0].at - stretches[0][-1].at >= HOUR - 5 * MINUTE


async def test_a_short_restart_is_no_gap_and_a_long_one_is() -> None:
    """The new process reads when the old one saw a price last."""
    async with open_rig() as rig:
        await rig.trade(SOL)
        for away in (2 * MINUTE, HOUR):
            await rig.run(10 * MINUTE)
            rig.time.advance(away.total_seconds())
            rig.restart()
        await rig.run(10 * MINUTE)
        assert len(market.stretches(await rig.samples(SOL))) == 2


@pytest.mark.parametrize("rps", [20, 0.5])
async def test_a_jump_of_order_time_is_a_gap(rps: float) -> None:
    """The sandbox's clock can be pushed ahead by a day: nobody watched that day."""
    async with open_rig(pace=10, rps=rps) as rig:
        await rig.trade(SOL, cycle=MINUTE)
        await rig.run(2 * MINUTE)
        rig.time.order_clock.advance(8_640)
        await rig.run(2 * MINUTE)
        assert len(market.stretches(await rig.samples(SOL))) == 2


async def test_what_cannot_be_stored_is_kept_for_later() -> None:
    """A database that is busy for a moment costs no sample."""
    async with open_rig() as rig:
        await rig.trade(SOL)

        class Busy(type(rig.stores.prices)):  # type: ignore[misc] # a class made for this store
            async def record(self, samples: object) -> None:
                raise errors.StorageError

        heard = tape.Tape(Busy(rig.stores.database), rig.time.order_clock)
        heard.want({SOL: 5 * MINUTE})
        heard.hear({SOL: Decimal(1)})
        with pytest.raises(errors.StorageError):
            await heard.write()
        assert heard.heard_at(SOL) == rig.time.order_clock.now()


# --- what is kept ----------------------------------------------------------------------------------------


async def test_old_samples_are_thinned_and_very_old_ones_forgotten() -> None:
    """Three years of five-minute samples become a few thousand; what was watched is known as before."""
    async with open_rig() as rig:
        start, end = START - 800 * DAY, START
        ages = [start + timedelta(minutes=5 * place) for place in range(3 * 288)]  # long forgotten
        ages += [START - 100 * DAY + timedelta(minutes=5 * place) for place in range(10 * 288)]
        ages += [START - 90 * DAY + HOUR + timedelta(minutes=5 * place) for place in range(288)]
        ages += [START - 4 * DAY + timedelta(minutes=5 * place) for place in range(4 * 288)]
        samples: list[market.Sample] = []
        for at in ages:
            joined = samples and at - samples[-1].at <= tape.LONGEST_GAP
            samples.append(market.Sample(at, Decimal(7), samples[-1].at if joined else at))
        await rig.stores.prices.replace(SOL, start, end, samples)
        known_from = START - 700 * DAY
        before = market.watch(samples, known_from, end)
        rig.time.advance(DAY.total_seconds())
        await rig.run(MINUTE)
        kept = await rig.samples(SOL)
        assert market.watch(kept, known_from, end) == before
        assert kept[0].at > START - 700 * DAY
        assert all(after.since in (before.at, after.at) for before, after in pairwise(kept))
        assert 40 <= len([each for each in kept if each.at < START - 60 * DAY]) <= 50
        assert len([each for each in kept if each.at > START - DAY]) == 287
        rig.time.advance(DAY.total_seconds())
        await rig.run(MINUTE)
        assert market.watch(await rig.samples(SOL), known_from, end) == before
