"""Real transactions decode as documented, and only their one canonical form is read."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from bot import errors
from bot.solana import transactions
from tests.fakes import solana

DOCUMENTED = sorted(path.stem for path in solana.DATA.glob("*.json"))


def _plain(args: dict[str, Any] | None) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Pubkey) else value for name, value in (args or {}).items()}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_real_transactions_decode_as_documented(name: str) -> None:
    """Keys, flags, programs, instruction names, arguments and account roles are the documented ones."""
    document = solana.load(name)
    decoded = transactions.decode(document["base64"])
    assert [str(key) for key in decoded.keys] == [key["pubkey"] for key in document["keys"]]
    assert decoded.signers == document["signers"]
    assert decoded.blockhash == document["recent_blockhash"]
    assert decoded.version == document["message_version"]
    writable = {key["pubkey"] for key in document["keys"] if key["writable"]}
    assert {str(key) for key in decoded.writable} == writable
    assert len(decoded.instructions) == len(document["instructions"])
    for instruction, wanted in zip(decoded.instructions, document["instructions"], strict=True):
        assert str(instruction.program) == wanted["program_id"]
        assert instruction.name == wanted["instruction"]
        assert _plain(instruction.args) == wanted["args"]
        assert instruction.data.hex() == wanted["data"]
        named = [(account.name, str(account.key)) for account in instruction.accounts]
        assert named == [(account["name"], account["pubkey"]) for account in wanted["accounts"]]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_is_signed_is_what_was_decoded(name: str) -> None:
    """The message bytes are the transaction's own, without its signature slots."""
    raw = base64.b64decode(solana.load(name)["base64"])
    decoded = transactions.decode(solana.load(name)["base64"])
    assert raw == bytes([decoded.signers]) + bytes(64 * decoded.signers) + decoded.message_bytes


def _refusal(text: str) -> str:
    with pytest.raises(errors.TransactionMismatch) as caught:
        transactions.decode(text)
    return caught.value.rule


def test_trailing_bytes_are_refused() -> None:
    """The library would read over them; the decoder does not."""
    raw = base64.b64decode(solana.load("time-create")["base64"])
    assert transactions.read(base64.b64encode(raw + b"\0").decode()) is not None
    assert _refusal(base64.b64encode(raw + b"\0").decode()) == "G1"


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA", "AQ==", "AAAA\n", "é"])
def test_other_text_is_refused(text: str) -> None:
    """Text that is no transaction is a refusal, never another exception."""
    assert _refusal(text) == "G1"


def test_loose_base64_is_refused() -> None:
    """Line breaks and unused bits that a lenient reader drops are not canonical."""
    text = solana.load("time-create")["base64"]
    assert _refusal(text[:100] + "\n" + text[100:]) == "G1"
    assert text.endswith("BCQ==")
    assert _refusal(text[:-3] + "R==") == "G1"


def test_more_than_a_packet_is_refused() -> None:
    """Solana carries at most 1232 bytes."""
    big = solana.pack([Instruction(solana.STRANGER, bytes(1100), [])])
    assert _refusal(big) == "G1"


def _decode_or_refuse(raw: bytes) -> None:
    rule = None
    try:
        transactions.decode(base64.b64encode(raw).decode())
    except errors.TransactionMismatch as refusal:
        rule = refusal.rule
    assert rule in {None, "G1", "G2", "G3", "G5"}


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    """No bytes make the decoder fail in any other way."""
    _decode_or_refuse(bytes(raw))


@given(place=st.integers(0, 636), value=st.integers(0, 255))
def test_any_changed_byte_is_decoded_or_refused(place: int, value: int) -> None:
    """No change of a real transaction makes the decoder fail in any other way."""
    raw = bytearray(base64.b64decode(solana.load("time-create")["base64"]))
    raw[place] = value
    _decode_or_refuse(bytes(raw))
