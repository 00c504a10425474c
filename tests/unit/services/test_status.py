"""Status: what a person may know of how things stand."""

from datetime import timedelta

import pytest

from bot import errors
from bot.domain import notices
from bot.ports import Outgoing
from bot.services.people import Access
from bot.services.status import StatusBoard
from tests.fakes import world as worlds
from tests.fakes.world import ADMIN, USER, World


def _board(world: World) -> StatusBoard:
    return StatusBoard(
        wallets=world.wallets,
        polls=world.stores.polls,
        outbox=world.outbox,
        troubles=world.stores.troubles,
        submitter=world.submitter,
        health=world.health,
        access=Access(open=True, allowed=frozenset(), admins=frozenset({ADMIN})),
    )


async def test_every_wallet_says_when_it_was_last_looked_at() -> None:
    """A failed look changes nothing of that, and is counted."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        board = _board(world)
        (look,) = (await board.look(USER)).wallets
        assert (look.wallet.pubkey, look.last_ok_at, look.failures) == (wallet.pubkey, None, 0)
        looked_at = world.time.clock.now()
        await world.stores.polls.record_ok(
            wallet.pubkey, looked_at, None, sweep_at=looked_at + timedelta(days=1)
        )
        await world.stores.polls.record_failure(wallet.pubkey, looked_at)
        (look,) = (await board.look(USER)).wallets
        assert (look.last_ok_at, look.failures) == (looked_at, 1)


async def test_only_admins_see_everybody_s_queue() -> None:
    """Dead letters included."""
    async with worlds.open_world() as world:
        notice, now = notices.OperatorTold(topic="t", text="x"), world.time.clock.now()
        for name in ("a", "b"):
            await world.stores.outbox.add(USER, notice, name, now)
        (batch,) = await world.stores.outbox.claim(now, 1, ())
        await world.stores.outbox.record_dead([batch[0].id], "malformed")
        assert (await _board(world).look(USER)).queue is None
        queue = (await _board(world).look(ADMIN)).queue
        assert queue is not None
        assert (queue[Outgoing.PENDING], queue[Outgoing.DEAD]) == (1, 1)


@pytest.mark.parametrize("error", [None, errors.GatewayUnavailable(service="Solana")])
async def test_the_node_is_asked_and_its_silence_is_a_finding(error: errors.GatewayError | None) -> None:
    """What nobody asked yet is neither well nor ill."""
    async with worlds.open_world() as world:
        if error is not None:
            world.faults.plan("height", error)
        services = (await _board(world).look(USER)).services
        solana = services["Solana"]
        assert solana is not None
        assert solana.ok is (error is None)
        assert services["Jupiter"] is None
