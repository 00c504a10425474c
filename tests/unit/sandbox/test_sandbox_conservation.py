"""Whatever people and the keeper do, money only moves: nothing appears, nothing disappears but fees."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bot.sandbox import orderstate, tokens, treasury
from bot.sandbox.book import Entry
from bot.solana import programs
from bot.solana.programs import accounts
from tests.fakes.sandbox import SOL, Harness


class Money(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "kept.sqlite3"
        self.harness = Harness(self.path)
        self.lamports = sum(account["lamports"] for account in self._kept().values())
        self.user = self.harness.wallet()
        self.harness.price_order(self.user)

    def teardown(self) -> None:
        self.harness.standins.store.close()
        self.folder.cleanup()

    def _kept(self) -> dict[str, Any]:
        return self.harness.standins.store.load("accounts")

    def _do(self, crafted: Any) -> None:
        asyncio.run(self.harness.execute(self.user, crafted))

    def _active(self, family: str) -> list[Entry]:
        return [entry for entry in self.harness.book.active() if entry.family == family]

    @rule(amount=st.integers(1, 3_000_000_000))
    @precondition(lambda self: self._active("price"))
    def deposit(self, amount: int) -> None:
        """Also more than there is."""
        order = self._active("price")[0]
        self._do(asyncio.run(self.harness.deposit(self.user, order, amount)))

    @rule(amount=st.none() | st.integers(1, 400_000_000), side=st.sampled_from(["In", "Out"]))
    @precondition(lambda self: self._active("price"))
    def withdraw(self, amount: int | None, side: str) -> None:
        order = self._active("price")[0]
        self._do(asyncio.run(self.harness.withdraw(self.user, order, amount, side)))

    @rule(amount=st.integers(100, 900).map(lambda whole: whole * 1_000_000 + 1), sol=st.booleans())
    def create(self, amount: int, sol: bool) -> None:
        mints = (tokens.SOL.mint, tokens.JUP.mint) if sol else (tokens.USDC.mint, tokens.SOL.mint)
        body: dict[str, Any] = {"inputMint": str(mints[0]), "outputMint": str(mints[1]), "interval": 60}
        body["inAmount"] = SOL + amount if sol else amount + 2_000_000
        self._do(asyncio.run(self.harness.create(self.user, **body)))

    @rule(family=st.sampled_from(["time", "price"]))
    def cancel(self, family: str) -> None:
        for order in self._active(family)[:1]:
            self._do(asyncio.run(self.harness.cancel(self.user, order)))

    @rule(seconds=st.sampled_from([30, 100, 90_000]))
    def pass_time(self, seconds: int) -> None:
        self.harness.pass_slots(2)
        self.harness.standins.time.advance(seconds)
        self.harness.standins.keeper.run_due()

    @rule(lamports=st.integers(1, 6 * SOL))
    def send(self, lamports: int) -> None:
        self.harness.pass_slots(1)
        self.harness.chain.submit(self.harness.transfer(self.user, Keypair().pubkey(), lamports))

    @rule()
    def restart(self) -> None:
        """Nothing waits for a goodbye: closing has nothing left to write."""
        self.harness.standins.store.close()
        self.harness = Harness(self.path, clocks=self.harness.clocks)

    @invariant()
    def lamports_are_conserved(self) -> None:
        """All accounts together hold what the first block made, less every fee that was paid."""
        fees = sum(landed.fee for landed in self.harness.chain.landed.values())
        assert sum(account["lamports"] for account in self._kept().values()) == self.lamports - fees

    @invariant()
    def tokens_are_conserved(self) -> None:
        """Each mint's token accounts add up to its supply; wrapped SOL is covered by its lamports."""
        held: dict[str, int] = {}
        for _, account in self.harness.chain.ledger.owned_by_program(programs.ids.TOKEN):
            if len(account.data) == accounts.TOKEN_ACCOUNT_SIZE:
                holding = accounts.TokenAccount.parse(account.data)
                held[str(holding.mint)] = held.get(str(holding.mint), 0) + holding.amount
                if holding.native_rent is not None:
                    assert account.lamports == holding.amount + holding.native_rent
        for token in (tokens.USDC, tokens.JUP):
            assert held[str(token.mint)] == treasury.SUPPLY

    @invariant()
    def orders_hold_what_they_say(self) -> None:
        """Vault, account, record and trades of every order agree."""
        for entry in self.harness.book.orders.values():
            used = sum(trade.in_raw for trade in self.harness.book.trades[entry.key])
            assert used == entry.state.in_used
            order = Pubkey.from_string(entry.key)
            assert self.harness.chain.order(order) == (entry.state if entry.active else None)
            vault = self.harness.chain.tokens(programs.ata(order, entry.state.input_mint))
            assert vault == (orderstate.in_left(entry.state) if entry.active else 0)


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
