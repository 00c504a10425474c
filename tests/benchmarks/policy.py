"""What checking costs beside signing: CPU time of decode + policy, and of the signature itself.

python -m tests.benchmarks.policy
"""

import sys
import time
from collections.abc import Callable

from solders.keypair import Keypair

from bot.domain import intents
from bot.solana import policy, programs
from tests.fakes import solana

BUDGET_US = 2_000
"""Microseconds of CPU that a check may take."""


def cost_us(work: Callable[[], object], rounds: int = 500) -> float:
    """CPU microseconds of one call."""
    started = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - started) / rounds * 1e6


def check(case: solana.Case) -> None:
    """One check as it happens to a transaction that was never seen before: no derivation is remembered."""
    programs.ata.cache_clear()
    policy.check(case.transaction, case.intent, intents.Limits())


def main() -> None:
    key = Keypair()
    message = policy.check(
        solana.real()[0].transaction, solana.real()[0].intent, intents.Limits()
    ).message_bytes
    worst = 0.0
    for case in solana.every():
        spent = cost_us(lambda case=case: check(case))  # type: ignore[misc]  # binds the loop's value
        worst = max(worst, spent)
        sys.stdout.write(f"{case.name:<34} {spent:7.0f} µs\n")
    sys.stdout.write(f"{'the signature itself':<34} {cost_us(lambda: key.sign_message(message)):7.0f} µs\n")
    if worst > BUDGET_US:
        sys.exit(f"a check costs {worst:.0f} µs, more than {BUDGET_US}")


if __name__ == "__main__":
    main()
