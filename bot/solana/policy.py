"""The signing policy: a transaction is what the person confirmed, in every byte that matters, or is refused.

Pure: no I/O, and no knowledge of any API's answer. Deny by default: every instruction, account and flag must
be explained by the confirmed intent. A refusal names its rule:

    G1–G3, G5  the bytes themselves (see transactions)     G10  tokens: only what the kind needs
    G4   one signer: the person's wallet, which pays        G11  creations of token accounts
    G6   a blockhash; no durable nonce                      G12  closing of the wrapped-SOL account
    G7   no program without a part                          G13  no memos
    G8   compute budget, and the priority fee's bound       G14  every account and flag is explained
    G9   System transfers: only what the kind needs         G15  order and number of instructions
    G16  arguments and accounts are the confirmed ones      G17  the order derives from its proven index
    G18  rent within the bound that the card showed

What no offline check can know – balances, and an account list that is not public – is left to the
simulation, see `simulation.required_for`.
"""

from dataclasses import dataclass
from datetime import datetime

from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from bot import errors
from bot.domain import intents, orders
from bot.solana import kinds, sequence, transactions
from bot.solana.programs import ids

_NO_BLOCKHASH = str(Hash.default())


@dataclass(frozen=True, slots=True)
class Checked:
    """A transaction that passed: the only thing that may be signed."""

    decoded: transactions.Decoded
    order: str | None
    """Address of the order that a create opens, derived from its arguments."""
    priority_fee_lamports: int

    @property
    def message_bytes(self) -> bytes:
        """What to sign."""
        return self.decoded.message_bytes

    @property
    def blockhash(self) -> str:
        return self.decoded.blockhash

    def attach(self, signature: bytes) -> bytes:
        """The signed transaction. Raises SigningError unless it is the user's signature of this message."""
        checked = Signature.from_bytes(signature)
        if not checked.verify(self.decoded.keys[0], self.message_bytes):
            raise errors.SigningError("The signature does not belong to this wallet. Nothing was signed.")
        return bytes(VersionedTransaction.populate(self.decoded.transaction.message, [checked]))


def check(
    transaction: str, intent: intents.Intent, limits: intents.Limits, *, now: datetime | None = None
) -> Checked:
    """Hold an unsigned transaction (base64) against what was confirmed.

    `now` is order time, for the age of a create's index; None leaves the age unjudged (when inspecting).
    Raises TransactionMismatch; then nothing may be signed.
    """
    decoded = transactions.decode(transaction)
    user = Pubkey.from_string(intent.user)
    _envelope(decoded, user)
    walk = sequence.Sequence(decoded, _core_programs(intent))
    fee = walk.budget(limits.priority_fee_lamports)
    explained = _walk(walk, intent, now)
    walk.end()
    _flags(decoded, explained)
    if limits.rent_lamports is not None and explained.rent > limits.rent_lamports:
        raise sequence.refuse(
            f"rent of up to {explained.rent} lamports, at most {limits.rent_lamports} were confirmed", "G18"
        )
    return Checked(decoded, str(explained.order) if explained.order else None, fee)


def _envelope(decoded: transactions.Decoded, user: Pubkey) -> None:
    if decoded.keys[0] != user:
        raise sequence.refuse(f"the fee payer is {decoded.keys[0]}, must be {user}", "G4")
    if decoded.signers != 1:
        others = ", ".join(str(key) for key in decoded.keys[1 : decoded.signers])
        raise sequence.refuse(f"more signers than the wallet: {others}", "G4")
    if decoded.transaction.signatures[0] != Signature.default():
        raise sequence.refuse("the wallet's signature slot is not empty", "G4")
    if decoded.blockhash == _NO_BLOCKHASH:
        raise sequence.refuse("no blockhash", "G6")
    for instruction in decoded.instructions:
        if instruction.program == ids.SYSTEM and instruction.data[:4] == b"\4\0\0\0":
            raise sequence.refuse("a durable nonce never expires", "G6", instruction)


def _core_programs(intent: intents.Intent) -> frozenset[Pubkey]:
    match intent:
        case intents.CreateOrder():
            return frozenset({ids.DCA})
        case intents.CancelOrder():
            return frozenset({ids.DCA if intent.family is orders.Family.TIME else ids.VA})
        case intents.Deposit() | intents.Withdraw():
            return frozenset({ids.VA})
    return frozenset()


def _walk(walk: sequence.Sequence, intent: intents.Intent, now: datetime | None) -> kinds.Explained:
    match intent:
        case intents.CreateOrder():
            return kinds.time_create(walk, intent, now)
        case intents.CancelOrder():
            if intent.family is orders.Family.TIME:
                return kinds.time_cancel(walk, intent)
            return kinds.price_cancel(walk, intent)
        case intents.Deposit():
            return kinds.price_deposit(walk, intent)
        case intents.Withdraw():
            return kinds.price_withdraw(walk, intent)
        case intents.Send():
            return kinds.send(walk, intent)
        case intents.Unwrap():
            return kinds.unwrap(walk, intent)


def _flags(decoded: transactions.Decoded, explained: kinds.Explained) -> None:
    """Every account is used, and writable exactly where a layout says so (G14)."""
    user = decoded.keys[0]
    used, writable = {user}, {user}
    for instruction in decoded.instructions:
        used.add(instruction.program)
        used.update(instruction.keys)
        slots = (instruction.layout.slots if instruction.layout else None) or ()
        for account, slot in zip(instruction.accounts, slots, strict=False):
            if slot.writable:
                writable.add(account.key)
    for key in decoded.keys:
        if key not in used:
            raise sequence.refuse(f"{key} is listed, but nothing uses it", "G14")
        if key in decoded.writable:
            if key not in explained.writable:
                raise sequence.refuse(f"{key} may be changed, and nobody confirmed that", "G14")
            if key not in writable and key not in explained.loose:
                raise sequence.refuse(f"{key} may be changed, and nothing needs that", "G14")
        elif key in writable:
            raise sequence.refuse(f"{key} is read only, though it must change", "G14")
