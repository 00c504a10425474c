"""What checking a transaction costs beside signing it: CPU time of decode + policy, and of the signature."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from solders.keypair import Keypair

from bot.domain import intents
from bot.solana import policy, programs
from tests.benchmarks.figures import Figure
from tests.fakes import solana

BUDGET_US: Final = 2_000
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


def policy_cost(_seed: int) -> Iterator[Figure]:
    key, real = Keypair(), solana.real()[0]
    message = policy.check(real.transaction, real.intent, intents.Limits()).message_bytes
    signature_us = cost_us(lambda: key.sign_message(message))
    for case in solana.every():
        spent_us = cost_us(lambda case=case: check(case))  # type: ignore[misc]  # binds the loop's value
        yield Figure(f"policy_cost/{case.name}", spent_us, "µs", signature_us, "signature")
