"""The pace of notices, in small: production code, real limits, a real socket, the strict stand-in."""

from bot.chat import limiter
from tests.benchmarks import delivery

NOTICES = 84
TRIES = 3


async def test_a_full_outbox_drains_at_the_configured_rate_and_never_faster() -> None:
    """Never more than 30 in a second, a second between two to one chat, and no refusal; nearly 28 a second
    (the benchmark promises 95 %, with a machine to itself), where another test may take the machine for one
    of the tries."""
    rates: list[float] = []
    while len(rates) < TRIES and max(rates, default=0.0) < 0.85 * limiter.PER_SECOND:
        drained = await delivery.drain(NOTICES, bare=0)
        assert len({chat for chat, _ in drained.arrived.messages}) == len(drained.arrived.messages) == NOTICES
        assert drained.in_all.most_within(1.0) <= 30
        assert 1.0 <= drained.in_all.closest() < 10
        assert drained.in_all.refused == 0
        rates.append(drained.arrived.rate)
    assert max(rates) >= 0.85 * limiter.PER_SECOND
