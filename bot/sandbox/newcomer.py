"""What a first run finds: a wallet that was never seen before is funded and has orders in several states."""

from solders.pubkey import Pubkey

from bot.sandbox import lies, orderstate, tokens
from bot.sandbox.book import Book, Entry
from bot.sandbox.chain import Chain
from bot.sandbox.keeper import Keeper
from bot.sandbox.prices import DAY_S
from bot.sandbox.treasury import Treasury
from bot.solana import programs
from bot.solana.programs import accounts, ids

MOST = 80
"""Wallets that are welcomed like this; later ones start empty."""
WELCOME_LAMPORTS = 5_000_000_000
WELCOME_TOKENS = {tokens.USDC.mint: 2_500_000_000, tokens.JUP.mint: 400_000_000}
HOUR_S = 3_600
SOON_S = 60


class Newcomers:
    def __init__(
        self, chain: Chain, book: Book, keeper: Keeper, treasury: Treasury, *, welcome: bool = True
    ) -> None:
        self._chain = chain
        self._book = book
        self._keeper = keeper
        self._treasury = treasury
        self._welcome = welcome
        self._seen = set(chain.store.load("newcomers"))

    def meet(self, owner: str) -> None:
        """Called for every owner that is asked about; what is new about them happens once."""
        if not self._welcome or owner in self._seen or len(self._seen) >= MOST:
            return
        wallet = Pubkey.from_string(owner)
        account = self._chain.account(wallet)
        foreign = account is not None and account.owner != ids.SYSTEM
        if foreign or not wallet.is_on_curve() or wallet in {self._treasury.address, lies.LIAR}:
            return
        with self._chain.store.unit():
            self._seen.add(owner)
            self._chain.store.put("newcomers", owner, True)  # noqa: FBT003 - the value kept
            self._treasury.fund(wallet, WELCOME_LAMPORTS, WELCOME_TOKENS)
            now = int(self._chain.time.now())
            self.finished_time_order(wallet, now - 3 * DAY_S)
            self.price_order(wallet, now - 20 * HOUR_S)
            self.time_order(wallet, now, starts_at=now + SOON_S)

    def price_order(self, user: Pubkey, created_at: int) -> Entry:
        """USDC into SOL, 25 USD a day; one fill long ago, most of the funds still there."""
        return self._open_price(user, tokens.USDC.mint, tokens.SOL.mint, 250_000_000, 25_000_000, created_at)

    def time_order(self, user: Pubkey, created_at: int, starts_at: int) -> Entry:
        """USDC into SOL, 50 USDC every minute of order time, ten times."""
        return self._open_time(user, tokens.SOL.mint, 500_000_000, 10, 60, created_at, starts_at)

    def finished_time_order(self, user: Pubkey, created_at: int) -> Entry:
        """USDC into JUP, four cycles, over by now."""
        entry = self._open_time(user, tokens.JUP.mint, 200_000_000, 4, 12 * HOUR_S, created_at, created_at)
        self._keeper.run_due(orders=[entry.key])
        return self._book.orders[entry.key]

    def foreign(self) -> Entry:
        """A price order of somebody else, for a lying list."""
        theirs = [entry for entry in self._book.active() if entry.state.user == lies.LIAR]
        return theirs[0] if theirs else self.price_order(lies.LIAR, int(self._chain.time.now()) - HOUR_S)

    def _open_time(
        self,
        user: Pubkey,
        output: Pubkey,
        amount: int,
        number: int,
        cycle_s: int,
        created_at: int,
        starts_at: int,
    ) -> Entry:
        spent = tokens.USDC.mint
        order, bump = self._address(ids.DCA, user, spent, output, created_at)
        state = accounts.Dca(
            user=user,
            input_mint=spent,
            output_mint=output,
            idx=created_at,
            next_cycle_at=starts_at,
            in_deposited=amount,
            in_withdrawn=0,
            out_withdrawn=0,
            in_used=0,
            out_received=0,
            in_amount_per_cycle=amount // number,
            cycle_frequency=cycle_s,
            next_cycle_amount_left=amount // number,
            in_account=programs.ata(order, spent),
            out_account=programs.ata(order, output),
            min_out_amount=0,
            max_out_amount=0,
            created_at=created_at,
            bump=bump,
        )
        return self._open(order, state)

    def _open_price(
        self, user: Pubkey, spent: Pubkey, output: Pubkey, amount: int, increment: int, created_at: int
    ) -> Entry:
        order, bump = self._address(ids.VA, user, spent, output, created_at)
        state = accounts.ValueAverage(
            idx=created_at,
            bump=bump,
            user=user,
            input_mint=spent,
            output_mint=output,
            increment_usdc_value=increment,
            order_interval=DAY_S,
            input_vault=programs.ata(order, spent),
            output_vault=programs.ata(order, output),
            auto_withdraw=True,
            created_at=created_at,
            in_deposited=amount,
            in_left=amount,
            in_used=0,
            in_withdrawn=0,
            out_received=0,
            out_withdrawn=0,
            supposed_usdc_value=0,
            next_order_at=created_at,
        )
        entry = self._open(order, state)
        self._keeper.run_due(orders=[entry.key])
        return self._book.orders[entry.key]

    def _address(
        self, program: Pubkey, user: Pubkey, spent: Pubkey, output: Pubkey, index: int
    ) -> tuple[Pubkey, int]:
        seeds = programs.derive.order_seeds(program, user, spent, output, index)
        return Pubkey.find_program_address(seeds, program)

    def _open(self, order: Pubkey, state: orderstate.State) -> Entry:
        payer = self._treasury
        steps = orderstate.open_order(
            state, order, payer.address, payer.vault(state.input_mint), payer.address
        )
        self._chain.execute(
            steps,
            payer.keypair,
            kind="open",
            authorities=[order],
            effects=[orderstate.Effect(order, state, opened=True)],
        )
        return self._book.orders[str(order)]
