"""A vault and a signer without cryptography, which still refuse what the real ones refuse."""

import base64
from datetime import datetime

from bot import errors
from bot.domain import actions, addresses, intents, wallets
from tests.fakes.chain import decode, make_address, sign
from tests.fakes.faults import Faults


class FakeVault:
    """Implements ports.Vault. A sealed seed is the address it belongs to."""

    def __init__(self) -> None:
        self._count = 0

    def create(self, user_id: int) -> tuple[str, wallets.SealedSeed]:
        self._count += 1
        pubkey = make_address(f"key {self._count} of {user_id}")
        return pubkey, _seal(user_id, pubkey)

    def seal_import(self, user_id: int, text: str) -> tuple[str, wallets.SealedSeed]:
        if not text.startswith("key:"):
            raise errors.InvalidKey
        pubkey = make_address(text)
        return pubkey, _seal(user_id, pubkey)

    def authenticate(self, wallet: wallets.Wallet) -> None:
        if wallet.sealed is not None and wallet.sealed != _seal(wallet.user_id, wallet.pubkey):
            raise errors.VaultError

    def unsafe_export(self, wallet: wallets.Wallet) -> str:
        self.authenticate(wallet)
        return f"secret of {addresses.shorten(wallet.pubkey)}"


def _seal(user_id: int, pubkey: str) -> wallets.SealedSeed:
    return wallets.SealedSeed(1, "k1", f"{user_id}:{pubkey}".encode())


class FakeSigner:
    """Implements ports.Signer: signs exactly the confirmed intent."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.signed: list[intents.Intent] = []

    def sign(
        self,
        wallet: wallets.Wallet,
        intent: intents.Intent,
        transaction: str,
        limits: intents.Limits,
        *,
        now: datetime,
    ) -> actions.Signed:
        def check_and_sign() -> actions.Signed:
            content = decode(transaction)
            if intents.from_json(content["intent"]) != intent:
                raise errors.TransactionMismatch("amount is 2, confirmed was 1", rule="G16", instruction=3)
            self.signed.append(intent)
            raw = base64.b64decode(transaction)
            order = make_address(sign(raw)) if isinstance(intent, intents.CreateOrder) else None
            return actions.Signed(sign(raw), content["blockhash"], raw, order)

        return self._faults.call("sign", check_and_sign)
