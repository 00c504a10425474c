"""Look-alikes: what pretends to be a well-known token is recognised, the well-known one is not."""

import pytest

from bot.domain import amounts, lookalikes

MINT = "3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh"


@pytest.mark.parametrize(
    "symbol",
    [
        "USDC",
        "usdc",
        "U S D C",
        "USDC.",
        "U$DC",
        "$USDC",
        "UЅDC",
        "USDС",
        "S0L",
        "JlP",
        "B0NK",
        "8ONK",
        "rnSOL",
        "vvSOL",
        "wSOL",
        "ＳＯＬ",
    ],
)
def test_a_famous_symbol_on_another_mint_pretends(symbol: str) -> None:
    assert lookalikes.is_lookalike(amounts.Token(MINT, symbol, "Some Coin", 6))


@pytest.mark.parametrize("name", ["USD Ϲoin", "Sol\u202eana", "S\u200bolana"])
def test_a_name_beyond_ascii_pretends(name: str) -> None:
    assert lookalikes.is_lookalike(amounts.Token(MINT, "XYZ", name, 6))


@pytest.mark.parametrize("name", ["USD Coin", "usd  coin", "U5D C0in", "Tether USD", "S0lana", "USDC"])
def test_a_famous_name_on_another_mint_pretends(name: str) -> None:
    """Whatever the symbol is; a bridged coin that says so in its name does not."""
    assert lookalikes.is_lookalike(amounts.Token(MINT, "XYZ", name, 6))
    assert lookalikes.is_lookalike(amounts.Token(MINT, "", name, 6))
    assert not lookalikes.is_lookalike(amounts.Token(MINT, "USDCet", f"{name} (Wormhole)", 6))


@pytest.mark.parametrize(
    ("mint", "symbol"),
    [
        (amounts.USDC_MINT, "USDC"),
        (amounts.WSOL_MINT, "SOL"),
        (amounts.WSOL_MINT, "WSOL"),
        ("EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm", "$WIF"),
        (MINT, "WBTC"),
        (MINT, "SOLID"),
        (MINT, "CAT"),
    ],
)
def test_the_real_ones_and_the_others_do_not(mint: str, symbol: str) -> None:
    assert not lookalikes.is_lookalike(amounts.Token(mint, symbol, "Coin", 6))
