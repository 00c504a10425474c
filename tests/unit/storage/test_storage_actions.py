"""Actions: every step once, from the state it was thought to be in, along the drawn arrows."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from bot import errors, storage
from bot.domain import intents
from bot.domain.actions import FINAL, NEXT, Action, State
from bot.storage import schema
from tests.fakes.storage import NOW, SOL, USDC, build_confirmation, build_signed

LATER = NOW + timedelta(seconds=9)
PATHS = {
    State.CONFIRMED: [],
    State.CRAFTED: [State.CRAFTED],
    State.SIGNED: [State.CRAFTED, State.SIGNED],
    State.SUBMITTED: [State.CRAFTED, State.SIGNED, State.SUBMITTED],
    State.LANDED: [State.CRAFTED, State.SIGNED, State.SUBMITTED, State.LANDED],
    State.FAILED: [State.CRAFTED, State.SIGNED, State.FAILED],
    State.LAPSED: [State.CRAFTED, State.SIGNED, State.SUBMITTED, State.LAPSED],
    State.REJECTED: [State.REJECTED],
    State.REFUSED: [State.CRAFTED, State.REFUSED],
}


async def begin(
    stores: storage.Storage, token: str = "token", intent: intents.Intent | None = None
) -> Action:
    confirmation = build_confirmation(token)
    if intent is not None:
        confirmation = replace(confirmation, intent=intent)
    await stores.confirmations.add(confirmation)
    return await stores.actions.add(confirmation, NOW)


async def step(stores: storage.Storage, action: Action, to: State) -> Action:
    if to is not State.SIGNED:
        return await stores.actions.advance(action, to, LATER)
    signed = build_signed(f"signature {action.id}")
    return await stores.actions.advance(action, to, LATER, signed=signed, last_valid_height=2**40)


async def bring(stores: storage.Storage, state: State, token: str = "token") -> Action:
    action = await begin(stores, token)
    for to in PATHS[state]:
        action = await step(stores, action, to)
    return action


async def test_an_action_begins_confirmed(stores: storage.Storage) -> None:
    """With everything that the card said."""
    action = await begin(stores)
    card = build_confirmation()
    assert action == Action(
        id=action.id,
        user_id=1,
        chat_id=10,
        message_id=100,
        intent=card.intent,
        limits=card.limits,
        state=State.CONFIRMED,
        created_at=NOW,
        updated_at=NOW,
        submit_via="jupiter",
    )
    assert await stores.actions.find(action.id) == action
    assert await stores.actions.find(action.id + 1) is None


async def test_one_confirmation_is_one_action(stores: storage.Storage) -> None:
    """For ever: not even after the first one failed."""
    action = await begin(stores)
    with pytest.raises(errors.StorageError):
        await stores.actions.add(build_confirmation(), NOW)
    await stores.actions.advance(action, State.REJECTED, LATER)
    with pytest.raises(errors.StorageError):
        await stores.actions.add(build_confirmation(), NOW)


async def test_no_action_without_a_confirmation(stores: storage.Storage) -> None:
    """The database refuses an action that nobody could have confirmed."""
    with pytest.raises(errors.StorageError):
        await stores.actions.add(build_confirmation(), NOW)


@pytest.mark.parametrize(("state", "to"), list(product(State, State)), ids=str)
async def test_only_the_drawn_steps_are_possible(state: State, to: State) -> None:
    """Every pair of states: either it is in NEXT, or it raises and changes nothing."""
    async with storage.Storage.open("sqlite://") as stores:
        action = await bring(stores, state)
        assert action.state is state
        if to in NEXT.get(state, frozenset()):
            after = await step(stores, action, to)
            assert (after.state, after.updated_at) == (to, LATER)
        else:
            with pytest.raises(errors.StorageError):
                await step(stores, action, to)
            after = action
        assert await stores.actions.find(action.id) == after


async def test_a_stale_view_cannot_advance(stores: storage.Storage) -> None:
    """Two workers with the same action: one steps, the other gets an error."""
    action = await begin(stores)
    crafted = await stores.actions.advance(action, State.CRAFTED, LATER, request_id="r")
    with pytest.raises(errors.StorageError, match="not confirmed any more"):
        await stores.actions.advance(action, State.REJECTED, LATER, detail="no")
    assert await stores.actions.find(action.id) == crafted
    assert crafted == replace(action, state=State.CRAFTED, updated_at=LATER, request_id="r")


async def test_what_was_signed_is_kept_until_it_is_settled(stores: storage.Storage) -> None:
    """Bytes, signature, blockhash and height are there while it may land; final, the bytes are erased."""
    action = await step(stores, await begin(stores), State.CRAFTED)
    signed = build_signed(order="opened")
    action = await stores.actions.advance(action, State.SIGNED, LATER, signed=signed, last_valid_height=5)
    submitted = await stores.actions.advance(action, State.SUBMITTED, LATER)
    assert (submitted.signed, submitted.last_valid_height) == (signed, 5)
    done = await stores.actions.advance(submitted, State.LANDED, LATER, detail="Done.")
    assert done.signed == replace(signed, raw=b"")
    assert done.detail == "Done."
    assert await stores.actions.find(done.id) == done
    async with stores.database.reading() as tx:
        assert await tx.fetch(sa.select(schema.actions.c.signed_raw), tuple) == [(None,)]


async def test_signed_needs_everything_for_settling(stores: storage.Storage) -> None:
    """Without the bytes or the height it is refused, and signed bytes come with no other step."""
    action = await begin(stores)
    with pytest.raises(errors.StorageError):
        await stores.actions.advance(action, State.CRAFTED, LATER, signed=build_signed())
    action = await step(stores, action, State.CRAFTED)
    with pytest.raises(errors.StorageError):
        await stores.actions.advance(action, State.SIGNED, LATER, last_valid_height=5)
    with pytest.raises(errors.StorageError):
        await stores.actions.advance(action, State.SIGNED, LATER, signed=build_signed())
    assert await stores.actions.find(action.id) == action


async def test_one_signature_is_one_action(stores: storage.Storage) -> None:
    """Two actions can never stand for the same transaction."""
    for token in ("a", "b"):
        action = await step(stores, await begin(stores, token), State.CRAFTED)
        recording = stores.actions.advance(
            action, State.SIGNED, LATER, signed=build_signed(), last_valid_height=5
        )
        if token == "a":
            await recording
        else:
            with pytest.raises(errors.StorageError):
                await recording


async def test_unsettled_and_unshown(stores: storage.Storage) -> None:
    """Unsettled: not final. Unshown: final, and the card shows something else, or nothing."""
    by_state = {state: await bring(stores, state, state) for state in State}
    unsettled = [action.state for action in await stores.actions.list_unsettled()]
    assert unsettled == [state for state in State if state not in FINAL]
    unshown = [action.state for action in await stores.actions.list_unshown()]
    assert unshown == [state for state in State if state in FINAL]
    for state, action in by_state.items():
        await stores.actions.record_shown(action.id, State.SUBMITTED if state is State.LANDED else state)
    assert [action.shown for action in await stores.actions.list_unshown()] == [State.SUBMITTED]
    await stores.actions.record_shown(by_state[State.LANDED].id, State.LANDED)
    assert await stores.actions.list_unshown() == []


async def test_actions_of_an_order(stores: storage.Storage) -> None:
    """Deposits into it and the create that opened it, of this person only."""
    create = intents.CreateOrder(
        user=SOL, input_mint=USDC, output_mint=SOL, amount_raw=9, number_of_orders=2, interval_s=60
    )
    opening = await step(stores, await begin(stores, "a", create), State.CRAFTED)
    opening = await stores.actions.advance(
        opening, State.SIGNED, LATER, signed=build_signed(order=USDC), last_valid_height=5
    )
    deposit = await begin(stores, "b")
    await begin(stores, "c", intents.Unwrap(user=SOL))
    assert await stores.actions.list_of_order(1, USDC) == [opening, deposit]
    assert await stores.actions.list_of_order(2, USDC) == []


async def test_an_address_counts_once_a_send_landed(stores: storage.Storage) -> None:
    """Not when it was only tried, and not for somebody else."""
    send = intents.Send(user=SOL, to=USDC, amount_raw=1)
    action = await begin(stores, intent=send)
    for to in (State.CRAFTED, State.SIGNED, State.LANDED):
        assert not await stores.actions.sent_to(1, USDC)
        action = await step(stores, action, to)
    assert await stores.actions.sent_to(1, USDC)
    assert not await stores.actions.sent_to(2, USDC)
    assert not await stores.actions.sent_to(1, SOL)


async def test_signed_bytes_have_no_representation(stores: storage.Storage) -> None:
    """Neither in the action nor in the error of a refused write."""
    action = await step(stores, await begin(stores), State.CRAFTED)
    signed = build_signed(raw=b"very secret bytes")
    with pytest.raises(errors.StorageError) as failure:
        await stores.actions.advance(action, State.SIGNED, LATER, signed=signed)
    assert failure.value.__cause__ is not None
    assert "very secret" not in f"{failure.value!r} {failure.value.__cause__!r} {failure.value.__cause__}"
    action = await stores.actions.advance(action, State.SIGNED, LATER, signed=signed, last_valid_height=1)
    assert "very secret" not in repr(action)


@pytest.mark.parametrize("index", ["ix_actions_unsettled", "ix_actions_unshown"])
async def test_what_is_open_is_found_without_reading_what_is_done(index: str) -> None:
    """Both lists come from an index that holds open actions only, however many were ever done."""
    condition = schema.UNSETTLED if index == "ix_actions_unsettled" else schema.UNSHOWN
    async with storage.Storage.open("sqlite://") as stores, stores.database.reading() as tx:
        rows = sa.select(schema.actions).where(condition).order_by(schema.actions.c.id)
        plan = await tx.fetch(sa.text(f"EXPLAIN QUERY PLAN {rows}"), lambda row: str(row.detail))
    assert len(plan) == 1
    assert f"USING INDEX {index}" in plan[0]
