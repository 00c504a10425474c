"""The chain: what gets into a block, with heights, a blockhash window and replay protection of our own.

Signatures, fees, rent, balances and the native programs are real; DCA and VA are emulated (see lowering).
A transaction lands at once or never; what landed is durable when `submit` returns.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from bot.sandbox import failures, ledger, lowering, messages, orderstate, steps
from bot.sandbox.ordertime import OrderTime
from bot.sandbox.slots import Slots
from bot.sandbox.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A transaction in a block."""

    signature: str
    user: str
    """Who paid the fee."""
    kind: str
    height: int
    at: float
    """Order time."""
    fee: int
    err: failures.Err | None
    logs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Simulated:
    err: failures.Err | None
    logs: list[str]
    units: int
    after: dict[Pubkey, Account | None]
    """Accounts that the transaction changes, as it leaves them."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    lowered: lowering.Lowered
    runnable: VersionedTransaction
    """What LiteSVM is given to run."""
    payer: Pubkey
    lent: int
    """Fees for addresses that sign without a signature: they must not cost the payer anything."""


Listener = Callable[[Landed, Sequence[orderstate.Effect]], None]


class Chain:
    def __init__(self, store: Store, slots: Slots, time: OrderTime) -> None:
        self.slots = slots
        self.time = time
        self.store = store
        self.ledger = ledger.Ledger(store)
        self.landed = {key: Landed(**kept) for key, kept in store.load("transactions").items()}
        self.listeners: list[Listener] = []
        """Told about each transaction that succeeded, before it is durable, in the same unit."""

    def account(self, address: Pubkey) -> Account | None:
        return self.ledger.account(address)

    def lamports(self, address: Pubkey) -> int:
        account = self.account(address)
        return 0 if account is None else account.lamports

    def tokens(self, token_account: Pubkey) -> int:
        return orderstate.balance(self.account(token_account))

    def wallets(self) -> set[str]:
        """Addresses that ever paid for a transaction."""
        return {landed.user for landed in self.landed.values()}

    def order(self, address: Pubkey) -> orderstate.State | None:
        """The order in an account, if there is one."""
        account = self.account(address)
        try:
            return None if account is None else orderstate.parse(account)
        except ValueError:
            return None

    def submit(
        self,
        transaction: VersionedTransaction,
        *,
        kind: str = "",
        authorities: Collection[Pubkey] = (),
        effects: Sequence[orderstate.Effect] = (),
    ) -> Landed:
        """Put a transaction into the next block. Raises Dropped when it cannot get into any.

        `authorities` are programs' own addresses that need no signature, `effects` what becomes of orders
        besides; both are for the keeper.
        """
        if messages.badly_signed(transaction, authorities):
            raise failures.Dropped("SignatureFailure")
        prepared = self._prepare(transaction, authorities)
        lowered = prepared.lowered
        with self.store.unit():
            self.ledger.lend(prepared.payer, prepared.lent)
            result = self.ledger.run(prepared.runnable)
            if not failures.lands(result):
                self.ledger.lend(prepared.payer, -prepared.lent)
                self.ledger.keep(prepared.payer)
                assert isinstance(result, FailedTransactionMetadata)
                raise failures.Dropped(*self._why(result, lowered))
            if isinstance(result, FailedTransactionMetadata):
                meta, changed = result.meta(), []
                err, logs = self._why(result, lowered)
            else:
                meta, changed = result, [*lowered.effects.values(), *effects]
                err, logs = None, result.logs()
            landed = Landed(
                signature=str(transaction.signatures[0]),
                user=str(prepared.payer),
                kind=kind or lowered.kind or messages.kind_of(transaction.message),
                height=self.slots.height(),
                at=self.time.now(),
                fee=meta.fee() - prepared.lent,
                err=err,
                logs=logs,
            )
            for effect in changed:
                self.amend(effect)
            self.landed[landed.signature] = landed
            self.store.put("transactions", landed.signature, asdict(landed))
            self.time.keep()
            for listener in self.listeners if err is None else ():
                listener(landed, changed)
        return landed

    def execute(
        self,
        instructions: Sequence[Instruction],
        payer: Keypair,
        *,
        kind: str,
        authorities: Collection[Pubkey] = (),
        effects: Sequence[orderstate.Effect] = (),
    ) -> Landed:
        """Sign and submit on behalf of the sandbox itself; a failure is a bug and raises RuntimeError."""
        blockhash, _ = self.slots.latest()
        bare = messages.unsigned(instructions, payer.pubkey(), blockhash)
        landed = self.submit(messages.sign(bare, payer), kind=kind, authorities=authorities, effects=effects)
        if landed.err is not None:
            raise RuntimeError(f"{kind} failed: {landed.err} {landed.logs[-3:]}")
        return landed

    def amend(self, effect: orderstate.Effect) -> None:
        """Write an order account without any transaction: what passes in it by time alone."""
        for address, account in _leaves(effect, self.account).items():
            self.ledger.put(address, account)

    def simulate(
        self, transaction: VersionedTransaction, *, verify: bool = False, any_blockhash: bool = False
    ) -> Simulated:
        """What submitting would do. Errors that would drop the transaction are answered like the others."""
        if verify and messages.badly_signed(transaction):
            return Simulated("SignatureFailure", [], 0, {})
        try:
            prepared = self._prepare(transaction, (), any_blockhash=any_blockhash)
        except failures.Dropped as dropped:
            return Simulated(dropped.err, dropped.logs, 0, {})
        self.ledger.lend(prepared.payer, prepared.lent)
        result = self.ledger.simulate(prepared.runnable)
        self.ledger.lend(prepared.payer, -prepared.lent)
        if isinstance(result, FailedTransactionMetadata):
            err, logs = self._why(result, prepared.lowered)
            return Simulated(err, logs, result.meta().compute_units_consumed(), {})
        after: dict[Pubkey, Account | None] = {
            key: account if account.lamports else None for key, account in result.post_accounts()
        }
        for effect in prepared.lowered.effects.values():
            after.update(_leaves(effect, after.get))
        return Simulated(None, result.meta().logs(), result.meta().compute_units_consumed(), after)

    def _prepare(
        self,
        transaction: VersionedTransaction,
        authorities: Collection[Pubkey],
        *,
        any_blockhash: bool = False,
    ) -> _Prepared:
        """Everything that is checked before a transaction is run. Raises Dropped."""
        message, signature = transaction.message, transaction.signatures[0]
        if not isinstance(message, (Message, MessageV0)):
            raise failures.Dropped("UnsupportedVersion")
        if getattr(message, "address_table_lookups", None):
            raise failures.Dropped("AddressLookupTableNotFound")
        if str(signature) in self.landed and signature != Signature.default():
            raise failures.Dropped("AlreadyProcessed")
        if not any_blockhash and not self.slots.valid(message.recent_blockhash):
            raise failures.Dropped("BlockhashNotFound")
        payer = message.account_keys[0]
        if self.account(payer) is None:
            raise failures.Dropped("AccountNotFound")
        try:
            instructions = messages.decompile(message)
        except IndexError as exc:
            raise failures.Dropped("SanitizeFailure") from exc
        lowered = lowering.lower(instructions, self.account, int(self.time.now()))
        runnable = transaction
        if lowered.kind or lowered.refusal:
            replaced = messages.unsigned(lowered.instructions, payer, message.recent_blockhash)
            signatures = [signature, *replaced.signatures[1:]]
            runnable = VersionedTransaction.populate(replaced.message, signatures)
        signers = runnable.message.account_keys[: runnable.message.header.num_required_signatures]
        free = {*lowered.authorities, *authorities}
        lent = messages.LAMPORTS_PER_SIGNATURE * sum(key in free for key in signers)
        return _Prepared(lowered, runnable, payer, lent)

    def _why(
        self, result: FailedTransactionMetadata, lowered: lowering.Lowered
    ) -> tuple[failures.Err, list[str]]:
        err, logs = failures.of(result, lowered.origin), list(result.meta().logs())
        refusal = lowered.refusal
        if refusal and isinstance(err, dict) and err.get("InstructionError", [None])[0] == lowered.refused_at:
            err = {"InstructionError": [lowered.refused_at, {"Custom": refusal.code}]}
            logs[-2:] = [
                f"Program log: AnchorError occurred. Error Number: {refusal.code}. Error Message: {refusal}.",
                f"Program failed: custom program error: {refusal.code:#x}",
            ]
        return err, logs


def _leaves(
    effect: orderstate.Effect, read: Callable[[Pubkey], Account | None]
) -> Mapping[Pubkey, Account | None]:
    """The accounts that an effect writes, as it leaves them."""
    account = read(effect.order)
    lamports = account.lamports if account else steps.rent(effect.state.SIZE)
    if not effect.closed:
        owner = orderstate.program_of(effect.state)
        return {effect.order: Account(lamports, effect.state.build(), owner)}
    user = read(effect.state.user) or ledger.NOTHING
    return {effect.order: None, effect.state.user: ledger.with_lamports(user, user.lamports + lamports)}
