"""Proposals: nothing is offered that cannot be done, and every refusal says why, in numbers."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot import errors, ports
from bot.domain import amounts, intents, orders, wallets
from bot.domain.orders import Family, Side, Status
from bot.services.proposals import CreateRequest
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.clock import START
from tests.fakes.world import USER, World, make_order

BONK = make_address("bonk mint")
NEW = make_address("a 2022 mint")


async def _with_orders(world: World, **overrides: int) -> wallets.Wallet:
    """#1 a price order with 60 USDC left and SOL waiting, #2 a time order, #3 a closed price order."""
    wallet = await world.add_wallet(**overrides)
    owner = wallet.pubkey
    price = make_order(owner, "price", age=timedelta(hours=3), used=40_000_000)
    time = make_order(owner, "time", age=timedelta(hours=2), family=Family.TIME)
    closed = make_order(owner, "closed", age=timedelta(hours=1), status=Status.HISTORY)
    world.gateway.active = [orders.SeenOrder(price, ()), orders.SeenOrder(time, ())]
    world.gateway.history = [orders.SeenOrder(closed, ())]
    await world.orders.list_of(USER)
    await world.sync.refresh(owner, priority=ports.Priority.PERSON, history=True)
    listed = await world.orders.list_of(USER, fresh=False)
    assert {view.number: view.order.key for view in listed.items} == {
        1: price.key,
        2: time.key,
        3: closed.key,
    }
    return wallet


# --- deposit ----------------------------------------------------------------------------------------------


async def test_a_deposit_states_exactly_what_was_asked() -> None:
    async with worlds.open_world() as world:
        wallet = await _with_orders(world)
        proposal = await world.proposals.deposit(USER, USER, 1, "12.5")
        assert proposal.intent == intents.Deposit(
            user=wallet.pubkey,
            order=make_address("price"),
            input_mint=amounts.USDC_MINT,
            output_mint=amounts.WSOL_MINT,
            amount_raw=12_500_000,
            order_index=7,
        )
        assert proposal.amount_raw == 12_500_000
        assert proposal.available_raw == 10**9
        assert proposal.usd == Decimal("12.5")
        known = await world.stores.orders.find_known(USER, number=1)
        assert known is not None
        assert known.index == 7


@pytest.mark.parametrize(("typed", "raw"), [("max", 10**9), ("25%", 250_000_000), ("0.000001", 1)])
async def test_shares_and_everything_are_of_the_wallet(typed: str, raw: int) -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        assert (await world.proposals.deposit(USER, USER, 1, typed)).amount_raw == raw


async def test_a_deposit_of_sol_keeps_a_reserve_for_fees() -> None:
    """`max` of native SOL leaves fees, rent and the network's minimum behind."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet(lamports=10**9)
        order = replace(
            make_order(wallet.pubkey), input_mint=amounts.WSOL_MINT, output_mint=amounts.USDC_MINT
        )
        world.gateway.active = [orders.SeenOrder(order, ())]
        await world.orders.list_of(USER)
        proposal = await world.proposals.deposit(USER, USER, 1, "max")
        reserve = proposal.fee_lamports + proposal.rent_lamports + 890_880
        assert proposal.amount_raw == 10**9 - reserve
        assert proposal.rent_lamports == 2_039_280
        with pytest.raises(errors.InsufficientFunds, match="stays for fees and rent"):
            await world.proposals.deposit(USER, USER, 1, "1")


@pytest.mark.parametrize(
    ("number", "amount", "error", "words"),
    [
        (1, "0", errors.InvalidAmount, "more than zero"),
        (1, "-1", errors.InvalidAmount, "negative"),
        (1, "1,000", errors.InvalidAmount, "1000 or 1.000"),
        (1, "1e9", errors.InvalidAmount, "write the number out"),
        (1, "0.0000001", errors.InvalidAmount, "6 decimal places"),
        (1, "🙂", errors.InvalidAmount, "not an amount"),
        (1, "1" * 10_000, errors.InvalidAmount, "too long"),
        (
            1,
            "1000.000001",
            errors.InsufficientFunds,
            "there is 1000 USDC to use, and you asked for 1000.000001",
        ),
        (2, "1", errors.OrderNotSupported, "time order, and Jupiter's API cannot add funds"),
        (3, "1", errors.OrderNotSupported, "closed already"),
        (4, "1", errors.OrderNotFound, "no order #4"),
    ],
)
async def test_bad_deposits_are_refused_with_their_own_sentence(
    number: int, amount: str, error: type[errors.UserError], words: str
) -> None:
    """…and leave no pending confirmation behind."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        with pytest.raises(error, match=re.escape(words)):
            await world.proposals.deposit(USER, USER, number, amount)
        later = world.time.clock.now() + timedelta(hours=1)
        assert await world.stores.confirmations.list_expired(later) == []


@pytest.mark.parametrize("lamports", [0, 890_880, 1_890_000])
async def test_without_sol_for_fees_no_card_is_shown(lamports: int) -> None:
    async with worlds.open_world() as world:
        await _with_orders(world, lamports=lamports)
        with pytest.raises(errors.InsufficientFunds, match=r"That needs up to 0\.00\d+ SOL"):
            await world.proposals.deposit(USER, USER, 1, "1")


async def test_somebody_else_s_order_in_the_list_is_never_funded() -> None:
    """The order must prove to be the wallet's own before any card."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        world.prover.strangers.add(make_address("price"))
        for refused in (
            world.proposals.deposit(USER, USER, 1, "1"),
            world.proposals.withdraw(USER, USER, 1, "1"),
            world.proposals.cancel(USER, USER, 1),
        ):
            with pytest.raises(errors.OrderNotProven):
                await refused


async def test_a_watched_wallet_moves_nothing() -> None:
    async with worlds.open_world() as world:
        await world.people.meet(USER, USER)
        owner = make_address("watched")
        wallet = await world.wallets.watch(USER, owner)
        world.gateway.active = [orders.SeenOrder(make_order(owner), ())]
        await world.orders.list_of(USER)
        for refused in (
            world.proposals.deposit(USER, USER, 1, "1"),
            world.proposals.withdraw(USER, USER, 1, "all"),
            world.proposals.cancel(USER, USER, 1),
            world.proposals.unwrap(USER, USER, wallet.id),
            world.proposals.send(USER, USER, wallet.id, "1", None, make_address("to")),
            world.proposals.create(USER, USER, _request(wallet)),
        ):
            with pytest.raises(errors.WatchOnly, match="no key here"):
                await refused


@pytest.mark.parametrize("call", ["orders active", "holdings", "missing", "prove"])
async def test_what_cannot_be_checked_is_not_offered(call: str) -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        world.time.advance(60)
        world.faults.plan(call, errors.GatewayUnavailable(service="Solana"))
        with pytest.raises(errors.GatewayUnavailable):
            await world.proposals.deposit(USER, USER, 1, "1")


async def test_another_person_cannot_use_my_order() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        await world.people.meet(8, 8)
        with pytest.raises(errors.OrderNotFound):
            await world.proposals.deposit(8, 8, 1, "1")


async def test_what_can_be_deposited_is_the_balance() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        token, raw = await world.proposals.fetch_available(USER, 1)
        assert (token.symbol, raw) == ("USDC", 10**9)


# --- withdraw and cancel ------------------------------------------------------------------------------------


async def test_withdrawing_a_part_states_the_part() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        proposal = await world.proposals.withdraw(USER, USER, 1, "60")
        assert isinstance(proposal.intent, intents.Withdraw)
        assert proposal.intent.amount_raw == proposal.amount_raw == 60_000_000
        assert proposal.intent.side is Side.IN


async def test_withdrawing_everything_names_no_amount_but_what_it_is_now() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        proposal = await world.proposals.withdraw(USER, USER, 1, "all")
        assert isinstance(proposal.intent, intents.Withdraw)
        assert proposal.intent.amount_raw is None
        assert proposal.amount_raw is None
        assert proposal.available_raw == 60_000_000
        assert [raw for _, raw in proposal.returns] == [60_000_000]


@pytest.mark.parametrize(
    ("number", "amount", "side", "error", "words"),
    [
        (
            1,
            "60.000001",
            Side.IN,
            errors.InsufficientFunds,
            "In order #1 there is 60 USDC to use, and you asked",
        ),
        (1, "1", Side.OUT, errors.InsufficientFunds, "on the output side there is no SOL"),
        (2, "1", Side.IN, errors.OrderNotSupported, "You can cancel it"),
        (3, "1", Side.IN, errors.OrderNotSupported, "closed already"),
    ],
)
async def test_bad_withdrawals_are_refused_with_their_own_sentence(
    number: int, amount: str, side: Side, error: type[errors.UserError], words: str
) -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        with pytest.raises(error, match=re.escape(words)):
            await world.proposals.withdraw(USER, USER, number, amount, side)


async def test_a_cancel_says_what_comes_back() -> None:
    async with worlds.open_world() as world:
        await _with_orders(world)
        proposal = await world.proposals.cancel(USER, USER, 2)
        assert isinstance(proposal.intent, intents.CancelOrder)
        assert proposal.intent.family is Family.TIME
        assert [(token.symbol, raw) for token, raw in proposal.returns] == [("USDC", 100_000_000)]
        assert any("comes back" in note for note in proposal.notes)


# --- create -----------------------------------------------------------------------------------------------


def _request(wallet: wallets.Wallet, **changes: object) -> CreateRequest:
    facts: dict[str, object] = {
        "wallet_id": wallet.id,
        "input_mint": amounts.USDC_MINT,
        "output_mint": amounts.WSOL_MINT,
        "amount": "500",
        "number_of_orders": 10,
        "interval_s": 86_400,
    }
    return CreateRequest(**(facts | changes))  # type: ignore[arg-type] # what tests vary is theirs to get right


async def test_a_new_order_states_everything() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        world.chain.mints = {BONK: ports.Mint(5, classic=True)}
        world.chain.missing = {(wallet.pubkey, BONK)}
        proposal = await world.proposals.create(USER, USER, _request(wallet))
        assert isinstance(proposal.intent, intents.CreateOrder)
        assert proposal.intent.amount_raw == 500_000_000
        assert proposal.intent.min_out_raw is None
        assert proposal.output is not None
        assert proposal.output.symbol == "SOL"
        assert proposal.rent_lamports == 2_902_320 + 2 * 2_039_280
        assert not proposal.warnings
        # What is bought arrives in an account that the order's program opens later, not this transaction.
        into = await world.proposals.create(USER, USER, _request(wallet, output_mint=BONK))
        assert into.rent_lamports == proposal.rent_lamports


async def test_selling_sol_locks_one_account_more_on_the_way() -> None:
    """The rent on the card is the one that the policy allows, to the lamport."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet(lamports=100 * 10**9)
        world.usd.usd[amounts.WSOL_MINT] = Decimal(100)
        sells = _request(wallet, input_mint=amounts.WSOL_MINT, output_mint=amounts.USDC_MINT, amount="20")
        proposal = await world.proposals.create(USER, USER, sells)
        assert proposal.rent_lamports == 2_902_320 + 3 * 2_039_280


async def test_an_uneven_total_is_rounded_down_and_the_card_says_so() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        proposal = await world.proposals.create(
            USER, USER, _request(wallet, amount="500.000005", number_of_orders=7)
        )
        assert proposal.amount_raw is not None
        assert proposal.amount_raw % 7 == 0
        assert 0 <= 500_000_005 - proposal.amount_raw < 7
        assert "Rounded down from 500.000005 to" in " ".join(proposal.notes)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"amount": "99.99", "number_of_orders": 2}, errors.OrderTooSmall, "minimum for an order is 100 USD"),
        ({"number_of_orders": 11}, errors.OrderTooSmall, "use at most 10 parts"),
        ({"number_of_orders": 1}, errors.OrderTooSmall, "at least 2 parts"),
        ({"number_of_orders": -3}, errors.OrderTooSmall, "at least 2 parts"),
        ({"number_of_orders": 10**9}, errors.InvalidInput, "at most 10000 parts"),
        ({"interval_s": 0}, errors.InvalidInput, "at least 30 seconds"),
        ({"interval_s": 29}, errors.InvalidInput, "at least 30 seconds"),
        ({"interval_s": 367 * 86_400}, errors.InvalidInput, "at most a year"),
        ({"output_mint": amounts.USDC_MINT}, errors.InvalidInput, "two different"),
        ({"output_mint": NEW}, errors.UnsupportedToken, "Token-2022"),
        ({"output_mint": make_address("nothing")}, errors.UnknownToken, "no token"),
        ({"amount": "1000.1"}, errors.InsufficientFunds, "there is 1000 USDC to use"),
        ({"min_price": "200", "max_price": "100"}, errors.InvalidAmount, "above the highest"),
        ({"min_price": "0"}, errors.InvalidAmount, "more than zero"),
        ({"max_price": "1e3"}, errors.InvalidAmount, "digits with at most one point"),
        ({"start_at": START - timedelta(seconds=1)}, errors.InvalidInput, "in the past"),
        ({"start_at": START + timedelta(days=400)}, errors.InvalidInput, "at most a year"),
        ({"input_mint": BONK, "amount": "100"}, errors.GatewayUnavailable, "price of BONK is not known"),
    ],
)
async def test_every_wrong_order_has_its_own_sentence(
    changes: dict[str, object], error: type[errors.BotError], words: str
) -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        world.chain.mints = {NEW: ports.Mint(6, classic=False), BONK: ports.Mint(0, classic=True)}
        world.directory.tokens = {BONK: amounts.Token(BONK, "BONK", "Bonk", 0)}
        world.chain.tokens[wallet.pubkey][BONK] = 100
        with pytest.raises(error, match=re.escape(words)):
            await world.proposals.create(USER, USER, _request(wallet, **changes))


async def test_a_price_range_becomes_the_bounds_that_the_program_enforces() -> None:
    """Buying SOL between 100 and 200 USDC with 50 USDC a part: 0.25 to 0.5 SOL."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        request = _request(wallet, min_price="100", max_price="200")
        intent = (await world.proposals.create(USER, USER, request)).intent
        assert isinstance(intent, intents.CreateOrder)
        assert (intent.min_out_raw, intent.max_out_raw) == (250_000_000, 500_000_000)
        assert (intent.min_price, intent.max_price) == ("100", "200")


async def test_an_unverified_token_is_flagged() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        world.chain.mints = {BONK: ports.Mint(5, classic=True)}
        world.directory.tokens = {BONK: amounts.Token(BONK, "USDC", "USD Coin", 5, verified=True)}
        proposal = await world.proposals.create(USER, USER, _request(wallet, output_mint=BONK))
        assert any("not a verified token" in said and BONK in said for said in proposal.warnings)


# --- send and unwrap --------------------------------------------------------------------------------------


async def test_the_first_use_of_an_address_is_said_and_the_second_is_not() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        to = make_address("friend")
        world.chain.fund(to, lamports=10**9)
        proposal = await world.proposals.send(USER, USER, wallet.id, "0.1", None, to)
        assert any("never sent anything" in said for said in proposal.warnings)
        await world.confirmations.attach_message(proposal.confirmation.token, 1)
        await world.confirmations.confirm(USER, USER, 1, proposal.confirmation.token)
        await world.actions.settle_once()
        again = await world.proposals.send(USER, USER, wallet.id, "0.1", None, to)
        assert not again.warnings


async def test_sending_everything_leaves_fees_and_the_minimum() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet(lamports=10**9)
        proposal = await world.proposals.send(USER, USER, wallet.id, "max", None, make_address("friend"))
        assert proposal.amount_raw == 10**9 - 1_005_000 - 890_880


async def test_the_receiver_s_missing_account_is_paid_for_and_said() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        to = make_address("friend")
        world.chain.missing = {(to, amounts.USDC_MINT)}
        proposal = await world.proposals.send(USER, USER, wallet.id, "5", amounts.USDC_MINT, to)
        assert isinstance(proposal.intent, intents.Send)
        assert proposal.intent.decimals == 6
        assert proposal.rent_lamports == 2_039_280


@pytest.mark.parametrize(
    ("amount", "mint", "to", "error", "words"),
    [
        ("1", None, "0x12", errors.InvalidAddress, "Ethereum"),
        ("1", None, "nonsense", errors.InvalidAddress, "not a Solana address"),
        ("1", None, amounts.USDC_MINT, errors.InvalidAddress, "address of a token"),
        ("1", None, "1" * 32, errors.InvalidAddress, "address of a token or a program"),
        ("0.0001", None, make_address("empty"), errors.InvalidAmount, "empty so far"),
        ("2", None, make_address("friend"), errors.InsufficientFunds, "It holds 1 SOL"),
        ("1", NEW, make_address("friend"), errors.UnsupportedToken, "Token-2022"),
        ("2000", amounts.USDC_MINT, make_address("friend"), errors.InsufficientFunds, "1000 USDC"),
    ],
)
async def test_bad_sends_are_refused_with_their_own_sentence(
    amount: str, mint: str | None, to: str, error: type[errors.UserError], words: str
) -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        world.chain.mints = {NEW: ports.Mint(6, classic=False)}
        with pytest.raises(error, match=re.escape(words)):
            await world.proposals.send(USER, USER, wallet.id, amount, mint, to)


async def test_nothing_is_sent_to_what_only_a_program_can_spend_from() -> None:
    """Tokens sent to an order's address never reach the order. The sentence says what to do instead."""
    async with worlds.open_world() as world:
        await _with_orders(world)
        (wallet,) = await world.wallets.list_of(USER)
        view = await world.orders.get(USER, 1)
        program = make_address("program")
        world.chain.programs = {view.order.key, program}
        with pytest.raises(errors.InvalidAddress, match=r"your order #1, not a wallet.*use /deposit 1"):
            await world.proposals.send(USER, USER, wallet.id, "5", amounts.USDC_MINT, view.order.key)
        with pytest.raises(errors.InvalidAddress, match="belongs to a program"):
            await world.proposals.send(USER, USER, wallet.id, "5", amounts.USDC_MINT, program)


async def test_wrapped_sol_is_sent_by_its_own_name() -> None:
    """It is another thing than SOL: what is short or moves must not be called the same."""
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        to = make_address("friend")
        with pytest.raises(errors.InsufficientFunds, match="there is no wSOL to use"):
            await world.proposals.send(USER, USER, wallet.id, "1", amounts.WSOL_MINT, to)
        world.chain.fund(wallet.pubkey, lamports=10**9, wsol=3 * 10**9)
        proposal = await world.proposals.send(USER, USER, wallet.id, "1", amounts.WSOL_MINT, to)
        assert proposal.token.symbol == "wSOL"
        assert proposal.available_raw == 3 * 10**9
        assert isinstance(proposal.intent, intents.Send)
        assert (proposal.intent.mint, proposal.intent.decimals) == (amounts.WSOL_MINT, 9)


async def test_sending_to_the_wallet_itself_is_refused() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        with pytest.raises(errors.InvalidAddress, match="this very wallet"):
            await world.proposals.send(USER, USER, wallet.id, "1", None, wallet.pubkey)


async def test_unwrapping_takes_all_of_it_or_is_refused() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        with pytest.raises(errors.InsufficientFunds, match="no wrapped SOL"):
            await world.proposals.unwrap(USER, USER, wallet.id)
        world.chain.fund(wallet.pubkey, lamports=10**8, wsol=5_000)
        proposal = await world.proposals.unwrap(USER, USER, wallet.id)
        assert proposal.amount_raw == 5_000
        assert proposal.intent == intents.Unwrap(user=wallet.pubkey)
