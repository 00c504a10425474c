"""A first run is alive: who is new finds money and orders in several states, once."""

from solders.keypair import Keypair

from bot.domain.orders import Family, Status
from bot.jupiter.orders import parse_orders
from bot.sandbox import newcomer, tokens
from bot.solana import programs, proof
from bot.solana.programs import ids
from tests.fakes.sandbox import SOL, Harness

BASE64 = {"encoding": "base64"}


async def test_a_new_wallet_is_funded_and_has_orders_in_several_states() -> None:
    """Asked for its orders, it has five SOL, 2,500 USDC, two active orders and a finished one."""
    harness = Harness(welcome=True)
    user = Keypair()
    active = (await harness.orders(user))["all"]
    finished = (await harness.orders(user, "history"))["all"]
    assert {item["recurringType"] for item in active} == {"time", "price"}
    price = next(item for item in active if item["recurringType"] == "price")
    assert int(price["rawInLeft"]) > 200_000_000
    assert len(price["trades"]) == 1
    time = next(item for item in active if item["recurringType"] == "time")
    assert time["trades"] == []
    assert [len(item["trades"]) for item in finished] == [4]
    assert harness.chain.lamports(user.pubkey()) >= 5 * SOL
    assert harness.usdc(user.pubkey()) == 2_500_000_000


async def test_the_time_order_fills_soon() -> None:
    """Within two minutes of order time: seconds at the usual speed. After a quarter of an hour it is over."""
    harness = Harness(welcome=True)
    user = Keypair()
    await harness.orders(user)
    fills = (await harness.ask("/sandbox/advance", {"seconds": 150}))["cycles"]
    assert fills >= 1
    await harness.ask("/sandbox/advance", {"seconds": 800})
    assert len((await harness.orders(user, "history"))["all"]) == 2


async def test_its_orders_can_be_proven() -> None:
    """Every address derives from wallet, mints and an index near the creation."""
    harness = Harness(welcome=True)
    user = Keypair()
    for status in Status:
        page, _ = parse_orders(await harness.orders(user, status.value), str(user.pubkey()), status, 1)
        for seen in page.orders:
            assert proof.find_index(seen.order, proof.near(seen.order.created_at)) is not None
            assert seen.order.family in Family


async def test_it_happens_once_whoever_asks_first() -> None:
    """By its balance, its token accounts or its orders, twice or ten times: one welcome."""
    harness = Harness(welcome=True)
    user = Keypair()
    assert (await harness.result("getBalance", str(user.pubkey())))["value"] >= 5 * SOL
    for _ in range(3):
        held = await harness.result(
            "getTokenAccountsByOwner", str(user.pubkey()), {"programId": str(ids.TOKEN)}, BASE64
        )
        assert len(held["value"]) == 2
        assert len((await harness.orders(user))["all"]) == 2
    assert harness.usdc(user.pubkey()) == 2_500_000_000


async def test_not_everything_that_is_asked_about_is_a_person() -> None:
    """Order accounts, programs and the treasury are nobody's wallet; fifty are enough."""
    harness = Harness(welcome=True)
    owner = Keypair().pubkey()
    derived = str(programs.dca_order(owner, tokens.USDC.mint, tokens.SOL.mint, 1))
    for address in (derived, str(ids.TOKEN), str(harness.standins.treasury.address)):
        await harness.result("getTokenAccountsByOwner", address, {"programId": str(ids.TOKEN)}, BASE64)
    assert harness.book.orders == {}
    for _ in range(newcomer.MOST + 2):
        harness.standins.newcomers.meet(str(Keypair().pubkey()))
    assert len({entry.user for entry in harness.book.orders.values()}) == newcomer.MOST


async def test_plain_wallets_start_empty() -> None:
    """For tests that want to know everything that is there."""
    harness = Harness(welcome=False)
    user = Keypair()
    assert (await harness.orders(user))["all"] == []
    assert harness.chain.lamports(user.pubkey()) == 0
