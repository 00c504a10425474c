"""From a checked transaction to its settlement, over the chain's RPC."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from solders.pubkey import Pubkey

from bot import errors, ports, texts
from bot.domain import intents
from bot.solana import answers, build, inspect, policy, simulation
from bot.solana.chain import RpcChain

HEIGHT_MARGIN = 32
"""Blocks (about 15 s) that we wait longer than needed before a transaction is called dead."""
BLOCKHASH_LIFE = 150
"""Blocks that a blockhash lives."""
_LOOKS = 3
_PAUSE_S = 0.7

_log = logging.getLogger(__name__)

Setting = Literal["required", "preferred", "off"]


class RpcSubmitter:
    """Implements ports.Submitter."""

    def __init__(
        self,
        chain: RpcChain,
        *,
        simulate: Setting = "required",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._chain = chain
        self._simulate = simulate
        self._sleep = sleep

    async def build(self, intent: intents.Intent, limits: intents.Limits | None = None) -> str:
        """Our own unsigned transaction. Raises OrderRejected for a receiver that would lose it."""
        cap = limits.priority_fee_lamports if limits else None
        match intent:
            case intents.Unwrap():
                blockhash = await self._chain.fetch_blockhash()
                return build.unwrap(intent, blockhash.text, priority_cap=cap)
            case intents.Send():
                missing = await self._look_at_receiver(intent)
                blockhash = await self._chain.fetch_blockhash()
                return build.send(intent, blockhash.text, create_account=missing, priority_cap=cap)
        raise ValueError(f"Jupiter crafts {intent.kind}, not we")

    async def check(self, intent: intents.Intent, transaction: str, limits: intents.Limits) -> None:
        """The policy, a living blockhash, and the simulation as the settings require.

        Kinds that are never signed without simulation are simulated whatever the setting says.
        """
        checked = policy.check(transaction, intent, limits)
        slot = await self._find_living(checked.blockhash)
        required = self._simulate == "required" or simulation.required_for(intent)
        if self._simulate == "off" and not required:
            return
        try:
            await self._try_out(intent, transaction, limits, checked, slot)
        except (errors.GatewayUnavailable, errors.UnexpectedResponse) as exc:
            if required:
                raise
            _log.warning("signing without a simulation, which is preferred but failed: %s", exc)

    def describe(self, transaction: str) -> str:
        return inspect.describe(transaction)

    async def fetch_last_valid_height(self, blockhash: str) -> int:
        """A safe upper bound: of a newer blockhash, from a node that knows the older one, plus a margin.

        Where no node knows it (yet), it may be newer than all that we see: a whole life is added then.
        """
        alive, slot = await self._chain.fetch_blockhash_valid(blockhash)
        newest = await self._chain.fetch_blockhash(min_slot=slot)
        return newest.last_valid_height + HEIGHT_MARGIN + (0 if alive else BLOCKHASH_LIFE)

    async def send(self, signed: bytes) -> None:
        await self._chain.send(signed, skip_preflight=self._simulate != "off")

    async def fetch_status(
        self, signature: str, *, history: bool = False, min_slot: int = 0
    ) -> ports.SignatureStatus | None:
        return await self._chain.fetch_status(signature, history=history, min_slot=min_slot)

    async def fetch_finalized(self) -> ports.Finalized:
        return await self._chain.fetch_finalized()

    async def _try_out(
        self,
        intent: intents.Intent,
        transaction: str,
        limits: intents.Limits,
        checked: policy.Checked,
        slot: int,
    ) -> None:
        """Simulate, and hold the accounts before against those after.

        What else happens to them in between, by another action of the same wallet or a fill, would look like
        this transaction's doing: so a refusal counts only if it is the same without that.
        """
        keys = simulation.watch(intent, checked).keys
        before = await self._chain.fetch_accounts(keys, slot)
        for looks_left in reversed(range(_LOOKS)):
            after = await self._chain.simulate(transaction, keys, before.slot)
            try:
                return simulation.evaluate(intent, limits, checked, before, after)
            except errors.TransactionMismatch as refusal:
                now = await self._look_again(keys, after.slot, refusal)
                if now.accounts == before.accounts or not looks_left:
                    raise
                before = now
        raise AssertionError  # the last look returned or raised

    async def _look_again(
        self, keys: list[Pubkey], slot: int, refusal: errors.TransactionMismatch
    ) -> answers.Snapshot:
        """Without an answer the refusal stands: it must not pass for a simulation that was not made."""
        try:
            return await self._chain.fetch_accounts(keys, slot)
        except (errors.GatewayUnavailable, errors.UnexpectedResponse) as exc:
            raise refusal from exc

    async def _find_living(self, blockhash: str) -> int:
        """The slot at which the blockhash is known to be alive; a node that lags gets a few seconds."""
        for look in range(_LOOKS):
            alive, slot = await self._chain.fetch_blockhash_valid(blockhash)
            if alive:
                return slot
            if look < _LOOKS - 1:
                await self._sleep(_PAUSE_S)
        raise errors.OrderRejected(texts.TOO_OLD_TO_SIGN)

    async def _look_at_receiver(self, intent: intents.Send) -> bool:
        """Whether the receiver's token account has to be created.

        What is no wallet is refused as the receiver: nobody could ever spend from there. So is a wallet whose
        account for this token somebody else may spend from.
        """
        if not await self._chain.is_wallet(intent.to):
            raise errors.OrderRejected(texts.RECEIVER_IS_PROGRAM)
        if intent.mint is None:
            return False
        spender = await self._chain.find_spender(intent.to, intent.mint)
        if spender not in (None, intent.to):
            raise errors.OrderRejected(texts.SEND_TO_GIVEN_AWAY.format(spender=spender))
        return spender is None
