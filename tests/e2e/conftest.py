"""One sandbox for all end-to-end tests of a worker; every test is another person."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import harness
from tests.e2e import steps

_people = itertools.count(1001)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Sandbox]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with harness.whole(folder, "--data", str(folder / "data")) as running:
        yield running


@pytest.fixture(scope="session")
def residents(sandbox: harness.Sandbox) -> steps.People:
    """People with wallets and orders, to be borrowed."""
    return steps.People(sandbox, lambda: next(_people))


@pytest.fixture
def people(sandbox: harness.Sandbox, residents: steps.People) -> Iterator[steps.People]:
    """The same; whatever faults the test switched on are off afterwards."""
    yield residents
    sandbox.faults()


@pytest.fixture
def chat(sandbox: harness.Sandbox) -> Iterator[harness.Chat]:
    """A newcomer's chat; whatever faults the test switched on are off afterwards."""
    yield sandbox.chat(next(_people))
    sandbox.faults()
