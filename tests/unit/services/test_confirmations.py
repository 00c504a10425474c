"""Confirmations: one tap, of the right person, on the right card, in time."""

import asyncio

import pytest

from bot import errors
from bot.domain import orders
from bot.services.proposals import Proposal
from tests.fakes import world as worlds
from tests.fakes.world import USER, World, make_order


async def _card(world: World) -> Proposal:
    wallet = await world.add_wallet()
    world.gateway.active = [orders.SeenOrder(make_order(wallet.pubkey), ())]
    await world.orders.list_of(USER)
    proposal = await world.proposals.deposit(USER, USER, 1, "1")
    await world.confirmations.attach_message(proposal.confirmation.token, 100)
    return proposal


async def test_one_of_many_taps_wins() -> None:
    """Two hundred taps at once: one action."""
    async with worlds.open_world() as world:
        token = (await _card(world)).confirmation.token
        taps = await asyncio.gather(
            *(world.confirmations.confirm(USER, USER, 100, token) for _ in range(200)), return_exceptions=True
        )
        refused = [tap for tap in taps if isinstance(tap, errors.ConfirmationExpired)]
        assert len(refused) == 199
        await world.actions.settle_once()
        assert len(set(world.ledger.received)) == 1


@pytest.mark.parametrize(
    ("user", "chat", "message", "later"),
    [(8, USER, 100, 0), (USER, 8, 100, 0), (USER, USER, 101, 0), (USER, USER, 100, 120)],
    ids=["another person", "another chat", "another message", "too late"],
)
async def test_a_tap_that_is_not_the_card_s_own_does_nothing(
    user: int, chat: int, message: int, later: int
) -> None:
    async with worlds.open_world() as world:
        token = (await _card(world)).confirmation.token
        world.time.advance(later)
        with pytest.raises(errors.ConfirmationExpired):
            await world.confirmations.confirm(user, chat, message, token)
        assert await world.stores.actions.list_unsettled() == []


async def test_a_tap_that_the_database_fails_is_not_used_up() -> None:
    """Consuming and recording are one transaction: the button works again."""
    async with worlds.open_world() as world:
        token = (await _card(world)).confirmation.token
        world.faults.plan("add action", errors.StorageError())
        with pytest.raises(errors.StorageError):
            await world.confirmations.confirm(USER, USER, 100, token)
        assert await world.stores.actions.list_unsettled() == []
        await world.confirmations.confirm(USER, USER, 100, token)
        assert len(await world.stores.actions.list_unsettled()) == 1


async def test_a_tap_after_a_restart_still_counts() -> None:
    async with worlds.open_world() as world:
        token = (await _card(world)).confirmation.token
        world.restart()
        action = await world.confirmations.confirm(USER, USER, 100, token)
        assert await world.confirmations.find_action(USER, action.id) == action
        assert await world.confirmations.find_action(8, action.id) is None


async def test_no_means_no() -> None:
    async with worlds.open_world() as world:
        token = (await _card(world)).confirmation.token
        assert not await world.confirmations.cancel(8, token)
        assert await world.confirmations.cancel(USER, token)
        assert not await world.confirmations.cancel(USER, token)
        with pytest.raises(errors.ConfirmationExpired):
            await world.confirmations.confirm(USER, USER, 100, token)


async def test_an_expired_card_says_so_though_telegram_is_slow() -> None:
    async with worlds.open_world() as world:
        token = (await _card(world)).confirmation.token
        assert await world.confirmations.expire_once() == 0
        world.time.advance(121)
        world.faults.plan("expired", errors.DeliveryDelayed())
        assert await world.confirmations.expire_once() == 1
        assert await world.confirmations.expire_once() == 0
        assert world.cards.expired == [token]


async def test_tokens_are_long_and_never_the_same() -> None:
    async with worlds.open_world() as world:
        await _card(world)
        tokens = {(await world.proposals.cancel(USER, USER, 1)).confirmation.token for _ in range(5)}
        assert len(tokens) == 5
        assert all(len(token) == 22 for token in tokens)
