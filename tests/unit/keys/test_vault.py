"""The vault: what it seals opens again, for the same row only, and nothing but a signature comes out."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from bot import errors
from bot.domain import addresses, wallets
from bot.keys import keyring, vault
from tests.fakes import keys as fakes

RFC8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]
KEYS = vault.Vault(fakes.make_ring())
WALLET = fakes.create_wallet(KEYS)
OTHER = fakes.create_wallet(KEYS, wallet_id=2)


def _sealed(wallet: wallets.Wallet) -> wallets.SealedSeed:
    assert wallet.sealed is not None
    return wallet.sealed


def _refuses(wallet: wallets.Wallet, keys: vault.Vault = KEYS) -> None:
    """No operation of the vault works on this row."""
    for call in (
        lambda: keys.authenticate(wallet),
        lambda: keys.sign(wallet, b"message"),
        lambda: keys.unsafe_export(wallet),
        lambda: keys.reseal(wallet),
    ):
        with pytest.raises(errors.VaultError) as caught:
            call()
        assert caught.value.message == errors.VaultError().message


def _import(keypair: Keypair) -> wallets.Wallet:
    return fakes.make_wallet(1, 7, *KEYS.seal_import(7, str(keypair)))


# --- what works ------------------------------------------------------------------------------------------


def test_a_created_wallet_opens_and_signs() -> None:
    """The signature of a fresh wallet verifies under its address, in another implementation."""
    KEYS.authenticate(WALLET)
    signature = Signature(KEYS.sign(WALLET, b"message"))
    assert signature.verify(Pubkey.from_string(WALLET.pubkey), b"message")
    assert not signature.verify(Pubkey.from_string(WALLET.pubkey), b"another")


def test_created_wallets_differ() -> None:
    """Each has its own key."""
    assert WALLET.pubkey != OTHER.pubkey


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC8032)
def test_signatures_are_those_of_the_standard(seed: str, public: str, message: str, signature: str) -> None:
    """Vectors 1 and 2 of RFC 8032, section 7.1."""
    text = addresses.encode_base58(bytes.fromhex(seed + public))
    wallet = fakes.make_wallet(1, 7, *KEYS.seal_import(7, text))
    assert wallet.pubkey == addresses.encode_base58(bytes.fromhex(public))
    assert KEYS.sign(wallet, bytes.fromhex(message)).hex() == signature


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=1232))
def test_addresses_and_signatures_agree_with_solana(seed: bytes, message: bytes) -> None:
    """For any seed: the same address, signature and export as Solana's own library."""
    keypair = Keypair.from_seed(seed)
    wallet = _import(keypair)
    assert wallet.pubkey == str(keypair.pubkey())
    assert KEYS.sign(wallet, message) == bytes(keypair.sign_message(message))
    assert KEYS.unsafe_export(wallet) == str(keypair)


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda keypair: f"\n  {keypair}\t",
        lambda keypair: json.dumps(list(bytes(keypair))),
        lambda keypair: json.dumps(list(bytes(keypair)), indent=4),
        lambda keypair: json.dumps(list(bytes(keypair)), separators=(",", ":")),
    ],
    ids=["base58", "spaces around", "json", "json indented", "json compact"],
)
def test_both_forms_are_imported(form: object) -> None:
    """Base58 of 64 bytes and a JSON array of 64 numbers, with any space around."""
    assert callable(form)
    keypair = Keypair()
    pubkey, _sealed_seed = KEYS.seal_import(7, form(keypair))
    assert pubkey == str(keypair.pubkey())


def test_sealing_twice_gives_different_boxes() -> None:
    """A nonce is never used twice, and equal keys cannot be told from the database."""
    boxes = {_sealed(WALLET).box, *(KEYS.reseal(WALLET).box for _ in range(100))}
    assert len(boxes) == 101
    assert len({box[:12] for box in boxes}) == 101


def test_reseal_moves_to_the_current_key() -> None:
    """The new box opens under the new key alone, the old one under the old."""
    old, new = keyring.MasterKey.generate(), keyring.MasterKey.generate()
    wallet = fakes.create_wallet(vault.Vault(fakes.make_ring(old)))
    both = vault.Vault(fakes.make_ring(old, new))
    moved = replace(wallet, sealed=both.reseal(wallet))
    assert _sealed(moved).key_id == new.id
    vault.Vault(fakes.make_ring(new)).authenticate(moved)
    _refuses(moved, vault.Vault(fakes.make_ring(old)))
    _refuses(wallet, vault.Vault(fakes.make_ring(new)))


def test_a_watched_wallet_has_nothing_to_prove_and_cannot_sign() -> None:
    """Authenticated trivially; everything that needs a key says that there is none."""
    watched = fakes.make_wallet(1, 7, WALLET.pubkey, None)
    KEYS.authenticate(watched)
    for call in (
        lambda: KEYS.sign(watched, b""),
        lambda: KEYS.unsafe_export(watched),
        lambda: KEYS.reseal(watched),
    ):
        with pytest.raises(errors.WatchOnly):
            call()


def test_rows_of_the_first_release_open_for_good() -> None:
    """The form of a sealed row is fixed: this one was put together by hand."""
    secret, nonce, seed = bytes(range(32)), bytes(range(12)), bytes.fromhex(RFC8032[0][0])
    key = keyring.MasterKey("4be0e1b0e0d6", fakes.ADDED_AT, secret)
    pubkey = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"
    bound = b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (b"seed", b"1", b"7", pubkey.encode(), b"4be0e1b0e0d6")
    )
    box = nonce + AESGCM(secret).encrypt(nonce, seed, bound)
    wallet = fakes.make_wallet(1, 7, pubkey, wallets.SealedSeed(1, key.id, box))
    keys = vault.Vault(fakes.make_ring(key))
    assert keys.unsafe_export(wallet) == addresses.encode_base58(bytes.fromhex(RFC8032[0][0] + RFC8032[0][1]))


# --- rows that were changed ------------------------------------------------------------------------------


@given(st.integers(0, 60 * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    """Nonce, ciphertext and tag: every bit counts."""
    sealed = _sealed(WALLET)
    box = bytearray(sealed.box)
    box[bit // 8] ^= 1 << bit % 8
    _refuses(replace(WALLET, sealed=replace(sealed, box=bytes(box))))


@given(st.integers(0, 59), st.booleans())
def test_any_truncation_is_refused(length: int, front: bool) -> None:
    """At either end, down to nothing."""
    sealed = _sealed(WALLET)
    box = sealed.box[:length] if front else sealed.box[60 - length :]
    _refuses(replace(WALLET, sealed=replace(sealed, box=box)))


@given(st.binary(min_size=1, max_size=64))
def test_appended_bytes_are_refused(more: bytes) -> None:
    """A box has exactly one length."""
    sealed = _sealed(WALLET)
    _refuses(replace(WALLET, sealed=replace(sealed, box=sealed.box + more)))


@given(st.binary(max_size=80))
def test_random_boxes_are_refused(box: bytes) -> None:
    """Nothing that was not sealed here opens."""
    _refuses(replace(WALLET, sealed=replace(_sealed(WALLET), box=box)))


@pytest.mark.parametrize(
    "changed",
    [
        replace(WALLET, user_id=8),
        replace(WALLET, pubkey=OTHER.pubkey),
        replace(WALLET, sealed=OTHER.sealed),
        replace(OTHER, sealed=WALLET.sealed),
        replace(WALLET, pubkey=""),
        replace(WALLET, sealed=replace(_sealed(WALLET), version=2)),
        replace(WALLET, sealed=replace(_sealed(WALLET), version=0)),
        replace(WALLET, sealed=replace(_sealed(WALLET), key_id="")),
        replace(WALLET, sealed=replace(_sealed(WALLET), key_id="0" * 12)),
    ],
    ids=[
        "another user",
        "another address",
        "another wallet's key",
        "the other way round",
        "no address",
        "later version",
        "earlier version",
        "no key id",
        "unknown key id",
    ],
)
def test_swapped_parts_of_rows_are_refused(changed: wallets.Wallet) -> None:
    """User, address, version and key id are bound to the sealed seed."""
    _refuses(changed)


def test_a_row_of_a_later_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed correctly, but in a form that this release does not know."""
    monkeypatch.setattr(vault, "VERSION", 2)
    later = fakes.create_wallet(KEYS)
    KEYS.authenticate(later)
    monkeypatch.undo()
    _refuses(later)


def test_names_and_row_numbers_are_free_to_change() -> None:
    """What a person may rename, and what a database renumbers, is not bound."""
    KEYS.authenticate(replace(WALLET, id=99, name="Savings", default=True))


def test_a_key_under_another_keys_name_is_refused() -> None:
    """A ring whose names were swapped opens nothing: key ids are bound, and keys never tried in turn."""
    first, second = keyring.MasterKey.generate(), keyring.MasterKey.generate()
    wallet = fakes.create_wallet(vault.Vault(fakes.make_ring(first, second)))
    swapped = keyring.Keyring(second.id, {first.id: second, second.id: first})
    _refuses(wallet, vault.Vault(swapped))
    _refuses(replace(wallet, sealed=replace(_sealed(wallet), key_id=first.id)), vault.Vault(swapped))


def test_an_address_sealed_with_the_wrong_seed_is_refused() -> None:
    """Even a box that is bound to the row must hold the seed of the row's address."""
    lying = KEYS._seal(WALLET.user_id, OTHER.pubkey, bytearray(32))
    _refuses(replace(WALLET, pubkey=OTHER.pubkey, sealed=lying))


def test_bound_parts_cannot_run_into_each_other() -> None:
    """Lengths are part of what is bound: (1, 23) is not (12, 3)."""
    assert vault._bound(1, 1, "23", "k") != vault._bound(1, 12, "3", "k")
    assert vault._bound(1, 7, "ab", "c") != vault._bound(1, 7, "a", "bc")


# --- keys that cannot be imported ------------------------------------------------------------------------

KEYPAIR = Keypair.from_seed(bytes(range(32)))
RAW = bytes(KEYPAIR)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "[]",
        "[1,2,3]",
        "[" * 5000,
        json.dumps(list(RAW[:32])),
        json.dumps(list(RAW[:63])),
        json.dumps([*RAW, 1]),
        json.dumps([*RAW[:63], 256]),
        json.dumps([*RAW[:63], 999]),
        json.dumps([*RAW[:63], -1]),
        json.dumps([*RAW[:63], True]),
        json.dumps([*RAW[:63], 1.0]),
        json.dumps([*RAW[:63], "1"]),
        json.dumps([list(RAW)]),
        json.dumps(list(RAW)).replace(", ", " "),
        json.dumps(list(RAW)).replace("[", "").replace("]", ""),
        json.dumps(list(RAW)).replace("1", "١"),
        RAW.hex(),
        addresses.encode_base58(RAW[:32]),
        addresses.encode_base58(RAW[:63]),
        addresses.encode_base58(RAW + b"\x01"),
        addresses.encode_base58(RAW)[:-1],
        addresses.encode_base58(RAW) + "0",
        addresses.encode_base58(RAW).replace("2", "l"),
        addresses.encode_base58(RAW) * 2,
        addresses.encode_base58(RAW[32:] + RAW[:32]),
        addresses.encode_base58(bytes(32) + RAW[32:]),
        addresses.encode_base58(bytes([RAW[0] ^ 1]) + RAW[1:]),
        "1" * 64,
        "5" * 10_000,
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
    ],
)
def test_other_texts_are_refused_without_repeating_them(text: str) -> None:
    """One sentence of ours; no piece of what was pasted in it, its cause, context or notes."""
    with pytest.raises(errors.InvalidKey) as caught:
        KEYS.seal_import(7, text)
    error: BaseException = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert not hasattr(error, "__notes__")
    pieces = {text[start : start + 12] for start in range(max(len(text) - 12, 0))}
    assert not any(piece in str(error) for piece in pieces)


@given(st.text(max_size=200))
def test_any_text_is_refused_or_imported_never_a_crash(text: str) -> None:
    """Whatever a person pastes."""
    with pytest.raises(errors.InvalidKey):
        KEYS.seal_import(7, text)


@given(st.integers(0, 64 * 8 - 1))
def test_a_key_with_any_flipped_bit_is_refused(bit: int) -> None:
    """The second half must be the public key of the first: a typo cannot make another wallet."""
    raw = bytearray(RAW)
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(errors.InvalidKey, match="halves"):
        KEYS.seal_import(7, addresses.encode_base58(bytes(raw)))


# --- nothing shows ---------------------------------------------------------------------------------------


def test_a_failed_opening_says_why_only_in_the_log() -> None:
    """The person reads the usual sentence; wallet and reason are a note for the operator."""
    with pytest.raises(errors.VaultError) as caught:
        KEYS.authenticate(replace(WALLET, user_id=8))
    assert caught.value.__notes__ == ["wallet 1: its row was changed"]


def test_seeds_are_zeroed_after_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every buffer that held a seed or a pasted key is zero when the call is over."""
    buffers: list[bytearray] = []
    seen: list[bytes] = []
    derive = vault._public_key

    def watch(seed: bytearray) -> bytes:
        buffers.append(seed)
        seen.append(bytes(seed))
        return derive(seed)

    monkeypatch.setattr(vault, "_public_key", watch)
    keypair = Keypair()
    wallet = _import(keypair)
    KEYS.sign(wallet, b"message")
    KEYS.create(7)
    with pytest.raises(errors.VaultError):
        KEYS.sign(replace(wallet, sealed=KEYS._seal(7, wallet.pubkey, bytearray(b"s" * 32))), b"message")
    assert bytes(keypair)[:32] in seen
    assert b"s" * 32 in seen
    assert len(buffers) >= 5
    assert all(bytes(buffer) == bytes(32) for buffer in buffers)


def test_nothing_secret_has_a_representation() -> None:
    """Neither the vault nor a row shows a key, sealed or not."""
    keypair = Keypair()
    wallet = _import(keypair)
    for shown in (repr(KEYS), repr(wallet), str(wallet.sealed)):
        assert str(keypair)[:10] not in shown
        assert _sealed(wallet).box.hex()[:10] not in shown
        assert repr(_sealed(wallet).box)[2:10] not in shown
