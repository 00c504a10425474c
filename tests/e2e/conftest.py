"""One sandbox for all end-to-end tests of a worker; every test is another person."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import harness, needs
from tests.e2e import browser, steps

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


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Chromium]:
    """One browser per module: its driver must be gone before an asynchronous test of another module runs."""
    missing = browser.missing()
    if missing:
        needs.lacking(missing)
    with browser.launched() as running:
        yield running


@pytest.fixture
def phone(chromium: browser.Chromium, sandbox: harness.Sandbox) -> Iterator[browser.Phone]:
    """A newcomer's phone with the chat open, and nothing said yet."""
    with browser.opened(chromium, sandbox, next(_people)) as page:
        yield page


@pytest.fixture
def phones(chromium: browser.Chromium, sandbox: harness.Sandbox) -> Iterator[list[browser.Phone]]:
    """Several people's phones."""
    with ExitStack() as stack:
        yield [stack.enter_context(browser.opened(chromium, sandbox, next(_people))) for _ in range(4)]


@pytest.fixture
def chat(sandbox: harness.Sandbox) -> Iterator[harness.Chat]:
    """A newcomer's chat; whatever faults the test switched on are off afterwards."""
    yield sandbox.chat(next(_people))
    sandbox.faults()
