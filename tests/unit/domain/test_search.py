"""Orders are found as people name them, and nothing that only looks like what they named is chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import amounts, search

USDC = amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6, verified=True)
SOL = amounts.Token(amounts.WSOL_MINT, "SOL", "Solana", 9, verified=True)
JUP = amounts.Token("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN", "JUP", "Jupiter", 6, verified=True)
FAKE = amounts.Token("3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh", "USDC", "USD Coin", 6)
NEWT = amounts.Token("4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", "NEWT", "Newt", 6)


def named(
    number: int,
    source: amounts.Token = USDC,
    target: amounts.Token = SOL,
    *,
    wallet: str = "Wallet 1",
    key: str = "",
    active: bool = True,
) -> search.Named:
    return search.Named(
        number=number,
        key=key or f"9{number}WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM",
        input=source,
        output=target,
        wallet=wallet,
        active=active,
    )


ORDERS = (
    named(6, SOL, JUP, wallet="Road to 100", active=False),
    named(5, SOL, USDC, wallet="My Savings"),
    named(4, USDC, JUP, wallet="My Savings", active=False),
    named(3, USDC, JUP),
    named(2, USDC, SOL, wallet="Wallet 12", key="EpTsLvWZ1Ykz5GWSFSEqgmP9tT4cJqXaGDdPGS5gyQsP"),
    named(1, JUP, SOL, wallet="Wallet 2"),
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", (5,)),
        ("#5", (5,)),
        (" # 5 ", (5,)),
        ("００５", (5,)),
        ("EpTs", (2,)),
        ("epts", (2,)),
        ("EpTsLvWZ1Ykz5GWSFSEqgmP9tT4cJqXaGDdPGS5gyQsP", (2,)),
        ("jup", (6, 4, 3, 1)),
        ("JUP", (6, 4, 3, 1)),
        ("usdc jup", (4, 3)),
        ("  USDC   JUP ", (4, 3)),
        ("USDC→JUP", (4, 3)),
        ("USDC → jup", (4, 3)),
        ("usdc->jup", (4, 3)),
        ("usdc > jup", (4, 3)),
        ("usdc to jup", (4, 3)),
        ("usdc/jup", (4, 3)),
        ("usdc-jup", (4, 3)),
        # Another way round than any order is: with an arrow that is none, without one it is this pair.
        ("jup→usdc", ()),
        ("jup usdc", (4, 3)),
        ("usdc sol", (2,)),
        ("sol usdc", (5,)),
        ("usdc jup savings", (4,)),
        ("savings usdc → jup", (4,)),
        ("usdc → jup savings", (4,)),
        ("usdc jup active", (3,)),
        ("active", (5, 3, 2, 1)),
        ("history", (6, 4)),
        ("my savings", (5, 4)),
        ("MY  SAVINGS", (5, 4)),
        ("sav", (5, 4)),
        ("sa", ()),
        ("wallet 1", (3,)),
        ("wallet 2", (1,)),
        ("wallet", (3, 2, 1)),
        ("Road to 100", (6,)),
        (amounts.USDC_MINT, (5, 4, 3, 2)),
        ("bonk", ()),
        ("usdc bonk", ()),
        ("🙂", ()),
        ("#", ()),
        ("→", ()),
        ("sol →", (6, 5)),
        ("→ sol", (2, 1)),
    ],
)
def test_orders_are_found_as_people_name_them(text: str, numbers: tuple[int, ...]) -> None:
    found = search.find(search.parse(text), ORDERS)
    assert found.numbers == numbers
    assert found.certain == (len(numbers) == 1)


@pytest.mark.parametrize("text", ["", "   ", "1234567890", "1" * 10_000, "x" * 65, "/ , -", "-1", "+1", "–7"])
def test_what_names_nothing_is_told_how_to_name_an_order(text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="Name an order by its number"):
        search.parse(text)


@pytest.mark.parametrize(
    "symbol", ["USDC", "usdc", "U5DC", "$USDC", "USDС", "UЅDC", "ＵＳＤＣ", "U\u200bSDC", "USDC."]
)
def test_a_look_alike_beside_the_real_one_is_a_candidate(symbol: str) -> None:
    """Whoever can name a token must not be able to have its order chosen in place of another one."""
    fake = amounts.Token(FAKE.mint, symbol, "USD Coin", 6, verified=True)
    found = search.find(search.parse("usdc"), [named(2, fake), named(1, USDC)])
    assert found == search.Found((2, 1), certain=False)


def test_a_look_alike_alone_is_not_certain() -> None:
    """It is shown for what it is before anything is done with it; by number or key it was meant."""
    orders = [named(2, FAKE)]
    for text in ("usdc", "sol", "usdc sol", "USDC→SOL", "usdc wallet"):
        assert search.find(search.parse(text), orders) == search.Found((2,), certain=False)
    for text in ("2", orders[0].key[:6], "wallet 1", FAKE.mint):
        assert search.find(search.parse(text), orders) == search.Found((2,), certain=True)


def test_an_unverified_token_with_a_name_of_its_own_is_certain() -> None:
    assert search.find(search.parse("newt"), [named(1, NEWT)]).certain


def test_a_symbol_that_is_the_beginning_of_a_key_hides_nothing() -> None:
    """Both fit."""
    grown = named(1, JUP, key="newtLvWZ1Ykz5GWSFSEqgmP9tT4cJqXaGDdPGS5gyQsP")
    assert search.find(search.parse("newt"), [named(3, NEWT), named(2, JUP), grown]).numbers == (3, 1)


def test_a_symbol_of_no_letters_fits_nothing_but_itself() -> None:
    """Signs fold to nothing, and nothing is not everything."""
    dots = amounts.Token(FAKE.mint, "…", "Dots", 6)
    assert search.find(search.parse("!!! …"), [named(1, dots)]).numbers == ()
    assert search.find(search.parse("$"), [named(1, dots)]).numbers == ()


@given(st.text(max_size=80))
def test_any_text_finds_something_nothing_or_is_refused(text: str) -> None:
    try:
        found = search.find(search.parse(text), ORDERS)
    except errors.InvalidInput:
        return
    assert set(found.numbers) <= {order.number for order in ORDERS}
    assert not (found.certain and len(found.numbers) != 1)


def test_the_name_of_a_wallet_is_known_however_it_is_written() -> None:
    names = ["Wallet 2", "My Savings"]
    assert search.is_wallet_name(" wallet  2", names)
    assert not search.is_wallet_name("wallet", names)
