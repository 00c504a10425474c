"""From confirmed to signed: look at the wallet, have the transaction built, check it, sign it, record it.

Nothing leaves the process here, so every step may be repeated from its beginning: a transaction that was
signed but not recorded as such is forgotten, and nobody has ever seen it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports, texts
from bot.domain import actions, intents, wallets
from bot.domain.actions import State
from bot.services import funds, outcomes
from bot.services.operators import Operators, Topic
from bot.services.tokens import Tokens

_LOG = logging.getLogger(__name__)

PATIENCE: Final = timedelta(minutes=2)
"""What is not signed this long after the tap is given up: the person has stopped waiting for it."""
DRAFT_LASTS: Final = timedelta(seconds=25)
"""A blockhash lives 60 to 80 seconds; an older draft is built anew, so that there is time left to land."""


@dataclass(frozen=True, slots=True)
class _Draft:
    transaction: str
    request_id: str | None
    built_at: datetime


class Crafting:
    def __init__(
        self,
        *,
        store: ports.ActionStore,
        wallets: ports.WalletStore,
        chain: ports.Chain,
        gateway: ports.OrderGateway,
        submitter: ports.Submitter,
        signer: ports.Signer,
        tokens: Tokens,
        operators: Operators,
        clock: ports.Clock,
        order_clock: ports.Clock,
        fee_limit: int,
    ) -> None:
        """`fee_limit` in lamports: the most that the operator lets anybody pay as a priority fee."""
        self._store = store
        self._wallets = wallets
        self._chain = chain
        self._gateway = gateway
        self._submitter = submitter
        self._signer = signer
        self._tokens = tokens
        self._operators = operators
        self._clock = clock
        self._order_clock = order_clock
        self._fee_limit = fee_limit
        self._drafts: dict[int, _Draft] = {}
        self._reasons: dict[int, str] = {}

    async def step(self, action: actions.Action) -> actions.Action:
        """One step on from CONFIRMED or CRAFTED; durable when it returns.

        Raises GatewayUnavailable and UnexpectedResponse: nothing happened, call again after a pause.
        """
        try:
            after = await self._advance(action)
        except (errors.GatewayUnavailable, errors.UnexpectedResponse) as exc:
            self._reasons[action.id] = exc.message
            raise
        except errors.FeeAboveCap as exc:
            after = await self._end_above_cap(action, exc)
        except errors.TransactionMismatch as exc:
            await self._tell_mismatch(action, exc)
            after = await self._end(action, State.REFUSED, await self._explain(action.intent, exc))
        except errors.SigningError as exc:
            text = texts.NOT_SIGNED.format(action=action.id, person=action.user_id, why=exc.message)
            subject = f"{action.user_id}:{action.intent.user}"
            await self._operators.report(Topic.VAULT, text, subject=subject, occurrence=str(action.id))
            after = await self._end(action, State.REFUSED, outcomes.UNREADABLE_KEY)
        except (errors.UserError, errors.GatewayError) as exc:
            after = await self._end(action, State.REJECTED, outcomes.rejected(exc))
        if after.state is not State.CRAFTED:
            self._drafts.pop(action.id, None)
            self._reasons.pop(action.id, None)
        return after

    async def _advance(self, action: actions.Action) -> actions.Action:
        if abs(self._clock.now() - action.created_at) > PATIENCE:
            reason = self._reasons.get(action.id)
            detail = outcomes.unanswered(reason) if reason else outcomes.RESTARTED
            return await self._end(action, State.REJECTED, detail)
        wallet = await self._wallets.find_by_pubkey(action.user_id, action.intent.user)
        if wallet is None or not wallet.owned:
            return await self._end(action, State.REJECTED, outcomes.NO_WALLET)
        if action.state is State.CONFIRMED:
            await self._check_funds(action)
            draft = await self._build(action)
            return await self._store.advance(
                action, State.CRAFTED, self._clock.now(), request_id=draft.request_id
            )
        return await self._sign(action, wallet)

    async def _check_funds(self, action: actions.Action) -> None:
        holdings = await self._chain.fetch_holdings(action.intent.user)
        mint = funds.needs_of(action.intent, action.limits).mint
        known = await self._tokens.list_known([mint] if mint else [])
        funds.check(action.intent, action.limits, holdings, known.get(mint or ""))

    async def _build(self, action: actions.Action) -> _Draft:
        intent = action.intent
        if isinstance(intent, intents.Send | intents.Unwrap):
            transaction = await self._submitter.build(intent, action.limits)
            draft = _Draft(transaction, None, self._clock.now())
        else:
            crafted = await self._gateway.craft(intent)
            draft = _Draft(crafted.transaction, crafted.request_id, self._clock.now())
        self._drafts[action.id] = draft
        return draft

    async def _sign(self, action: actions.Action, wallet: wallets.Wallet) -> actions.Action:
        draft = self._drafts.get(action.id)
        if draft is None or self._clock.now() - draft.built_at > DRAFT_LASTS:
            # A restart lost it, or the checks took too long.
            draft = await self._build(action)
        try:
            await self._submitter.check(action.intent, draft.transaction, action.limits)
        except errors.OrderRejected as exc:
            return await self._end(action, State.REFUSED, outcomes.rejected(exc))
        signed = self._signer.sign(
            wallet, action.intent, draft.transaction, action.limits, now=self._order_clock.now()
        )
        height = await self._submitter.fetch_last_valid_height(signed.blockhash)
        text = texts.NOT_REFUSED.format(action=action.id, kind=action.intent.kind)
        await self._operators.report_over(Topic.REFUSED, text, subject=action.intent.kind)
        return await self._store.advance(
            action,
            State.SIGNED,
            self._clock.now(),
            request_id=draft.request_id,
            signed=signed,
            last_valid_height=height,
        )

    async def _end(self, action: actions.Action, state: State, detail: str) -> actions.Action:
        _LOG.info("action %d (%s) ends as %s: %s", action.id, action.intent.kind, state, detail)
        return await self._store.advance(action, state, self._clock.now(), detail=detail)

    async def _end_above_cap(self, action: actions.Action, exc: errors.FeeAboveCap) -> actions.Action:
        """A person's own low cap is no attack: the operator hears only of what is above theirs, too."""
        usual = exc.fee_lamports <= self._fee_limit
        if not usual:
            await self._tell_mismatch(action, exc)
        detail = outcomes.fee_above_cap(exc.fee_lamports, exc.cap_lamports, can_be_raised=usual)
        return await self._end(action, State.REJECTED if usual else State.REFUSED, detail)

    async def _explain(self, intent: intents.Intent, exc: errors.TransactionMismatch) -> str:
        if isinstance(exc, errors.OtherBounds) and isinstance(intent, intents.CreateOrder):
            known = await self._tokens.list_known([intent.output_mint])
            return outcomes.other_bounds(exc, known.get(intent.output_mint))
        return outcomes.mismatch(intent)

    async def _tell_mismatch(self, action: actions.Action, exc: errors.TransactionMismatch) -> None:
        where = exc.rule or "?"
        if exc.instruction is not None:
            where = texts.REFUSED_AT.format(rule=where, instruction=exc.instruction)
        text = texts.REFUSED.format(
            action=action.id, kind=action.intent.kind, person=action.user_id, rule=where, why=exc.reason
        )
        draft = self._drafts.get(action.id)
        if draft is not None:
            text += f"\n{self._submitter.describe(draft.transaction)}"
        subject, occurrence = action.intent.kind, str(action.id)
        await self._operators.report(Topic.REFUSED, text, subject=subject, occurrence=occurrence)
