"""Read the results of Solana's RPC methods into typed values. Pure; every unknown shape is refused."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from solders.pubkey import Pubkey

from bot import errors, ports

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AccountInfo:
    lamports: int
    owner: Pubkey
    """The program that owns the account."""
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Accounts as of one slot, in the order that was asked for; None = there is none."""

    slot: int
    accounts: tuple[AccountInfo | None, ...]


@dataclass(frozen=True, slots=True)
class Blockhash:
    text: str
    last_valid_height: int
    slot: int


@dataclass(frozen=True, slots=True)
class Simulated:
    slot: int
    error: Any
    """As the RPC names it; None = it would succeed."""
    logs: tuple[str, ...]
    accounts: tuple[AccountInfo | None, ...]
    """What the accounts asked for would be afterwards."""
    units: int | None


def _checked(parse: Callable[P, T]) -> Callable[P, T]:
    @wraps(parse)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return parse(*args, **kwargs)
        except (KeyError, IndexError, TypeError, ValueError, binascii.Error) as exc:
            raise errors.UnexpectedResponse(
                f"Solana's RPC answered with an unknown shape ({parse.__name__})"
            ) from exc

    return checked


@_checked
def number(result: Any) -> int:
    return _natural(result)


@_checked
def epoch(result: Any) -> ports.Finalized:
    """Height and slot of one block, from one node and at one moment."""
    return ports.Finalized(height=_natural(result["blockHeight"]), slot=_natural(result["absoluteSlot"]))


@_checked
def number_in_context(result: Any) -> int:
    return _natural(result["value"])


@_checked
def flag_in_context(result: Any) -> tuple[bool, int]:
    """The value, and the slot at which it was true."""
    if not isinstance(result["value"], bool):
        raise TypeError
    return result["value"], _natural(result["context"]["slot"])


@_checked
def blockhash(result: Any) -> Blockhash:
    value = result["value"]
    text = value["blockhash"]
    Pubkey.from_string(text)
    return Blockhash(text, _natural(value["lastValidBlockHeight"]), _natural(result["context"]["slot"]))


@_checked
def snapshot(result: Any, count: int) -> Snapshot:
    return Snapshot(_natural(result["context"]["slot"]), _accounts(result["value"], count))


@_checked
def token_accounts(result: Any) -> list[tuple[Pubkey, AccountInfo]]:
    return [(Pubkey.from_string(item["pubkey"]), _account(item["account"])) for item in result["value"]]


@_checked
def simulated(result: Any, count: int) -> Simulated:
    slot, value = _natural(result["context"]["slot"]), result["value"]
    units = value.get("unitsConsumed")
    logs = tuple(str(line) for line in value.get("logs") or ())
    if value["err"] is not None:
        return Simulated(slot, value["err"], logs, (), units)
    return Simulated(slot, None, logs, _accounts(value["accounts"], count), units)


@_checked
def slot_of(result: Any) -> int:
    """The slot at which an answer was true."""
    return _natural(result["context"]["slot"])


@_checked
def status(result: Any) -> ports.SignatureStatus | None:
    (value,) = result["value"]
    if value is None:
        return None
    level = value.get("confirmationStatus")
    finalized = level == "finalized" or (level is None and value["confirmations"] is None)
    error = value["err"]
    return ports.SignatureStatus(
        slot=_natural(value["slot"]),
        confirmed=finalized or level == "confirmed",
        finalized=finalized,
        error=None if error is None else json.dumps(error, separators=(",", ":"))[:300],
    )


def _accounts(values: Any, count: int) -> tuple[AccountInfo | None, ...]:
    if not isinstance(values, list) or len(values) != count:
        raise ValueError
    return tuple(None if value is None else _account(value) for value in values)


def _account(value: Any) -> AccountInfo:
    text, encoding = value["data"]
    if encoding != "base64":
        raise ValueError
    return AccountInfo(
        lamports=_natural(value["lamports"]),
        owner=Pubkey.from_string(value["owner"]),
        data=base64.b64decode(text, validate=True),
        executable=bool(value.get("executable", False)),
    )


def _natural(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value
