"""From a checked transaction to a signed one: the policy first, the key after it."""

from datetime import datetime

from bot import errors
from bot.domain import actions, addresses, intents, wallets
from bot.keys import vault
from bot.solana import policy


class PolicySigner:
    """Implements ports.Signer."""

    def __init__(self, keys: vault.Vault) -> None:
        self._keys = keys

    def sign(
        self,
        wallet: wallets.Wallet,
        intent: intents.Intent,
        transaction: str,
        limits: intents.Limits,
        *,
        now: datetime,
    ) -> actions.Signed:
        """Sign `transaction` (base64) with the wallet's key if it does what the intent says, nothing else.

        Raises TransactionMismatch, VaultError, WatchOnly, SigningError: then nothing that can be sent exists.
        """
        if intent.user != wallet.pubkey:
            raise errors.TransactionMismatch(
                f"the intent is for {intent.user}, the wallet is {wallet.pubkey}", rule="wallet"
            )
        if isinstance(intent, intents.OfAnOrder) and intent.order_index is None:
            raise errors.TransactionMismatch("the order was not proven to be the wallet's own", rule="G17")
        checked = policy.check(transaction, intent, limits, now=now)
        signature = self._keys.sign(wallet, checked.message_bytes)
        return actions.Signed(
            signature=addresses.encode_base58(signature),
            blockhash=checked.blockhash,
            # Verifies it with another implementation than the one that signed: a miscomputed ed25519
            # signature can give the key away, so it must not leave.
            raw=checked.attach(signature),
            order=checked.order,
        )
