"""The signer: only what was confirmed gets a signature, and only from the wallet it was confirmed for."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from bot import errors
from bot.domain import actions, addresses, intents, wallets
from bot.keys import signer, vault
from bot.solana import build, policy, programs
from bot.solana.programs import ids, jupiter
from tests.fakes import keys as fakes
from tests.fakes import solana

KEYS = vault.Vault(fakes.make_ring())
WALLET = fakes.create_wallet(KEYS)
TO = str(Keypair().pubkey())
INTENT = intents.Send(user=WALLET.pubkey, to=TO, amount_raw=1_000_000)
BLOCKHASH = str(Hash.new_unique())
TRANSACTION = build.send(INTENT, BLOCKHASH, create_account=False)
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class RecordingVault(vault.Vault):
    """A vault that remembers what it was asked to sign."""

    def __init__(self) -> None:
        super().__init__(KEYS._ring)
        self.signed: list[bytes] = []

    def sign(self, wallet: wallets.Wallet, message: bytes) -> bytes:
        self.signed.append(message)
        return super().sign(wallet, message)


def _sign(
    keys: vault.Vault = KEYS,
    wallet: wallets.Wallet = WALLET,
    intent: intents.Intent = INTENT,
    transaction: str = TRANSACTION,
) -> actions.Signed:
    return signer.PolicySigner(keys).sign(wallet, intent, transaction, intents.Limits(), now=NOW)


def test_what_was_confirmed_is_signed() -> None:
    """The bytes are a transaction that the chain accepts as signed, and its id is known."""
    signed = _sign()
    transaction = VersionedTransaction.from_bytes(signed.raw)
    assert transaction.verify_with_results() == [True]
    assert str(transaction.signatures[0]) == signed.signature
    assert str(transaction.message.recent_blockhash) == signed.blockhash == BLOCKHASH
    unsigned = VersionedTransaction.from_bytes(base64.b64decode(TRANSACTION))
    assert bytes(transaction.message) == bytes(unsigned.message)
    assert signed.order is None


def test_signing_again_gives_the_same_bytes() -> None:
    """Ed25519 is deterministic: a repeat is the same transaction, not a second one."""
    assert _sign() == _sign()


@pytest.mark.parametrize(
    "intent",
    [
        replace(INTENT, amount_raw=999_999),
        replace(INTENT, to=str(Keypair().pubkey())),
        intents.Unwrap(user=WALLET.pubkey),
    ],
    ids=["amount", "receiver", "kind"],
)
def test_something_else_is_refused_before_the_key_is_touched(intent: intents.Intent) -> None:
    """The policy comes first: the vault is not even asked."""
    keys = RecordingVault()
    with pytest.raises(errors.TransactionMismatch):
        _sign(keys, intent=intent)
    assert keys.signed == []


def test_an_intent_of_another_wallet_is_refused() -> None:
    """Intent and transaction agree, but the wallet is not the one they are for."""
    keys = RecordingVault()
    other = fakes.create_wallet(KEYS, wallet_id=2)
    with pytest.raises(errors.TransactionMismatch) as caught:
        _sign(keys, wallet=other)
    assert other.pubkey in caught.value.reason
    assert keys.signed == []


def test_an_order_that_was_not_proven_is_not_signed_for() -> None:
    """Whoever inspects may leave the index out; whoever signs may not."""
    user = Pubkey.from_string(WALLET.pubkey)
    order = programs.va_order(user, ids.USDC_MINT, ids.WSOL_MINT, 7)
    cast = programs.cast(
        program=ids.VA, user=user, order=order, input_mint=ids.USDC_MINT, output_mint=ids.WSOL_MINT
    )
    deposit = jupiter.DEPOSIT_VA.build({"amount": 5}, cast)
    proven = intents.Deposit(
        user=WALLET.pubkey,
        order=str(order),
        input_mint=str(ids.USDC_MINT),
        output_mint=str(ids.WSOL_MINT),
        amount_raw=5,
        order_index=7,
    )
    crafted = solana.pack([deposit], payer=user)
    assert _sign(intent=proven, transaction=crafted).raw
    keys, unproven = RecordingVault(), replace(proven, order_index=None)
    policy.check(crafted, unproven, intents.Limits())
    with pytest.raises(errors.TransactionMismatch) as caught:
        _sign(keys, intent=unproven, transaction=crafted)
    assert caught.value.rule == "G17"
    assert keys.signed == []


def test_a_changed_row_signs_nothing() -> None:
    """A wallet row whose user was edited is refused by the vault."""
    with pytest.raises(errors.VaultError):
        _sign(wallet=replace(WALLET, user_id=8))


def test_a_watched_wallet_signs_nothing() -> None:
    """There is no key."""
    with pytest.raises(errors.WatchOnly):
        _sign(wallet=replace(WALLET, sealed=None))


@pytest.mark.parametrize("bit", [0, 255, 511])
def test_a_miscomputed_signature_does_not_leave(bit: int) -> None:
    """A fault in signing is caught by another implementation before the bytes are handed out."""

    class Faulty(vault.Vault):
        def sign(self, wallet: wallets.Wallet, message: bytes) -> bytes:
            signature = bytearray(KEYS.sign(wallet, message))
            signature[bit // 8] ^= 1 << bit % 8
            return bytes(signature)

    with pytest.raises(errors.SigningError):
        _sign(Faulty(KEYS._ring))


def test_the_signature_is_the_users() -> None:
    """The id is the base58 of the 64 bytes that the vault made for exactly this message."""
    keys = RecordingVault()
    signed = _sign(keys)
    (message,) = keys.signed
    assert signed.signature == addresses.encode_base58(KEYS.sign(WALLET, message))
