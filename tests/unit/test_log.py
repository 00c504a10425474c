"""The log: nothing secret gets out, whatever the way in; what is needed to follow a case stays."""

import base64
import io
import json
import logging
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import log
from bot.domain import addresses

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
KEY = SEED + PUBLIC
"""Test vector 1 of RFC 8032."""
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
TOKEN = "123456789:AAH-q1w2e3r4t5y6u7i8o9p0_asdfghjkl1"
KNOWN = "short-api-key"

FORMS = {
    "base58": addresses.encode_base58(KEY),
    "json": json.dumps(list(KEY)),
    "json indented": json.dumps(list(KEY), indent=2),
    "json compact": json.dumps(list(KEY), separators=(",", ":")),
    "json of the seed": json.dumps(list(SEED)),
    "hex": KEY.hex(),
    "hex of the seed": "0x" + SEED.hex(),
    "base64": base64.b64encode(KEY).decode(),
    "base64 of the seed": base64.b64encode(SEED).decode(),
    "urlsafe base64": base64.urlsafe_b64encode(KEY).decode(),
    "bytes": repr(KEY),
    "bytearray": repr(bytearray(SEED)),
    "tuple": repr(tuple(SEED)),
    "phrase": PHRASE,
    "phrase by line": PHRASE.replace(" ", "\n"),
    "phrase as list": repr(PHRASE.split()),
    "phrase in capitals": PHRASE.upper(),
    "bot token": TOKEN,
    "bot token in a URL": f"https://api.telegram.org/bot{TOKEN}/getMe",
    "known": KNOWN,
    "known in a URL": f"https://rpc.example/?api-key={KNOWN}",
}

CANARIES = [
    addresses.encode_base58(KEY)[10:40],
    "157, 97, 177, 157",
    "157,97,177,157",
    "157,\n",
    SEED.hex()[8:30],
    base64.b64encode(KEY).decode()[4:30],
    base64.urlsafe_b64encode(KEY).decode()[4:30],
    r"\x84J\xf4\x92",
    "winner",
    "WINNER",
    "sausage",
    TOKEN[10:],
    KNOWN,
]


@pytest.fixture(params=["console", "json"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def captured(style: str) -> Iterator[io.StringIO]:
    """What the log writes to standard error; the test runner's own handlers come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    try:
        with redirect_stderr(stream):
            log.setup("debug", style, [KNOWN, TOKEN, "x"])
            yield stream
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = handlers
        root.setLevel(level)


def _assert_clean(text: str) -> None:
    assert log.REDACTED in text
    for canary in CANARIES:
        assert canary not in text


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_secrets_never_come_out(form: str, style: str) -> None:
    """In the message, its arguments, an exception, its cause, a note, or an extra: taken out."""
    with captured(style) as out:
        logger = logging.getLogger("bot.test")
        logger.info(f"before {form} after")  # noqa: G004 - the point: a message that holds the secret itself
        logger.info("before %s after", form)
        logger.info("before %r after", {"key": [form]})
        logger.info("before", extra={"pasted": form, "nested": {"deep": [form]}, form: 1})
        try:
            try:
                raise ValueError(form)  # noqa: TRY301 - an exception with a cause is what is tried here
            except ValueError as exc:
                exc.add_note(form)
                raise RuntimeError(f"while importing {form}") from exc
        except RuntimeError:
            logger.exception("failed")
        text = out.getvalue()
        assert "before" in text
        assert "RuntimeError" in text
        _assert_clean(text)


def test_other_libraries_and_warnings_are_redacted(style: str) -> None:
    """Every logger ends in the one handler, warnings of Python too."""
    with captured(style) as out:
        logging.getLogger("some.library").warning("sent %s", FORMS["base58"])
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"odd: {FORMS['json']}", stacklevel=1)
        _assert_clean(out.getvalue())


def test_unformattable_records_do_not_leak(style: str) -> None:
    """Logging's own complaint about a record would print its arguments; ours does not."""
    with captured(style) as out:
        logging.getLogger("bot.test").error("%d wallets", FORMS["base58"])
        text = out.getvalue()
        assert "was lost: TypeError" in text
        assert FORMS["base58"] not in text


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore", "telegram.ext.Updater", "aiosqlite", "sqlalchemy.engine"]
)
def test_libraries_that_log_requests_are_quiet(name: str, style: str) -> None:
    """Even at level debug: their lines hold URLs with the token, and whole messages."""
    with captured(style) as out:
        logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org")
        assert out.getvalue() == ""


def test_ordinary_lines_stay_readable(style: str) -> None:
    """Addresses, shortened signatures, amounts, paths and prose are not touched."""
    with captured(style) as out:
        address = addresses.encode_base58(PUBLIC)
        signature = addresses.shorten(addresses.encode_base58(KEY))
        line = (
            f"Order {address}: deposit 1,000,000 landed as {signature} at 2026-01-31T12:00:00Z, took 1.25 s. "
            "Jupiter does not answer right now. Nothing was sent. The wallet keeps what it has until then; "
            "/usr/lib/python3/site-packages/some_library/asyncio/engine_and_connection_pool.py:120"
        )
        logging.getLogger("bot.test").info(line)
        assert line in out.getvalue()
        assert log.REDACTED not in out.getvalue()


def test_json_is_one_object_per_line() -> None:
    """Each line parses, with extras as fields that cannot replace the fixed ones."""
    with captured("json") as out:
        logging.getLogger("bot.test").warning("two\nlines", extra={"wallet": 7, "level": "fake", "ok": None})
        (line,) = out.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "warning",
        "logger": "bot.test",
        "message": "two\nlines",
        "wallet": 7,
        "ok": None,
    }


def test_setup_twice_writes_once(style: str) -> None:
    """Repeating the set-up replaces the handler."""
    with captured(style) as out:
        log.setup("info", "console")
        logging.getLogger("bot.test").info("hello")
        assert out.getvalue().count("hello") == 1


@given(st.binary(min_size=64, max_size=64))
def test_any_key_in_base58_is_taken_out(key: bytes) -> None:
    """Whatever the bytes, leading zeros included."""
    text = addresses.encode_base58(key)
    assert text not in log.Redactor().redact(f"key={text};")


def test_random_keys_in_every_form_are_taken_out() -> None:
    """Forms of random keys, not only of the one vector."""
    redactor = log.Redactor()
    for _ in range(200):
        key = secrets.token_bytes(64)
        for form in (repr(key), repr(key[:32]), str(list(key)), key.hex(), base64.b64encode(key).decode()):
            left = redactor.redact(f"<{form}>")
            assert len(left.replace(log.REDACTED, "")) < 16, left
