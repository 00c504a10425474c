"""The look at the bot itself: each trouble is told once, and once when it is over, to whom it concerns."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import errors
from bot.domain import notices, orders, wallets
from bot.ports import Outgoing
from bot.services import watch
from bot.services.health import TELEGRAM, UPDATES
from bot.services.operators import Topic
from tests.fakes import world as worlds
from tests.fakes.clock import START
from tests.fakes.world import ADMIN, USER, World, deposit, make_fill, make_order

OTHER = 8
DOWN = errors.GatewayUnavailable(service="Jupiter")
MINUTE = timedelta(minutes=1)
HOUR = 60


async def _wallet_with_order(world: World, user: int = USER, name: str = "order") -> wallets.Wallet:
    """An order that fills every ten minutes; the first fill is told."""
    wallet = await world.add_wallet(user=user)
    order = make_order(wallet.pubkey, name, family=orders.Family.TIME, used=10_000_000, age=timedelta(0))
    item = orders.SeenOrder(order, (make_fill(name, 1, at=MINUTE / 2),))
    world.gateway.active.append(item)
    return wallet


async def _pass(world: World, minutes: float, *, step_s: float = 60) -> None:
    """Time in which the program works; getUpdates too."""
    for _ in range(int(minutes * 60 / step_s)):
        world.time.advance(step_s)
        world.health.record(UPDATES, ok=True)
        await world.polling.poll_once()
        await world.watch.look_once()


async def _told(world: World, user: int = USER) -> list[str]:
    """Of outages: whatever else."""
    return [kind for kind in await world.notices(user) if kind in {"unseen", "seen"}]


def _outage(world: World) -> None:
    world.faults.plan("orders active", DOWN, times=10_000)


async def _texts(world: World) -> list[str]:
    await world.notices(ADMIN)
    return [
        message.notice.text
        for person, batch in world.messenger.arrived
        for message in batch
        if person == ADMIN and isinstance(message.notice, notices.OperatorTold)
    ]


# --- orders that cannot be looked at ------------------------------------------------------------------------


async def test_an_outage_is_told_once_to_everybody_whose_fills_may_come_late_and_so_is_its_end() -> None:
    """Two wallets of one person, one of another; an hour of silence; the operator hears the same."""
    async with worlds.open_world() as world:
        for user, name in ((USER, "a"), (USER, "b"), (OTHER, "c")):
            await _wallet_with_order(world, user, name)
        await _pass(world, 1)
        _outage(world)
        await _pass(world, HOUR)
        for user in (USER, OTHER):
            assert await _told(world, user) == ["unseen"]
        assert await world.notices(ADMIN) == ["operator"]
        world.faults.clear()
        await _pass(world, HOUR)
        for user in (USER, OTHER):
            assert await _told(world, user) == ["unseen", "seen"]
        assert await world.notices(ADMIN) == ["operator"] * 2
        assert await world.stores.troubles.list_open() == []


async def test_of_a_short_outage_nobody_hears() -> None:
    """A quarter of an hour is patience enough."""
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        _outage(world)
        await _pass(world, 20)  # the fill is due after nine minutes
        world.faults.clear()
        await _pass(world, HOUR)
        assert await _told(world) == []
        assert await world.notices(ADMIN) == []


async def test_the_times_of_an_outage_are_those_of_the_looks_that_failed() -> None:
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        target = await world.stores.polls.find(world.gateway.active[0].order.owner)
        assert target is not None
        _outage(world)
        await _pass(world, HOUR)
        world.faults.clear()
        await _pass(world, 2)
        await world.notices()
        (unseen, seen) = [
            message.notice
            for _, batch in world.messenger.arrived
            for message in batch
            if isinstance(message.notice, notices.OrdersUnseen | notices.OrdersSeenAgain)
        ]
        assert target.due_at is not None
        assert unseen.since == seen.since == target.due_at.isoformat()
        assert isinstance(seen, notices.OrdersSeenAgain)
        assert (
            START + timedelta(minutes=61) < datetime.fromisoformat(seen.until) < START + timedelta(minutes=63)
        )


async def test_who_has_no_order_or_muted_all_of_them_is_not_woken() -> None:
    async with worlds.open_world() as world:
        await world.add_wallet(user=OTHER)
        await _wallet_with_order(world)
        await _pass(world, 1)
        await world.orders.record_muted(USER, 1, muted=True)
        _outage(world)
        await _pass(world, HOUR)
        assert await _told(world) == []
        assert await _told(world, OTHER) == []


@pytest.mark.parametrize("over_by_then", [False, True])
async def test_a_restart_in_an_outage_neither_repeats_nor_forgets(over_by_then: bool) -> None:
    """Who was told hears the end, though another process noticed it."""
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        _outage(world)
        await _pass(world, HOUR)
        if over_by_then:
            world.faults.clear()
        world.restart()
        await _pass(world, HOUR)
        expected = ["unseen", "seen"] if over_by_then else ["unseen"]
        assert await _told(world) == expected
        assert len(await world.notices(ADMIN)) == len(expected)
        world.faults.clear()
        world.restart()
        await _pass(world, HOUR)
        assert await _told(world) == ["unseen", "seen"]
        assert len(await world.notices(ADMIN)) == 2


async def test_restarts_do_not_keep_an_outage_from_being_told() -> None:
    """However many, and less than a quarter of an hour apart; and its end is told as ever."""
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        _outage(world)
        for _ in range(6):
            await _pass(world, 10)
            world.restart()
        assert await _told(world) == ["unseen"]
        assert await world.notices(ADMIN) == ["operator"]
        world.faults.clear()
        await _pass(world, 5)
        assert await _told(world) == ["unseen", "seen"]
        assert await world.notices(ADMIN) == ["operator"] * 2


async def test_one_refused_look_after_a_long_pause_is_no_outage() -> None:
    """Jupiter answers the next."""
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        world.time.advance(5 * 3600)
        world.restart()
        world.faults.plan("orders active", DOWN, times=1)
        await _pass(world, 5)
        assert await _told(world) == []
        assert await world.notices(ADMIN) == []


@pytest.mark.parametrize("another", [False, True], ids=["the only one", "of two"])
async def test_who_removes_the_wallet_in_an_outage_is_not_told_that_it_is_over(another: bool) -> None:
    """It is not; another wallet, without orders, was not looked at either."""
    async with worlds.open_world() as world:
        wallet = await _wallet_with_order(world)
        if another:
            await world.add_wallet()
        await _pass(world, 1)
        _outage(world)
        await _pass(world, 30)
        await world.wallets.remove(USER, wallet.id)
        await _pass(world, 20)
        assert await _told(world) == ["unseen"]


async def test_that_the_bot_itself_was_down_is_no_outage() -> None:
    """It catches up within minutes; the fills of that time say enough."""
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        world.time.advance(5 * 3600)
        world.restart()
        await world.watch.look_once()
        await _pass(world, 5)
        assert await _told(world) == []
        assert await world.notices(ADMIN) == []


async def test_a_second_outage_is_told_anew() -> None:
    async with worlds.open_world() as world:
        await _wallet_with_order(world)
        await _pass(world, 1)
        for _ in range(2):
            _outage(world)
            await _pass(world, HOUR)
            world.faults.clear()
            await _pass(world, 20)
        assert await _told(world) == ["unseen", "seen"] * 2


async def test_one_wallet_that_cannot_be_read_is_told_to_its_person_only() -> None:
    """Jupiter answers for everybody else."""
    async with worlds.open_world() as world:
        await _wallet_with_order(world, OTHER, "b")
        broken = (await _wallet_with_order(world, USER, "a")).pubkey
        await _pass(world, 1)
        fetch = world.gateway.fetch_orders

        async def refuse(owner: str, *args: object, **how: object) -> orders.OrderPage:
            if owner == broken:
                raise errors.UnexpectedResponse
            return await fetch(owner, *args, **how)  # type: ignore[arg-type]  # whatever it is

        world.gateway.fetch_orders = refuse  # type: ignore[method-assign]  # one wallet's trouble
        await _pass(world, HOUR)
        assert await _told(world) == ["unseen"]
        assert await _told(world, OTHER) == []


# --- updates ------------------------------------------------------------------------------------------------


async def test_updates_that_do_not_come_are_told_to_the_operator_once_and_so_is_the_end() -> None:
    async with worlds.open_world() as world:
        await _pass(world, 5)
        for _ in range(20):
            world.time.advance(30)
            world.health.record(TELEGRAM, ok=True)
            await world.watch.look_once()
        assert [text.split(" for ")[0] for text in await _texts(world)] == [
            "Telegram has not answered getUpdates"
        ]
        await _pass(world, 5)
        assert (await _texts(world))[1:] == ["Telegram answers getUpdates again. It lasted 10 min."]


async def test_a_bot_that_starts_while_telegram_is_down_says_so() -> None:
    async with worlds.open_world() as world:
        world.time.advance(59)
        await world.watch.look_once()
        assert await _texts(world) == []
        world.time.advance(1)
        await world.watch.look_once()
        assert len(await _texts(world)) == 1


# --- dead letters -------------------------------------------------------------------------------------------


async def test_dead_letters_are_told_once_and_an_hour_later_that_they_stopped() -> None:
    """A hundred broken notices are one message to the operator, not a hundred."""
    async with worlds.open_world() as world:
        now = world.time.clock.now()
        for number in range(100):
            user = 100 + number % 10
            await world.people.meet(user, user)
            seen = notices.FillSeen(owner="o", order_key="k", signature=str(number))
            await world.stores.outbox.add(user, seen, str(number), now)
        for number in range(1, 101):
            world.faults.plan(f"notice {number}", errors.DeliveryRejected("Telegram refuses this."), times=20)
        for _ in range(5):
            await world.delivery.deliver_once()
            await _pass(world, 2)
        assert (await world.stores.outbox.counts())[Outgoing.DEAD] == 100
        assert len(await _texts(world)) == 1
        assert "was given up: Telegram refuses this." in (await _texts(world))[0]
        world.restart()
        await _pass(world, 50)
        assert len(await _texts(world)) == 1
        await _pass(world, 15)
        assert len(await _texts(world)) == 2
        assert (await _texts(world))[1].startswith("No notice was given up for an hour.")


async def test_a_dead_letter_to_the_operator_makes_no_circle() -> None:
    """Even if nothing that is told to the operator can be sent."""
    async with worlds.open_world() as world:
        await world.operators.report(Topic.POLLING, "late")
        for number in range(1, 20):
            world.faults.plan(f"notice {number}", errors.DeliveryRejected("no"), times=20)
        for _ in range(20):
            await world.delivery.deliver_once()
            world.time.advance(60)
        assert (await world.stores.outbox.counts())[Outgoing.DEAD] == 2


# --- what is not as it should be ----------------------------------------------------------------------------


async def test_a_missing_fill_that_comes_in_the_end_is_told_as_well() -> None:
    """And counted as long as it is missing; a restart in between forgets nothing."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        world.gateway.active = [orders.SeenOrder(make_order(owner, used=10_000_000), ())]
        await _pass(world, 30)
        (text,) = await _texts(world)
        assert "a fill may be missing" in text
        assert [trouble.topic for trouble in await world.operators.list_open()] == [Topic.CONSERVATION]
        world.restart()
        await _pass(world, 30)
        assert len(await _texts(world)) == 1
        order = world.gateway.active[0].order
        world.gateway.active = [orders.SeenOrder(order, (make_fill("order", 1, at=MINUTE),))]
        await _pass(world, 30)
        assert len(await _texts(world)) == 2
        assert "add up to what it used again" in (await _texts(world))[1]
        assert await world.operators.list_open() == []


async def test_every_refusal_is_told_and_once_that_transactions_are_right_again() -> None:
    """An honest send proves nothing about deposits."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        honest = world.gateway.lie
        for number in range(2):
            world.gateway.lie = lambda intent: deposit(intent.user, raw=2_000_000)
            await world.confirm(deposit(owner), message=number)
            await world.actions.settle_once()
        assert len(await _texts(world)) == 2
        world.gateway.lie = honest
        withdraw = replace(deposit(owner), amount_raw=3)
        await world.confirm(withdraw, message=3)
        await world.actions.settle_once()
        await world.confirm(withdraw, message=4)
        await world.actions.settle_once()
        told = await _texts(world)
        assert len(told) == 3
        assert "Transactions of the kind price_deposit are as confirmed again" in told[2]


async def test_a_wallet_that_cannot_be_opened_is_told_once_and_so_is_that_it_opens_again() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        assert wallet.sealed is not None
        wrong = replace(wallet.sealed, box=b"changed")
        assert await world.stores.wallets.replace_sealed(wallet.id, wallet.sealed, wrong)
        for _ in range(3):
            assert await world.wallets.list_of(USER) == []
            with pytest.raises(errors.VaultError):
                await world.wallets.get(USER, wallet.id)
        world.restart()
        assert len(await world.wallets.list_broken(USER)) == 1
        (text,) = await _texts(world)
        assert f"Wallet {wallet.id} of person {USER} cannot be opened" in text
        assert await world.stores.wallets.replace_sealed(wallet.id, wrong, wallet.sealed)
        assert len(await world.wallets.list_of(USER)) == 1
        await world.wallets.list_of(USER)
        assert (await _texts(world))[1:] == [
            f"Wallet {wallet.id} of person {USER} opens again. It lasted 1 min."
        ]


async def test_what_is_reported_from_several_places_at_once_is_told_once() -> None:
    async with worlds.open_world() as world:
        for report in (world.operators.report, world.operators.report_over):
            async with asyncio.TaskGroup() as tasks:
                for number in range(5):
                    world.time.advance(1)
                    tasks.create_task(report(Topic.POLLING, f"by {number}"))
        assert len(await _texts(world)) == 2


async def test_without_admins_troubles_are_known_all_the_same() -> None:
    """They are in the log, and whoever becomes an admin sees them in /status."""
    async with worlds.open_world() as world:
        world.operators._admins = ()
        await world.operators.report(Topic.POLLING, "late")
        assert await world.notices(ADMIN) == []
        assert len(await world.operators.list_open()) == 1


async def test_a_failing_database_fails_one_turn_only() -> None:
    """The loop goes on, and what could not be told is told then."""
    async with worlds.open_world() as world:
        await _pass(world, 5)
        world.time.advance(120)
        world.faults.plan("outbox add", errors.StorageError())
        with pytest.raises(errors.StorageError):
            await world.watch.look_once()
        assert await world.operators.list_open() == []
        await world.watch.look_once()
        assert len(await _texts(world)) == 1


def test_the_patience_is_what_the_promise_says() -> None:
    assert timedelta(minutes=15) == watch.STALE_AFTER
