"""What tests of the command line share."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli, settings
from tests.fakes import standins
from tests.fakes.cli import Done, Run


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, with nothing set but where things lie in it."""
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/data/bot.db")
    monkeypatch.setenv("KEYRING_FILE", str(tmp_path / "secrets" / "keyring.json"))
    return tmp_path


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs one command in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def call(*arguments: str) -> Done:
        monkeypatch.setattr("sys.argv", ["recurring-bot", *arguments])
        with pytest.raises(SystemExit) as exited:
            cli.main()
        said = capsys.readouterr()
        return Done(int(exited.value.code or 0), said.out, said.err)

    yield call
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[standins.StandIns]:
    with standins.serve(tmp_path_factory.mktemp("stand-ins")) as made:
        yield made


@pytest.fixture
def online(
    served: standins.StandIns, place: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[standins.StandIns]:
    """The settings lead to local stand-ins, in which nothing is wrong."""
    served.configure(monkeypatch)
    yield served
    served.break_()
