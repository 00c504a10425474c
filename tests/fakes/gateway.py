"""Jupiter in memory: orders in pages of ten, crafts and execute on a Ledger, tokens and prices."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot import ports
from bot.domain import amounts, intents, orders
from bot.ports import Priority
from tests.fakes.chain import Ledger
from tests.fakes.faults import Faults

PAGE = 10


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Answers that are made and do not arrive yet."""

    made: asyncio.Event = field(default_factory=asyncio.Event)
    arrives: asyncio.Event = field(default_factory=asyncio.Event)


class FakeGateway:
    """Implements ports.OrderGateway. `active` and `history` hold what is listed, newest first."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self._ledger = ledger
        self._faults = faults
        self.active: list[orders.SeenOrder] = []
        self.history: list[orders.SeenOrder] = []
        self.asked: list[tuple[str, orders.Status, int]] = []
        self.says_success = True
        self.lie: Callable[[intents.Intent], intents.Intent] = lambda intent: intent
        """What the crafted transaction really does."""
        self.slow: dict[Priority, OnTheWay] = {}

    async def fetch_orders(
        self, owner: str, status: orders.Status, *, page: int = 1, priority: Priority = Priority.PERSON
    ) -> orders.OrderPage:
        def read() -> orders.OrderPage:
            self.asked.append((owner, status, page))
            listed = self.active if status is orders.Status.ACTIVE else self.history
            mine = [item for item in listed if item.order.owner == owner]
            pages = max(1, -(-len(mine) // PAGE))
            return orders.OrderPage(tuple(mine[(page - 1) * PAGE : page * PAGE]), page, pages)

        answer = self._faults.call(f"orders {status}", read)
        if priority in self.slow:
            self.slow[priority].made.set()
            await self.slow[priority].arrives.wait()
        return answer

    async def craft(self, intent: intents.Intent) -> ports.Crafted:
        return self._faults.call(
            "craft", lambda: ports.Crafted("request", self._ledger.make_transaction(self.lie(intent)))
        )

    async def execute(self, request_id: str, signed: bytes) -> ports.ExecuteAnswer:
        def execute() -> ports.ExecuteAnswer:
            self._ledger.receive(signed)
            return ports.ExecuteAnswer(self.says_success, None, None if self.says_success else "Failed")

        return self._faults.call("execute", execute)


class FakeDirectory:
    """Implements ports.TokenDirectory: says whatever a test wants."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.tokens: dict[str, amounts.Token] = {}

    async def fetch_tokens(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON
    ) -> dict[str, amounts.Token]:
        return self._faults.call(
            "names", lambda: {mint: self.tokens[mint] for mint in mints if mint in self.tokens}
        )

    async def search(self, query: str) -> list[amounts.Token]:
        return self._faults.call(
            "search",
            lambda: [token for token in self.tokens.values() if query.casefold() in token.symbol.casefold()],
        )


class FakePrices:
    """Implements ports.PriceSource. `asked` is every call: for which tokens, and how urgent."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.usd = {amounts.WSOL_MINT: Decimal(150), amounts.USDC_MINT: Decimal(1)}
        self.heard: Callable[[Mapping[str, Decimal]], None] = lambda usd: None
        self.asked: list[tuple[tuple[str, ...], Priority]] = []

    async def fetch_usd(
        self, mints: Collection[str], *, priority: Priority = Priority.PERSON, fresh: bool = False
    ) -> dict[str, Decimal]:
        self.asked.append((tuple(mints), priority))
        found = self._faults.call(
            "prices", lambda: {mint: self.usd[mint] for mint in mints if mint in self.usd}
        )
        self.heard(found)
        return found
