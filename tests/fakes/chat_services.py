"""The services as the chat sees them, in memory: they remember what was asked and answer what a test set."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot import errors, ports
from bot.domain import actions, addresses, amounts, fills, intents, orders, search, statements, wallets
from bot.drawing import qr
from bot.services import archive as archive_service
from bot.services import balances as balance_service
from bot.services import confirmations as confirmation_service
from bot.services import creating, finding, registry
from bot.services import fill_log as fill_log_service
from bot.services import health as health_service
from bot.services import home as home_service
from bot.services import orders as order_service
from bot.services import people as people_service
from bot.services import proposals as proposal_service
from bot.services import statements as statement_service
from bot.services import status as status_service
from bot.services import subjects as subject_service
from bot.services import telling as telling_service
from bot.services import tokens as token_service
from bot.services import wallets as wallet_service
from tests.fakes.reports import FakePainter, FakeReports

START = datetime(2026, 11, 20, 13, 31, tzinfo=UTC)
OWNER = "7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5"
OTHER = "GRhUqSDKPKHjSUjkhpCZL2vBhVeyJZDrLbGfUkSNGgB1"
ORDER_KEY = "8M2gFYDVPDHvHbxPCzvxYSmXmKVmCxaJTDUDLHM2NqRR"
SIGNATURE = addresses.encode_base58(bytes(range(1, 65)))
USDC = amounts.Token(amounts.USDC_MINT, "USDC", "USD Coin", 6, verified=True)
SOL = amounts.Token(amounts.WSOL_MINT, "SOL", "Wrapped SOL", 9, verified=True)


class LoopClock:
    """Wall clock that follows the event loop's, so that virtual time is everybody's."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())


def wallet(number: int = 1, *, user_id: int = 7, owned: bool = True, pubkey: str = OWNER) -> wallets.Wallet:
    return wallets.Wallet(
        id=number,
        user_id=user_id,
        pubkey=pubkey,
        name=f"Wallet {number}",
        default=number == 1,
        added_at=START - timedelta(days=30),
        sealed=wallets.SealedSeed(1, "k1", b"sealed") if owned else None,
    )


def fill(number: int, *, in_raw: int = 10_000_000, out_raw: int = 58_000_000) -> ports.KnownFill:
    return ports.KnownFill(
        fill=fills.Fill(
            order_key=ORDER_KEY,
            signature=addresses.encode_base58(bytes([number]) * 64),
            input_mint=USDC.mint,
            output_mint=SOL.mint,
            in_raw=in_raw,
            out_raw=out_raw,
            fee_mint=SOL.mint,
            fee_raw=0,
            confirmed_at=START - timedelta(hours=4 - number),
        ),
        seen_at=START,
    )


def view(
    number: int = 7,
    *,
    family: orders.Family = orders.Family.TIME,
    count: int = 3,
    owner: wallets.Wallet | None = None,
    source: amounts.Token = USDC,
    target: amounts.Token = SOL,
    known: Sequence[ports.KnownFill] | None = None,
    **changes: Any,
) -> order_service.OrderView:
    """An order of 100 USDC in ten parts, `count` of them filled."""
    known = [fill(n + 1) for n in range(count)] if known is None else known
    totals = fills.totals(each.fill for each in known)
    facts: dict[str, Any] = {
        "family": family,
        "status": orders.Status.ACTIVE,
        "key": ORDER_KEY,
        "owner": OWNER,
        "input_mint": source.mint,
        "output_mint": target.mint,
        "in_deposited_raw": 100_000_000,
        "in_used_raw": totals.in_raw,
        "in_withdrawn_raw": 0,
        "out_received_raw": totals.out_raw,
        "out_withdrawn_raw": totals.out_raw,
        "cycle": timedelta(hours=1),
        "in_per_cycle_raw": 10_000_000 if family is orders.Family.TIME else 0,
        "created_at": START - timedelta(days=1),
        "updated_at": START,
    }
    order = orders.Order(**(facts | changes))
    average = fills.price(totals.in_raw, totals.out_raw, source.decimals, target.decimals)
    return order_service.OrderView(
        known=ports.KnownOrder(number=number, order=order, index=1, seen_at=START),
        wallet=owner or wallet(),
        input=source,
        output=target,
        fills=tuple(known),
        totals=totals,
        last_fill=known[-1].fill if known else None,
        average=average,
        market=Decimal(171),
        input_usd=Decimal(1),
        output_usd=Decimal(171),
        next_fill_at=START + timedelta(minutes=59) if order.active and order.in_left_raw else None,
    )


def logged_fill(of: order_service.OrderView, known: ports.KnownFill) -> fill_log_service.LoggedFill:
    filled = ports.NumberedFill(
        id=1, owner=of.order.owner, number=of.number, family=of.order.family, known=known
    )
    return fill_log_service.LoggedFill(filled=filled, input=of.input, output=of.output)


def held(wallet: wallets.Wallet, **changes: Any) -> balance_service.Balances:
    """1.5 SOL, 0.25 of it wrapped SOL besides, and 1234.5 USDC."""
    facts: dict[str, Any] = {
        "wallet": wallet,
        "lamports": 1_500_000_000,
        "sol_usd": Decimal("256.5"),
        "wrapped_raw": 250_000_000,
        "wrapped_usd": Decimal("42.75"),
        "tokens": [balance_service.TokenBalance(token=USDC, raw=1_234_500_000, usd=Decimal("1234.5"))],
        "seen_at": START,
    }
    return balance_service.Balances(**(facts | changes))


def statement_file(
    count: int, first_at: datetime | None = None, last_at: datetime | None = None, **changes: Any
) -> statement_service.StatementFile:
    made = statement_service.StatementFile(
        content=b"content",
        count=count,
        first_at=first_at or START,
        last_at=last_at or START,
        year=None,
        part=None,
    )
    return replace(made, **changes)


class FakeTelling(telling_service.Telling):
    """Knows what the fake orders know."""

    def __init__(self, shown: "FakeOrders") -> None:
        self._shown = shown
        self.away = False

    async def find(
        self, wanted: Mapping[int, Collection[str]], *, ask: bool
    ) -> dict[int, dict[str, order_service.OrderView]]:
        if self.away and ask:
            raise errors.GatewayUnavailable
        found: dict[int, dict[str, order_service.OrderView]] = {}
        for user_id, keys in wanted.items():
            mine = [] if self.away else self._shown.views.get(user_id, [])
            found[user_id] = {each.order.key: each for each in mine if each.order.key in keys}
        return found


class FakePeople(people_service.People):
    def __init__(self) -> None:
        self.operator = people_service.Preferences()
        self.people: dict[int, ports.Person] = {}
        self.leaving: set[int] = set()
        self.gone: list[int] = []
        self.planned = ports.Planned(0, None)

    async def meet(self, user_id: int, chat_id: int) -> ports.Person:
        self.people[user_id] = ports.Person(user_id=user_id, chat_id=chat_id)
        return self.people[user_id]

    async def find(self, user_id: int) -> ports.Person | None:
        return self.people.get(user_id)

    async def find_many(self, users: Collection[int]) -> dict[int, ports.Person]:
        return {user_id: self.people[user_id] for user_id in users if user_id in self.people}

    async def may_leave(self, user_id: int) -> bool:
        return user_id in self.leaving

    async def _record(self, user_id: int, changes: Mapping[str, Any]) -> ports.Person:
        known = self.people[user_id]
        settings = {**known.settings, **changes}
        changed = replace(known, settings=settings, timezone=settings.get("timezone", "UTC"))
        self.people[user_id] = changed
        return changed

    async def _record_timing(self, user_id: int, changes: Mapping[str, Any]) -> ports.Person:
        return await self._record(user_id, changes)

    async def find_planned(self, user_id: int) -> ports.Planned:
        return self.planned

    async def tell_planned(self, user_id: int) -> int:
        told, self.planned = self.planned.count, ports.Planned(0, None)
        return told

    async def lost(self, user_id: int) -> None:
        self.gone.append(user_id)
        if user_id in self.people:
            self.people[user_id] = replace(self.people[user_id], blocked=True)


class FakeWallets(wallet_service.Wallets):
    def __init__(self, jobs: "FakeJobs", clock: ports.Clock) -> None:
        self.wallets: dict[int, list[wallets.Wallet]] = {}
        self.jobs = jobs
        self.clock = clock
        self.imported: list[str] = []
        self.revealed: list[int] = []
        self.removed: list[int] = []
        self.broken: list[wallets.Wallet] = []
        self.balance_error: errors.BotError | None = None
        self.held: dict[int, balance_service.Balances] = {}
        self.key = "5" + "K" * 86

    def _next(self, user_id: int) -> int:
        return sum(len(listed) for listed in self.wallets.values()) + 1

    def _keep(self, user_id: int, added: wallets.Wallet) -> wallets.Wallet:
        self.wallets.setdefault(user_id, []).append(added)
        return added

    async def create(self, user_id: int, name: str = "") -> wallets.Wallet:
        return self._keep(user_id, wallet(self._next(user_id), user_id=user_id))

    async def import_key(self, user_id: int, text: str, name: str = "") -> wallets.Wallet:
        self.imported.append(text)
        if len(text) < 80:
            raise errors.InvalidKey
        return self._keep(user_id, wallet(self._next(user_id), user_id=user_id))

    async def watch(self, user_id: int, address: str, name: str = "") -> wallets.Wallet:
        pubkey = addresses.parse_address(address)
        added = wallet(self._next(user_id), user_id=user_id, owned=False, pubkey=pubkey)
        return self._keep(user_id, replace(added, name=name or added.name))

    async def list_of(self, user_id: int) -> list[wallets.Wallet]:
        return list(self.wallets.get(user_id, []))

    async def list_broken(self, user_id: int) -> list[wallets.Wallet]:
        return self.broken

    async def is_broken(self, wallet: wallets.Wallet) -> bool:
        return wallet in self.broken

    async def find_any(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        for each in self.broken:
            if each.id == wallet_id:
                return each
        return await self.get(user_id, wallet_id)

    async def get(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        for listed in self.wallets.get(user_id, []):
            if listed.id == wallet_id:
                return listed
        raise errors.WalletNotFound

    async def default(self, user_id: int) -> wallets.Wallet | None:
        return next(iter(self.wallets.get(user_id, [])), None)

    async def fetch_balances(self, user_id: int, wallet_id: int) -> balance_service.Balances:
        if self.balance_error:
            raise self.balance_error
        wallet = await self.get(user_id, wallet_id)
        return self.held.get(wallet_id) or held(wallet)

    async def glance(self, listed: Sequence[wallets.Wallet]) -> dict[int, balance_service.Balances]:
        return {each.id: seen for each in listed if (seen := self.find_balances(each))}

    def find_balances(self, wallet: wallets.Wallet) -> balance_service.Balances | None:
        if self.balance_error:
            return None
        return self.held.get(wallet.id) or held(wallet)

    async def rename(self, user_id: int, wallet_id: int, name: str) -> wallets.Wallet:
        if not 1 <= len(name) <= 32:
            raise errors.InvalidInput("A name has 1 to 32 characters.")
        renamed = replace(await self.get(user_id, wallet_id), name=name)
        self.wallets[user_id] = [renamed if w.id == wallet_id else w for w in self.wallets[user_id]]
        return renamed

    async def make_default(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        await self.get(user_id, wallet_id)
        self.wallets[user_id] = [replace(w, default=w.id == wallet_id) for w in self.wallets[user_id]]
        return await self.get(user_id, wallet_id)

    async def remove(self, user_id: int, wallet_id: int) -> wallets.Wallet:
        gone = await self.find_any(user_id, wallet_id)
        (self.broken if gone in self.broken else self.wallets[user_id]).remove(gone)
        self.removed.append(wallet_id)
        return gone

    async def request_export(self, user_id: int, wallet_id: int, chat_id: int) -> ports.Job:
        due = self.clock.now() + timedelta(minutes=15)
        payload = {"wallet_id": wallet_id}
        job_id = await self.jobs.add("reveal", user_id, chat_id, payload, due)
        return self.jobs.jobs[job_id]

    async def record_announced(self, job: ports.Job, message_id: int) -> ports.Job | None:
        payload = {**job.payload, "message_id": message_id}
        self.jobs.jobs[job.id] = replace(job, payload=payload)
        return self.jobs.jobs[job.id]

    async def list_exports(self, user_id: int, wallet_id: int | None = None) -> list[ports.Job]:
        return await self.jobs.list_of(user_id, "reveal")

    async def stop_export(self, user_id: int, wallet_id: int) -> bool:
        return any([await self.jobs.finish(job.id) for job in await self.jobs.list_of(user_id, "reveal")])

    async def unsafe_reveal(self, job: ports.Job) -> str | None:
        if not await self.jobs.finish(job.id):
            return None
        self.revealed.append(job.id)
        return self.key

    async def schedule_delete(self, user_id: int, chat_id: int, message_id: int, due_at: datetime) -> None:
        await self.jobs.add("delete", user_id, chat_id, {"message_id": message_id}, due_at)


class FakeOrders(order_service.Orders):
    def __init__(self) -> None:
        self.views: dict[int, list[order_service.OrderView]] = {}
        self.opened_here: set[str] = set()
        self.stale_since: datetime | None = None
        self.fresh: list[bool] = []
        self.error: Exception | None = None

    async def list_of(
        self, user_id: int, status: orders.Status | None = None, *, fresh: bool = True
    ) -> order_service.OrderList:
        self.fresh.append(fresh)
        if self.error:
            raise self.error
        items = [v for v in self.views.get(user_id, []) if status is None or v.order.status is status]
        return order_service.OrderList(items=items, total=len(items), stale_since=self.stale_since)

    async def page_of(
        self,
        user_id: int,
        status: orders.Status,
        page: int,
        *,
        size: int,
        fresh: bool,
        wallet_id: int | None = None,
    ) -> order_service.OrderList:
        listed = await self.list_of(user_id, status, fresh=fresh)
        if wallet_id is not None:
            items = [item for item in listed.items if item.wallet.id == wallet_id]
            listed = replace(listed, items=items, total=len(items))
        page = min(page, max(0, listed.total - 1) // size)
        return replace(listed, items=listed.items[page * size : (page + 1) * size], page=page)

    async def page_around(
        self, user_id: int, number: int, *, size: int, wallet_id: int | None = None
    ) -> tuple[orders.Status, order_service.OrderList]:
        status = (await self.get(user_id, number)).order.status
        listed = await self.list_of(user_id, status, fresh=False)
        items = [item for item in listed.items if wallet_id in (None, item.wallet.id)]
        page = [item.number for item in items].index(number) // size
        return status, await self.page_of(user_id, status, page, size=size, fresh=False, wallet_id=wallet_id)

    async def was_opened_here(self, user_id: int, order: orders.Order) -> bool:
        return order.key in self.opened_here

    async def get(self, user_id: int, number: int, *, fresh: bool = False) -> order_service.OrderView:
        for each in self.views.get(user_id, []):
            if each.number == number:
                return each
        raise errors.OrderNotFound

    async def find(
        self, user_id: int, text: str, wanted: finding.Wanted = finding.Wanted.ANY
    ) -> order_service.OrderView:
        """As the real ones do, without regard to what it is wanted for."""
        query = search.parse(text)
        found = search.find(query, [_named(each) for each in self.views.get(user_id, [])])
        if not found.certain:
            raise finding.explain(text, query, found)
        return await self.get(user_id, found.numbers[0])

    async def list_some(self, user_id: int, numbers: Sequence[int]) -> list[order_service.OrderSummary]:
        return [await self.get(user_id, number) for number in numbers]

    async def list_for_deposit(self, user_id: int) -> list[order_service.OrderSummary]:
        return [v for v in self.views.get(user_id, []) if v.order.family is orders.Family.PRICE]

    async def list_for_withdraw(self, user_id: int) -> list[order_service.OrderSummary]:
        return await self.list_for_deposit(user_id)

    async def list_muted(self, user_id: int) -> list[int]:
        mine = self.views.get(user_id, [])
        return [each.number for each in mine if each.known.muted and each.order.active]

    async def record_muted(self, user_id: int, number: int, muted: bool) -> order_service.OrderView:
        found = await self.get(user_id, number)
        changed = replace(found, known=replace(found.known, muted=muted))
        self.views[user_id] = [changed if v.number == number else v for v in self.views[user_id]]
        return changed


def _named(view: order_service.OrderView) -> search.Named:
    return search.Named(
        number=view.number,
        key=view.order.key,
        input=view.input,
        output=view.output,
        wallet=view.wallet.name,
        active=view.order.active,
    )


class FakeFillLog(fill_log_service.FillLog):
    """The fills of the orders that a test set."""

    def __init__(self, orders_: FakeOrders) -> None:
        self.orders = orders_
        self.fresh: list[bool] = []
        self.error = ""
        self.stale_since: datetime | None = None

    async def page_of(self, user_id: int, page: int, *, size: int, fresh: bool) -> fill_log_service.FillPage:
        self.fresh.append(fresh)
        logged = [
            logged_fill(each, known) for each in self.orders.views.get(user_id, []) for known in each.fills
        ]
        logged.sort(key=lambda each: each.filled.known.fill.confirmed_at, reverse=True)
        page = min(page, max(0, len(logged) - 1) // size)
        return fill_log_service.FillPage(
            items=logged[page * size : (page + 1) * size],
            total=len(logged),
            page=page,
            error=self.error,
            stale_since=self.stale_since,
        )


class FakeSubjects(subject_service.Subjects):
    """Of the orders and wallets that a test set."""

    def __init__(self, orders_: FakeOrders, wallets_: FakeWallets) -> None:
        self.orders = orders_
        self.wallets = wallets_

    async def describe(self, user_id: int, subject: subject_service.Subject) -> subject_service.Contents:
        wallet = pair = None
        if subject.wallet_id is not None:
            wallet = await self.wallets.get(user_id, subject.wallet_id)
        if subject.number is not None:
            view = await self.orders.get(user_id, subject.number)
            pair = view.input, view.output
        listed = [
            view for view in self.orders.views.get(user_id, []) if subject.number in {None, view.number}
        ]
        moments = [known.fill.confirmed_at for view in listed for known in view.fills]
        meant = [moment for moment in moments if subject.year in {None, moment.year}]
        extent = ports.FillExtent(len(meant), min(meant, default=None), max(meant, default=None))
        years = sorted({moment.year for moment in moments}, reverse=True)
        return subject_service.Contents(subject=subject, wallet=wallet, pair=pair, extent=extent, years=years)


class FakeArchive(archive_service.Archive):
    def __init__(self) -> None:
        self.found = archive_service.Completeness()
        self.asked: list[subject_service.Subject] = []

    async def complete(self, user_id: int, subject: subject_service.Subject) -> archive_service.Completeness:
        self.asked.append(subject)
        return self.found


class FakeStatements(statement_service.Statements):
    """Hands out the files that a test set; otherwise one of everything that was asked for."""

    def __init__(self, subjects: FakeSubjects) -> None:
        self.subjects = subjects
        self.asked: list[tuple[subject_service.Subject, statements.Format]] = []
        self.made: list[statement_service.StatementFile] | None = None
        self.error: errors.BotError | None = None

    async def files(
        self, user_id: int, subject: subject_service.Subject, form: statements.Format
    ) -> AsyncGenerator[statement_service.StatementFile, None]:
        self.asked.append((subject, form))
        if self.error:
            raise self.error
        extent = (await self.subjects.describe(user_id, subject)).extent
        files = self.made
        if files is None:
            files = [statement_file(extent.count, extent.first_at, extent.last_at)] if extent.count else []
        for file in files:
            yield file


class FakeTokens(token_service.Tokens):
    def __init__(self) -> None:
        self.known = {token.mint: token for token in (USDC, SOL)}

    async def get(self, mint: str) -> amounts.Token:
        if mint not in self.known:
            raise errors.UnknownToken
        return self.known[mint]

    async def get_many(
        self, mints: Collection[str], *, priority: ports.Priority = ports.Priority.PERSON
    ) -> dict[str, amounts.Token]:
        return {mint: self.known[mint] for mint in mints if mint in self.known}

    async def search(self, query: str) -> list[amounts.Token]:
        return [t for t in self.known.values() if query.casefold() in f"{t.symbol} {t.name}".casefold()]


@dataclass
class Asked:
    """A proposal that was asked for."""

    what: str
    args: tuple[Any, ...]


class FakeProposals(proposal_service.Proposals):
    def __init__(self, views: FakeOrders, clock: ports.Clock) -> None:
        self.asked: list[Asked] = []
        self.views = views
        self.clock = clock
        self.refusal: Exception | None = None
        self.made: dict[str, proposal_service.Proposal] = {}

    async def _make(
        self, user_id: int, chat_id: int, intent: intents.Intent, number: int | None, what: str, *args: Any
    ) -> proposal_service.Proposal:
        self.asked.append(Asked(what, args))
        if self.refusal:
            raise self.refusal
        token = f"token-{len(self.made) + 1:02}"
        proposal = proposal_service.Proposal(
            confirmation=ports.Confirmation(
                token=token,
                user_id=user_id,
                chat_id=chat_id,
                message_id=None,
                intent=intent,
                limits=intents.Limits(rent_lamports=2_039_280),
                submit_via="jupiter",
                expires_at=self.clock.now() + timedelta(minutes=2),
            ),
            intent=intent,
            wallet=wallet(),
            order=None if number is None else await self.views.get(user_id, number),
            token=USDC,
            output=SOL,
            amount_raw=10_000_000,
            available_raw=1_234_500_000,
            usd=Decimal(10),
            fee_lamports=1_005_000,
            rent_lamports=2_039_280,
        )
        self.made[token] = proposal
        return proposal

    async def deposit(
        self, user_id: int, chat_id: int, number: int, amount: str
    ) -> proposal_service.Proposal:
        if not self.refusal and amount != "max" and not amount.endswith("%"):
            amounts.parse_amount(amount, 6)
        return await self._make(user_id, chat_id, deposit_intent(), number, "deposit", number, amount)

    async def withdraw(
        self, user_id: int, chat_id: int, number: int, amount: str, side: orders.Side = orders.Side.IN
    ) -> proposal_service.Proposal:
        intent = intents.Withdraw(
            user=OWNER,
            order=ORDER_KEY,
            input_mint=USDC.mint,
            output_mint=SOL.mint,
            amount_raw=None if amount == "all" else 10_000_000,
            side=side,
        )
        return await self._make(user_id, chat_id, intent, number, "withdraw", number, amount, side)

    async def cancel(self, user_id: int, chat_id: int, number: int) -> proposal_service.Proposal:
        intent = intents.CancelOrder(
            family=orders.Family.TIME, user=OWNER, order=ORDER_KEY, input_mint=USDC.mint, output_mint=SOL.mint
        )
        return await self._make(user_id, chat_id, intent, number, "cancel", number)

    async def create(
        self, user_id: int, chat_id: int, request: proposal_service.CreateRequest
    ) -> proposal_service.Proposal:
        intent = intents.CreateOrder(
            user=OWNER,
            input_mint=request.input_mint,
            output_mint=request.output_mint,
            amount_raw=500_000_000,
            number_of_orders=request.number_of_orders,
            interval_s=request.interval_s,
            start_at=int(request.start_at.timestamp()) if request.start_at else None,
        )
        intent = creating.bounded(intent, USDC, SOL, request.min_price, request.max_price)
        return await self._make(user_id, chat_id, intent, None, "create", request)

    async def check_size(
        self, user_id: int, wallet_id: int, input_mint: str, amount: str, number_of_orders: int
    ) -> None:
        raw = amounts.parse_amount(amount, 6)
        if raw < number_of_orders * 50_000_000:
            raise errors.OrderTooSmall(f"With {number_of_orders} parts that is too little.")

    async def send(
        self, user_id: int, chat_id: int, wallet_id: int, amount: str, mint: str | None, to: str
    ) -> proposal_service.Proposal:
        intent = intents.Send(user=OWNER, to=to, amount_raw=1, mint=mint, decimals=6)
        return await self._make(user_id, chat_id, intent, None, "send", wallet_id, amount, mint, to)

    async def unwrap(self, user_id: int, chat_id: int, wallet_id: int) -> proposal_service.Proposal:
        return await self._make(user_id, chat_id, intents.Unwrap(user=OWNER), None, "unwrap", wallet_id)

    async def fetch_available(self, user_id: int, number: int) -> tuple[amounts.Token, int]:
        return USDC, 1_234_500_000


def deposit_intent() -> intents.Deposit:
    return intents.Deposit(
        user=OWNER, order=ORDER_KEY, input_mint=USDC.mint, output_mint=SOL.mint, amount_raw=10_000_000
    )


def action(state: actions.State = actions.State.CONFIRMED, **changes: Any) -> actions.Action:
    facts: dict[str, Any] = {
        "id": 1,
        "user_id": 7,
        "chat_id": 7,
        "message_id": 1001,
        "intent": deposit_intent(),
        "limits": intents.Limits(),
        "state": state,
        "created_at": START,
        "updated_at": START,
        "submit_via": "jupiter",
    }
    return actions.Action(**(facts | changes))


class FakeConfirmations(confirmation_service.Confirmations):
    """One-shot as the real ones: bound to person, chat and message."""

    def __init__(self, proposals: FakeProposals) -> None:
        self.proposals = proposals
        self.attached: dict[str, int] = {}
        self.confirmed: list[str] = []
        self.closed: set[str] = set()
        self.unsettled: list[actions.Action] = []
        self.error: Exception | None = None
        self.before_attach: Callable[[int], None] = lambda message_id: None
        """Called with the card's message id when it is bound, to look at the card at that moment."""

    async def list_unsettled(self, user_id: int) -> list[actions.Action]:
        return [each for each in self.unsettled if each.user_id == user_id]

    async def attach_message(self, token: str, message_id: int) -> None:
        self.before_attach(message_id)
        self.attached[token] = message_id

    async def confirm(self, user_id: int, chat_id: int, message_id: int, token: str) -> actions.Action:
        if self.error:
            raise self.error
        made = self.proposals.made.get(token)
        bound = self.attached.get(token) == message_id
        if made is None or not bound or token in self.closed or made.confirmation.user_id != user_id:
            raise errors.ConfirmationExpired
        self.closed.add(token)
        self.confirmed.append(token)
        return action(user_id=user_id, chat_id=chat_id, message_id=message_id, intent=made.intent)

    async def cancel(self, user_id: int, token: str) -> bool:
        made = self.proposals.made.get(token)
        if made is None or token in self.closed or made.confirmation.user_id != user_id:
            return False
        self.closed.add(token)
        return True


class FakeHealth(health_service.Health):
    """Remembers changes."""

    def __init__(self, clock: ports.Clock) -> None:
        super().__init__(clock)
        self.changes: list[tuple[str, bool]] = []

    def record(self, name: str, ok: bool, detail: str = "") -> None:
        super().record(name, ok, detail)
        if not self.changes or self.changes[-1] != (name, ok):
            self.changes.append((name, ok))


class FakeStatus(status_service.StatusBoard):
    """Says what it is told to."""

    def __init__(self) -> None:
        self.of: dict[int, status_service.Status] = {}

    async def look(self, user_id: int) -> status_service.Status:
        nothing = dict.fromkeys(status_service.SERVICES)
        return self.of.get(user_id) or status_service.Status(wallets=(), services=nothing, queue=None)


class FakeDialogs:
    def __init__(self) -> None:
        self.dialogs: dict[int, dict[str, Any]] = {}

    async def find(self, user_id: int) -> dict[str, Any] | None:
        return self.dialogs.get(user_id)

    async def record(self, user_id: int, dialog: Mapping[str, Any]) -> None:
        self.dialogs[user_id] = dict(dialog)

    async def clear(self, user_id: int) -> None:
        self.dialogs.pop(user_id, None)


class FakeInbox:
    def __init__(self) -> None:
        self.payloads: dict[int, str | None] = {}
        self.stored: list[str] = []
        """Every payload that was ever stored."""
        self.handled: set[int] = set()
        self.error: Exception | None = None
        self._changed = asyncio.Event()

    async def record(self, update_id: int, user_id: int | None, payload: str | None) -> bool:
        if self.error:
            failure, self.error = self.error, None
            raise failure
        if update_id in self.payloads:
            return False
        self.payloads[update_id] = payload
        if payload is not None:
            self.stored.append(payload)
        return True

    async def list_unhandled(self) -> list[tuple[int, str]]:
        return [
            (known, payload)
            for known, payload in sorted(self.payloads.items())
            if payload is not None and known not in self.handled
        ]

    async def record_handled(self, update_id: int) -> None:
        self.handled.add(update_id)
        self._changed.set()

    async def last_update_id(self) -> int | None:
        return max(self.payloads, default=None)

    async def wait_handled(self, update_id: int) -> None:
        while update_id not in self.handled:
            self._changed.clear()
            await self._changed.wait()


class FakeJobs:
    def __init__(self) -> None:
        self.jobs: dict[int, ports.Job] = {}
        self._count = 0

    async def add(
        self, kind: str, user_id: int, chat_id: int, payload: Mapping[str, Any], due_at: datetime
    ) -> int:
        self._count += 1
        self.jobs[self._count] = ports.Job(
            id=self._count, kind=kind, user_id=user_id, chat_id=chat_id, payload=payload, due_at=due_at
        )
        return self._count

    async def list_due(self, now: datetime, limit: int = 20) -> list[ports.Job]:
        return [job for job in self.jobs.values() if job.due_at <= now][:limit]

    async def list_of(self, user_id: int, kind: str) -> list[ports.Job]:
        return [job for job in self.jobs.values() if job.user_id == user_id and job.kind == kind]

    async def finish(self, job_id: int) -> bool:
        return self.jobs.pop(job_id, None) is not None

    async def postpone(self, job_id: int, due_at: datetime) -> None:
        if job_id in self.jobs:
            self.jobs[job_id] = replace(self.jobs[job_id], due_at=due_at)


@dataclass
class FakeServices:
    """All fakes by name, and `services` to hand to the chat."""

    allowed: frozenset[int] = frozenset({7, 8})
    clock: LoopClock = field(default_factory=LoopClock)
    jobs: FakeJobs = field(default_factory=FakeJobs)
    people: FakePeople = field(default_factory=FakePeople)
    orders: FakeOrders = field(default_factory=FakeOrders)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    status: FakeStatus = field(default_factory=FakeStatus)
    dialogs: FakeDialogs = field(default_factory=FakeDialogs)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    painter: FakePainter = field(default_factory=FakePainter)

    def __post_init__(self) -> None:
        self.health = FakeHealth(self.clock)
        self.wallets = FakeWallets(self.jobs, self.clock)
        self.fill_log = FakeFillLog(self.orders)
        self.telling = FakeTelling(self.orders)
        self.reports = FakeReports(self.orders, self.wallets, self.clock)
        self.subjects = FakeSubjects(self.orders, self.wallets)
        self.archive = FakeArchive()
        self.statements = FakeStatements(self.subjects)
        self.proposals = FakeProposals(self.orders, self.clock)
        self.confirmations = FakeConfirmations(self.proposals)
        self.services = registry.Services(
            home=home_service.HomeBoard(
                wallets=self.wallets,
                orders=self.orders,
                confirmations=self.confirmations,
                order_clock=self.clock,
            ),
            people=self.people,
            access=people_service.Access(open=False, allowed=self.allowed, admins=frozenset()),
            wallets=self.wallets,
            orders=self.orders,
            fill_log=self.fill_log,
            reports=self.reports,
            subjects=self.subjects,
            archive=self.archive,
            statements=self.statements,
            tokens=self.tokens,
            proposals=self.proposals,
            confirmations=self.confirmations,
            health=self.health,
            status=self.status,
            dialogs=self.dialogs,
            inbox=self.inbox,
            jobs=self.jobs,
            clock=self.clock,
            order_clock=self.clock,
            submit_via="jupiter",
            painter=self.painter,
            draw_qr=qr.draw_address,
        )
