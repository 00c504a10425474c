"""The control API of the market and the chain: `/sandbox/…`, all JSON. The chat's part is Telegram's."""

from collections.abc import Callable
from typing import Any

from solders.pubkey import Pubkey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.domain import addresses
from bot.sandbox import listing, tokens
from bot.sandbox.book import Book
from bot.sandbox.chain import Chain
from bot.sandbox.faults import BadFault, Faults
from bot.sandbox.keeper import Keeper
from bot.sandbox.telegram.intake import BadInput, Endpoint, answering, json_body, take
from bot.sandbox.treasury import Treasury
from bot.solana.programs import accounts, ids

LONGEST_ADVANCE_S = 366 * 86_400
MOST_LAMPORTS = 10**13
MOST_TOKENS = 10**15

Json = dict[str, Any]


class Control:
    def __init__(
        self,
        chain: Chain,
        book: Book,
        keeper: Keeper,
        treasury: Treasury,
        faults: Faults,
        bot_is_there: Callable[[], bool],
    ) -> None:
        self._chain = chain
        self._book = book
        self._keeper = keeper
        self._treasury = treasury
        self._faults = faults
        self._bot_is_there = bot_is_there

    def routes(self) -> list[BaseRoute]:
        endpoints: tuple[tuple[str, str, Endpoint], ...] = (
            ("/sandbox/health", "GET", self._health),
            ("/sandbox/faults", "GET", self._get_faults),
            ("/sandbox/faults", "POST", self._set_faults),
            ("/sandbox/advance", "POST", self._advance),
            ("/sandbox/fund", "POST", self._fund),
            ("/sandbox/ledger", "GET", self._ledger),
        )
        return [Route(path, answering(call), methods=[method]) for path, method, call in endpoints]

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"ok": True, "bot": self._bot_is_there()})

    async def _get_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self._faults.show()})

    async def _set_faults(self, request: Request) -> Response:
        try:
            self._faults.replace((await json_body(request)).get("faults"))
        except BadFault as problem:
            raise BadInput(str(problem)) from problem
        return JSONResponse({"faults": self._faults.show()})

    async def _advance(self, request: Request) -> Response:
        """Push order time ahead; what falls due on the way is done, in order, when this answers."""
        seconds = (await json_body(request)).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise BadInput("seconds must be a number")
        if not 0 <= seconds <= LONGEST_ADVANCE_S:
            raise BadInput(f"seconds must be 0 to {LONGEST_ADVANCE_S}")
        now = self._chain.time.advance(seconds)
        return JSONResponse({"now": listing.moment(now), "cycles": self._keeper.run_due()})

    async def _fund(self, request: Request) -> Response:
        """Give `{"address", "lamports"?, "tokens"?: {mint: raw}}` SOL and tokens out of the treasury."""
        body = await json_body(request)
        wallet = _address(take(body, "address", str))
        lamports = _amount(body.get("lamports", 0), MOST_LAMPORTS)
        given = body.get("tokens", {})
        if not isinstance(given, dict):
            raise BadInput("tokens must be an object")
        gifts = {}
        for mint, amount in given.items():
            if mint not in tokens.BY_MINT or mint == str(ids.WSOL_MINT):
                raise BadInput(f"no such token here: {mint}")
            gifts[tokens.BY_MINT[mint].mint] = _amount(amount, MOST_TOKENS)
        landed = self._treasury.fund(wallet, lamports, gifts)
        return JSONResponse({"signatures": [one.signature for one in landed]})

    async def _ledger(self, request: Request) -> Response:
        return JSONResponse(
            {
                "now": listing.moment(self._chain.time.now()),
                "orders": [listing.ledger_entry(entry) for entry in self._book.orders.values()],
                "balances": self.balances(),
                "trades": [
                    listing.show_trade(trade) | {"user": trade.user}
                    for trades in self._book.trades.values()
                    for trade in trades
                ],
                "transactions": [
                    {
                        "signature": one.signature,
                        "user": one.user,
                        "kind": one.kind,
                        "ok": one.err is None,
                        "err": one.err,
                        "slot": self._chain.slots.slot_of(one.height),
                        "fee": str(one.fee),
                        "at": listing.moment(one.at),
                    }
                    for one in self._chain.landed.values()
                ],
            }
        )

    def balances(self) -> dict[str, dict[str, str]]:
        """Who owns what: `SOL` in lamports, tokens by mint in base units, wrapped SOL under its mint."""
        owned: dict[str, dict[str, str]] = {}
        for program in (ids.TOKEN, ids.TOKEN_2022):
            for _, account in self._chain.ledger.owned_by_program(program):
                if len(account.data) != accounts.TOKEN_ACCOUNT_SIZE:
                    continue
                holding = accounts.TokenAccount.parse(account.data)
                mine = owned.setdefault(str(holding.owner), {})
                mint = str(holding.mint)
                mine[mint] = str(int(mine.get(mint, "0")) + holding.amount)
        for key in {*owned, *self._chain.wallets()}:
            lamports = self._chain.lamports(Pubkey.from_string(key))
            owned.setdefault(key, {})["SOL"] = str(lamports)
        return owned


def _address(text: str) -> Pubkey:
    if not addresses.is_address(text):
        raise BadInput("address is not a Solana address")
    return Pubkey.from_string(text)


def _amount(value: object, most: int) -> int:
    """Raw base units, as a number or as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadInput(f"an amount must be a whole number of base units, at most {most}")
    return value
