"""Recurring v1: the gateway. What it sends and how it reads is in `calls` and `orders`; here is the I/O."""

import logging
import re
from typing import Final

from bot import errors
from bot.domain import intents, orders
from bot.jupiter import answers, calls, transport
from bot.jupiter.orders import parse_orders
from bot.ports import Crafted, ExecuteAnswer, Priority

_LOG = logging.getLogger(__name__)
_MOST_TOLD: Final = 1_000
_WRONG_TYPE: Final = re.compile(r"invalid type|expected (a )?(string|u64|i64|integer|number)", re.IGNORECASE)


class JupiterRecurring:
    """The vendor's recurring orders, as ports.OrderGateway."""

    def __init__(self, connection: transport.JupiterTransport) -> None:
        self._connection = connection
        self._told: set[tuple[str, str]] = set()

    async def fetch_orders(
        self, owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
    ) -> orders.OrderPage:
        query = calls.build_list(owner, status, page)
        answer = await self._connection.get(calls.LIST, query, priority)
        read, problems = answers.read(
            answer, lambda body: parse_orders(body, owner, status, page), errors.OrderRejected
        )
        self._report(owner, problems, answer.request_id)
        return read

    async def craft(self, intent: intents.Intent) -> Crafted:
        call = calls.build_craft(intent)
        answer = await self._connection.craft(call.paths[0], call.body)
        for path in call.paths[1:]:
            if answer.status != 404:
                break
            later = await self._connection.craft(path, call.body)
            # The refusal that counts is the one under the present name.
            answer = answer if later.status == 404 else later
        if call.other_body is not None and answer.status in {400, 422} and _WRONG_TYPE.search(answer.words()):
            answer = await self._connection.craft(call.paths[0], call.other_body)
        return answers.read(answer, calls.parse_crafted, errors.OrderRejected)

    async def execute(self, request_id: str, signed: bytes) -> ExecuteAnswer:
        answer = await self._connection.execute(calls.EXECUTE, calls.build_execute(request_id, signed))
        executed = calls.parse_executed(answer.json())
        if not executed.success:
            _LOG.info("Execute says it failed: %s (request %s)", executed.error, answer.request_id)
        return executed

    def _report(self, owner: str, problems: list[str], request_id: str) -> None:
        """Say once what was left out: the same item is read again at every look at the wallet."""
        if len(self._told) > _MOST_TOLD:
            self._told.clear()
        for problem in problems:
            if (owner, problem) not in self._told:
                self._told.add((owner, problem))
                _LOG.warning(
                    "Left out of the orders of %s: %s (request %s)", owner, problem, request_id or "-"
                )
