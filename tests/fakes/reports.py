"""Reports as the chat sees them: orders' fills beside prices that a test sets. And one who draws nothing."""

import asyncio
from decimal import Decimal

from bot import errors, ports
from bot.domain import charts, invested, market, report
from bot.services import orders as order_service
from bot.services import reports as report_service
from bot.services import wallets as wallet_service


class FakeReports(report_service.Reports):
    """`quotes` is the market of every pair; `purchases` is what every wallet bought, `prices` in USD."""

    def __init__(
        self, orders: order_service.Orders, wallets: wallet_service.Wallets, clock: ports.Clock
    ) -> None:
        self.orders = orders
        self.wallets = wallets
        self.clock = clock
        self.quotes: list[market.Sample] = []
        self.purchases: list[invested.Purchase] = []
        self.prices: dict[str, list[market.Sample]] = {}
        self.left_out = 0

    async def of_order(self, user_id: int, number: int) -> report_service.OrderStory:
        view = await self.orders.get(user_id, number)
        made = report.build(
            view.order,
            [known.fill for known in view.fills],
            self.quotes,
            self.clock.now(),
            in_decimals=view.input.decimals,
            out_decimals=view.output.decimals,
        )
        return report_service.OrderStory(view=view, quotes=self.quotes, report=made)

    async def of_wallet(self, user_id: int, wallet_id: int) -> report_service.WalletStory:
        now = self.clock.now()
        course = invested.follow(self.purchases, self.prices, now)
        last = course.worth[-1][-1] if course.worth else None
        return report_service.WalletStory(
            wallet=await self.wallets.get(user_id, wallet_id),
            end=now,
            course=course,
            fills=len(self.purchases) + self.left_out,
            left_out=self.left_out,
            paid=sum((purchase.paid_usd for purchase in self.purchases), Decimal(0)),
            worth=last[1] if last and last[0] == now else None,
        )


class FakePainter:
    """Implements ports.Painter. `painted` is every chart that was wanted; `failure` is raised instead."""

    PICTURE = b"\x89PNG fake"

    def __init__(self) -> None:
        self.painted: list[charts.Chart] = []
        self.failure: errors.DrawingFailed | None = None
        self.takes_s = 0.0
        self.prepared = 0

    async def prepare(self) -> None:
        self.prepared += 1

    async def paint(self, chart: charts.Chart) -> bytes:
        self.painted.append(chart)
        await asyncio.sleep(self.takes_s)
        if self.failure:
            raise self.failure
        return self.PICTURE
