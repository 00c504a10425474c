"""A missing browser or database is a skip at home and a failure in CI."""

import pytest

from tests import needs


def test_a_lack_is_a_skip_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no Chromium can still run the rest."""
    monkeypatch.delenv(needs.REQUIRE_ALL, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such thing"):
        needs.lacking("no such thing here")


def test_where_all_is_required_a_lack_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI must not become green by skipping."""
    monkeypatch.setenv(needs.REQUIRE_ALL, "1")
    with pytest.raises(pytest.fail.Exception, match="no such thing"):
        needs.lacking("no such thing here")
