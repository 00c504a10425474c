"""What a machine may lack: tests that need it are skipped with a reason, or fail where all is required."""

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = "TEST_REQUIRE_ALL"


def lacking(what: str) -> NoReturn:
    """End the test, or the fixture, that cannot do without `what`."""
    if os.environ.get(REQUIRE_ALL) == "1":  # noqa: TID251 - CI says here that nothing may be missing
        pytest.fail(f"{what}, and {REQUIRE_ALL}=1 allows no skipping", pytrace=False)
    pytest.skip(what)
