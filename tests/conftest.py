"""What holds for every test."""

import hypothesis
import pytest
from xdist import scheduler  # type: ignore[import-untyped]  # it ships no types

WAITING = ("tests/crash/", "tests/e2e/", "tests/quality/", "tests/unit/benchmarks/", "tests/unit/sandbox/")
"""Where tests wait more than they compute."""

# How long an example takes says how busy the machine is, not whether the promise holds.
hypothesis.settings.register_profile(
    "promises", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("promises")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits comes first, so that at the end nobody is left alone with it."""
    items.sort(
        key=lambda item: next((n for n, part in enumerate(WAITING) if item.nodeid.startswith(part)), 9)
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> scheduler.LoadFileScheduling:
    """Whole files, in this order, to whoever is free: what a file shares is made once."""
    config.option.loadscopereorder = False
    return scheduler.LoadFileScheduling(config, log)
