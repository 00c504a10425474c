"""Seals wallets' seeds and signs with them: the only place that holds a private key, for as long as one call.

A seed is sealed by AES-256-GCM under a master key. Version, user, address and key id are bound to it as
associated data, so a box that was moved to another row does not open there.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot import errors, texts
from bot.domain import addresses, wallets
from bot.keys import keyring

VERSION = 1
SEED_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_BOX_BYTES = _NONCE_BYTES + SEED_BYTES + _TAG_BYTES
_JSON_KEY = re.compile(r"\[\s*[0-9]{1,3}(?:\s*,\s*[0-9]{1,3}){63}\s*\]")


class Vault:
    """Implements ports.Vault. Nothing that it returns can sign, except what unsafe_export returns."""

    def __init__(self, ring: keyring.Keyring) -> None:
        self._ring = ring

    @property
    def current_key_id(self) -> str:
        return self._ring.current

    def create(self, user_id: int) -> tuple[str, wallets.SealedSeed]:
        """A fresh keypair: its address and its sealed seed."""
        seed = bytearray(os.urandom(SEED_BYTES))
        try:
            return self._seal_new(user_id, seed)
        finally:
            _wipe(seed)

    def seal_import(self, user_id: int, text: str) -> tuple[str, wallets.SealedSeed]:
        """Seal a private key as a person pastes it: base58 of 64 bytes, or a JSON array of 64 numbers.

        Raises InvalidKey, which holds no part of the text, neither itself nor through its context.
        """
        key = _parse_key(text)
        try:
            if key is None:
                raise errors.InvalidKey(texts.KEY_INVALID)
            seed = key[:SEED_BYTES]
            try:
                if _public_key(seed) != key[SEED_BYTES:]:
                    raise errors.InvalidKey(texts.KEY_DAMAGED)
                return self._seal_new(user_id, seed)
            finally:
                _wipe(seed)
        finally:
            if key is not None:
                _wipe(key)

    def authenticate(self, wallet: wallets.Wallet) -> None:
        """Prove that the row's address belongs to its sealed key and its user. Raises VaultError.

        A watched wallet has nothing to prove.
        """
        if wallet.sealed is not None:
            with self._opened(wallet):
                pass

    def sign(self, wallet: wallets.Wallet, message: bytes) -> bytes:
        """The wallet's ed25519 signature (64 bytes). Raises VaultError, WatchOnly.

        Whatever is signed here can move money: called by the signer only, after the policy.
        """
        with self._opened(wallet) as seed:
            return Ed25519PrivateKey.from_private_bytes(seed).sign(message)

    def reseal(self, wallet: wallets.Wallet) -> wallets.SealedSeed:
        """The same seed under the current master key. Raises VaultError, WatchOnly."""
        with self._opened(wallet) as seed:
            return self._seal(wallet.user_id, wallet.pubkey, seed)

    def unsafe_export(self, wallet: wallets.Wallet) -> str:
        """The private key as base58 of 64 bytes, for the person it belongs to.

        Raises VaultError, WatchOnly.
        """
        with self._opened(wallet) as seed:
            return addresses.encode_base58(bytes(seed) + _public_key(seed))

    def _seal_new(self, user_id: int, seed: bytearray) -> tuple[str, wallets.SealedSeed]:
        pubkey = addresses.encode_base58(_public_key(seed))
        return pubkey, self._seal(user_id, pubkey, seed)

    def _seal(self, user_id: int, pubkey: str, seed: bytearray) -> wallets.SealedSeed:
        key = self._ring.keys[self._ring.current]
        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(VERSION, user_id, pubkey, key.id)
        return wallets.SealedSeed(VERSION, key.id, nonce + AESGCM(key.secret).encrypt(nonce, seed, bound))

    @contextmanager
    def _opened(self, wallet: wallets.Wallet) -> Iterator[bytearray]:
        """The wallet's seed, proven to be the address's own; zeroed when the block ends."""
        sealed = wallet.sealed
        if sealed is None:
            raise errors.WatchOnly
        key = self._ring.find(sealed.key_id)
        if key is None:
            raise _unopened(f"wallet {wallet.id}: the keyring has no key {sealed.key_id}")
        if sealed.version != VERSION or len(sealed.box) != _BOX_BYTES:
            raise _unopened(f"wallet {wallet.id}: not a seed sealed by this version")
        nonce, box = sealed.box[:_NONCE_BYTES], sealed.box[_NONCE_BYTES:]
        bound = _bound(sealed.version, wallet.user_id, wallet.pubkey, sealed.key_id)
        seed = bytearray(SEED_BYTES)
        try:
            try:
                AESGCM(key.secret).decrypt_into(nonce, box, bound, seed)
            except InvalidTag:
                raise _unopened(f"wallet {wallet.id}: its row was changed") from None
            if addresses.encode_base58(_public_key(seed)) != wallet.pubkey:
                raise _unopened(f"wallet {wallet.id}: its address belongs to another key")
            yield seed
        finally:
            _wipe(seed)


def _bound(version: int, user_id: int, pubkey: str, key_id: str) -> bytes:
    """What a box belongs to: every part as text after its length, so that no two rows read the same."""
    parts = ("seed", str(version), str(user_id), pubkey, key_id)
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def _public_key(seed: bytearray) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _parse_key(text: str) -> bytearray | None:
    """64 bytes, or None. Raises nothing: a parser's error would carry the text."""
    text = text.strip()
    if _JSON_KEY.fullmatch(text):
        numbers = [int(number) for number in re.findall("[0-9]+", text)]
        return bytearray(numbers) if max(numbers) <= 255 else None
    try:
        key = bytearray(addresses.decode_base58(text))
    except ValueError:
        return None
    return key if len(key) == 2 * SEED_BYTES else None


def _wipe(secret: bytearray) -> None:
    """Zero a buffer. One copy fewer; Python promises nothing about the copies that libraries made."""
    secret[:] = bytes(len(secret))


def _unopened(reason: str) -> errors.VaultError:
    """The person reads the usual sentence; the reason is a note for the log."""
    error = errors.VaultError()
    error.add_note(reason)
    return error
