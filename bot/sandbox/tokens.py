"""The tokens of the sandbox: well-known mints at believable prices, and three that are to be refused."""

from dataclasses import dataclass
from decimal import Decimal

from solders.pubkey import Pubkey

from bot.domain import amounts
from bot.solana import programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    mint: Pubkey
    symbol: str
    name: str
    decimals: int
    usd: Decimal | None
    """Around this price the market moves; None = no reliable price."""
    verified: bool = True
    program: Pubkey = programs.ids.TOKEN
    swing: Decimal = Decimal("0.04")
    """How far the price wanders from `usd`, as a share of it."""

    @property
    def classic(self) -> bool:
        return self.program == programs.ids.TOKEN


def _listed(mint: str, symbol: str, name: str, decimals: int, usd: str | None, swing: str = "0.04") -> Listed:
    price = None if usd is None else Decimal(usd)
    return Listed(
        mint=Pubkey.from_string(mint),
        symbol=symbol,
        name=name,
        decimals=decimals,
        usd=price,
        swing=Decimal(swing),
    )


SOL = _listed(amounts.WSOL_MINT, "SOL", "Wrapped SOL", 9, "171.4")
USDC = _listed(amounts.USDC_MINT, "USDC", "USD Coin", 6, "0.9999", "0.0004")
USDT = _listed(amounts.USDT_MINT, "USDT", "USDT", 6, "1.0001", "0.0004")
JUP = _listed("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN", "JUP", "Jupiter", 6, "0.4127")
BONK = _listed("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263", "BONK", "Bonk", 5, "0.00002134", "0.09")
JITOSOL = _listed(
    "J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn", "JitoSOL", "Jito Staked SOL", 9, "209.8", "0.04"
)
LOOKALIKE = Listed(
    mint=Pubkey.from_string("FakeUSDCmXK2vVvHqXrk3MoJ1g4xMCa8qvAq8tKfPMcS"),
    symbol="USDC",
    name="USD Coin <b>official</b>",
    decimals=9,
    usd=None,
    verified=False,
)
"""Calls itself USDC and is not; its name carries markup, as such names do."""
CYRILLIC = Listed(
    mint=Pubkey.from_string("CyriLLicJUP2b9XsTsXuHrNyBUEdhnHFeJC9SvcEsYYX"),
    symbol="JUР",
    name="Jupiter",
    decimals=6,
    usd=Decimal("0.0004"),
    verified=False,
    swing=Decimal("0.5"),
)
"""The last letter of its symbol is Cyrillic."""
EXTENDED = Listed(
    mint=Pubkey.from_string("2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo"),
    symbol="PYUSD",
    name="PayPal USD",
    decimals=6,
    usd=Decimal("0.9998"),
    program=programs.ids.TOKEN_2022,
    swing=Decimal("0.0004"),
)
"""A Token-2022 mint: recurring orders do not take it."""

ALL = (SOL, USDC, USDT, JUP, BONK, JITOSOL, LOOKALIKE, CYRILLIC, EXTENDED)
BY_MINT = {str(token.mint): token for token in ALL}
