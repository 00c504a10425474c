"""A busy person: wallets, orders and fills, and what Jupiter and a node answer about them.

Everything is drawn from a seed. Names are as long and as hostile as they come.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from solders.pubkey import Pubkey

from bot.domain import addresses, amounts, orders
from bot.jupiter import calls, prices, tokens
from bot.solana import programs
from bot.solana.programs import accounts, ids
from tests.fakes import rpc
from tests.fakes.chain import make_address
from tests.fakes.jupiter import FakeJupiter, Reply


@dataclass(frozen=True, slots=True)
class Size:
    wallets: int
    orders: int
    fills: int


BUSY: Final = Size(3, 45, 2_000)
NEW: Final = Size(1, 3, 6)
PAGE: Final = 10

_NAMES: Final = (
    "Savings for the house by the sea!",
    "=1+1,\"two\"; 'three' 🦊",
    "\u0645\u062d\u0641\u0638\u0629",
)
_TOKENS: Final = (
    amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6, verified=True),
    amounts.Token(amounts.WSOL_MINT, "SOL", "Solana", 9, verified=True),
    amounts.Token(make_address("bonk"), "BONK", "Bonk", 5, verified=True),
    amounts.Token(make_address("evil"), "USDC", "<b>USD Coin</b>", 9),
    amounts.Token(make_address("formula"), '=HYPERLINK("x")', "W" * 60, 18),
)
_SHARES: Final = (400, 200, 150)
"""Fills of the busiest orders; the others share the rest."""


@dataclass(frozen=True, slots=True)
class Held:
    """One order as Jupiter lists it."""

    owner: str
    active: bool
    item: dict[str, Any]


@dataclass(slots=True)
class Estate:
    """What the person has, and the two services that know of it."""

    wallets: Sequence[tuple[str, str]]
    """Address and name."""
    held: Sequence[Held]
    jupiter: FakeJupiter = field(default_factory=FakeJupiter)
    node: rpc.FakeRpc = field(default_factory=rpc.FakeRpc)
    _written: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jupiter.on(calls.LIST, self._list)
        self.jupiter.on(tokens.SEARCH, Reply([_listed(token) for token in _TOKENS]))
        quotes = {token.mint: {"usdPrice": 150 if token.decimals == 9 else 1} for token in _TOKENS}
        self.jupiter.on(prices.PRICE, Reply(quotes))
        self.node.answer("getBalance", rpc.in_context(5 * amounts.LAMPORTS_PER_SOL))
        self.node.answer("getTokenAccountsByOwner", _token_accounts)
        self.node.answer("getMultipleAccounts", _accounts)
        self.node.answer("getEpochInfo", {"blockHeight": 100, "absoluteSlot": 100})

    def _list(self, request: httpx.Request) -> Reply:
        """Written once: how long Jupiter takes to answer is not what is measured."""
        name = request.url.query
        if name not in self._written:
            self._written[name] = self._write(request.url.params)
        return Reply(self._written[name])

    def _write(self, asked: Mapping[str, str]) -> bytes:
        active, page = asked["orderStatus"] == orders.Status.ACTIVE, int(asked["page"])
        mine = [held.item for held in self.held if (held.owner, held.active) == (asked["user"], active)]
        body = {
            "user": asked["user"],
            "orderStatus": asked["orderStatus"],
            "all": mine[(page - 1) * PAGE : page * PAGE],
            "totalPages": max(1, -(-len(mine) // PAGE)),
            "page": page,
        }
        return json.dumps(body).encode()


def build(seed: int, now: datetime, wallets: Sequence[str], size: Size) -> Estate:
    """The orders of these addresses, youngest first; the fills of each add up to what it has used."""
    chance = random.Random(seed)
    counts = list(_SHARES) if size.fills > sum(_SHARES) else []
    for left in range(size.orders - len(counts), 0, -1):
        counts.append((size.fills - sum(counts)) // left)
    chance.shuffle(counts)
    held = [
        _held(chance, number, count, now, wallets[number % len(wallets)])
        for number, count in enumerate(counts)
    ]
    return Estate(list(zip(wallets, _NAMES, strict=False)), held)


def _held(chance: random.Random, number: int, count: int, now: datetime, owner: str) -> Held:
    active = number % 9 < 4
    family = orders.Family.PRICE if number % 3 == 0 else orders.Family.TIME
    source, target = chance.sample(_TOKENS, 2)
    created = now - timedelta(days=400 - number)
    key = make_address(f"order {number}")
    trades = list(_trades(chance, number, count, created, key, source, target))
    used = sum(int(trade["rawInputAmount"]) for trade in trades)
    bought = sum(int(trade["rawOutputAmount"]) for trade in trades)
    stamp = created + timedelta(hours=4 * count)
    facts: dict[str, Any] = {
        "recurringType": family.value,
        "userPubkey": owner,
        "orderKey": key,
        "inputMint": source.mint,
        "outputMint": target.mint,
        "rawInDeposited": str(used * 2 if active else used),
        "rawInWithdrawn": "0",
        "rawInUsed": str(used),
        "rawOutReceived": str(bought),
        "rawOutWithdrawn": str(bought),
        "openTx": _signature(number, 0),
        "closeTx": None if active else _signature(number, 1),
        "createdAt": created.isoformat(),
        "updatedAt": stamp.isoformat(),
        "trades": trades,
    }
    cycle = str(4 * 3600)
    if family is orders.Family.TIME:
        each = used // count
        facts |= {"rawInAmountPerCycle": str(each), "cycleFrequency": cycle, "userClosed": False}
    else:
        facts |= {"rawIncrementalUsdValue": "50000000", "orderInterval": cycle, "closedBy": ""}
    return Held(owner, active, facts)


def _trades(
    chance: random.Random,
    number: int,
    count: int,
    created: datetime,
    key: str,
    source: amounts.Token,
    target: amounts.Token,
) -> Iterator[dict[str, Any]]:
    for place in range(count):
        sold, bought = (_amount(chance, token, count) for token in (source, target))
        yield {
            "orderKey": key,
            "inputMint": source.mint,
            "outputMint": target.mint,
            "rawInputAmount": str(sold),
            "rawOutputAmount": str(bought),
            "feeMint": target.mint,
            "rawFeeAmount": str(bought // 1000),
            "txId": _signature(number, place + 2),
            "confirmedAt": (created + timedelta(hours=4 * (place + 1))).isoformat(),
            "action": "Fill",
        }


def _amount(chance: random.Random, token: amounts.Token, count: int) -> int:
    """Around a whole token, and never so much that an order could not hold it."""
    most = min(10 ** (token.decimals + 2), amounts.U64_MAX // (2 * count))
    return chance.randrange(most // 100, most)


def _signature(number: int, place: int) -> str:
    return addresses.encode_base58((number * 100_000 + place + 2**500).to_bytes(64, "big"))


def _listed(token: amounts.Token) -> dict[str, Any]:
    return {
        "id": token.mint,
        "symbol": token.symbol,
        "name": token.name,
        "decimals": token.decimals,
        "isVerified": token.verified,
    }


def _accounts(keys: Sequence[str], _: object) -> Any:
    decimals = {token.mint: token.decimals for token in _TOKENS}
    return rpc.in_context([_mint(decimals[key]) if key in decimals else None for key in keys])


def _mint(decimals: int) -> dict[str, Any]:
    return rpc.account(ids.TOKEN, accounts.Mint(decimals).build())


def _token_accounts(owner: str, *_: object) -> Any:
    wallet = Pubkey.from_string(owner)
    listed = []
    for token in _TOKENS:
        mint = Pubkey.from_string(token.mint)
        held = accounts.TokenAccount(mint, wallet, 10**token.decimals * 7, None, 1, None, 0, None)
        listed.append(
            {"pubkey": str(programs.ata(wallet, mint)), "account": rpc.account(ids.TOKEN, held.build())}
        )
    return rpc.in_context(listed)
