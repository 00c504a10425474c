"""Read the chain through its RPC: what wallets hold, mints, blockhashes, heights and signatures.

Everything is asked for in base64, the one encoding that every node and the sandbox answer alike.
"""

import base64
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from solders.pubkey import Pubkey

from bot import errors, ports
from bot.solana import answers, programs, rpc
from bot.solana.programs import accounts, ids

Commitment = Literal["processed", "confirmed", "finalized"]
_MOST_ACCOUNTS = 100
"""Protocol maximum of getMultipleAccounts."""


class RpcChain:
    """Implements ports.Chain, and offers the calls that submitter, prover and clock are made of.

    Every method raises GatewayUnavailable (RateLimited) and UnexpectedResponse; all but send are safe to
    repeat and retry by themselves.
    """

    def __init__(self, client: rpc.Rpc) -> None:
        self._rpc = client

    # --- ports.Chain ---

    async def fetch_holdings(self, owner: str) -> ports.Holdings:
        result = await self._rpc.read("getBalance", owner, {"commitment": "confirmed"})
        lamports = answers.number_in_context(result)
        result = await self._rpc.read(
            "getTokenAccountsByOwner",
            owner,
            {"programId": str(ids.TOKEN)},
            {"encoding": "base64", "commitment": "confirmed"},
        )
        wallet = Pubkey.from_string(owner)
        tokens = {}
        for key, info in answers.token_accounts(result):
            account = _token_account(info)
            if account is not None and key == programs.ata(wallet, account.mint):
                tokens[str(account.mint)] = account.amount
        return ports.Holdings(lamports, tokens)

    async def fetch_mints(self, mints: Collection[str]) -> dict[str, ports.Mint]:
        wanted = sorted(set(mints))
        found = {}
        for text, info in zip(wanted, await self._fetch_many(map(Pubkey.from_string, wanted)), strict=True):
            mint = _mint(info)
            if mint is not None:
                found[text] = mint
        return found

    async def is_wallet(self, address: str) -> bool:
        key = Pubkey.from_string(address)
        if not key.is_on_curve():
            return False
        (account,) = (await self.fetch_accounts([key])).accounts
        return account is None or (account.owner == ids.SYSTEM and not account.executable)

    async def fetch_missing_accounts(self, owner: str, mints: Collection[str]) -> frozenset[str]:
        wanted = sorted(set(mints))
        wallet = Pubkey.from_string(owner)
        infos = await self._fetch_many(programs.ata(wallet, Pubkey.from_string(mint)) for mint in wanted)
        return frozenset(
            mint for mint, info in zip(wanted, infos, strict=True) if info is None or info.owner != ids.TOKEN
        )

    # --- accounts ---

    async def find_spender(self, owner: str, mint: str) -> str | None:
        """Who may spend what is sent to a wallet; None = it has no account for this token yet.

        Once made, that account can be handed to somebody else.
        """
        account = programs.ata(Pubkey.from_string(owner), Pubkey.from_string(mint))
        (info,) = (await self.fetch_accounts([account])).accounts
        found = None if info is None or info.owner != ids.TOKEN else _token_account(info)
        return None if found is None else str(found.owner)

    async def fetch_accounts(self, keys: Sequence[Pubkey], min_slot: int | None = None) -> answers.Snapshot:
        """At most 100 accounts as of one slot; with `min_slot` from a node that has seen that one."""
        config = _config("confirmed", min_slot) | {"encoding": "base64"}
        result = await self._rpc.read("getMultipleAccounts", [str(key) for key in keys], config)
        return answers.snapshot(result, len(keys))

    async def _fetch_many(self, keys: Iterable[Pubkey]) -> list[answers.AccountInfo | None]:
        wanted = list(keys)
        found: list[answers.AccountInfo | None] = []
        for start in range(0, len(wanted), _MOST_ACCOUNTS):
            found.extend((await self.fetch_accounts(wanted[start : start + _MOST_ACCOUNTS])).accounts)
        return found

    # --- blockhashes, heights, time ---

    async def fetch_blockhash(
        self, commitment: Commitment = "confirmed", min_slot: int | None = None
    ) -> answers.Blockhash:
        """The newest blockhash; with `min_slot` from a node that has seen that slot."""
        result = await self._rpc.read("getLatestBlockhash", _config(commitment, min_slot))
        return answers.blockhash(result)

    async def fetch_blockhash_valid(
        self, blockhash: str, commitment: Commitment = "confirmed"
    ) -> tuple[bool, int]:
        """Whether a blockhash is alive, and at which slot that was true."""
        result = await self._rpc.read("isBlockhashValid", blockhash, {"commitment": commitment})
        return answers.flag_in_context(result)

    async def fetch_height(self, commitment: Commitment, min_slot: int | None = None) -> int:
        return answers.number(await self._rpc.read("getBlockHeight", _config(commitment, min_slot)))

    async def fetch_slot(self, commitment: Commitment = "confirmed") -> int:
        return answers.number(await self._rpc.read("getSlot", {"commitment": commitment}))

    async def fetch_block_time(self, slot: int) -> int:
        """Unix seconds of a block, as the cluster estimates them."""
        return answers.number(await self._rpc.read("getBlockTime", slot))

    # --- transactions ---

    async def simulate(
        self, transaction: str, keys: Sequence[Pubkey], min_slot: int | None = None
    ) -> answers.Simulated:
        """What an unsigned transaction (base64) would do to these accounts. Nothing is sent."""
        config = _config("confirmed", min_slot) | {
            "encoding": "base64",
            "sigVerify": False,
            "replaceRecentBlockhash": False,
            "accounts": {"encoding": "base64", "addresses": [str(key) for key in keys]},
        }
        return answers.simulated(await self._rpc.read("simulateTransaction", transaction, config), len(keys))

    async def send(self, signed: bytes, *, skip_preflight: bool) -> None:
        """Hand in a signed transaction; the node does not repeat it by itself.

        Raises GatewayUnavailable when no connection was made, OutcomeUnknown for everything else.
        """
        config: dict[str, Any] = {"encoding": "base64", "skipPreflight": skip_preflight, "maxRetries": 0}
        if not skip_preflight:
            config["preflightCommitment"] = "confirmed"
        await self._rpc.send("sendTransaction", base64.b64encode(signed).decode(), config)

    async def fetch_finalized(self) -> ports.Finalized:
        return answers.epoch(await self._rpc.read("getEpochInfo", {"commitment": "finalized"}))

    async def fetch_status(
        self, signature: str, *, history: bool, min_slot: int = 0
    ) -> ports.SignatureStatus | None:
        """None from a node that has seen `min_slot`; one that lags behind it counts as no answer."""
        config = {"searchTransactionHistory": history}
        result = await self._rpc.read("getSignatureStatuses", [signature], config)
        found = answers.status(result)
        if found is None and answers.slot_of(result) < min_slot:
            raise errors.GatewayUnavailable(service=rpc.SERVICE)
        return found


def _config(commitment: Commitment, min_slot: int | None) -> dict[str, Any]:
    return {"commitment": commitment} | ({} if min_slot is None else {"minContextSlot": min_slot})


def _token_account(info: answers.AccountInfo) -> accounts.TokenAccount | None:
    try:
        return accounts.TokenAccount.parse(info.data)
    except ValueError:
        return None


def _mint(info: answers.AccountInfo | None) -> ports.Mint | None:
    if info is None or info.owner not in {ids.TOKEN, ids.TOKEN_2022}:
        return None
    classic = info.owner == ids.TOKEN
    if classic and len(info.data) != accounts.MINT_SIZE:
        return None
    if not classic and len(info.data) > accounts.MINT_SIZE and info.data[165:166] != b"\1":
        return None  # Token-2022 marks what an extended account is: 1 is a mint
    try:
        mint = accounts.Mint.parse(info.data)
    except ValueError:
        return None
    return ports.Mint(mint.decimals, classic) if mint.initialized else None
