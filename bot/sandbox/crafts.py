"""What was handed out to be signed, and what comes back signed."""

import asyncio
import base64
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from solders.instruction import Instruction
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from bot.sandbox import crafting, failures, lies, messages, rpcparams, rpcsend
from bot.sandbox.chain import Chain, Landed
from bot.sandbox.faults import Faults
from bot.sandbox.service import Json, Refusal

GUESSED_UNITS = 11_289
"""Compute limit when trying it out fails: too low, as the service's is for an unfunded wallet."""
CONFIRMATION_WAIT_S = 2.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class HandedOut:
    message: str
    """Base64 of the message that was handed out."""
    order: str
    height: int


class Crafts:
    """`execute` accepts the very message that was handed out under a request id, and no other."""

    def __init__(
        self, chain: Chain, faults: Faults, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._chain = chain
        self._faults = faults
        self._sleep = sleep
        self._handed_out = {key: HandedOut(**kept) for key, kept in chain.store.load("crafts").items()}

    def craft(
        self, instructions: list[Instruction], user: Pubkey, mint: Pubkey, order: str, where: str
    ) -> tuple[str, str]:
        """Request id, and the unsigned transaction in base64; with whatever lie is due in it."""
        whole = crafting.with_budget(instructions, self._units(instructions, user))
        crafted = lies.Crafted(whole, user)
        for lie in self._faults.take_lies(lies.IN_TRANSACTIONS, where):
            crafted = lies.tell(lie, crafted, user, mint)
        blockhash, _ = self._chain.slots.latest("confirmed")
        transaction = messages.unsigned(crafted.instructions, crafted.payer, blockhash)
        request_id = str(uuid.uuid4())
        self._remember(request_id, transaction, order)
        return request_id, rpcsend.encode(transaction)

    async def execute(self, request_id: str, signed: str) -> Json:
        """Send it and wait a little for it to land. Raises Refusal when nothing was sent."""
        handed_out = self._handed_out.get(request_id)
        if handed_out is None:
            raise Refusal("Invalid request id")
        try:
            transaction = rpcsend.read_transaction(signed, {"encoding": "base64"})
        except rpcparams.RpcError as exc:
            raise Refusal(f"Failed to deserialize transaction: {exc}") from exc
        if _message(transaction) != handed_out.message:
            raise Refusal("Transaction does not match the one of this request")
        signature = str(transaction.signatures[0])
        landed = self._chain.landed.get(signature)
        if landed is None:
            try:
                landed = self._chain.submit(transaction)
            except failures.Dropped as dropped:
                return _outcome(signature, None, str(dropped))
        await self._confirmed(landed)
        if landed.err is not None:
            return _outcome(signature, None, failures.explain(landed.err))
        return _outcome(signature, handed_out.order, None)

    async def _confirmed(self, landed: Landed) -> None:
        waited = 0.0
        while self._chain.slots.commitment_of(landed.height) == "processed" and waited < CONFIRMATION_WAIT_S:
            await self._sleep(_POLL_S)
            waited += _POLL_S

    def _units(self, instructions: list[Instruction], user: Pubkey) -> int:
        blockhash, _ = self._chain.slots.latest()
        trial = messages.unsigned(crafting.with_budget(instructions, messages.MAX_UNITS), user, blockhash)
        done = self._chain.simulate(trial)
        return GUESSED_UNITS if done.err is not None else done.units * 6 // 5

    def _remember(self, request_id: str, transaction: VersionedTransaction, order: str) -> None:
        """For as long as its blockhash lives, and a while longer."""
        height = self._chain.slots.height()
        handed_out = HandedOut(_message(transaction), order, height)
        with self._chain.store.unit():
            for key, old in list(self._handed_out.items()):
                if old.height < height - 1_000:
                    del self._handed_out[key]
                    self._chain.store.drop("crafts", key)
            self._handed_out[request_id] = handed_out
            self._chain.store.put("crafts", request_id, asdict(handed_out))


def _message(transaction: VersionedTransaction) -> str:
    return base64.b64encode(to_bytes_versioned(transaction.message)).decode()


def _outcome(signature: str, order: str | None, error: str | None) -> Json:
    status = "Success" if error is None else "Failed"
    return {"signature": signature, "status": status, "order": order, "error": error}
