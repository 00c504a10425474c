"""From signed to settled: hand the bytes in, and look at the chain until it has decided.

Only the chain settles. What `/execute` answers changes a sentence, never a state. The same bytes are handed
to our own RPC as well while the chain does not know them, whichever way was chosen: a transaction happens
once however often it is sent, so resending costs nothing and saves what a lost request would have lost.
Nothing here ever builds a second transaction.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from bot import errors, ports
from bot.domain import actions
from bot.domain.actions import State
from bot.services import outcomes

_LOG = logging.getLogger(__name__)

JUST_SIGNED: Final = timedelta(seconds=5)
"""Younger ones have surely not been sent yet; for older ones (a restart) the chain is asked first."""
RESEND_EVERY: Final = timedelta(seconds=3)


class Settling:
    def __init__(
        self,
        *,
        store: ports.ActionStore,
        gateway: ports.OrderGateway,
        submitter: ports.Submitter,
        clock: ports.Clock,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._submitter = submitter
        self._clock = clock
        self._sent_at: dict[int, datetime] = {}

    async def step(self, action: actions.Action) -> actions.Action:
        """One look or one sending; durable when it returns. Unchanged = undecided: call again after a pause.

        Raises GatewayUnavailable and UnexpectedResponse: nothing is known now, call again after a pause.
        """
        # A clock that was set back must not make it look just signed for hours.
        age = self._clock.now() - action.updated_at
        if action.state is State.SIGNED and timedelta(0) <= age < JUST_SIGNED:
            return await self._submit(action)
        after = await self._look(action)
        if after.state is State.SIGNED:
            after = await self._submit(after)
        if after.final:
            self._sent_at.pop(action.id, None)
        return after

    async def _submit(self, action: actions.Action) -> actions.Action:
        """Hand the bytes in by the confirmed way. Raises GatewayUnavailable if surely nothing was sent."""
        raw = _signed(action).raw
        note = ""
        try:
            if action.submit_via == "jupiter" and action.request_id is not None:
                answer = await self._gateway.execute(action.request_id, raw)
                note = "" if answer.success else outcomes.JUPITER_SAYS_NO
            else:
                await self._submitter.send(raw)
        except errors.GatewayUnavailable:
            raise
        except errors.GatewayError as exc:
            _LOG.info("action %d: the outcome of sending is unknown: %s", action.id, exc)
            note = outcomes.UNCLEAR
        else:
            # Otherwise the next look sends again at once: nobody may have received anything.
            self._sent_at[action.id] = self._clock.now()
        return await self._store.advance(action, State.SUBMITTED, self._clock.now(), detail=note)

    async def _look(self, action: actions.Action) -> actions.Action:
        signature = _signed(action).signature
        status = await self._submitter.fetch_status(signature)
        if status is None:
            finalized = await self._submitter.fetch_finalized()
            if finalized.height <= (action.last_valid_height or 0):
                await self._resend(action)
                return action
            # No block can take it any more; the one question left is whether an old one did, and only a
            # node that has seen the newest of those blocks can answer it.
            status = await self._submitter.fetch_status(signature, history=True, min_slot=finalized.slot)
            if status is None:
                return await self._end(action, State.LAPSED, outcomes.LAPSED)
        if not status.confirmed or (status.error is not None and not status.finalized):
            # A failure permits another attempt, so it has to be one that no fork can undo.
            return action
        if status.error is not None:
            return await self._end(action, State.FAILED, outcomes.failed(status.error))
        return await self._end(action, State.LANDED, outcomes.landed(action.intent))

    async def _resend(self, action: actions.Action) -> None:
        now = self._clock.now()
        sent_at = self._sent_at.get(action.id)
        if sent_at is not None and now - sent_at < RESEND_EVERY:
            return
        self._sent_at[action.id] = now
        try:
            await self._submitter.send(_signed(action).raw)
        except errors.GatewayError as exc:
            _LOG.debug("action %d was not sent again: %s", action.id, exc)

    async def _end(self, action: actions.Action, state: State, detail: str) -> actions.Action:
        _LOG.info("action %d (%s) ends as %s", action.id, action.intent.kind, state)
        return await self._store.advance(action, state, self._clock.now(), detail=detail)


def _signed(action: actions.Action) -> actions.Signed:
    if action.signed is None:
        raise errors.StorageError(f"Action {action.id} is {action.state} without its signed bytes.")
    return action.signed
