"""The stand-ins without a server, on clocks that tests move."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import httpx
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from bot.domain import intents
from bot.domain.orders import Family, Side
from bot.sandbox import messages, steps, tokens
from bot.sandbox.book import Entry
from bot.sandbox.standins import StandIns
from bot.sandbox.store import Store
from bot.solana import programs
from tests.fakes import solana

START = 1_795_000_000.0
"""Unix seconds at which every such sandbox begins."""
SOL = 1_000_000_000


class Clocks:
    """Real time as the stand-ins see it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def wall(self) -> float:
        return START + self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Harness:
    """Order time stands still (speed 0) unless a test advances it."""

    def __init__(self, path: Path | None = None, *, welcome: bool = False, **options: Any) -> None:
        self.clocks = options.pop("clocks", None) or Clocks()
        self.standins = StandIns(
            Store(path),
            speed=options.pop("speed", 0.0),
            seed="test",
            welcome=welcome,
            monotonic=self.clocks.monotonic,
            wall=self.clocks.wall,
            sleep=self.clocks.sleep,
            **options,
        )
        self.chain = self.standins.chain
        self.book = self.standins.book
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.standins.app()), base_url="http://127.0.0.1"
        )

    def pass_slots(self, count: int) -> None:
        self.clocks.passed += 0.4 * count + 0.01

    def wallet(self, *, sol: int = 5 * SOL, usdc: int = 2_500_000_000) -> Keypair:
        """A new keypair with money."""
        keypair = Keypair()
        self.standins.treasury.fund(keypair.pubkey(), sol, {tokens.USDC.mint: usdc})
        return keypair

    def price_order(self, user: Keypair) -> Entry:
        """250 USDC deposited, about 25 used."""
        return self.standins.newcomers.price_order(user.pubkey(), int(self.chain.time.now()) - 72_000)

    def time_order(self, user: Keypair, *, in_s: int = 60) -> Entry:
        """500 USDC in ten cycles of a minute."""
        now = int(self.chain.time.now())
        return self.standins.newcomers.time_order(user.pubkey(), now, now + in_s)

    def usdc(self, owner: Pubkey) -> int:
        return self.chain.tokens(programs.ata(owner, tokens.USDC.mint))

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.http.post(path, json=body)

    async def ask(self, path: str, body: Any) -> Any:
        """The JSON of a POST that succeeds."""
        answer = await self.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rpc(self, method: str, *params: Any) -> Any:
        """The whole JSON-RPC answer."""
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        return (await self.http.post("/rpc", json=call)).json()

    async def result(self, method: str, *params: Any) -> Any:
        answer = await self.rpc(method, *params)
        assert "result" in answer, answer
        return answer["result"]

    async def recurring(self, name: str, body: Any) -> Any:
        return await self.ask(f"/recurring/v1/{name}", body)

    async def deposit(self, user: Keypair, entry: Entry, amount: int) -> Any:
        body = {"order": entry.key, "user": str(user.pubkey()), "amount": amount}
        return await self.recurring("priceDeposit", body)

    async def withdraw(self, user: Keypair, entry: Entry, amount: int | None, side: str = "In") -> Any:
        body: dict[str, Any] = {"order": entry.key, "user": str(user.pubkey()), "inputOrOutput": side}
        if amount is not None:
            body["amount"] = str(amount)
        return await self.recurring("priceWithdraw", body)

    async def cancel(self, user: Keypair, entry: Entry) -> Any:
        body = {"order": entry.key, "user": str(user.pubkey()), "recurringType": entry.family}
        return await self.recurring("cancelOrder", body)

    async def create(self, user: Keypair, **changes: Any) -> Any:
        return await self.recurring("createOrder", create_body(user, **changes))

    async def execute(self, user: Keypair, crafted: Any) -> Any:
        """Sign what was handed out and hand it in."""
        signed = sign(crafted["transaction"], user)
        return await self.recurring(
            "execute", {"requestId": crafted["requestId"], "signedTransaction": signed}
        )

    async def orders(self, user: Keypair, status: str = "active", kind: str = "all", **query: Any) -> Any:
        params = {"recurringType": kind, "orderStatus": status, "user": str(user.pubkey())}
        answer = await self.http.get("/recurring/v1/getRecurringOrders", params=params | query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def transfer(self, user: Keypair, to: Pubkey, lamports: int) -> VersionedTransaction:
        """A signed transfer of SOL."""
        blockhash, _ = self.chain.slots.latest()
        bare = messages.unsigned([steps.send_lamports(user.pubkey(), to, lamports)], user.pubkey(), blockhash)
        return messages.sign(bare, user)


async def craft_every_kind(harness: Harness, user: Keypair) -> list[tuple[intents.Intent, Any]]:
    """One transaction of every kind, each with what a person confirmed."""
    price, time = harness.price_order(user), harness.time_order(user)
    who = str(user.pubkey())

    def about(entry: Entry) -> dict[str, Any]:
        return {
            "user": who,
            "order": entry.key,
            "input_mint": str(entry.state.input_mint),
            "output_mint": str(entry.state.output_mint),
            "order_index": entry.state.idx,
        }

    create = intents.CreateOrder(
        user=who,
        input_mint=str(tokens.SOL.mint),
        output_mint=str(tokens.USDC.mint),
        amount_raw=2 * SOL,
        number_of_orders=3,
        interval_s=3_600,
        min_price="0.005",
        max_price="0.00625",
        min_out_raw=106_666_666,
        max_out_raw=133_333_333,
        start_at=int(harness.chain.time.now()) + 500,
    )
    asked = await harness.create(
        user,
        inputMint=create.input_mint,
        outputMint=create.output_mint,
        inAmount=create.amount_raw,
        numberOfOrders=3,
        interval=3_600,
        minPrice=0.005,
        maxPrice=0.00625,
        startAt=create.start_at,
    )
    return [
        (create, asked),
        (intents.Deposit(**about(price), amount_raw=7), await harness.deposit(user, price, 7)),
        (intents.Withdraw(**about(price), amount_raw=7), await harness.withdraw(user, price, 7)),
        (intents.Withdraw(**about(price), amount_raw=None), await harness.withdraw(user, price, None)),
        (
            intents.Withdraw(**about(price), amount_raw=None, side=Side.OUT),
            await harness.withdraw(user, price, None, "Out"),
        ),
        (intents.CancelOrder(**about(time), family=Family.TIME), await harness.cancel(user, time)),
        (intents.CancelOrder(**about(price), family=Family.PRICE), await harness.cancel(user, price)),
    ]


def cases() -> list[solana.Case]:
    """What the sandbox hands out to be signed, with what was confirmed."""

    async def craft() -> list[tuple[intents.Intent, Any]]:
        harness = Harness()
        return await craft_every_kind(harness, harness.wallet())

    return [
        solana.Case(f"sandbox-{place}-{intent.kind}", crafted["transaction"], intent)
        for place, (intent, crafted) in enumerate(asyncio.run(craft()))
    ]


def create_body(user: Keypair, **changes: Any) -> dict[str, Any]:
    """A createOrder request: 200 USDC into SOL in two daily cycles."""
    time = {"inAmount": 200_000_000, "numberOfOrders": 2, "interval": 86_400}
    body = {
        "user": str(user.pubkey()),
        "inputMint": str(tokens.USDC.mint),
        "outputMint": str(tokens.SOL.mint),
    }
    body |= {name: changes.pop(name) for name in list(changes) if name in body}
    return body | {"params": {"time": time | changes}}


def decode(text: str) -> VersionedTransaction:
    return VersionedTransaction.from_bytes(base64.b64decode(text))


def encode(transaction: VersionedTransaction) -> str:
    return base64.b64encode(bytes(transaction)).decode()


def sign(text: str, user: Keypair) -> str:
    return encode(messages.sign(decode(text), user))
