"""Ingest: every fill is stored and told once, whatever comes twice, late, or in another sequence."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import errors, ports
from bot.domain import amounts, fills, intents, orders
from bot.domain.actions import State
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World, make_fill, make_order

MINUTE = timedelta(minutes=1)
OTHER = 8


def _seen(order: orders.Order, *known: fills.Fill) -> orders.SeenOrder:
    return orders.SeenOrder(order, known)


async def _told(world: World, user: int = USER) -> list[str]:
    """Everything that reached the person, as `kind` or `fill signature`."""
    await world.notices(user)
    return [
        getattr(message.notice, "signature", "") or message.notice.kind
        for person, batch in world.messenger.arrived
        if person == user
        for message in batch
    ]


async def test_a_fill_is_stored_and_told_once() -> None:
    """The same answer, again and again, tells nothing more."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        item = _seen(make_order(owner, used=10_000_000), make_fill("order", 1, at=MINUTE))
        for _ in range(3):
            await world.ingest.take(owner, [item])
        assert await _told(world) == ["fill1"]
        (known,) = await world.stores.fills.list_of_order(owner, item.order.key)
        assert known.usd == Decimal(10)


async def test_an_answer_without_news_costs_the_same_for_one_order_and_for_many() -> None:
    """Nine in ten looks bring none: they write when the orders were seen, and nothing else."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        counted: list[str] = []
        engine = world.stores.database._engine.sync_engine
        sa.event.listen(engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
        costs = []
        for orders_ in (1, 20):
            items = [
                _seen(make_order(owner, f"{number}", used=20_000_000), *(_fills_of(number)))
                for number in range(orders_)
            ]
            await world.ingest.take(owner, items)
            world.time.advance(60)
            counted.clear()
            again = await world.ingest.take(owner, items)
            costs.append(len(counted))
            assert [(taken.new, taken.unseen_raw) for taken in again] == [((), 0)] * orders_
        assert costs[0] == costs[1] < 12
        known = await world.stores.orders.list_known(USER, [owner])
        assert {item.seen_at for item in known} == {world.time.clock.now()}


def _fills_of(number: int) -> list[fills.Fill]:
    return [make_fill(f"{number}", place, at=place * MINUTE) for place in range(2)]


async def test_the_first_fill_of_a_new_wallet_is_told_and_older_ones_are_not() -> None:
    """Told if and only if confirmed not before the person added the wallet, to the instant."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        item = _seen(
            make_order(owner, used=30_000_000),
            make_fill("order", 1, at=-timedelta(microseconds=1)),
            make_fill("order", 2, at=timedelta(0)),
            make_fill("order", 3, at=MINUTE),
        )
        await world.ingest.take(owner, [item], first=True)
        assert await _told(world) == ["fill2", "fill3"]
        known = await world.stores.fills.list_of_order(owner, item.order.key)
        assert [item.usd is not None for item in known] == [False, True, True]


async def test_a_fill_that_is_found_long_after_it_happened_is_not_valued() -> None:
    """The price of now is not that of then: the value stays blank. Told it is all the same, and price and
    fee are those of the fill."""
    async with worlds.open_world(pace=2) as world:
        owner = (await world.add_wallet()).pubkey
        world.time.advance(3600)  # two hours of order time
        item = _seen(
            make_order(owner, used=20_000_000),
            make_fill("order", 1, at=59 * MINUTE),
            make_fill("order", 2, at=60 * MINUTE),
        )
        await world.ingest.take(owner, [item])
        assert await _told(world) == ["fill1", "fill2"]
        found = await world.stores.fills.list_of_order(owner, item.order.key)
        assert [known.usd for known in found] == [None, Decimal(10)]
        assert [known.fill for known in found] == list(item.fills)


async def test_everybody_who_has_the_address_is_told_what_is_news_to_them() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        world.time.advance(60)
        await world.people.meet(OTHER, OTHER)
        await world.wallets.watch(OTHER, owner)
        item = _seen(
            make_order(owner, used=20_000_000),
            make_fill("order", 1, at=timedelta(seconds=30)),
            make_fill("order", 2, at=timedelta(seconds=90)),
        )
        await world.ingest.take(owner, [item], first=True)
        assert await _told(world) == ["fill1", "fill2"]
        assert await _told(world, OTHER) == ["fill2"]


async def test_numbers_follow_the_age_of_the_orders_and_stay() -> None:
    """#1 is the oldest of the first look; later ones count on, per person."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        young, old = make_order(owner, "young", age=MINUTE), make_order(owner, "old", age=60 * MINUTE)
        await world.ingest.take(owner, [_seen(young), _seen(old)], first=True)
        middle = make_order(owner, "middle", age=30 * MINUTE)
        await world.ingest.take(owner, [_seen(middle), _seen(young), _seen(old)])
        known = await world.stores.orders.list_known(USER, [owner])
        assert {item.number: item.order.key for item in known} == {
            1: old.key,
            2: young.key,
            3: middle.key,
        }


@pytest.mark.parametrize(("first", "told"), [(True, []), (False, ["opened"])])
async def test_an_order_opened_elsewhere_is_told_after_the_first_look(first: bool, told: list[str]) -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        item = _seen(make_order(owner, age=-MINUTE))
        await world.ingest.take(owner, [item], first=first)
        await world.ingest.take(owner, [item])
        assert await _told(world) == told


async def test_an_old_order_that_is_listed_late_is_not_new() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.ingest.take(owner, [_seen(make_order(owner, age=MINUTE))])
        assert await _told(world) == []


async def test_an_order_opened_here_is_not_told_as_opened_elsewhere() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        intent = intents.CreateOrder(
            user=owner,
            input_mint=amounts.USDC_MINT,
            output_mint=amounts.WSOL_MINT,
            amount_raw=100_000_000,
            number_of_orders=2,
            interval_s=60,
        )
        action_id = await world.confirm(intent)
        await world.actions.settle_once()
        action = await world.stores.actions.find(action_id)
        assert action is not None
        assert action.signed is not None
        assert action.state is State.LANDED
        order = replace(make_order(owner, age=-MINUTE), key=action.signed.order or "")
        await world.ingest.take(owner, [_seen(order)])
        assert await _told(world) == []


async def test_the_end_of_an_order_is_told_once_with_its_last_fill_first() -> None:
    """Seen only in history: the last fill is told, then that the order finished."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.ingest.take(owner, [_seen(make_order(owner, used=0))], first=True)
        closed = make_order(owner, status=orders.Status.HISTORY, used=100_000_000, updated=MINUTE)
        item = _seen(closed, make_fill("order", 1, at=MINUTE, in_raw=100_000_000))
        await world.ingest.take(owner, [item])
        await world.ingest.take(owner, [item])
        assert await _told(world) == ["fill1", "finished"]


async def test_an_answer_from_before_the_end_does_not_reopen_the_order() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        active = _seen(make_order(owner))
        closed = make_order(owner, status=orders.Status.HISTORY, user_closed=True, updated=MINUTE)
        await world.ingest.take(owner, [active], first=True)
        await world.ingest.take(owner, [_seen(closed)])
        await world.ingest.take(owner, [active])
        await world.ingest.take(owner, [_seen(closed)])
        assert await _told(world) == ["cancelled"]
        known = await world.stores.orders.find(owner, closed.key)
        assert known is not None
        assert not known.active


async def test_what_ended_before_the_wallet_was_added_is_no_news() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        closed = make_order(owner, status=orders.Status.HISTORY, updated=60 * MINUTE)
        await world.ingest.take(owner, [_seen(closed, make_fill("order", 1, at=-MINUTE))], first=True)
        assert await _told(world) == []


async def test_an_order_that_came_and_went_between_two_looks_is_told_as_finished() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        closed = make_order(owner, status=orders.Status.HISTORY, age=-MINUTE, used=100_000_000)
        await world.ingest.take(owner, [_seen(closed, make_fill("order", 1, at=2 * MINUTE))])
        assert await _told(world) == ["fill1", "finished"]


async def test_a_cancel_that_was_confirmed_here_is_not_told_again() -> None:
    """Its card said so."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        order = make_order(owner)
        await world.ingest.take(owner, [_seen(order)], first=True)
        await world.confirm(
            intents.CancelOrder(
                family=order.family,
                user=owner,
                order=order.key,
                input_mint=order.input_mint,
                output_mint=order.output_mint,
            )
        )
        await world.actions.settle_once()
        closed = make_order(owner, status=orders.Status.HISTORY, user_closed=True, updated=MINUTE)
        await world.ingest.take(owner, [_seen(closed)])
        assert await _told(world) == []


async def test_a_price_order_that_cannot_pay_one_more_cycle_is_told_once_per_deposit() -> None:
    """Ten dollars a cycle, nine left: low. After a deposit it may become low again."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        low = make_order(owner, deposited=100_000_000, used=91_000_000)
        first = make_fill("order", 1, at=MINUTE, in_raw=91_000_000)
        await world.ingest.take(owner, [_seen(low, first)], first=True)
        await world.ingest.take(owner, [_seen(low, first)])
        assert await _told(world) == ["fill1", "low"]
        again = make_order(owner, deposited=200_000_000, used=195_000_000)
        second = make_fill("order", 2, at=2 * MINUTE, in_raw=104_000_000)
        await world.ingest.take(owner, [_seen(again, first, second)])
        assert await _told(world) == ["fill1", "low", "fill2", "low"]


async def test_an_order_that_was_low_before_is_no_news() -> None:
    """Only a fill that one is told of can make it low."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        low = make_order(owner, deposited=100_000_000, used=91_000_000)
        old = make_fill("order", 1, at=-MINUTE, in_raw=91_000_000)
        await world.ingest.take(owner, [_seen(low, old)], first=True)
        assert await _told(world) == []


async def test_enough_for_one_more_cycle_is_not_low() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        item = _seen(
            make_order(owner, deposited=100_000_000, used=90_000_000),
            make_fill("order", 1, at=MINUTE, in_raw=90_000_000),
        )
        await world.ingest.take(owner, [item], first=True)
        assert await _told(world) == ["fill1"]


async def test_a_muted_order_is_stored_silently_until_its_end() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await world.ingest.take(owner, [_seen(make_order(owner))], first=True)
        await world.orders.record_muted(USER, 1, muted=True)
        fill = make_fill("order", 1, at=MINUTE, in_raw=100_000_000)
        await world.ingest.take(owner, [_seen(make_order(owner, used=100_000_000), fill)])
        assert await _told(world) == []
        closed = make_order(owner, status=orders.Status.HISTORY, used=100_000_000, updated=MINUTE)
        await world.ingest.take(owner, [_seen(closed, fill)])
        assert await _told(world) == ["finished"]


async def test_input_without_fills_is_noticed() -> None:
    """Conservation: the fills known must add up to what the order used."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        item = _seen(make_order(owner, used=30_000_000), make_fill("order", 1, at=MINUTE))
        (taken,) = await world.ingest.take(owner, [item])
        assert taken.unseen_raw == 20_000_000


@pytest.mark.parametrize("call", ["prices", "mints", "names"])
async def test_a_fill_is_told_though_its_worth_is_unknown(call: str) -> None:
    """Prices and names are decoration."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        world.faults.plan(call, errors.GatewayUnavailable(), times=5)
        item = _seen(make_order(owner, used=10_000_000), make_fill("order", 1, at=MINUTE))
        await world.ingest.take(owner, [item])
        assert await _told(world) == ["fill1"]


async def test_a_wallet_that_was_removed_meanwhile_tells_nobody() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        await world.wallets.remove(USER, wallet.id)
        item = _seen(make_order(wallet.pubkey), make_fill("order", 1, at=MINUTE))
        await world.ingest.take(wallet.pubkey, [item])
        assert await _told(world) == []


async def test_an_order_of_somebody_else_is_not_taken() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        foreign = make_order(make_address("stranger"))
        assert await world.ingest.take(owner, [_seen(foreign)]) == []
        assert await world.stores.orders.list_known(USER, [owner, foreign.owner]) == []


async def test_a_failure_inside_leaves_neither_fill_nor_message() -> None:
    """One transaction: the fill, the message and the order come together or not at all."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        item = _seen(make_order(owner, used=10_000_000), make_fill("order", 1, at=MINUTE))
        world.faults.plan("outbox add", errors.StorageError())
        with pytest.raises(errors.StorageError):
            await world.ingest.take(owner, [item])
        assert await world.stores.fills.list_of_order(owner, item.order.key) == []
        assert await world.stores.orders.find(owner, item.order.key) is None
        await world.ingest.take(owner, [item])
        assert await _told(world) == ["fill1"]


# --- any sequence, any repetition ---------------------------------------------------------------------------


def _history(owner: str) -> list[orders.SeenOrder]:
    """What Jupiter said about one order over its life: after each of three fills, and at its end."""
    known = [make_fill("order", number, at=number * MINUTE) for number in (1, 2, 3)]
    said = [
        _seen(make_order(owner, deposited=30_000_000, used=10_000_000 * count), *known[:count])
        for count in range(3)
    ]
    end = make_order(
        owner, deposited=30_000_000, used=30_000_000, status=orders.Status.HISTORY, updated=3 * MINUTE
    )
    return [*said, _seen(end, *known)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(st.integers(0, 3), max_size=8), joined_after=st.sampled_from([0, 90, 150]))
def test_any_sequence_of_answers_tells_everything_once(sequence: list[int], joined_after: int) -> None:
    """Repeated, reordered and lost answers, two watchers: at the end all fills are known, each person was
    told exactly the fills since they watch, in the order of the answers, and the end once."""

    async def scenario() -> None:
        async with worlds.open_world() as world:
            owner = (await world.add_wallet()).pubkey
            world.time.advance(joined_after)
            await world.people.meet(OTHER, OTHER)
            await world.wallets.watch(OTHER, owner)
            said = _history(owner)
            for number in [*sequence, 3]:
                await world.ingest.take(owner, [said[number]], first=True)
            stored: list[ports.KnownFill] = await world.stores.fills.list_of_order(owner, said[0].order.key)
            assert [known.fill.signature for known in stored] == ["fill1", "fill2", "fill3"]
            news = [f"fill{number}" for number in (1, 2, 3) if number * 60 >= joined_after]
            ended = ["finished"]
            told, others = await _told(world), await _told(world, OTHER)
            assert [item for item in told if item != "low"] == ["fill1", "fill2", "fill3", *ended]
            assert [item for item in others if item != "low"] == news + ended

    asyncio.run(scenario())
