"""One sandbox for all end-to-end tests of a worker; every test is another person."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import harness

_people = itertools.count(1001)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Sandbox]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with harness.whole(folder) as running:
        yield running


@pytest.fixture
def chat(sandbox: harness.Sandbox) -> Iterator[harness.Chat]:
    """A newcomer's chat; whatever faults the test switched on are off afterwards."""
    yield sandbox.chat(next(_people))
    sandbox.faults()
