"""What Jupiter's database knows: every order that ever was, and its trades. The chain stays the truth."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from solders.account import Account
from solders.pubkey import Pubkey

from bot.sandbox import orderstate
from bot.sandbox.chain import Chain, Landed
from bot.solana.programs import accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An order as last seen on chain; for a closed one, as it was in the end. Times are order time."""

    key: str
    state: orderstate.State
    open_tx: str
    updated_at: float
    close_tx: str | None = None
    user_closed: bool = False
    spent_usd_raw: int = 0
    """Price orders: value of the input used so far, base units of USDC."""

    @property
    def family(self) -> str:
        return "time" if isinstance(self.state, accounts.Dca) else "price"

    @property
    def user(self) -> str:
        return str(self.state.user)

    @property
    def active(self) -> bool:
        return self.close_tx is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One fill. `out_raw` is before the fee, which is taken from the output."""

    order: str
    user: str
    keeper: str
    input_mint: str
    output_mint: str
    in_raw: int
    out_raw: int
    fee_raw: int
    tx: str
    at: float
    """Order time."""


class Book:
    def __init__(self, chain: Chain) -> None:
        self._store = chain.store
        self.orders = {key: _read(key, kept) for key, kept in self._store.load("orders").items()}
        self.trades: dict[str, list[Trade]] = {key: [] for key in self.orders}
        for kept in self._store.load("trades").values():
            self.trades[kept["order"]].append(Trade(**kept))
        for trades in self.trades.values():
            trades.sort(key=lambda trade: trade.at)
        chain.listeners.append(self.note)

    def of_user(self, user: str, *, active: bool) -> list[Entry]:
        """Newest first."""
        found = [entry for entry in self.orders.values() if entry.user == user and entry.active is active]
        return sorted(found, key=lambda entry: (-entry.state.created_at, entry.key))

    def active(self) -> list[Entry]:
        return [entry for entry in self.orders.values() if entry.active]

    def note(self, landed: Landed, effects: Sequence[orderstate.Effect]) -> None:
        """Take over what a transaction did to order accounts."""
        for effect in effects:
            key = str(effect.order)
            entry = self.orders.get(key)
            if entry is None or effect.opened:
                entry = Entry(
                    key=key, state=effect.state, open_tx=landed.signature, updated_at=effect.state.created_at
                )
            else:
                entry = replace(entry, state=effect.state, updated_at=landed.at)
            if effect.closed:
                by_user = landed.user == str(effect.state.user)
                entry = replace(entry, close_tx=landed.signature, user_closed=by_user)
            self.put(entry)

    def put(self, entry: Entry) -> None:
        self.orders[entry.key] = entry
        self.trades.setdefault(entry.key, [])
        self._store.put("orders", entry.key, _write(entry))

    def add_trade(self, trade: Trade, *, spent_usd_raw: int = 0) -> None:
        entry = self.orders[trade.order]
        self.put(replace(entry, updated_at=trade.at, spent_usd_raw=entry.spent_usd_raw + spent_usd_raw))
        self.trades[trade.order].append(trade)
        self._store.put("trades", f"{trade.order}:{len(self.trades[trade.order]):06}", asdict(trade))


def _write(entry: Entry) -> dict[str, Any]:
    kept = {name: getattr(entry, name) for name in _PLAIN}
    owner = str(orderstate.program_of(entry.state))
    return kept | {"program": owner, "data": b64encode(entry.state.build()).decode()}


def _read(key: str, kept: dict[str, Any]) -> Entry:
    account = Account(1, b64decode(kept["data"]), Pubkey.from_string(kept["program"]))
    return Entry(key=key, state=orderstate.parse(account), **{name: kept[name] for name in _PLAIN})


_PLAIN = ("open_tx", "updated_at", "close_tx", "user_closed", "spent_usd_raw")
