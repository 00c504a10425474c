"""Transactions to try the policy on: the real ones as they stand, and what an honest Jupiter would craft."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot import errors
from bot.domain import intents, orders
from bot.solana import build, policy, programs
from bot.solana.programs import ids, jupiter, native

DATA = Path(__file__).resolve().parents[1] / "data" / "transactions"
USER = "5dMXLJ8GYQxcHe2fjpttVkEpRrxcajRXZqJHCiCbWS4H"
WSOL, USDC = str(ids.WSOL_MINT), str(ids.USDC_MINT)
STRANGER = Pubkey.from_string("JCPUmxoyiTF7jEwRuCqaNmKpgHeDsB5pPXJsdDKGEdmG")
BLOCKHASH = "9zrUHnA1nCByPksy3aL8tQ47vqdaG2vnFs4HrxgcZj4F"
INDEX = 1_763_600_000

REAL_INTENTS: dict[str, dict[str, Any]] = {
    "time-create": {
        "kind": "time_create",
        "user": USER,
        "input_mint": WSOL,
        "output_mint": USDC,
        "amount": 200_000_000,
        "number_of_orders": 2,
        "interval_s": 300,
    },
    "time-cancel": {
        "kind": "time_cancel",
        "user": USER,
        "input_mint": WSOL,
        "output_mint": USDC,
        "order": "5T3NGmbD8R59UWEaRaDq79r7fDxDUNidze3CVT94vrUb",
        "order_index": 1741240309,
    },
    "price-deposit": {
        "kind": "price_deposit",
        "user": USER,
        "input_mint": USDC,
        "output_mint": WSOL,
        "order": "EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH",
        "order_index": 1741657973,
        "amount": 1_000_000,
    },
    "price-deposit-smart-deposit": {
        "kind": "price_deposit",
        "user": USER,
        "input_mint": WSOL,
        "output_mint": USDC,
        "order": "2A9BWzLCpsvRuAbruATYYXaaMDRkSYPPZoAey67ywYqx",
        "order_index": 1741186449,
        "amount": 100_000_000,
    },
    "price-withdraw-in": {
        "kind": "price_withdraw",
        "user": USER,
        "input_mint": USDC,
        "output_mint": WSOL,
        "order": "EpTsCUnKComCd8FDNZn3kVrQBQo2uEn5rRzYk9ocqFPH",
        "order_index": 1741657973,
        "amount": 1_000_000,
        "side": "In",
    },
}
"""What the people behind the real transactions must have confirmed."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    transaction: str
    """Base64."""
    intent: intents.Intent


def load(name: str) -> dict[str, Any]:
    """A real transaction with its documented decoding."""
    document: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return document


def real() -> list[Case]:
    return [
        Case(name, load(name)["base64"], intents.from_json(intent)) for name, intent in REAL_INTENTS.items()
    ]


def pack(
    instructions: list[Instruction],
    *,
    payer: Pubkey | None = None,
    budget: bool = True,
    blockhash: str = BLOCKHASH,
) -> str:
    """An unsigned transaction (base64) of these instructions, by default with the usual compute budget."""
    payer = payer or Pubkey.from_string(USER)
    first = (
        [
            native.SET_COMPUTE_UNIT_LIMIT.build({"units": 90_000}, {}),
            native.SET_COMPUTE_UNIT_PRICE.build({"micro_lamports": 200_000}, {}),
        ]
        if budget
        else []
    )
    message = Message.new_with_blockhash([*first, *instructions], payer, Hash.from_string(blockhash))
    signatures = [Signature.default()] * message.header.num_required_signatures
    return base64.b64encode(bytes(VersionedTransaction.populate(message, signatures))).decode()


def create_token(**changes: Any) -> Case:
    """USDC → SOL with price bounds and a start, the wallet's token account created if missing."""
    fields: dict[str, Any] = {
        "user": USER,
        "input_mint": USDC,
        "output_mint": WSOL,
        "amount_raw": 500_000_007,
        "number_of_orders": 10,
        "interval_s": 86_400,
        "min_out_raw": 250_000_000,
        "max_out_raw": 333_333_333,
        "min_price": "150",
        "max_price": "200",
        "start_at": INDEX + 3600,
    }
    intent = intents.CreateOrder(**(fields | changes))
    user = Pubkey.from_string(USER)
    order = programs.dca_order(user, ids.USDC_MINT, ids.WSOL_MINT, INDEX)
    cast = programs.cast(
        program=ids.DCA, user=user, order=order, input_mint=ids.USDC_MINT, output_mint=ids.WSOL_MINT
    )
    args = {
        "application_idx": INDEX,
        "in_amount": intent.amount_raw,
        "in_amount_per_cycle": intent.amount_raw // intent.number_of_orders,
        "cycle_frequency": intent.interval_s,
        "min_out_amount": intent.min_out_raw,
        "max_out_amount": intent.max_out_raw,
        "start_at": intent.start_at,
    }
    packed = pack([build.creation(user, user, ids.USDC_MINT), jupiter.OPEN_DCA_V2.build(args, cast)])
    return Case("time-create-token", packed, intent)


def price_cast(input_mint: Pubkey, output_mint: Pubkey, side: str = "In") -> dict[str, Pubkey]:
    user = Pubkey.from_string(USER)
    order = programs.va_order(user, input_mint, output_mint, INDEX)
    return programs.cast(
        program=ids.VA, user=user, order=order, input_mint=input_mint, output_mint=output_mint, side=side
    )


def wrap(lamports: int, account: Pubkey | None = None) -> list[Instruction]:
    user = Pubkey.from_string(USER)
    account = account or programs.ata(user, ids.WSOL_MINT)
    return [
        build.creation(user, user, ids.WSOL_MINT),
        native.TRANSFER_SOL.build({"lamports": lamports}, {"from": user, "to": account}),
        native.SYNC_NATIVE.build({}, {"account": account}),
    ]


def close_wrapped(destination: Pubkey | None = None) -> Instruction:
    user = Pubkey.from_string(USER)
    account = programs.ata(user, ids.WSOL_MINT)
    return native.CLOSE_ACCOUNT.build(
        {}, {"account": account, "destination": destination or user, "owner": user}
    )


def deposit_sol(amount: int = 750_000_000) -> Case:
    """A price order that sells SOL, topped up out of native SOL."""
    cast = price_cast(ids.WSOL_MINT, ids.USDC_MINT)
    packed = pack([*wrap(amount), jupiter.DEPOSIT_VA.build({"amount": amount}, cast), close_wrapped()])
    intent = intents.Deposit(
        user=USER,
        order=str(cast[programs.Role.ORDER]),
        input_mint=WSOL,
        output_mint=USDC,
        amount_raw=amount,
        order_index=INDEX,
    )
    return Case("price-deposit-sol", packed, intent)


def withdraw(side: orders.Side, amount: int | None, *, output_sol: bool = True) -> Case:
    mints = (ids.USDC_MINT, ids.WSOL_MINT) if output_sol else (ids.WSOL_MINT, ids.USDC_MINT)
    cast = price_cast(*mints, side.value)
    accounts = {
        role: key for role, key in cast.items() if not (output_sol and role == programs.Role.USER_OUTPUT)
    }
    packed = pack([jupiter.WITHDRAW_VA.build({"amount": amount, "withdrawal": side.value}, accounts)])
    intent = intents.Withdraw(
        user=USER,
        order=str(cast[programs.Role.ORDER]),
        input_mint=str(mints[0]),
        output_mint=str(mints[1]),
        amount_raw=amount,
        side=side,
        order_index=INDEX,
    )
    name = f"price-withdraw-{side.value.lower()}-{'sol' if output_sol else 'usdc'}-{amount or 'all'}"
    return Case(name, packed, intent)


def close_va(keys: list[Pubkey]) -> Instruction:
    """The closing of a price order as one may imagine it: nobody outside knows the real account list."""
    user = Pubkey.from_string(USER)
    fixed = {ids.SYSTEM, ids.TOKEN, ids.ATA, ids.VA, ids.VA_EVENT_AUTHORITY, ids.WSOL_MINT, ids.USDC_MINT}
    metas = [AccountMeta(key, is_signer=key == user, is_writable=key not in fixed) for key in keys]
    return Instruction(ids.VA, jupiter.CLOSE_VA.encode(), metas)


def price_cancel() -> Case:
    """Both sides are withdrawn, then the order is closed."""
    role = programs.Role
    cast = price_cast(ids.USDC_MINT, ids.WSOL_MINT)
    instructions = []
    for side in ("In", "Out"):
        accounts = price_cast(ids.USDC_MINT, ids.WSOL_MINT, side)
        del accounts[role.USER_OUTPUT]
        instructions.append(jupiter.WITHDRAW_VA.build({"amount": None, "withdrawal": side}, accounts))
    keys = [role.USER, role.ORDER, role.ORDER_INPUT, role.ORDER_OUTPUT, role.TOKEN, role.EVENT_AUTHORITY]
    instructions.append(close_va([cast[key] for key in (*keys, role.PROGRAM)]))
    intent = intents.CancelOrder(
        family=orders.Family.PRICE,
        user=USER,
        order=str(cast[role.ORDER]),
        input_mint=USDC,
        output_mint=WSOL,
        order_index=INDEX,
    )
    return Case("price-cancel", pack(instructions), intent)


def ours() -> list[Case]:
    """Send and Unwrap as `build` makes them."""
    to = str(STRANGER)
    sol = intents.Send(user=USER, to=to, amount_raw=1_500_000_000)
    token = intents.Send(user=USER, to=to, amount_raw=25_000_000, mint=USDC, decimals=6)
    unwrap = intents.Unwrap(user=USER)
    return [
        Case("send-sol", build.send(sol, BLOCKHASH, create_account=False), sol),
        Case("send-token", build.send(token, BLOCKHASH, create_account=False), token),
        Case("send-token-new", build.send(token, BLOCKHASH, create_account=True), token),
        Case("unwrap", build.unwrap(unwrap, BLOCKHASH), unwrap),
    ]


def crafted() -> list[Case]:
    return [
        create_token(),
        deposit_sol(),
        withdraw(orders.Side.IN, None),
        withdraw(orders.Side.IN, 40_000_000, output_sol=False),
        withdraw(orders.Side.OUT, None),
        withdraw(orders.Side.OUT, 10_000_000, output_sol=False),
        price_cancel(),
        *ours(),
    ]


def every() -> list[Case]:
    return real() + crafted()


_LIMITS = intents.Limits()


def refusal(
    transaction: str,
    intent: intents.Intent,
    limits: intents.Limits = _LIMITS,
    now: datetime | None = None,
) -> errors.TransactionMismatch:
    """The policy's refusal of a transaction that it must refuse."""
    with pytest.raises(errors.TransactionMismatch) as caught:
        policy.check(transaction, intent, limits, now=now)
    return caught.value
