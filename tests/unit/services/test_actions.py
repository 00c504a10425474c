"""Actions: every arrow of the state machine, and every failure at every call."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import errors, ports
from bot.domain import actions, amounts, intents, notices, orders
from bot.domain.actions import State
from bot.ports import Priority
from bot.services.settling import Settling
from bot.services.upkeep import Upkeep
from tests.fakes import chain
from tests.fakes import world as worlds
from tests.fakes.faults import Killed
from tests.fakes.world import ADMIN, USER, World, deposit

DOWN = errors.GatewayUnavailable(service="Jupiter")
UNKNOWN = errors.OutcomeUnknown()
SLOW = errors.RateLimited(service="Jupiter", retry_after=timedelta(seconds=3))


async def _find(world: World, action_id: int) -> actions.Action:
    found = await world.stores.actions.find(action_id)
    assert found is not None
    return found


async def _run(world: World, intent: intents.Intent | None = None) -> tuple[actions.Action, intents.Intent]:
    wallet = await world.add_wallet()
    intent = intent or deposit(wallet.pubkey)
    action_id = await world.confirm(intent)
    await world.actions.settle_once()
    return await _find(world, action_id), intent


@pytest.mark.parametrize("submit_via", ["jupiter", "rpc"])
async def test_a_confirmed_action_lands_once_and_its_card_says_so(submit_via: str) -> None:
    """The straight way, both ways of sending."""
    async with worlds.open_world(submit_via=submit_via) as world:
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1
        assert world.cards.last(action.id) is State.LANDED
        assert action.detail == "The funds are in the order."
        assert world.faults.calls["execute"] == (submit_via == "jupiter")
        assert await world.stores.actions.list_unshown() == []


async def test_the_card_goes_through_the_states() -> None:
    """While it runs, the card is kept up to date in the background, and never shows an older state."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(world.actions.run())
            await world.cards.ended.wait()
            running.cancel()
        states = [state for _, state in world.cards.shown]
        ranks = [list(State).index(state) for state in states]
        assert ranks == sorted(ranks)
        assert len(states) > 1
        assert world.cards.last(action_id) is State.LANDED


async def test_signed_bytes_are_stored_before_the_first_byte_leaves() -> None:
    """A kill at the sending itself finds the signature, the blockhash and the height in the database."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        world.faults.plan("execute", Killed())
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill is no exception of anybody's
            await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.SIGNED
        assert action.signed is not None
        assert action.signed.raw
        assert action.last_valid_height is not None
        assert world.ledger.received == []


@pytest.mark.parametrize(
    "error", [DOWN, SLOW, errors.UnexpectedResponse()], ids=lambda error: type(error).__name__
)
@pytest.mark.parametrize(
    "call", ["holdings", "craft", "check", "last_valid", "status", "height", "send", "orders active"]
)
async def test_a_failing_read_waits_and_goes_on(call: str, error: errors.GatewayError) -> None:
    """Outages that end within the two minutes cost time, never the action, and never a second one."""
    async with worlds.open_world() as world:
        world.ledger.delays.append(30)
        world.faults.plan(call, error, times=3)
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1
        assert len(set(world.ledger.received)) == 1


@pytest.mark.parametrize("call", ["holdings", "craft", "check", "last_valid"])
async def test_an_outage_before_signing_ends_as_rejected(call: str) -> None:
    """After two minutes nobody waits any more: nothing was signed, and the card says so."""
    async with worlds.open_world() as world:
        world.faults.plan(call, DOWN, times=1000)
        action, intent = await _run(world)
        assert action.state is State.REJECTED
        assert "Jupiter does not answer right now." in action.detail
        assert "nothing was signed, nothing moved" in action.detail
        assert world.ledger.received == []
        assert world.ledger.executed(intent) == 0
        assert world.time.clock.now() - action.created_at < timedelta(minutes=3)
        assert world.cards.last(action.id) is State.REJECTED


@pytest.mark.parametrize("call", ["craft", "holdings"])
async def test_a_refusal_of_the_service_is_told_with_its_words(call: str) -> None:
    async with worlds.open_world() as world:
        world.faults.plan(call, errors.OrderRejected("Order is valued at 2.99 USDC, minimum is 100.00 USDC"))
        action, _ = await _run(world)
        assert action.state is State.REJECTED
        assert action.detail.startswith("Order is valued at 2.99 USDC, minimum is 100.00 USDC.")
        assert action.detail.endswith("Nothing was signed, nothing moved.")


async def test_a_failing_simulation_refuses() -> None:
    """The reason reaches the person; the operator is not woken for it."""
    async with worlds.open_world() as world:
        world.faults.plan(
            "check", errors.OrderRejected("Trying it out failed: too poor. Nothing was signed.")
        )
        action, _ = await _run(world)
        assert action.state is State.REFUSED
        assert action.detail == "Trying it out failed: too poor. Nothing was signed, nothing moved."
        assert world.ledger.received == []


async def test_another_transaction_than_confirmed_is_never_signed() -> None:
    """The person is told in plain words, the operator with rule and instruction."""
    async with worlds.open_world() as world:
        world.gateway.lie = lambda intent: deposit(intent.user, raw=2_000_000)
        action, _ = await _run(world)
        assert action.state is State.REFUSED
        assert "something other than you confirmed: nothing was signed" in action.detail
        assert world.signer.signed == []
        assert world.ledger.received == []
        assert await world.notices(ADMIN) == ["operator"]
        told = world.messenger.arrived[-1][1][0].notice
        assert isinstance(told, notices.OperatorTold)
        assert "G16" in told.text
        assert "instruction 3" in told.text
        assert "\ndecoded " in told.text


async def test_another_price_range_than_confirmed_is_refused_with_its_numbers() -> None:
    """Whether it is a lie or a mistake, the person sees both numbers, and the operator hears of it."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        create = intents.CreateOrder(
            user=wallet.pubkey,
            input_mint=amounts.USDC_MINT,
            output_mint=amounts.WSOL_MINT,
            amount_raw=500_000_000,
            number_of_orders=10,
            interval_s=86_400,
            min_out_raw=250_000_000,
            max_price="200",
        )
        other = errors.OtherBounds(
            "#5 ...", least=True, crafted=200_000_000, confirmed=250_000_000, instruction=5
        )
        world.faults.plan("check", other)
        action_id = await world.confirm(create)
        await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.REFUSED
        assert "at least 0.2 SOL for each part, where you confirmed at least 0.25 SOL" in action.detail
        assert await world.notices(ADMIN) == ["operator"]


@pytest.mark.parametrize(
    ("fee", "state", "advice", "told"),
    [
        (20_000, State.REJECTED, "Raise your limit in /settings, or try again later.", []),
        (1_000_000, State.REJECTED, "Raise your limit in /settings, or try again later.", []),
        (1_000_001, State.REFUSED, "more than the operator allows", ["operator"]),
    ],
)
async def test_a_fee_above_the_persons_own_cap_is_no_attack(
    fee: int, state: State, advice: str, told: list[str]
) -> None:
    """Both numbers and what to do; the operator is woken only by a fee above what they allow."""
    async with worlds.open_world() as world:
        world.faults.plan("check", errors.FeeAboveCap("too high", fee_lamports=fee, cap_lamports=10_000))
        action, _ = await _run(world)
        assert action.state is state
        asked = amounts.format_amount(fee, amounts.SOL_DECIMALS)
        assert action.detail.startswith(
            f"Jupiter asked for a priority fee of {asked} SOL, your limit is 0.00001 SOL: nothing was signed."
        )
        assert advice in action.detail
        assert world.ledger.received == []
        assert await world.notices(ADMIN) == told


async def test_a_key_that_cannot_be_opened_signs_nothing() -> None:
    async with worlds.open_world() as world:
        world.faults.plan("sign", errors.VaultError())
        action, _ = await _run(world)
        assert action.state is State.REFUSED
        assert "key cannot be opened" in action.detail
        assert await world.notices(ADMIN) == ["operator"]


@pytest.mark.parametrize("usdc", [0, 999_999])
async def test_balances_are_looked_at_again_after_the_tap(usdc: int) -> None:
    """What was there when the card was made may be gone: then nothing is even built."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet(usdc=usdc)
        action_id = await world.confirm(deposit(wallet.pubkey))
        await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.REJECTED
        assert f"holds {amounts.format_amount(usdc, 6)} USDC" in action.detail
        assert world.faults.calls["craft"] == 0


async def test_without_sol_for_fees_nothing_is_built() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet(lamports=900_000)
        action_id = await world.confirm(deposit(wallet.pubkey))
        await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.REJECTED
        assert "it holds 0.0009 SOL" in action.detail


async def test_an_action_of_a_removed_wallet_is_rejected() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        await world.stores.wallets.remove(USER, wallet.id)
        await world.actions.settle_once()
        assert (await _find(world, action_id)).state is State.REJECTED


# --- from signed on, only the chain settles ---------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize(
    "error",
    [UNKNOWN, errors.OrderRejected("no"), errors.UnexpectedResponse()],
    ids=lambda e: type(e).__name__,
)
async def test_whatever_execute_answers_the_chain_decides(error: errors.GatewayError, *, after: bool) -> None:
    """4xx, 5xx, nonsense or nothing, with the bytes out or not: it happens once, by the same bytes."""
    async with worlds.open_world() as world:
        world.faults.plan("execute", error, after=after)
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1
        assert len(set(world.ledger.received)) == 1
        assert world.faults.calls["craft"] == 1


async def test_bytes_that_may_be_lost_are_sent_again_at_the_first_look() -> None:
    """Whether a broken `/execute` received them is unknown; one look later they are out again."""
    async with worlds.open_world() as world:
        world.faults.plan("execute", UNKNOWN)
        looks: list[int] = []
        send = world.submitter.send

        async def note(signed: bytes) -> None:
            looks.append(world.faults.calls["status"])
            await send(signed)

        world.submitter.send = note  # type: ignore[method-assign]  # to see how many looks came first
        action, _ = await _run(world)
        assert action.state is State.LANDED
        assert looks == [1]


async def test_execute_that_says_failed_is_not_believed() -> None:
    async with worlds.open_world() as world:
        world.gateway.says_success = False
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1


async def test_a_connection_that_was_never_made_is_tried_again_with_the_same_bytes() -> None:
    """Nothing was sent, so the same bytes go out again; nothing is crafted anew."""
    async with worlds.open_world() as world:
        world.faults.plan("execute", DOWN, times=2)
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.faults.calls["craft"] == 1
        assert world.faults.calls["execute"] == 3
        assert len(set(world.ledger.received)) == 1
        assert world.ledger.executed(intent) == 1


async def test_bytes_that_got_lost_are_sent_again_by_our_own_node() -> None:
    """`/execute` said success, and nothing arrived: the rebroadcast lands it."""
    async with worlds.open_world() as world:
        world.ledger.delays.extend([None, None, 1])
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1
        assert world.faults.calls["execute"] == 1
        assert world.faults.calls["send"] >= 1


async def test_what_can_never_land_lapses_with_a_last_look_in_the_history() -> None:
    async with worlds.open_world() as world:
        world.ledger.delays.extend([None] * 1000)
        action, intent = await _run(world)
        assert action.state is State.LAPSED
        assert world.faults.calls["history"] == 1
        assert world.ledger.executed(intent) == 0
        assert "nothing moved" in action.detail
        assert action.last_valid_height is not None
        assert world.ledger.height - 32 > action.last_valid_height
        # Asked of a node that has seen every block which could have taken it (slots are heights here).
        assert world.submitter.min_slots[-1] > action.last_valid_height


async def test_the_last_valid_block_may_still_take_it() -> None:
    """At that height nothing lapses; one block later it does. A new attempt rests on this boundary."""
    async with worlds.open_world() as world:
        world.ledger.delays.extend([None] * 1000)
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        world.faults.plan("height", Killed())
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill is no exception of anybody's
            await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.SUBMITTED
        assert action.last_valid_height is not None
        settling = Settling(
            store=world.stores.actions,
            gateway=world.gateway,
            submitter=world.submitter,
            clock=world.time.clock,
        )
        world.ledger.height = float(action.last_valid_height + chain.FINALIZED_AFTER)
        assert (await settling.step(action)).state is State.SUBMITTED
        world.ledger.height += 1
        assert (await settling.step(action)).state is State.LAPSED


async def test_nothing_lapses_while_the_last_look_fails() -> None:
    """Only an empty answer is an empty answer."""
    async with worlds.open_world() as world:
        world.ledger.delays.extend([None] * 1000)
        world.faults.plan("history", DOWN, times=5)
        action, _ = await _run(world)
        assert action.state is State.LAPSED
        assert world.faults.calls["history"] == 6


async def test_landed_at_the_last_moment_is_landed() -> None:
    """Late by nearly the whole life of a blockhash is not too late."""
    async with worlds.open_world() as world:
        world.ledger.delays.append(149)
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1


@pytest.mark.parametrize("error", [None, "custom program error 1"])
async def test_what_only_a_fork_has_seen_settles_nothing(error: str | None) -> None:
    """Below `confirmed` a block may vanish again, its success and its failure with it."""
    async with worlds.open_world() as world:
        world.ledger.delays.extend([None] * 1000)
        fork = ports.SignatureStatus(slot=1, confirmed=False, finalized=False, error=error)
        world.submitter.says.extend([fork] * 3)
        action, _ = await _run(world)
        assert action.state is State.LAPSED


async def test_a_failure_counts_only_when_no_fork_can_undo_it() -> None:
    """`failed` permits another attempt: it must not be said of what may still succeed."""
    async with worlds.open_world() as world:
        world.ledger.delays.append(8)
        error = ports.SignatureStatus(slot=1, confirmed=True, finalized=False, error="custom program error 1")
        world.submitter.says.extend([error] * 2)
        action, intent = await _run(world)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1


async def test_an_error_on_chain_is_failed() -> None:
    async with worlds.open_world() as world:
        world.ledger.failures.append("custom program error 1")
        action, intent = await _run(world)
        assert action.state is State.FAILED
        assert "custom program error 1" in action.detail
        assert "only the network fee was paid" in action.detail
        assert world.ledger.executed(intent) == 0


async def test_send_and_unwrap_are_built_here_and_never_executed_by_jupiter() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action, intent = await _run(world, intents.Unwrap(user=wallet.pubkey))
        assert action.state is State.LANDED
        assert world.faults.calls["craft"] == world.faults.calls["execute"] == 0
        assert world.ledger.executed(intent) == 1


# --- restarts ---------------------------------------------------------------------------------------------


async def test_an_old_confirmed_action_is_not_started_after_a_restart() -> None:
    """Two minutes later the person has moved on: nothing is signed, and the card says that nothing moved."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        world.time.advance(121)
        world.restart()
        await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.REJECTED
        assert (
            action.detail == "The bot restarted before anything was signed: nothing moved. You can try again."
        )
        assert world.cards.last(action_id) is State.REJECTED


async def test_a_young_confirmed_action_goes_on_after_a_restart() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        world.time.advance(60)
        world.restart()
        await world.actions.settle_once()
        assert (await _find(world, action_id)).state is State.LANDED


@pytest.mark.parametrize(
    "call", ["craft", "check", "sign", "last_valid", "execute", "status", "send", "card"]
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_kill_at_any_call_leaves_zero_or_one(call: str, *, after: bool) -> None:
    """Whatever the moment: after the restart the action is settled, happened at most once, and is shown."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        intent = deposit(wallet.pubkey)
        action_id = await world.confirm(intent)
        world.ledger.delays.append(None if call == "send" else 1)
        world.faults.plan(call, Killed(), after=after)
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill is no exception of anybody's
            await world.actions.settle_once()
        world.restart()
        world.time.advance(10)
        await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.LANDED
        assert world.ledger.executed(intent) == 1
        assert world.cards.last(action_id) is State.LANDED


async def test_a_resumed_signed_action_is_looked_up_before_anything_is_sent() -> None:
    """It landed while we were dead: found, settled, and not sent again."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        intent = deposit(wallet.pubkey)
        action_id = await world.confirm(intent)
        world.faults.plan("execute", Killed(), after=True)
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill is no exception of anybody's
            await world.actions.settle_once()
        world.restart()
        world.time.advance(600)
        received = len(world.ledger.received)
        await world.actions.settle_once()
        assert (await _find(world, action_id)).state is State.LANDED
        assert len(world.ledger.received) == received
        assert world.ledger.executed(intent) == 1


async def test_a_clock_that_was_set_back_makes_nothing_just_signed() -> None:
    """Signed in what is now the future: the chain is asked before anything is sent."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        action_id = await world.confirm(deposit(wallet.pubkey))
        world.faults.plan("execute", Killed(), after=True)
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill is no exception of anybody's
            await world.actions.settle_once()
        action = await _find(world, action_id)
        assert action.state is State.SIGNED
        later = replace(action, updated_at=world.time.clock.now() + timedelta(hours=1))
        settling = Settling(
            store=world.stores.actions,
            gateway=world.gateway,
            submitter=world.submitter,
            clock=world.time.clock,
        )
        world.time.advance(30)
        assert (await settling.step(later)).state is State.LANDED
        assert world.faults.calls["execute"] == 1


# --- cards --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [errors.DeliveryDelayed(), errors.DeliveryUnknown(), RuntimeError("bug")])
async def test_the_end_is_shown_however_long_telegram_is_away(error: Exception) -> None:
    """A slow or broken chat delays no settlement; the end is shown when it is back, after a restart too."""
    async with worlds.open_world() as world:
        world.faults.plan("card", error, times=50)
        action, _ = await _run(world)
        assert action.state is State.LANDED
        world.restart()
        for _ in range(100):
            await world.actions.settle_once()
            world.time.advance(60)
        assert world.cards.last(action.id) is State.LANDED
        assert await world.stores.actions.list_unshown() == []


@pytest.mark.parametrize("error", [errors.ChatGone(), errors.DeliveryRejected()])
async def test_a_card_that_can_never_be_shown_is_given_up(error: errors.DeliveryError) -> None:
    async with worlds.open_world() as world:
        world.faults.plan("card", error, times=50)
        await _run(world)
        await world.actions.settle_once()
        assert await world.stores.actions.list_unshown() == []


async def test_an_older_state_never_replaces_the_end() -> None:
    async with worlds.open_world() as world:
        upkeep = Upkeep(cards=world.cards, store=world.action_store, clock=world.time.clock)
        action, _ = await _run(world)
        world.cards.shown.clear()
        upkeep.show_soon(action)
        upkeep.show_soon(replace(action, state=State.SUBMITTED))
        await upkeep.show_once()
        assert world.cards.shown == [(action.id, State.LANDED)]


async def test_a_shown_end_is_not_shown_again() -> None:
    async with worlds.open_world() as world:
        await _run(world)
        shown = len(world.cards.shown)
        await world.actions.settle_once()
        assert len(world.cards.shown) == shown


async def test_what_landed_is_looked_for_in_the_list_until_it_is_there() -> None:
    """Jupiter's list lags: screens show the new truth as soon as it is listed."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        before = worlds.make_order(wallet.pubkey)
        world.gateway.active = [orders.SeenOrder(before, ())]
        await world.sync.refresh(wallet.pubkey, priority=Priority.PERSON)
        action_id = await world.confirm(deposit(wallet.pubkey))

        def list_it(_: float) -> None:
            if world.ledger.landed and world.faults.calls["orders active"] >= 3:
                after = worlds.make_order(wallet.pubkey, deposited=before.in_deposited_raw + 1_000_000)
                world.gateway.active = [orders.SeenOrder(after, ())]

        world.time.follow(list_it)
        await world.actions.settle_once()
        assert (await _find(world, action_id)).state is State.LANDED
        known = await world.stores.orders.find(wallet.pubkey, before.key)
        assert known is not None
        assert known.in_deposited_raw == before.in_deposited_raw + 1_000_000
        asked = world.faults.calls["orders active"]
        assert asked < 6
