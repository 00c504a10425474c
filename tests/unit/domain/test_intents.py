"""Intents and notices: what is stored is what was meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import actions, addresses, intents, notices, orders

_ADDRESS = st.binary(min_size=32, max_size=32).map(addresses.encode_base58)
_RAW = st.integers(1, 2**64 - 1)
_MAYBE = st.none() | st.integers(0, 2**64 - 1)
_PRICE = st.none() | st.decimals(min_value="0.0001", max_value=10**6, places=4).map(str)
_OF_ORDER = {
    "user": _ADDRESS,
    "order": _ADDRESS,
    "input_mint": _ADDRESS,
    "output_mint": _ADDRESS,
    "order_index": _MAYBE,
}

INTENTS: st.SearchStrategy[intents.Intent] = st.one_of(
    st.builds(
        intents.CreateOrder,
        user=_ADDRESS,
        input_mint=_ADDRESS,
        output_mint=_ADDRESS,
        amount_raw=_RAW,
        number_of_orders=st.integers(1, 10_000),
        interval_s=st.integers(1, 10**9),
        min_out_raw=_MAYBE,
        max_out_raw=_MAYBE,
        min_price=_PRICE,
        max_price=_PRICE,
        start_at=_MAYBE,
    ),
    st.builds(intents.CancelOrder, family=st.sampled_from(orders.Family), **_OF_ORDER),
    st.builds(intents.Deposit, amount_raw=_RAW, **_OF_ORDER),
    st.builds(intents.Withdraw, amount_raw=st.none() | _RAW, side=st.sampled_from(orders.Side), **_OF_ORDER),
    st.builds(
        intents.Send,
        user=_ADDRESS,
        to=_ADDRESS,
        amount_raw=_RAW,
        mint=st.none() | _ADDRESS,
        decimals=st.integers(0, 18),
    ),
    st.builds(intents.Unwrap, user=_ADDRESS),
)


@given(intent=INTENTS)
def test_an_intent_survives_being_stored(intent: intents.Intent) -> None:
    """Through JSON text and back it is the same, of the same kind."""
    back = intents.from_json(json.loads(json.dumps(intents.to_json(intent))))
    assert back == intent
    assert type(back) is type(intent)
    assert back.kind == intent.kind


@given(intent=INTENTS)
def test_amounts_may_come_as_text(intent: intents.Intent) -> None:
    data = intents.to_json(intent)
    if isinstance(data.get("amount"), int):
        data["amount"] = str(data["amount"])
    assert intents.from_json(data) == intent


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)


@given(intent=INTENTS, field=st.integers(0, 20), junk=_JUNK)
def test_a_spoilt_intent_is_refused_or_still_well_formed(
    intent: intents.Intent, field: int, junk: object
) -> None:
    """One field replaced by anything: InvalidInput that names it, or an intent; never another exception."""
    data = intents.to_json(intent)
    name = sorted(data)[field % len(data)]
    refusal = ""
    try:
        intents.from_json(data | {name: junk})
    except errors.InvalidInput as exc:
        refusal = exc.message
    assert not refusal or refusal.startswith(f"{name}:")


@given(junk=_JUNK)
def test_anything_else_is_no_intent(junk: object) -> None:
    with pytest.raises(errors.InvalidInput):
        intents.from_json(junk)


@given(
    notice=st.one_of(
        st.builds(notices.FillSeen, owner=st.text(), order_key=st.text(), signature=st.text()),
        st.builds(notices.OrderOpened, owner=st.text(), order_key=st.text()),
        st.builds(notices.OrderFinished, owner=st.text(), order_key=st.text()),
        st.builds(notices.OrderCancelled, owner=st.text(), order_key=st.text()),
        st.builds(notices.FundsLow, owner=st.text(), order_key=st.text()),
        st.builds(notices.OperatorTold, topic=st.text(), text=st.text()),
    )
)
def test_a_notice_survives_being_stored(notice: notices.Notice) -> None:
    assert notices.from_json(json.loads(json.dumps(notices.to_json(notice)))) == notice


def test_final_states_lead_nowhere_and_every_other_leads_to_one() -> None:
    """From signed on nothing can be rejected or refused any more: only the chain settles."""
    final = {"landed", "failed", "lapsed", "rejected", "refused"}
    assert {state.value for state in actions.FINAL} == final
    for state in (actions.State.SIGNED, actions.State.SUBMITTED):
        assert not actions.NEXT[state] & {actions.State.REJECTED, actions.State.REFUSED}
    for state in (actions.State.CONFIRMED, actions.State.CRAFTED):
        assert not actions.NEXT[state] & {actions.State.LANDED, actions.State.FAILED, actions.State.LAPSED}
    for state, following in actions.NEXT.items():
        assert state not in following
