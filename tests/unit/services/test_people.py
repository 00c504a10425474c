"""People: what they choose holds for what is proposed to them, within what the operator allows."""

import pytest

from bot import errors
from bot.domain import amounts, intents
from bot.services.people import People, Preferences
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.world import USER, World


async def _propose(world: World) -> tuple[int, str]:
    """Fee bound and route of what is proposed now."""
    (wallet,) = await world.wallets.list_of(USER)
    to = make_address("receiver")
    proposal = await world.proposals.send(USER, USER, wallet.id, "1", amounts.USDC_MINT, to)
    assert proposal.fee_lamports == 5_000 + proposal.confirmation.limits.priority_fee_lamports
    return proposal.confirmation.limits.priority_fee_lamports, proposal.confirmation.submit_via


async def test_proposals_follow_the_person() -> None:
    """Fee cap and route as chosen last; the operator's before anything is chosen."""
    async with worlds.open_world() as world:
        await world.add_wallet()
        assert await _propose(world) == (1_000_000, "jupiter")
        await world.people.record_fee_cap(USER, 100_000)
        assert await _propose(world) == (100_000, "jupiter")
        await world.people.record_route(USER, "rpc")
        assert await _propose(world) == (100_000, "rpc")


@pytest.mark.parametrize("route", ["jupiter", "rpc"])
async def test_the_action_keeps_what_was_confirmed(route: str) -> None:
    """A choice made after the tap changes nothing about it."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        await world.people.record_route(USER, route)
        to = make_address("receiver")
        proposal = await world.proposals.send(USER, USER, wallet.id, "1", amounts.USDC_MINT, to)
        token = proposal.confirmation.token
        await world.confirmations.attach_message(token, 5)
        await world.people.record_route(USER, "rpc" if route == "jupiter" else "jupiter")
        await world.people.record_fee_cap(USER, 1)
        action = await world.confirmations.confirm(USER, USER, 5, token)
        assert action.submit_via == route
        assert action.limits.priority_fee_lamports == 1_000_000


async def test_the_fee_cap_bounds_what_is_looked_up_too() -> None:
    """How much may be deposited depends on the fees that have to stay."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet(lamports=10**9)
        sent = []
        for cap in (1_000_000, 100_000):
            await world.people.record_fee_cap(USER, cap)
            proposal = await world.proposals.send(USER, USER, wallet.id, "max", None, make_address("to"))
            assert isinstance(proposal.intent, intents.Send)
            sent.append(proposal.intent.amount_raw)
        assert sent[1] - sent[0] == 900_000


async def test_the_operator_s_limit_of_today_holds() -> None:
    """Nothing above it is recorded, and what was allowed once is cut down when the operator lowers it."""
    async with worlds.open_world() as world:
        await world.add_wallet()
        with pytest.raises(errors.InvalidAmount, match=r"at most 0\.001 SOL"):
            await world.people.record_fee_cap(USER, 1_000_001)
        await world.people.record_fee_cap(USER, 900_000)
        stores = world.stores
        lower = Preferences(priority_fee_cap=300_000, submit_via="rpc")
        stricter = People(
            stores.transaction,
            stores.people,
            stores.wallets,
            stores.outbox,
            clock=world.time.clock,
            operator=lower,
        )
        assert await stricter.find_preferences(USER) == lower
        assert (await world.people.find_preferences(USER)).priority_fee_cap == 900_000


async def test_choices_do_not_disturb_each_other() -> None:
    """Each is recorded beside the others, and survives being met again."""
    async with worlds.open_world() as world:
        await world.people.meet(USER, USER)
        await world.people.record_fee_cap(USER, 5)
        await world.people.record_timezone(USER, "Asia/Tokyo")
        person = await world.people.record_route(USER, "rpc")
        expected = {"priority_fee_cap": 5, "timezone": "Asia/Tokyo", "submit_via": "rpc"}
        assert (person.settings, person.timezone) == (expected, "Asia/Tokyo")
        await world.people.lost(USER)
        assert (await world.people.meet(USER, USER + 1)).settings == expected


async def test_unknown_people_have_no_settings() -> None:
    """They are told the operator's, and nothing can be kept for them."""
    async with worlds.open_world() as world:
        assert await world.people.find_preferences(99) == Preferences()
        with pytest.raises(errors.StorageError):
            await world.people.record_route(99, "rpc")


async def test_there_are_two_routes() -> None:
    """Another one is a mistake of ours, and is not kept."""
    async with worlds.open_world() as world:
        await world.people.meet(USER, USER)
        with pytest.raises(ValueError, match="pigeon"):
            await world.people.record_route(USER, "pigeon")
        assert await world.people.find_preferences(USER) == Preferences()
