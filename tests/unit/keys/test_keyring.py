"""The keyring file: private, never overwritten, never torn, and silent about what is in it."""

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import errors
from bot.keys import keyring

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keyring.json"


def _load(path: Path) -> keyring.Keyring:
    return keyring.load(path, database_folder=None)


def _refused(call: Callable[[], object], path: Path, *parts: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        call()
    said = caught.value.message
    assert said.startswith(f"KEYRING_FILE: {path} ")
    assert "\n" not in said
    assert all(part in said for part in parts), said
    assert caught.value.__cause__ is None


def test_init_makes_one_private_key(path: Path) -> None:
    """A fresh ring has one current key of 32 bytes in a file that only its owner can read."""
    ring = keyring.init(path, database_folder=None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(ring.keys) == [ring.current]
    assert len(ring.keys[ring.current].secret) == 32
    assert _load(path) == ring


def test_a_loose_umask_changes_nothing(path: Path) -> None:
    """The mode does not depend on how the operator's shell is set up."""
    before = os.umask(0)
    try:
        keyring.init(path, database_folder=None)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_init_never_overwrites(path: Path) -> None:
    """A second init is refused and leaves every byte as it was."""
    keyring.init(path, database_folder=None)
    before = path.read_bytes()
    _refused(lambda: keyring.init(path, database_folder=None), path, "exists already", "keys add")
    assert path.read_bytes() == before


def test_init_does_not_overwrite_what_is_no_keyring(path: Path) -> None:
    """Whatever lies there, it is not ours to replace."""
    path.parent.mkdir()
    path.write_text("something else")
    _refused(lambda: keyring.init(path, database_folder=None), path, "exists already")
    assert path.read_text() == "something else"


def test_nothing_else_is_left_behind(path: Path) -> None:
    """Temporary files hold keys too, so they are gone after success and after refusal."""
    keyring.init(path, database_folder=None)
    keyring.add(path, database_folder=None)
    _refused(lambda: keyring.init(path, database_folder=None), path)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_add_makes_a_new_current_key_and_keeps_the_old(path: Path) -> None:
    """Old seeds still open; new ones are sealed under the new key."""
    first = keyring.init(path, database_folder=None)
    second = keyring.add(path, database_folder=None)
    assert second.current != first.current
    assert second.keys[first.current] == first.keys[first.current]
    assert _load(path) == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_adds_at_once_keep_both_keys(path: Path) -> None:
    """Read-modify-write by several processes loses no key, which would lose wallets."""
    keyring.init(path, database_folder=None)
    code = """
import sys
from pathlib import Path
from bot.keys import keyring
print("ready", flush=True)
sys.stdin.readline()
for _ in range(20):
    keyring.add(Path(sys.argv[1]), database_folder=None)
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        process.communicate(timeout=60)
    assert [process.returncode for process in running] == [0, 0]
    assert len(_load(path).keys) == 41


def test_retire_forgets_only_an_old_key(path: Path) -> None:
    """The current key cannot be retired, nor one that is not there."""
    first = keyring.init(path, database_folder=None)
    second = keyring.add(path, database_folder=None)
    with pytest.raises(errors.NotAllowed, match="current"):
        keyring.retire(path, second.current, database_folder=None)
    with pytest.raises(errors.NotFound, match=first.current):
        keyring.retire(path, "nonsense", database_folder=None)
    assert _load(path) == second
    keyring.retire(path, first.current, database_folder=None)
    assert list(_load(path).keys) == [second.current]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o777])
def test_a_file_that_others_can_touch_is_refused(path: Path, mode: int) -> None:
    """Readable or writable by group or others: refused, with the command that mends it."""
    keyring.init(path, database_folder=None)
    path.chmod(mode)
    for call in (keyring.load, keyring.add):
        _refused(lambda call=call: call(path, database_folder=None), path, "chmod 600")  # type: ignore[misc]  # a default binds the loop variable


def test_a_missing_file_says_what_to_do(path: Path) -> None:
    """Never made anew by itself: an existing database would be lost without anybody noticing."""
    _refused(lambda: _load(path), path, "does not exist", "backup", "keys init")
    _refused(lambda: keyring.add(path, database_folder=None), path, "does not exist")
    assert not path.exists()


def test_something_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, or a named pipe that nobody writes to, is refused at once."""
    _refused(lambda: _load(tmp_path), tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    _refused(lambda: _load(pipe), pipe, "is not a file")


def test_a_link_to_a_private_file_works(path: Path, tmp_path: Path) -> None:
    """Orchestrators mount secrets as links; a rotation writes behind the link."""
    keyring.init(path, database_folder=None)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    added = keyring.add(link, database_folder=None)
    assert link.is_symlink()
    assert _load(path) == added


@pytest.mark.parametrize("place", [".", "keys/deeper", "../data/keys"])
def test_the_database_folder_is_refused(tmp_path: Path, place: str) -> None:
    """A copy of the database's folder must not take the keys along, however the path is written."""
    data = tmp_path / "data"
    data.mkdir()
    path = data / place / "keyring.json"
    for call in (keyring.init, keyring.load, keyring.add):
        _refused(lambda call=call: call(path, database_folder=data), path, "database's folder")  # type: ignore[misc]  # a default binds the loop variable
    link = tmp_path / "elsewhere"
    link.symlink_to(data)
    _refused(
        lambda: keyring.init(link / "k.json", database_folder=data), link / "k.json", "database's folder"
    )
    assert list(data.iterdir()) == []


def test_beside_the_database_folder_is_fine(tmp_path: Path) -> None:
    """A sibling whose name begins the same is another place."""
    keyring.init(tmp_path / "data-secrets" / "keyring.json", database_folder=tmp_path / "data")


def _damage(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    def apply(raw: bytes) -> bytes:
        document = json.loads(raw)
        change(document)
        return json.dumps(document).encode()

    return apply


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[:-20],
        lambda raw: b"\xff" + raw,
        lambda raw: b"[]",
        lambda raw: b"[" * 100_000,
        lambda raw: b'"text"',
        _damage(lambda d: d.update(format=2)),
        _damage(lambda d: d.update(keys=[])),
        _damage(lambda d: d.update(keys=None)),
        _damage(lambda d: d.update(current="0" * 12)),
        _damage(lambda d: d.update(current=["x"])),
        _damage(lambda d: d["keys"][0].pop("secret")),  # type: ignore[index]  # JSON has no types
        _damage(lambda d: d["keys"][0].update(secret="hunter2")),  # type: ignore[index]  # JSON has no types
        _damage(lambda d: d["keys"][0].update(secret=base64.b64encode(bytes(31)).decode())),  # type: ignore[index]  # JSON has no types
        _damage(lambda d: d["keys"][0].update(secret=base64.b64encode(bytes(32)).decode())),  # type: ignore[index]  # JSON has no types
        _damage(lambda d: d["keys"][0].update(added_at="yesterday")),  # type: ignore[index]  # JSON has no types
    ],
)
def test_damage_is_refused_without_contents(path: Path, damage: Callable[[bytes], bytes]) -> None:
    """Torn, foreign or edited files are refused, a wrong secret under a right id too; nothing is repeated."""
    ring = keyring.init(path, database_folder=None)
    secret = base64.b64encode(ring.keys[ring.current].secret).decode()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(errors.ConfigurationError, match="damaged") as caught:
        _load(path)
    assert secret not in str(caught.value)
    assert caught.value.__context__ is None


def test_keys_have_no_representation(path: Path) -> None:
    """Neither a key nor a ring shows what it is made of."""
    ring = keyring.init(path, database_folder=None)
    secret = ring.keys[ring.current].secret
    for shown in (repr(ring), str(ring), repr(ring.keys[ring.current]), f"{ring.keys}"):
        assert ring.current in shown
        for form in (repr(secret), secret.hex(), base64.b64encode(secret).decode()):
            assert form[2:20] not in shown


def test_an_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    """A folder that cannot be made is told by its path."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "keyring.json"
    _refused(lambda: keyring.init(path, database_folder=None), path, "cannot be written")
