"""Actions under random faults and kills: zero or one, and the final state is the truth."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import errors
from bot.domain import intents
from bot.domain.actions import State
from tests.fakes import world as worlds
from tests.fakes.faults import Killed
from tests.fakes.world import World, deposit

_CALLS = st.sampled_from(
    [
        "holdings",
        "craft",
        "check",
        "sign",
        "last_valid",
        "advance",
        "execute",
        "send",
        "status",
        "height",
        "history",
        "card",
        "orders active",
    ]
)
_SENDS = ("execute", "send")


def _error(kind: str, call: str) -> BaseException:
    """What this call may raise, by its port."""
    if kind == "kill":
        return Killed()
    if call == "advance":
        return errors.StorageError()
    if call == "card":
        return errors.DeliveryUnknown() if kind == "odd" else errors.DeliveryDelayed()
    if call == "sign":
        return errors.VaultError()
    if kind == "odd":
        return errors.OutcomeUnknown() if call in _SENDS else errors.UnexpectedResponse()
    return errors.GatewayUnavailable()


@st.composite
def _faults(draw: st.DrawFn) -> tuple[str, BaseException, bool, int]:
    call = draw(_CALLS)
    kind = draw(st.sampled_from(["down", "odd", "kill"]))
    # "Nothing was sent" is a promise: it cannot come after the effect.
    honest = kind != "down" or call not in _SENDS
    after = draw(st.booleans()) and honest
    return call, _error(kind, call), after, draw(st.integers(1, 4))


async def _live(world: World, pauses: list[int]) -> None:
    """Turns of the bot, each as long as it lives; killed ones are followed by a restart after a pause."""
    for pause in pauses:
        try:
            await world.actions.settle_once()
        except BaseException as exc:
            if not _is_kill(exc):
                raise
            world.restart()
        world.time.advance(pause)
    world.faults.clear()
    world.restart()
    for _ in range(3):
        await world.actions.settle_once()
        world.time.advance(100)


def _is_kill(exc: BaseException) -> bool:
    if isinstance(exc, BaseExceptionGroup):
        return all(_is_kill(inner) for inner in exc.exceptions)
    return isinstance(exc, Killed)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    submit_via=st.sampled_from(["jupiter", "rpc"]),
    faults=st.lists(_faults(), max_size=6),
    delays=st.lists(st.one_of(st.none(), st.integers(0, 200)), max_size=8),
    failures=st.lists(st.sampled_from([None, "custom program error"]), max_size=3),
    pauses=st.lists(st.sampled_from([0, 1, 30, 90, 130, 400]), min_size=1, max_size=6),
    count=st.integers(1, 3),
)
def test_zero_or_one_and_the_card_tells_which(
    submit_via: str,
    faults: list[tuple[str, BaseException, bool, int]],
    delays: list[int | None],
    failures: list[str | None],
    pauses: list[int],
    count: int,
) -> None:
    """Whatever fails wherever and however often the bot dies: each action happens at most once, no second
    transaction is ever sent for it, it is settled in the end, and its card says what the chain says."""

    async def scenario() -> None:
        async with worlds.open_world(submit_via=submit_via) as world:
            wallet = await world.add_wallet()
            confirmed: dict[int, intents.Intent] = {}
            for number in range(count):
                intent = deposit(wallet.pubkey, raw=1_000_000 + number)
                confirmed[await world.confirm(intent, message=100 + number)] = intent
            world.ledger.delays.extend(delays)
            world.ledger.failures.extend(failures)
            for call, error, after, times in faults:
                world.faults.plan(call, error, after=after, times=times)
            await _live(world, pauses)
            await _judge(world, confirmed)

    asyncio.run(scenario())


async def _judge(world: World, confirmed: dict[int, intents.Intent]) -> None:
    sent: dict[str, Any] = {}
    for action_id, intent in confirmed.items():
        action = await world.stores.actions.find(action_id)
        assert action is not None
        assert action.final
        landed = [item for item in world.ledger.landed.values() if item.intent == intent]
        assert len(landed) <= 1
        executed = world.ledger.executed(intent)
        assert (action.state is State.LANDED) == (executed == 1)
        assert (action.state is State.FAILED) == (len(landed) == 1 and executed == 0)
        if action.state in {State.REJECTED, State.REFUSED}:
            assert action.signed is None
        elif action.signed is not None:
            sent[action.signed.signature] = intent
        assert world.cards.last(action_id) is action.state
    # Every transaction that ever left is the one that is on record.
    assert set(world.ledger.received) <= sent.keys()
