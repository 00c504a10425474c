"""Whoever is on the other side: it holds everything that people do not, fills their orders and funds them.

Money is made once, in the first block, and only moves afterwards: every mint's supply stays what it is.
"""

from collections.abc import Mapping

from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bot.sandbox import ledger, steps, tokens
from bot.sandbox.chain import Chain, Landed
from bot.solana import programs
from bot.solana.programs import accounts, ids

LAMPORTS = 10**17
SUPPLY = 10**18
"""Base units of each token."""


class Treasury:
    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        kept = chain.store.load("treasury")
        self.keypair = Keypair.from_bytes(bytes.fromhex(kept["key"])) if kept else Keypair()
        if chain.ledger.fresh:
            self._first_block()

    @property
    def address(self) -> Pubkey:
        return self.keypair.pubkey()

    def vault(self, mint: Pubkey) -> Pubkey:
        """Its token account for a mint."""
        return programs.ata(self.address, mint, tokens.BY_MINT[str(mint)].program)

    def pay(self, to: Pubkey, mint: Pubkey, amount: int) -> list[Instruction]:
        """Instructions that pay base units out to a wallet; wrapped SOL is paid as SOL."""
        if mint == ids.WSOL_MINT:
            return [steps.send_lamports(self.address, to, amount)]
        program = tokens.BY_MINT[str(mint)].program
        receiver = programs.ata(to, mint, program)
        return [
            steps.create_ata(self.address, to, mint, program),
            steps.move(self.vault(mint), receiver, self.address, amount, program),
        ]

    def fund(self, to: Pubkey, lamports: int, amounts: Mapping[Pubkey, int]) -> list[Landed]:
        """Give a wallet SOL and tokens; a transaction for each."""
        gifts = [(ids.WSOL_MINT, lamports), *amounts.items()]
        return [
            self._chain.execute([*self.pay(to, mint, amount), self.stamp("fund")], self.keypair, kind="fund")
            for mint, amount in gifts
            if amount > 0
        ]

    def stamp(self, text: str) -> Instruction:
        """A memo that makes a transaction unlike any other."""
        return steps.memo(f"{text} {len(self._chain.landed)}")

    def _first_block(self) -> None:
        chain = self._chain
        with chain.store.unit():
            chain.store.put("treasury", "key", bytes(self.keypair).hex())
            chain.ledger.put(self.address, ledger.with_lamports(ledger.NOTHING, LAMPORTS))
            for token in tokens.ALL:
                native = token.mint == ids.WSOL_MINT
                mint = accounts.Mint(decimals=token.decimals, supply=0 if native else SUPPLY)
                chain.ledger.put(
                    token.mint, Account(steps.rent(accounts.MINT_SIZE), mint.build(), token.program)
                )
                holding = accounts.TokenAccount(
                    mint=token.mint,
                    owner=self.address,
                    amount=LAMPORTS if native else SUPPLY,
                    delegate=None,
                    state=1,
                    native_rent=steps.RENT_TOKEN_ACCOUNT if native else None,
                    delegated_amount=0,
                    close_authority=None,
                )
                lamports = steps.RENT_TOKEN_ACCOUNT + (LAMPORTS if native else 0)
                chain.ledger.put(self.vault(token.mint), Account(lamports, holding.build(), token.program))
