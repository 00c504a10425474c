"""Ownership of an order is proven by its address, whatever an API claims."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from solders.pubkey import Pubkey

from bot import errors
from bot.domain import orders
from bot.solana import programs, proof
from bot.solana.programs import accounts, ids
from tests.fakes import rpc, solana

USER = Pubkey.from_string(solana.USER)
CREATED = datetime.fromtimestamp(1741657973, UTC) + timedelta(seconds=41)

ORDER = orders.Order(
    family=orders.Family.PRICE,
    status=orders.Status.ACTIVE,
    key="EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH",
    owner=solana.USER,
    input_mint=solana.USDC,
    output_mint=solana.WSOL,
    in_deposited_raw=0,
    in_used_raw=0,
    in_withdrawn_raw=0,
    out_received_raw=0,
    out_withdrawn_raw=0,
    cycle=timedelta(days=1),
    created_at=CREATED,
    updated_at=CREATED,
)


def account(user: Pubkey = USER, idx: int = 1741657973) -> bytes:
    key = Pubkey.from_string(ORDER.key)
    return accounts.ValueAverage(
        idx=idx,
        bump=255,
        user=user,
        input_mint=ids.USDC_MINT,
        output_mint=ids.WSOL_MINT,
        increment_usdc_value=1,
        order_interval=1,
        input_vault=key,
        output_vault=key,
        created_at=0,
        in_deposited=1,
        in_left=1,
        in_used=0,
        in_withdrawn=0,
        out_received=0,
        out_withdrawn=0,
        supposed_usdc_value=0,
        next_order_at=0,
    ).build()


@pytest.mark.parametrize("late", [-30, 0, 41, 600])
async def test_the_index_is_found_near_the_creation(late: int) -> None:
    """Up to ten minutes between crafting and landing need no look at the chain."""
    fake = rpc.FakeRpc()
    order = replace(ORDER, created_at=datetime.fromtimestamp(1741657973 + late, UTC))
    assert await proof.ChainOrderProver(fake.chain()).prove(order) == 1741657973
    assert fake.calls == []


async def test_a_time_order_is_proven_under_its_own_program() -> None:
    """Family, mints and their direction are part of the address."""
    time = replace(
        ORDER,
        family=orders.Family.TIME,
        key="4DWzP4TdTsuwvYMaMWrRqzya4UTFKFoVjfUWNWh8zhzd",
        created_at=datetime.fromtimestamp(1741656990, UTC),
    )
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", rpc.in_context([None]))
    prover = proof.ChainOrderProver(fake.chain())
    assert await prover.prove(time) == 1741656983
    for other in (
        replace(time, family=orders.Family.PRICE),
        replace(time, input_mint=solana.WSOL, output_mint=solana.USDC),
        replace(time, owner=str(solana.STRANGER)),
    ):
        with pytest.raises(errors.OrderNotProven):
            await prover.prove(other)


async def test_the_chain_is_asked_where_the_time_is_wrong() -> None:
    """An order whose creation time is off is proven from its own account."""
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", rpc.in_context([rpc.account(ids.VA, account())]))
    order = replace(ORDER, created_at=CREATED + timedelta(days=3))
    assert await proof.ChainOrderProver(fake.chain()).prove(order) == 1741657973


LYING = {
    "gone": None,
    "owned by another program": rpc.account(solana.STRANGER, account()),
    "somebody else's": rpc.account(ids.VA, account(user=solana.STRANGER)),
    "another index": rpc.account(ids.VA, account(idx=1741657974)),
    "no order": rpc.account(ids.VA, bytes(339)),
}


@pytest.mark.parametrize("lie", LYING)
async def test_an_account_that_does_not_fit_proves_nothing(lie: str) -> None:
    """Not even the chain's data is believed unless the address derives from it."""
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", rpc.in_context([LYING[lie]]))
    order = replace(ORDER, created_at=CREATED + timedelta(days=3))
    with pytest.raises(errors.OrderNotProven):
        await proof.ChainOrderProver(fake.chain()).prove(order)


async def test_somebody_elses_order_in_the_list_is_not_proven() -> None:
    """The lie that would make a deposit fund a stranger's order."""
    theirs = programs.va_order(solana.STRANGER, ids.USDC_MINT, ids.WSOL_MINT, 1741657973)
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", rpc.in_context([rpc.account(ids.VA, account(user=solana.STRANGER))]))
    with pytest.raises(errors.OrderNotProven):
        await proof.ChainOrderProver(fake.chain()).prove(replace(ORDER, key=str(theirs)))


async def test_an_opaque_key_is_not_proven() -> None:
    """Keys are opaque text while reading; one that is no address is nobody's order."""
    fake = rpc.FakeRpc()
    with pytest.raises(errors.OrderNotProven):
        await proof.ChainOrderProver(fake.chain()).prove(
            replace(ORDER, key="8mF4HKoPQNmtbRvTRqotb4LW3pz5rR3eB7owZL9FVKIW")
        )
    assert fake.calls == []


async def test_no_answer_is_not_a_disproof() -> None:
    """An RPC that is down is said to be down."""
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", httpx.ConnectError("down"))
    with pytest.raises(errors.GatewayUnavailable):
        await proof.ChainOrderProver(fake.chain()).prove(
            replace(ORDER, created_at=CREATED + timedelta(days=3))
        )
