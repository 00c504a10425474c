"""The ring of master keys: one private JSON file, kept away from the database.

Every wallet's seed is sealed under one of these keys, so the file is worth as much as all wallets together,
and without it they are lost. No key material appears in a representation or an error.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot import errors

SETTING = "KEYRING_FILE"
KEY_BYTES = 32
_FORMAT = 1
_ID_BYTES = 6
_MAX_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class MasterKey:
    id: str
    """A fingerprint of the secret, so that a wrong secret under a right name is noticed when it is read."""
    added_at: datetime
    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "MasterKey":
        secret = secrets.token_bytes(KEY_BYTES)
        return cls(fingerprint(secret), datetime.now(UTC).replace(microsecond=0), secret)


@dataclass(frozen=True, slots=True)
class Keyring:
    current: str
    """Id of the key under which seeds are sealed from now on."""
    keys: Mapping[str, MasterKey]

    def find(self, key_id: str) -> MasterKey | None:
        return self.keys.get(key_id)


def fingerprint(secret: bytes) -> str:
    """Name of a master key. One-way: tells nothing usable about 256 random bits."""
    return hmac.digest(secret, b"recurring-bot master key", hashlib.sha256)[:_ID_BYTES].hex()


def init(path: Path, *, database_folder: Path | None) -> Keyring:
    """Make a ring with one fresh key; durable when this returns. Never overwrites what is there."""
    _refuse_beside_database(path, database_folder)
    key = MasterKey.generate()
    ring = Keyring(key.id, {key.id: key})
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path):
            _write(path, ring, replace=False)
    except OSError as exc:
        if isinstance(exc, FileExistsError) and path.exists():
            raise _refusal(path, "exists already and was not touched; to rotate, run: keys add") from None
        raise _refusal(path, f"cannot be written ({exc.strerror}); choose a folder that can be") from None
    return ring


def load(path: Path, *, database_folder: Path | None) -> Keyring:
    """Read the ring. Raises ConfigurationError, in one line, for every way in which it is not usable."""
    _refuse_beside_database(path, database_folder)
    return _parse(path, _read_private(path))


def add(path: Path, *, database_folder: Path | None) -> Keyring:
    """Add a fresh key and make it the current one; the older ones still open what they sealed."""
    with _changing(path, database_folder) as ring:
        key = MasterKey.generate()
        changed = Keyring(key.id, {**ring.keys, key.id: key})
        _write(path, changed, replace=True)
    return changed


def retire(path: Path, key_id: str, *, database_folder: Path | None) -> Keyring:
    """Forget a key for good. The caller has made sure that nothing is sealed under it any more.

    Raises NotFound for an unknown id, NotAllowed for the current key.
    """
    with _changing(path, database_folder) as ring:
        if key_id not in ring.keys:
            raise errors.NotFound(f"The keyring has no key {key_id[:40]!r}; it has: {', '.join(ring.keys)}.")
        if key_id == ring.current:
            raise errors.NotAllowed(f"{key_id} is the current key; run keys add and keys reseal first.")
        changed = Keyring(ring.current, {name: key for name, key in ring.keys.items() if name != key_id})
        _write(path, changed, replace=True)
    return changed


# --- the file --------------------------------------------------------------------------------------------


@contextmanager
def _changing(path: Path, database_folder: Path | None) -> Iterator[Keyring]:
    """Hold the ring for a read-modify-write: two commands at once must not lose each other's key."""
    _refuse_beside_database(path, database_folder)
    _read_private(path)
    try:
        with _alone(path):
            yield _parse(path, _read_private(path))
    except OSError as exc:
        raise _refusal(path, f"cannot be written ({exc.strerror})") from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock the folder, not the file: the file is another one after each rename."""
    folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(path: Path, ring: Keyring, *, replace: bool) -> None:
    """Put the whole ring in place at once, durable: after a crash the file is the old one or the new one."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(_render(ring))
            out.flush()
            os.fsync(out.fileno())
        if replace:
            temporary.replace(target)
        else:
            os.link(temporary, target)  # unlike a rename, fails when something is there already
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private(path: Path) -> bytes:
    try:
        # O_NONBLOCK: opening a named pipe would wait for its other end.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise _refusal(path, "is not a file")
            if mode & 0o077:
                raise _refusal(path, f"can be read or changed by others; run: chmod 600 {path}")
            return file.read(_MAX_FILE)
    except FileNotFoundError:
        raise _refusal(
            path, "does not exist; restore it from its backup or, the first time, run: keys init"
        ) from None
    except OSError as exc:
        raise _refusal(path, f"cannot be read ({exc.strerror})") from None


def _render(ring: Keyring) -> bytes:
    entries = [
        {"id": key.id, "added_at": key.added_at.isoformat(), "secret": base64.b64encode(key.secret).decode()}
        for key in ring.keys.values()
    ]
    document = {"format": _FORMAT, "current": ring.current, "keys": entries}
    return json.dumps(document, indent=2).encode() + b"\n"


def _parse(path: Path, raw: bytes) -> Keyring:
    try:
        document = json.loads(raw)
        keys = {key.id: key for key in map(_parse_key, document["keys"])}
        if document["format"] == _FORMAT and document["current"] in keys:
            return Keyring(document["current"], keys)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # a decoding error carries the document, keys included: it must not become our error's context
    raise _refusal(path, "is not a keyring of this program, or is damaged; restore it from its backup")


def _parse_key(entry: Mapping[str, str]) -> MasterKey:
    secret = base64.b64decode(entry["secret"], validate=True)
    if len(secret) != KEY_BYTES or fingerprint(secret) != entry["id"]:
        raise binascii.Error("not the key that its id names")
    return MasterKey(entry["id"], datetime.fromisoformat(entry["added_at"]), secret)


def _refuse_beside_database(path: Path, database_folder: Path | None) -> None:
    """A copy of the database's folder must not take the keys to it along."""
    if database_folder is not None and path.resolve().is_relative_to(database_folder.resolve()):
        raise _refusal(path, "lies in the database's folder; choose a place that is backed up apart from it")


def _refusal(path: Path, what: str) -> errors.ConfigurationError:
    return errors.ConfigurationError(f"{SETTING}: {path} {what}")
