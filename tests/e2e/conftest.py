"""One sandbox for all end-to-end tests of a worker; every test is another person."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests import harness, needs
from tests.e2e import browser, steps, together

_people = itertools.count(1001)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Sandbox]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    # Slower than for a person who plays with it: here a crowd has orders, and all their fills cost time.
    with harness.whole(folder, "--data", str(folder / "data"), "--speed", "5") as running:
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
def begun(request: pytest.FixtureRequest, residents: steps.People) -> Iterator[together.Together]:
    """The module's WAYS, on their way."""
    with together.begin(residents, request.module.WAYS) as running:
        yield running


@pytest.fixture
async def phones(sandbox: harness.Sandbox) -> AsyncIterator[browser.Phones]:
    """One browser for all phones of a test."""
    missing = browser.missing()
    if missing:
        needs.lacking(missing)
    async with AsyncExitStack() as stack:
        chromium = await stack.enter_async_context(browser.launched())

        async def open_phones(count: int) -> list[browser.Phone]:
            people = (next(_people) for _ in range(count))
            return [await stack.enter_async_context(browser.opened(chromium, sandbox, one)) for one in people]

        yield open_phones


@pytest.fixture
def chat(sandbox: harness.Sandbox) -> Iterator[harness.Chat]:
    """A newcomer's chat; whatever faults the test switched on are off afterwards."""
    yield sandbox.chat(next(_people))
    sandbox.faults()
